//! One thing that was looked at, and what came of it.
//!
//! - A warning or a problem cannot be made without its fix.

use std::time::Duration;

use serde::Serialize;

use crate::{cli::failure::Exit, host::Masker};

/// Something that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// The part of the program.
    pub(super) area: Area,
    /// What in it, such as a setting or a server.
    pub(super) name: String,
    /// How it is.
    pub(super) level: Level,
    /// What was found: lower case, no full stop; may have several lines.
    pub(super) message: String,
    /// What to type or edit; null where all is well.
    pub(super) fix: Option<String>,
    /// How long it took, where that is worth knowing.
    pub(super) duration_ms: Option<u64>,
    /// How the program ends on account of a problem.
    #[serde(skip)]
    exit: Exit,
    /// People see it with others of its kind on one line.
    #[serde(skip)]
    pub(super) weight: Weight,
}

/// A part of the program, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Area {
    /// What the user set.
    Settings,
    /// The user's own files.
    Folders,
    /// `mcp_servers.json`
    Configuration,
    /// Whether its servers may be started.
    Trust,
    /// Whether they start.
    Servers,
    /// Whether scripts run.
    Sandbox,
    /// Whether a model writes them.
    Model,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// It is as it should be.
    Ok,
    /// It works, and should be looked at.
    Warning,
    /// It does not work.
    Problem,
}

/// How much of the reader's attention something is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A line.
    Line,
    /// A few words in a line of such.
    Word,
}

impl Area {
    /// Its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Folders => "folders",
            Self::Configuration => "configuration",
            Self::Trust => "trust",
            Self::Servers => "servers",
            Self::Sandbox => "sandbox",
            Self::Model => "model",
        }
    }
}

impl Finding {
    /// It is as it should be.
    pub(super) fn ok(area: Area, name: &str, message: impl Into<String>) -> Self {
        Self {
            area,
            name: name.to_owned(),
            level: Level::Ok,
            message: message.into(),
            fix: None,
            duration_ms: None,
            exit: Exit::Answered,
            weight: Weight::Line,
        }
    }

    /// It works, and should be looked at.
    pub(super) fn warning(area: Area, name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            fix: Some(fix.into()),
            ..Self::ok(area, name, message)
        }
    }

    /// It does not work, on account of what is configured.
    pub(super) fn problem(area: Area, name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Problem,
            exit: Exit::Usage,
            ..Self::warning(area, name, message, fix)
        }
    }

    /// It cannot be reached, or refuses us.
    pub(super) fn unreachable(area: Area, name: &str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            exit: Exit::Unreachable,
            ..Self::problem(area, name, message, fix)
        }
    }

    /// The same with the time it took.
    #[must_use]
    pub(super) fn took(mut self, time: Duration) -> Self {
        self.duration_ms = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// The same, for people a few words among others.
    #[must_use]
    pub(super) fn in_a_word(mut self) -> Self {
        self.weight = Weight::Word;
        self
    }

    /// The same without secrets.
    #[must_use]
    pub(super) fn masked(mut self, masker: &Masker) -> Self {
        self.name = masker.text(&self.name);
        self.message = masker.text(&self.message);
        self.fix = self.fix.map(|fix| masker.text(&fix));
        self
    }
}

/// How the program ends: what is configured wrongly comes before what cannot be reached.
pub(super) fn exit(findings: &[Finding]) -> Exit {
    let problems = || findings.iter().filter(|finding| finding.level == Level::Problem);
    let wrong = problems().find(|finding| finding.exit == Exit::Usage);
    wrong
        .or_else(|| problems().next())
        .map_or(Exit::Answered, |finding| finding.exit)
}
