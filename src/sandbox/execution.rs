//! What became of a script.
//!
//! - A failed script is a value, so that the model can mend it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::wire::{Code, Diagnostics};

/// What became of one script; the record of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// It ran to its end, or to `answer(…)`.
    pub success: bool,
    /// `answer(…)` was called, and the script did not fail.
    pub answered: bool,
    /// What it printed: at most 1 MiB, the middle cut out.
    pub stdout: String,
    /// What it wrote to `sys.stderr`; same limit.
    pub stderr: String,
    /// The answered value, else that of a last bare expression, else null.
    pub result: Value,
    /// Wall-clock time.
    pub duration_ms: u64,
    /// Tool calls in the order they were made.
    pub calls: Vec<Call>,
    /// What went wrong; null after success.
    pub diagnostics: Option<Diagnostics>,
}

/// One tool call of a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The server's Python name.
    pub server: String,
    /// The tool's raw name.
    pub tool: String,
    /// What it was given, secrets masked.
    pub arguments: Value,
    /// How it ended.
    pub status: CallStatus,
    /// Why it failed or was denied.
    pub error: Option<String>,
    /// Wall-clock time.
    pub duration_ms: u64,
    /// Size of what came back.
    pub bytes: u64,
    /// What a successful `write` call gave back, cut at `--max-output`; else null.
    pub result: Option<String>,
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStatus {
    /// The tool gave a result.
    Ok,
    /// The tool, or the way to it, failed.
    Error,
    /// Policy or the user refused it.
    Denied,
    /// It was ended before the tool had answered, and the script lives on.
    Cancelled,
    /// In flight when the script was killed: it may have happened.
    Unknown,
}

impl Execution {
    /// A reply of the model that held no script.
    pub fn no_code(message: impl Into<String>) -> Self {
        Self::failed(Diagnostics {
            code: Code::NoCode,
            rule: None,
            message: message.into(),
            line: None,
            hint: None,
        })
    }

    /// A script of which nothing is known but why it failed.
    pub fn failed(diagnostics: Diagnostics) -> Self {
        Self {
            success: false,
            answered: false,
            stdout: String::new(),
            stderr: String::new(),
            result: Value::Null,
            duration_ms: 0,
            calls: Vec::new(),
            diagnostics: Some(diagnostics),
        }
    }
}
