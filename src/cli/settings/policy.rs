//! Which tools a script may call, as the user says: from flags, variables and the policy file.
//!
//! - Never from a file in the current folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, Origin};

/// The user's policy file as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Where it is, in the user's configuration directory.
    pub path: PathBuf,
    /// `{"allow": […], "ask": […], "deny": […]}`
    pub text: String,
}

/// A glob on `server.tool` and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Checked to be one.
    pub glob: String,
    /// Who gave it.
    pub origin: Origin,
}

/// All rules; `deny` wins, then `ask`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Tools that need no question.
    pub allow: Vec<Rule>,
    /// Tools of which each call is asked for.
    pub ask: Vec<Rule>,
    /// Tools that are left out.
    pub deny: Vec<Rule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PolicyFile {
    allow: Vec<Glob>,
    ask: Vec<Glob>,
    deny: Vec<Glob>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Glob(String);

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        glob(&text).map(Self)
    }
}

/// A glob on `server.tool`.
///
/// # Errors
/// Why it is none.
pub fn glob(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("a glob on `server.tool` cannot be empty".into());
    }
    match globset::Glob::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(e) => Err(format!("not a glob on `server.tool`: {}", e.kind())),
    }
}

impl Rules {
    pub(super) fn add_file(&mut self, file: &PolicyText) -> Result<(), Error> {
        let parsed: PolicyFile =
            serde_json::from_str(file.text.trim_start_matches('\u{feff}')).map_err(|e| policy_error(&file.path, &e))?;
        let rule = |Glob(glob)| Rule {
            glob,
            origin: Origin::PolicyFile(file.path.clone()),
        };
        self.allow.extend(parsed.allow.into_iter().map(rule));
        self.ask.extend(parsed.ask.into_iter().map(rule));
        self.deny.extend(parsed.deny.into_iter().map(rule));
        Ok(())
    }
}

fn policy_error(path: &Path, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    // serde_json ends its messages with the place, which is told apart here
    let problem = text.split(" at line ").next().unwrap_or_default().to_owned();
    Error::Policy {
        path: path.to_owned(),
        line: error.line(),
        column: error.column().max(1),
        problem,
    }
}
