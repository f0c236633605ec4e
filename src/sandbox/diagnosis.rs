//! What is said of scripts that did not come to their own end.

use super::execution::{Code, Diagnostics};

/// A fault of the interpreter, or of the script's process.
pub fn crashed(message: &str) -> Diagnostics {
    Diagnostics {
        code: Code::Crashed,
        rule: None,
        message: message.to_owned(),
        line: None,
        hint: None,
    }
}

/// The run was ended from outside, and the script with it.
pub fn stopped(code: Code) -> Diagnostics {
    let message = match code {
        Code::Timeout => "the script was ended: the whole run used up its time (`--max-time`)",
        _ => "interrupted",
    };
    Diagnostics {
        code,
        rule: None,
        message: message.to_owned(),
        line: None,
        hint: None,
    }
}

/// The script's own time is used up.
pub fn timed_out(message: &str) -> Diagnostics {
    Diagnostics {
        code: Code::Timeout,
        rule: None,
        message: message.to_owned(),
        line: None,
        hint: Some("do less work per script, look for an endless loop, or let a tool do the heavy part".to_owned()),
    }
}
