//! The lines that an event leaves behind, on a terminal and off it. Pure.

use std::time::Duration;

use serde_json::Value;

use super::clean::one_line;
use crate::{
    agent::event::Event,
    sandbox::execution::{CallStatus, Execution},
};

/// Longest text from elsewhere in one line, in characters.
pub(super) const MAX_TEXT: usize = 300;

/// Characters of a call's arguments after which no other is named.
const MAX_ARGUMENTS: usize = 100;

/// Longest text in them, in characters.
const MAX_LITERAL: usize = 40;

/// One line, or a few that belong together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) level: Level,
    pub(super) text: String,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// What goes on.
    Progress,
    /// What the user should know.
    Warning,
}

/// What `event` is worth saying.
pub(super) fn line(event: &Event) -> Option<Line> {
    let progress = |text: String| {
        Some(Line {
            level: Level::Progress,
            text,
        })
    };
    let warning = |text: String| {
        Some(Line {
            level: Level::Warning,
            text,
        })
    };
    match event {
        Event::ServerStarting { .. }
        | Event::ModelText { .. }
        | Event::ModelReasoning { .. }
        | Event::CallProgress { .. }
        | Event::ServerSays { .. }
        | Event::CallStarted { .. } => None,
        Event::ServerReady { server, tools, elapsed } => progress(format!(
            "server `{}`: {} ({})",
            name(server),
            plural(*tools, "tool"),
            time(*elapsed)
        )),
        Event::ServerFailed { server, message } => warning(format!(
            "server `{}` is left out: {}",
            name(server),
            super::clean(message).trim_end()
        )),
        Event::ModuleChosen { module } => progress(format!("module `{}` fits the task", module.name())),
        Event::ModelAsked { step } => progress(format!("step {step}: asking the model")),
        Event::ModelRetry { reason, wait } => progress(format!(
            "the model did not answer: {}; again in {}",
            one_line(reason, MAX_TEXT),
            time(*wait)
        )),
        Event::ModelReplied { elapsed, usage } => {
            let tokens = match usage.total_tokens {
                0 => String::new(),
                n => format!(", {n} tokens"),
            };
            progress(format!("the model replied ({}{tokens})", time(*elapsed)))
        }
        Event::ScriptStarted { source } => progress(format!(
            "running a script of {}",
            plural(source.lines().count(), "line")
        )),
        Event::CallEnded {
            server,
            tool,
            status,
            elapsed,
            ..
        } => progress(format!(
            "  {}: {} ({})",
            call(server, tool),
            word(*status),
            time(*elapsed)
        )),
        Event::ScriptEnded { execution } => progress(ended(execution)),
        Event::Warning { message } => warning(super::clean(message).trim_end().to_owned()),
    }
}

/// `server.tool`
pub(super) fn call(server: &str, tool: &str) -> String {
    format!("{}.{}", name(server), name(tool))
}

/// A name from elsewhere.
pub(super) fn name(text: &str) -> String {
    one_line(text, 80)
}

/// `path="a.txt", n=3`: a call's arguments as Python writes them, in short.
pub fn arguments(arguments: &Value) -> String {
    let mut text = String::new();
    for (name, value) in arguments.as_object().into_iter().flatten() {
        if text.len() > MAX_ARGUMENTS {
            text.push_str(", …");
            break;
        }
        let comma = if text.is_empty() { "" } else { ", " };
        text.push_str(&format!("{comma}{}={}", one_line(name, 40), literal(value)));
    }
    text
}

/// A value in a few characters; what is large is not looked through.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let head: String = text.chars().take(MAX_LITERAL).collect();
            let more = if head.len() < text.len() { "…" } else { "" };
            format!("\"{}{more}\"", one_line(&head, MAX_LITERAL))
        }
        Value::Array(items) if items.is_empty() => "[]".into(),
        Value::Array(items) => format!("[{}]", plural(items.len(), "item")),
        Value::Object(fields) if fields.is_empty() => "{}".into(),
        Value::Object(fields) => format!("{{{}}}", plural(fields.len(), "key")),
    }
}

/// `3 ms`, `1.2 s`
pub(in crate::cli) fn time(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// `1 tool`, `2 tools`
pub(in crate::cli) fn plural(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// How a script ended.
pub(super) fn ended(execution: &Execution) -> String {
    let time = time(Duration::from_millis(execution.duration_ms));
    let Some(diagnostics) = &execution.diagnostics else {
        return format!("the script succeeded ({time})");
    };
    let code = serde_json::to_value(diagnostics.code).ok();
    let code = code
        .as_ref()
        .and_then(|code| code.as_str())
        .unwrap_or_default()
        .to_owned();
    let place = diagnostics
        .line
        .map_or(String::new(), |line| format!(" in line {line}"));
    // the last line of a traceback says what happened
    let message = diagnostics
        .message
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    format!(
        "the script failed{place} ({time}): {code}: {}",
        one_line(message, MAX_TEXT)
    )
}

/// A status as one reads it.
pub(super) fn word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Ok => "ok",
        CallStatus::Error => "error",
        CallStatus::Denied => "denied",
        CallStatus::Cancelled => "cancelled",
        CallStatus::Unknown => "unknown",
    }
}
