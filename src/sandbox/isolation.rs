//! Which layers of the wall hold a session, and what is done where the system lacks one.
//!
//! - No script runs in a session of which this was not decided.

use std::{fmt, sync::Once};

pub use crate::wire::{Layer, LayerKind};

use super::Error;

/// Tells the user of missing layers.
pub type Tell = Box<dyn Fn(&[Layer]) + Send + Sync>;

/// What is done where the system lacks a layer that it should have.
pub enum Isolation {
    /// Sessions begin; this is told once of the missing ones.
    Preferred(Tell),
    /// None begins.
    Required,
}

/// The layers that a system is expected to have.
const NEEDED: [LayerKind; 4] = [
    LayerKind::Privileges,
    LayerKind::Files,
    LayerKind::SystemCalls,
    LayerKind::Forks,
];

/// The policy, and whether anything was told.
#[derive(Debug)]
pub(super) struct Watch {
    isolation: Isolation,
    told: Once,
}

impl Watch {
    pub(super) fn new(isolation: Isolation) -> Self {
        Self {
            isolation,
            told: Once::new(),
        }
    }

    /// Judges the layers that a session has.
    pub(super) fn judge(&self, layers: &[Layer]) -> Result<(), Error> {
        let missing: Vec<_> = NEEDED.iter().filter_map(|kind| lack(layers, *kind)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        match &self.isolation {
            Isolation::Required => Err(Error::Isolation { missing }),
            Isolation::Preferred(tell) => {
                self.told.call_once(|| tell(&missing));
                Ok(())
            }
        }
    }
}

/// A layer that does not hold a session, or of which its worker did not say that it does.
fn lack(layers: &[Layer], kind: LayerKind) -> Option<Layer> {
    let mut of_kind = layers.iter().filter(|layer| layer.kind == kind).peekable();
    if of_kind.peek().is_none() {
        let missing = Some("the worker did not say".to_owned());
        return Some(Layer {
            kind,
            missing,
            partial: false,
        });
    }
    of_kind.find(|layer| layer.missing.is_some()).cloned()
}

impl Layer {
    /// What it does, in a few words, as far as this kernel knows how.
    pub fn effect(&self) -> String {
        let effect = self.kind.effect();
        if self.partial {
            format!("{effect}, in part only: a newer kernel knows more of its rules")
        } else {
            effect.to_owned()
        }
    }

    /// Whether a system is expected to have it. Many forbid namespaces to programs without rights, and what those
    /// keep out the other layers keep out too.
    pub fn is_needed(&self) -> bool {
        NEEDED.contains(&self.kind)
    }
}

impl LayerKind {
    /// The name of what makes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserNamespace => "users",
            Self::NetworkNamespace => "network",
            Self::Privileges => "privileges",
            Self::Files => "landlock",
            Self::SystemCalls => "seccomp",
            Self::Forks => "forks",
        }
    }

    /// What it does, in a few words.
    pub fn effect(self) -> &'static str {
        match self {
            Self::UserNamespace => "scripts run in a user namespace of their own",
            Self::NetworkNamespace => "scripts run in a network namespace with no network in it",
            Self::Privileges => "scripts have no capabilities and can gain none",
            Self::Files => "scripts can open no file and reach no process outside",
            Self::SystemCalls => "scripts can make only the system calls that an interpreter needs",
            Self::Forks => "scripts can start no process",
        }
    }
}

impl fmt::Debug for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preferred(_) => "Preferred",
            Self::Required => "Required",
        })
    }
}

/// The layers in one line, each with why it is missing.
pub fn list(missing: &[Layer]) -> String {
    let each = missing.iter().map(|layer| match &layer.missing {
        Some(reason) => format!("{} ({reason})", layer.kind.name()),
        None => layer.kind.name().to_owned(),
    });
    each.collect::<Vec<_>>().join(", ")
}
