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

/// A system call that only an attacker makes.
pub fn forbidden(call: &str) -> Diagnostics {
    Diagnostics {
        code: Code::Crashed,
        rule: None,
        message: format!("the script was ended at a system call that is forbidden (`{call}`)"),
        line: None,
        hint: Some("scripts have no files, network or processes; call a tool instead".to_owned()),
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
