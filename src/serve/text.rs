//! An execution in short, for clients whose models read only text.

use serde_json::Value;

use crate::{
    agent::shorten::{one_line, shorten},
    sandbox::{
        Execution,
        execution::{Call, CallStatus},
    },
};

/// Calls that are named.
const MAX_CALLS: usize = 20;
/// Characters of a hint.
const MAX_HINT: usize = 1_000;
/// Characters of a call's arguments, and of what it gave.
const MAX_PART: usize = 200;

/// What a model should know of it; each part has at most `max_output` characters.
pub(super) fn execution(execution: &Execution, notes: &[String], max_output: usize) -> String {
    let mut parts = Vec::new();
    if let Some(diagnostics) = &execution.diagnostics {
        let code = serde_json::to_value(diagnostics.code).expect("a name");
        let code = code.as_str().unwrap_or_default();
        // a traceback says it in Python's words
        let line = diagnostics.line.map_or(String::new(), |line| format!(", line {line}"));
        let message = shorten(diagnostics.message.trim_end(), max_output);
        parts.push(format!("The script failed ({code}{line}): {message}"));
        parts.extend(
            diagnostics
                .hint
                .as_ref()
                .map(|hint| format!("Hint: {}", one_line(hint, MAX_HINT))),
        );
        parts.extend(calls(&execution.calls));
    }
    let outputs = [("Printed", &execution.stdout), ("Printed to stderr", &execution.stderr)];
    for (what, output) in outputs.into_iter().filter(|(_, output)| !output.is_empty()) {
        parts.push(format!("{what}:\n{}", shorten(output.trim_end(), max_output)));
    }
    if execution.success && (execution.answered || !execution.result.is_null()) {
        let result = match &execution.result {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        parts.push(format!("Result:\n{}", shorten(&result, max_output)));
    }
    if parts.is_empty() {
        parts.push("The script ran, printed nothing and has no result.".to_owned());
    }
    parts.extend(notes.iter().cloned());
    parts.join("\n\n")
}

/// What a failed script has called.
fn calls(calls: &[Call]) -> Option<String> {
    if calls.is_empty() {
        return None;
    }
    let mut lines = vec!["Calls before that:".to_owned()];
    // what must not be done again, and what failed, before what was only read
    let (first, others): (Vec<&Call>, Vec<&Call>) = calls
        .iter()
        .partition(|call| call.status != CallStatus::Ok || call.result.is_some());
    lines.extend(first.into_iter().chain(others).take(MAX_CALLS).map(|call| {
        let arguments = shorten(&call.arguments.to_string(), MAX_PART);
        let status = match (call.status, &call.error, &call.result) {
            (CallStatus::Ok, _, Some(result)) => format!("ok, gave {}", shorten(result, MAX_PART)),
            (CallStatus::Ok, _, None) => "ok".to_owned(),
            (CallStatus::Unknown, ..) => "unknown: it may have happened".to_owned(),
            (status, Some(error), _) => format!("{}: {}", word(status), shorten(error, MAX_PART)),
            (status, None, _) => word(status),
        };
        format!("- {}.{} {arguments}: {status}", call.server, call.tool)
    }));
    let more = calls.len().saturating_sub(MAX_CALLS);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    Some(lines.join("\n"))
}

/// Such as `denied`.
pub(super) fn word(status: CallStatus) -> String {
    format!("{status:?}").to_lowercase()
}
