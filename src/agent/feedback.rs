//! What the model is told of a step: the outcome, what was printed, and which calls were made.
//!
//! - Each piece of foreign text is one line or goes into a fence of the template's `fenced` filter.
//! - However much a script prints or calls, what is shown of it stays within [`Room`].

use serde::Serialize;
use serde_json::Value;

use super::{
    shorten::{one_line, shorten},
    step::Step,
};
use crate::sandbox::execution::{Call, CallStatus, Code, Execution};

/// How much is shown of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Characters of one output, traceback or value.
    output: usize,
    /// Lines of the script on either side of the one that failed; `None` for all.
    around: Option<usize>,
}

impl Room {
    /// As much as `--max-output` allows.
    pub(super) fn full(max_output: usize) -> Self {
        Self {
            output: max_output,
            around: None,
        }
    }

    /// As little as can still be followed.
    pub(super) fn short(max_output: usize) -> Self {
        Self {
            output: max_output.min(400),
            around: Some(2),
        }
    }
}

/// Variables of `feedback.j2`.
#[derive(Debug, Serialize)]
pub(super) struct Feedback {
    /// From 1.
    step: usize,
    /// Steps that are left after this one.
    steps_left: usize,
    /// Failed steps in a row after which the run ends, less those so far.
    retries_left: usize,
    /// The endpoint ended the reply at its greatest length.
    reply_cut: bool,
    success: bool,
    /// It counts as failed only because its script did not answer.
    owes_an_answer: bool,
    code: Option<Code>,
    /// Nothing of the script ran.
    refused: bool,
    line: Option<u32>,
    message: String,
    hint: String,
    script: String,
    stdout: String,
    stderr: String,
    result: String,
    calls: Calls,
    /// What has changed around the run meanwhile.
    news: Vec<String>,
}

/// The tool calls of a step.
#[derive(Debug, Default, Serialize)]
struct Calls {
    total: usize,
    unknown: usize,
    groups: Vec<Group>,
    /// Calls to tools that are not among `groups`.
    others: usize,
    writes: Vec<Write>,
    /// Successful writes that are not among `writes`.
    more_writes: usize,
}

/// All calls of one tool.
#[derive(Debug, Serialize)]
struct Group {
    tool: String,
    /// Such as `11 ok, 1 error`.
    counts: String,
    total: usize,
    shown: Vec<Line>,
    hidden: usize,
}

/// One call.
#[derive(Debug, Serialize)]
struct Line {
    arguments: String,
    status: CallStatus,
    error: String,
}

/// A write that succeeded, and what it gave back.
#[derive(Debug, Serialize)]
struct Write {
    tool: String,
    arguments: String,
    result: String,
}

const ARGUMENTS: usize = 200;
const ERROR: usize = 300;
const HINT: usize = 1_000;
const NEWS: usize = 1_000;
const GROUPS: usize = 30;
/// A tool with no more calls than this has each of them shown.
const FEW: usize = 5;
const FIRST: usize = 3;
const NOT_OK: usize = 3;
const WRITES: usize = 20;

impl Feedback {
    /// What to say of a step that did not end its run.
    pub(super) fn new(step: &Step, execution: &Execution, place: Place, room: Room) -> Self {
        let diagnostics = execution.diagnostics.as_ref();
        let code = diagnostics.map(|d| d.code);
        let line = diagnostics.and_then(|d| d.line);
        let script = step.script.as_deref().filter(|_| !execution.success);
        Self {
            step: place.step,
            steps_left: place.steps_left,
            retries_left: place.retries_left,
            reply_cut: step.completion.finish_reason.as_deref() == Some("length"),
            success: execution.success,
            owes_an_answer: step.owes_an_answer(),
            code,
            refused: matches!(code, Some(Code::PolicyViolation | Code::SyntaxError)),
            line,
            message: diagnostics.map_or(String::new(), |d| shorten(d.message.trim_end(), room.output)),
            hint: diagnostics
                .and_then(|d| d.hint.as_deref())
                .map_or(String::new(), |hint| one_line(hint, HINT)),
            script: script.map_or(String::new(), |script| {
                shorten(&numbered(script, line, room.around), room.output)
            }),
            stdout: shorten(&execution.stdout, room.output),
            stderr: shorten(&execution.stderr, room.output),
            result: shorten(&value(&execution.result), room.output),
            calls: if execution.success {
                Calls::default()
            } else {
                Calls::new(&execution.calls, room)
            },
            news: step.news.iter().map(|line| one_line(line, NEWS)).collect(),
        }
    }
}

/// Where a step stands in its run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// From 1.
    pub(super) step: usize,
    /// Steps that are left after this one.
    pub(super) steps_left: usize,
    /// Failed steps in a row after which the run ends, less those so far.
    pub(super) retries_left: usize,
}

impl Calls {
    fn new(calls: &[Call], room: Room) -> Self {
        let mut tools: Vec<(String, Vec<&Call>)> = Vec::new();
        for call in calls {
            let tool = name(call);
            match tools.iter_mut().find(|(known, _)| *known == tool) {
                Some((_, same)) => same.push(call),
                None => tools.push((tool, vec![call])),
            }
        }
        let others = tools.iter().skip(GROUPS).map(|(_, same)| same.len()).sum();
        tools.truncate(GROUPS);
        let done: Vec<_> = calls.iter().filter(|call| wrote(call)).collect();
        let shown = done.len().min(WRITES);
        let each = room.output / shown.max(1);
        let writes = done[..shown].iter().map(|call| Write {
            tool: name(call),
            arguments: arguments(call),
            result: shorten(call.result.as_deref().unwrap_or_default(), each),
        });
        Self {
            total: calls.len(),
            unknown: calls.iter().filter(|call| call.status == CallStatus::Unknown).count(),
            writes: writes.collect(),
            more_writes: done.len() - shown,
            groups: tools.into_iter().map(|(tool, same)| Group::new(tool, &same)).collect(),
            others,
        }
    }
}

impl Group {
    fn new(tool: String, calls: &[&Call]) -> Self {
        let (mut not_ok, mut writes) = (0, 0);
        let chosen = calls.iter().enumerate().filter(|(at, call)| {
            let first = calls.len() <= FEW || *at < FIRST;
            if call.status != CallStatus::Ok {
                not_ok += 1;
                first || not_ok <= NOT_OK
            } else if wrote(call) {
                writes += 1;
                first || writes <= WRITES
            } else {
                first
            }
        });
        let shown: Vec<_> = chosen
            .map(|(_, call)| Line {
                arguments: arguments(call),
                status: call.status,
                error: one_line(call.error.as_deref().unwrap_or_default(), ERROR),
            })
            .collect();
        Self {
            tool,
            counts: counts(calls),
            total: calls.len(),
            hidden: calls.len() - shown.len(),
            shown,
        }
    }
}

fn wrote(call: &Call) -> bool {
    call.status == CallStatus::Ok && call.result.is_some()
}

fn name(call: &Call) -> String {
    one_line(&format!("{}.{}", call.server, call.tool), ARGUMENTS)
}

fn arguments(call: &Call) -> String {
    one_line(&call.arguments.to_string(), ARGUMENTS)
}

fn counts(calls: &[&Call]) -> String {
    use CallStatus::{Cancelled, Denied, Error, Ok, Unknown};
    let count = |status| calls.iter().filter(|call| call.status == status).count();
    [
        (Ok, "ok"),
        (Error, "error"),
        (Denied, "denied"),
        (Cancelled, "cancelled"),
        (Unknown, "unknown"),
    ]
    .into_iter()
    .map(|(status, word)| (count(status), word))
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| format!("{n} {word}"))
    .collect::<Vec<_>>()
    .join(", ")
}

/// A string as it is, anything else as JSON; nothing for null.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A script with line numbers, the failed line marked with `>`.
fn numbered(script: &str, failed: Option<u32>, around: Option<usize>) -> String {
    let failed = failed.and_then(|line| usize::try_from(line).ok());
    let lines: Vec<_> = script.lines().collect();
    let (first, last) = match (around, failed) {
        (Some(around), Some(failed)) => (failed.saturating_sub(around).max(1), failed.saturating_add(around)),
        (Some(around), None) => (1, around * 2),
        (None, _) => (1, lines.len()),
    };
    let last = last.min(lines.len());
    let width = last.to_string().len();
    let mut out = String::new();
    for (number, line) in (1..).zip(&lines).take(last).skip(first - 1) {
        let mark = if Some(number) == failed { '>' } else { ' ' };
        out.push_str(format!("{mark} {number:width$} | {line}").trim_end());
        out.push('\n');
    }
    out
}
