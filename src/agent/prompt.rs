//! Renders all that is sent to the model from the templates in `prompts/`.
//!
//! - A pure function of the run, the context and the templates: the same ones give the same
//!   prompt, and a step that is added changes no earlier message (unless [`Fit`] does).
//! - A template that names an unknown variable is an error with its file and line.
//! - Foreign text stands in fences or inline code that nothing in it can close.

mod chat;
mod demonstrations;
mod instructions;
mod served;
mod templates;

use serde::Serialize;
use serde_json::Value;

pub use instructions::{Instructions, TemplateFault};
pub use served::{Served, execute_code, guide, use_tools};
pub use templates::{Error, Templates};

use super::{
    conversation::{Conversation, Shown, Turn},
    demonstration::Demonstration,
    feedback::{self, Feedback, Place, Room},
    module::Module,
    run::{Next, Run, Status},
    shorten::{one_line, shorten},
    signature::Signature,
    step::Step,
    task::{Input, Preview},
};
use crate::{
    model::{Message, Prompt, Role},
    sandbox::Limits,
    tools, wire,
};

pub use chat::chat;

/// Notes of the user's doings shown with one task.
const MAX_NOTES: usize = 10;
/// Characters of an earlier task's error.
const MAX_ERROR: usize = 500;

/// What prompts are made from besides the runs; fixed for the life of a run or session.
#[derive(Debug, Clone)]
pub struct Context {
    /// How tasks are done: by one script, or by several.
    pub module: Module,
    /// What the model is asked for.
    pub signature: Signature,
    /// What is said of the tools.
    pub tools: tools::context::Context,
    /// Tasks of the same kind, done well.
    pub demonstrations: Vec<Demonstration>,
    /// What can be imported.
    pub modules: Vec<String>,
    /// What bounds a script.
    pub bounds: Bounds,
    /// Characters shown of one output (`--max-output`).
    pub max_output: usize,
}

/// What bounds a script, as the model is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// Its own time, in seconds.
    pub timeout_seconds: u64,
    /// Tool calls.
    pub max_calls: usize,
    /// Its length in characters.
    pub max_chars: usize,
    /// Its length in lines.
    pub max_lines: usize,
}

impl Context {
    /// For scripts that look, act and answer, with these tools.
    pub fn of_scripts(tools: tools::context::Context, limits: &Limits, max_output: usize) -> Self {
        Self {
            module: Module::Codeact,
            signature: Signature::script(),
            tools,
            demonstrations: Vec::new(),
            modules: wire::MODULES.iter().map(|&name| name.to_owned()).collect(),
            bounds: Bounds {
                timeout_seconds: limits.time.as_secs(),
                max_calls: limits.calls,
                max_chars: limits.gate.chars.unwrap_or(usize::MAX),
                max_lines: limits.gate.lines.unwrap_or(usize::MAX),
            },
            max_output,
        }
    }
}

/// How much is left out for a model whose context is full: the oldest steps are shown only in short, one
/// after another, then the oldest tasks of the session not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit(usize);

impl Fit {
    /// Everything is shown.
    pub const FULL: Self = Self(0);

    /// The next shorter one; `None` when every step is short already and `run` is all that is left.
    pub fn shorter(self, earlier: &Conversation, run: &Run) -> Option<Self> {
        let steps: usize = earlier.tasks().chain([run]).map(|run| run.steps().len()).sum();
        (self.0 < steps + earlier.tasks().count()).then_some(Self(self.0 + 1))
    }
}

/// All that is sent for the next step of `run`, which follows `earlier` tasks of its session.
///
/// # Errors
/// When a template asks for what it is not given.
pub fn render(
    templates: &Templates,
    context: &Context,
    earlier: &Conversation,
    run: &Run,
    fit: Fit,
) -> Result<Prompt, Error> {
    let system = System {
        module: context.module.name(),
        signature: &context.signature,
        modules: &context.modules,
        bounds: context.bounds,
        max_output: context.max_output,
        max_steps: run.limits().max_steps,
    };
    let mut messages = vec![Message::new(Role::System, templates.render("system.j2", system)?)];
    demonstrations::show(templates, context, &mut messages)?;
    // variables of a session stand in its first task
    let inputs = &earlier.tasks().next().unwrap_or(run).task().inputs;
    let all: usize = earlier.tasks().chain([run]).map(|run| run.steps().len()).sum();
    let (mut short, left_out) = (fit.0, fit.0.saturating_sub(all));
    let mut tasks = 0;
    let mut before: Option<&Run> = None;
    let mut notes: Vec<&str> = Vec::new();
    for turn in earlier.turns().iter().map(Turn::as_shown).chain([Shown::Task(run)]) {
        let run = match turn {
            Shown::Note(note) => {
                notes.push(note);
                continue;
            }
            Shown::Task(run) => run,
        };
        tasks += 1;
        if tasks <= left_out {
            continue;
        }
        let notes = Notes::latest(&std::mem::take(&mut notes));
        let content = match before {
            None => templates.render("user.j2", User::new(context, inputs, run, notes))?,
            Some(before) => templates.render("next.j2", NextTask::new(context, before, run, notes))?,
        };
        say(&mut messages, content);
        worked(templates, context, run, &mut short, &mut messages)?;
        before = Some(run);
    }
    Ok(Prompt::new(messages))
}

/// The steps of a task, as replies and what became of them; so many of them in `short`, which it takes off.
fn worked(
    templates: &Templates,
    context: &Context,
    run: &Run,
    short: &mut usize,
    messages: &mut Vec<Message>,
) -> Result<(), Error> {
    let mut failed = 0;
    let ended = run.next() != Next::Step;
    for (at, step) in run.steps().iter().enumerate() {
        failed = if step.succeeded() { 0 } else { failed + 1 };
        let place = Place {
            step: at + 1,
            steps_left: run.limits().max_steps.saturating_sub(at + 1),
            retries_left: run.limits().max_retries.max(1).saturating_sub(failed),
        };
        let room = if at < *short {
            Room::short(context.max_output)
        } else {
            Room::full(context.max_output)
        };
        messages.push(Message::new(Role::Assistant, reply(step, context.max_output)));
        // how the last step of an earlier task ended stands above the task after it
        let last = ended && at + 1 == run.steps().len();
        if let Some(execution) = step.execution.as_ref().filter(|_| !last) {
            let feedback = Feedback::new(step, execution, place, room);
            say(messages, templates.render("feedback.j2", feedback)?);
        }
    }
    *short = short.saturating_sub(run.steps().len());
    Ok(())
}

/// Says it to the model; two messages of the user's in a row are refused by some endpoints, so they become one.
fn say(messages: &mut Vec<Message>, content: String) {
    match messages.last_mut() {
        Some(last) if last.role == Role::User => {
            last.content.push_str("\n\n");
            last.content.push_str(&content);
        }
        _ => messages.push(Message::new(Role::User, content)),
    }
}

/// Variables of `system.j2`.
#[derive(Serialize)]
struct System<'a> {
    /// `code` or `codeact`.
    module: &'static str,
    signature: &'a Signature,
    modules: &'a [String],
    bounds: Bounds,
    max_output: usize,
    max_steps: usize,
}

/// Variables of `user.j2`.
#[derive(Serialize)]
struct User<'a> {
    module: &'static str,
    tool_context: &'a str,
    functions: usize,
    shown: usize,
    inputs: Vec<Preview>,
    #[serde(flatten)]
    notes: Notes<'a>,
    task: &'a str,
    answer: &'a str,
}

impl<'a> User<'a> {
    fn new(context: &'a Context, inputs: &[Input], run: &'a Run, notes: Notes<'a>) -> Self {
        Self {
            module: context.module.name(),
            tool_context: context.tools.text.trim(),
            functions: context.tools.functions,
            shown: context.tools.shown,
            inputs: inputs.iter().map(Input::preview).collect(),
            notes,
            task: run.task().text.trim(),
            answer: run.task().answer.as_ref().map_or("", |answer| answer.python()),
        }
    }
}

/// Variables of `next.j2`.
#[derive(Serialize)]
struct NextTask<'a> {
    ended: Ended,
    #[serde(flatten)]
    notes: Notes<'a>,
    max_steps: usize,
    task: &'a str,
}

/// How the task before ended.
#[derive(Serialize)]
struct Ended {
    /// A script answered it.
    answered: bool,
    answer: String,
    /// By that script.
    printed: String,
    error: String,
}

impl<'a> NextTask<'a> {
    fn new(context: &Context, before: &Run, run: &'a Run, notes: Notes<'a>) -> Self {
        let last = before.steps().last().and_then(|step| step.execution.as_ref());
        let answer = answered(before.answer());
        Self {
            ended: Ended {
                answered: last.is_some() && before.next() == Next::Done(Status::Answered),
                answer: shorten(&answer, context.max_output),
                printed: last.map_or(String::new(), |last| shorten(&last.stdout, context.max_output)),
                error: one_line(before.error().unwrap_or_default(), MAX_ERROR),
            },
            notes,
            max_steps: run.limits().max_steps,
            task: run.task().text.trim(),
        }
    }
}

/// An answer as a script gave it.
fn answered(answer: &Value) -> String {
    match answer {
        Value::Null => "None".to_owned(),
        other => feedback::value(other),
    }
}

/// What the user did before a task.
#[derive(Serialize)]
struct Notes<'a> {
    notes: Vec<&'a str>,
    /// How many there were before these.
    more_notes: usize,
}

impl<'a> Notes<'a> {
    fn latest(all: &[&'a str]) -> Self {
        let more_notes = all.len().saturating_sub(MAX_NOTES);
        Self {
            notes: all[more_notes..].to_vec(),
            more_notes,
        }
    }
}

/// A reply as the model sees it again: without its thoughts, and never empty, which endpoints refuse.
fn reply(step: &Step, max_output: usize) -> String {
    let text = step.completion.visible();
    match &step.script {
        _ if text.is_empty() => "(empty reply)".to_owned(),
        Some(_) => text,
        None => shorten(&text, max_output),
    }
}
