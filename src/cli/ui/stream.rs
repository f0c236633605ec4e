//! Shows a conversation on a terminal while it goes on: the reply as it is written, its code in colour,
//! each tool call, what the script prints. Pure: events in, whole lines out.
//!
//! - Only whole lines come out, so they never mix with the spinner below them, which shows the rest.
//! - Thoughts are no lines: the spinner says that there are some.
//! - Whatever comes from elsewhere is [`clean`]; no line of ours is wider than the terminal but one of code.

use std::collections::HashMap;

use super::{
    Colour,
    clean::{clean, one_line},
    lines::{self, call, plural, time, word},
    paint,
    reading::{Reading, prose_room},
    width::{cut, wrap},
};
use crate::{
    agent::event::Event,
    sandbox::execution::{CallStatus, Code, Execution},
};

/// Calls of one tool that get a line each; the others are counted.
const MAX_CALLS: usize = 3;
/// Lines shown of what one script prints.
const MAX_PRINTED: usize = 6;
/// Longest line that is kept of what a script prints, in characters.
const MAX_LINE: usize = 500;

/// What was shown so far, and what is being read.
pub(super) struct Live {
    colour: Colour,
    step: usize,
    reply: Reading,
    script: Script,
    status: Option<String>,
}

/// What goes on in the script that runs.
#[derive(Default)]
struct Script {
    active: HashMap<u64, String>,
    /// Ended calls that have a line, by name and status.
    ended: Vec<((String, CallStatus), usize)>,
    calls: usize,
    printed: String,
    printed_lines: usize,
}

impl Live {
    pub(super) fn new(colour: Colour) -> Self {
        Self {
            colour,
            step: 0,
            reply: Reading::new(colour),
            script: Script::default(),
            status: None,
        }
    }

    /// What the spinner says; `None` while nothing goes on.
    pub(super) fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The lines that `event` adds on a terminal of `width` columns.
    pub(super) fn event(&mut self, event: &Event, width: usize) -> Vec<String> {
        let mut out = Vec::new();
        match event {
            Event::ModelAsked { step } => self.asked(*step),
            Event::ModelReasoning { text } => {
                self.reply.thought += text.chars().count();
                self.thinking();
            }
            Event::ModelText { text } => {
                self.reply.text(text, width, &mut out);
                self.status = Some(format!("writing ({})", plural(self.reply.written, "character")));
                if self.reply.thinks() {
                    self.thinking();
                }
            }
            Event::ModelRetry { reason, wait } => self.void(reason, &time(*wait), width, &mut out),
            Event::ModelReplied { .. } => {
                self.reply.flush(width, &mut out);
                self.status = None;
            }
            Event::ScriptStarted { source } => {
                self.script = Script::default();
                if !self.reply.code_shown {
                    self.reply.whole(source, &mut out);
                }
                self.status = Some("running the script".into());
            }
            Event::CallStarted {
                id,
                server,
                tool,
                arguments,
            } => {
                let text = format!("{}({})", call(server, tool), clean(arguments));
                self.script.active.insert(*id, text);
                self.script.calls += 1;
                self.calling();
            }
            Event::CallEnded {
                id,
                server,
                tool,
                status,
                elapsed,
            } => {
                let named = self.script.active.remove(id);
                let text = named.unwrap_or_else(|| format!("{}(…)", call(server, tool)));
                if self.script.count(call(server, tool), *status) <= MAX_CALLS {
                    out.push(self.ended(&text, *status, &time(*elapsed), width));
                }
                self.calling();
            }
            Event::ScriptEnded { execution } => self.script_ended(execution, width, &mut out),
            Event::ServerStarting { .. }
            | Event::ServerReady { .. }
            | Event::ServerFailed { .. }
            | Event::ServerSays { .. }
            | Event::CallProgress { .. }
            | Event::ModuleChosen { .. }
            | Event::Warning { .. } => {}
        }
        out
    }

    /// The lines that a script's output adds.
    pub(super) fn printed(&mut self, text: &str, width: usize) -> Vec<String> {
        let mut out = Vec::new();
        for piece in text.split_inclusive('\n') {
            let room = MAX_LINE.saturating_sub(self.script.printed.chars().count());
            self.script
                .printed
                .extend(piece.trim_end_matches('\n').chars().take(room));
            if piece.ends_with('\n') {
                out.extend(self.printed_line(width));
            }
        }
        out
    }

    /// A script begins that nobody needs to be shown.
    pub(super) fn own_script(&mut self) {
        self.script = Script::default();
        self.status = Some("running".into());
    }

    /// Forgets what was pending, when a task ends in whatever way.
    pub(super) fn end(&mut self) {
        *self = Self::new(self.colour);
    }

    fn printed_line(&mut self, width: usize) -> Option<String> {
        let line = std::mem::take(&mut self.script.printed);
        self.script.printed_lines += 1;
        (self.script.printed_lines <= MAX_PRINTED).then(|| {
            let text = clean(&line).replace('\t', "    ");
            self.dim(&cut(&format!("  ┆ {text}"), width))
        })
    }

    fn asked(&mut self, step: usize) {
        let colour = self.colour;
        *self = Self {
            step,
            ..Self::new(colour)
        };
        self.thinking();
    }

    fn thinking(&mut self) {
        let step = match self.step {
            0 | 1 => String::new(),
            step => format!(", step {step}"),
        };
        let so_far = match self.reply.thought {
            0 => String::new(),
            count => format!(" ({})", plural(count, "character")),
        };
        self.status = Some(format!("thinking{step}{so_far}"));
    }

    fn calling(&mut self) {
        let calls = self.script.calls;
        let one = self.script.active.values().next();
        self.status = Some(match (one, self.script.active.len()) {
            (Some(text), 1) if calls == 1 => one_line(text, 200),
            (Some(text), 1) => format!("{} ({})", one_line(text, 200), plural(calls, "call")),
            (Some(_), active) => format!("{active} calls at once ({} so far)", plural(calls, "call")),
            (None, _) => format!("running the script ({})", plural(calls, "call")),
        });
    }

    fn ended(&self, text: &str, status: CallStatus, time: &str, width: usize) -> String {
        let end = format!(" {} {time}", word(status));
        let room = width.saturating_sub(end.len() + 2).max(8);
        let text = format!("  {}", cut(&one_line(text, 400), room));
        match status {
            CallStatus::Ok => self.dim(&(text + &end)),
            _ => self.dim(&text) + &self.warn(&end),
        }
    }

    /// A reply that broke off: what was shown of it does not count.
    fn void(&mut self, reason: &str, wait: &str, width: usize, out: &mut Vec<String>) {
        self.reply.flush(width, out);
        let reason = one_line(reason, 200);
        let text = if self.reply.shown {
            format!("that reply broke off and does not count: {reason}; asking again in {wait}")
        } else {
            format!("the model did not answer: {reason}; asking again in {wait}")
        };
        for row in wrap(&text, prose_room(width)) {
            out.push(self.warn(&format!("  {row}")));
        }
        self.asked(self.step);
        self.status = Some("waiting to ask the model again".into());
    }

    fn script_ended(&mut self, execution: &Execution, width: usize, out: &mut Vec<String>) {
        if !self.script.printed.is_empty() {
            out.extend(self.printed_line(width));
        }
        if let more @ 1.. = self.script.printed_lines.saturating_sub(MAX_PRINTED) {
            out.push(self.dim(&cut(&format!("  ┆ … and {} more", plural(more, "line")), width)));
        }
        for ((name, status), count) in std::mem::take(&mut self.script.ended) {
            if let more @ 1.. = count.saturating_sub(MAX_CALLS) {
                let text = format!("  … and {more} more {name} {}", word(status));
                out.push(self.dim(&cut(&text, width)));
            }
        }
        // who interrupts it knows
        let failed = execution.diagnostics.as_ref().filter(|d| d.code != Code::Cancelled);
        if failed.is_some() {
            for row in wrap(&lines::ended(execution), prose_room(width)) {
                out.push(self.warn(&format!("  {row}")));
            }
        }
        self.script = Script::default();
        self.status = None;
    }

    fn dim(&self, text: &str) -> String {
        paint(self.colour, "2", text)
    }

    fn warn(&self, text: &str) -> String {
        paint(self.colour, "33", text)
    }
}

impl Script {
    /// Counts a call that has ended; how many like it there are now.
    fn count(&mut self, name: String, status: CallStatus) -> usize {
        let key = (name, status);
        match self.ended.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.ended.push((key, 1));
                1
            }
        }
    }
}
