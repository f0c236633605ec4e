//! Which tools a script may call: by what the user said, never by what a server says of itself.
//!
//! - `deny` wins over `ask`, and `ask` over `allow`. `yes` answers questions, and nothing else.
//! - A server's `readOnlyHint` decides only which default applies.

use globset::{Glob, GlobSet, GlobSetBuilder};

/// What is to be done with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Make it.
    Allow,
    /// Ask the user.
    Ask(Reason),
    /// Refuse it; the tool is left out of the prompt.
    Deny(Reason),
}

/// Why a call is refused, or asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A rule names it.
    Rule,
    /// No rule does, and it may write.
    Writes,
}

/// What a tool may do, as its server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Read,
    /// Anything else.
    Write,
}

/// What the user's configuration says of a server's writing tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They may be called; the user set that up, and a rule can still ask or refuse.
    Given,
    /// Nothing.
    Open,
}

/// Who answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    /// Whoever is asked, if anybody can be.
    Asked,
    /// The user, who has said yes to every question beforehand.
    Yes,
}

/// Globs on `server.tool`.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Need no question.
    pub allow: GlobSet,
    /// Need one, reading or writing.
    pub ask: GlobSet,
    /// Are refused.
    pub deny: GlobSet,
    /// All others are refused; `None`: none for that.
    pub only: Option<GlobSet>,
}

/// The whole policy of a run.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The user's rules.
    pub rules: Rules,
    /// What holds for tools that no rule names.
    pub default: Default,
    /// Who answers questions.
    pub attendance: Attendance,
}

/// What holds for tools that no rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Off a terminal: what the user configured and trusted may be called.
    Allow,
    /// On a terminal: a `write` tool is asked for.
    AskToWrite,
    /// `--read-only`: every `write` tool is refused.
    ReadOnly,
}

impl Policy {
    /// What is to be done with a call. Server and tool have a raw name and a Python name each; a rule
    /// may use either.
    pub fn decide(&self, server: [&str; 2], tool: [&str; 2], access: Access, consent: Consent) -> Decision {
        let names: Vec<String> = server
            .iter()
            .flat_map(|server| tool.map(|tool| format!("{server}.{tool}")))
            .collect();
        let matches = |set: &GlobSet| names.iter().any(|name| set.is_match(name));
        let is_left_out = self.rules.only.as_ref().is_some_and(|only| !matches(only));
        if is_left_out || matches(&self.rules.deny) {
            return Decision::Deny(Reason::Rule);
        }
        if access == Access::Write && self.default == Default::ReadOnly {
            return Decision::Deny(Reason::Writes);
        }
        let reason = if matches(&self.rules.ask) {
            Reason::Rule
        } else if access == Access::Write
            && self.default == Default::AskToWrite
            && consent == Consent::Open
            && !matches(&self.rules.allow)
        {
            Reason::Writes
        } else {
            return Decision::Allow;
        };
        if self.attendance == Attendance::Yes {
            Decision::Allow
        } else {
            Decision::Ask(reason)
        }
    }
}

/// Compiles globs, all of which were checked when they were read.
///
/// # Errors
/// The first that is none.
pub fn globs<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    set.build()
}
