//! What is sent to a model that calls tools by itself.
//!
//! - Every call that is shown has its result right behind it, as endpoints want it.

use serde::Serialize;
use serde_json::Value;

use super::{Context, Error, Fit, Templates, say};
use crate::{
    agent::{
        demonstration::Demonstration,
        module::chat::{self, Tools},
        run::Run,
        shorten::shorten,
        step::Step,
        task::{Input, InputValue, Task},
    },
    model::{Message, Prompt, Role},
};

/// Characters of a result that is shown in short.
const SHORT: usize = 400;

/// Variables of `chat_user.j2`.
#[derive(Serialize)]
struct User<'a> {
    inputs: Vec<Shown<'a>>,
    task: &'a str,
    answer: String,
}

impl<'a> User<'a> {
    fn new(task: &'a Task, most: usize) -> Self {
        let answer = task.answer.as_ref().map(|answer| answer.schema().to_string());
        Self {
            inputs: task.inputs.iter().map(|input| shown(input, most)).collect(),
            task: task.text.trim(),
            answer: answer.unwrap_or_default(),
        }
    }
}

/// An input as the model sees it: all of it, if it is not too long.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    /// What it is; may be empty.
    description: &'a str,
    text: String,
}

/// Variables of `chat.j2`.
#[derive(Serialize)]
struct System {
    tools: usize,
    max_output: usize,
    max_steps: usize,
}

/// Variables of `chat_feedback.j2`.
#[derive(Serialize)]
struct Feedback<'a> {
    /// Why a reply without calls is no answer.
    problem: &'a str,
    /// Why one of its calls may be no call.
    calls_cut: bool,
    steps_left: usize,
    news: &'a [String],
}

/// All that is sent for the next step of `run`; results and inputs have at most `max_output` characters each.
///
/// # Errors
/// When a template asks for what it is not given.
pub fn chat(templates: &Templates, context: &Context, tools: &Tools, run: &Run, fit: Fit) -> Result<Prompt, Error> {
    let max_output = context.max_output;
    let system = System {
        tools: tools.definitions().len(),
        max_output,
        max_steps: run.limits().max_steps,
    };
    let mut messages = vec![Message::new(Role::System, templates.render("chat.j2", system)?)];
    let asked = |task| templates.render("chat_user.j2", User::new(task, max_output));
    // what was done for it is a script, which this module has not
    for Demonstration { task, answer, .. } in &context.demonstrations {
        messages.push(Message::new(Role::User, asked(task)?));
        let answer = match answer {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let answer = shorten(&answer, max_output);
        messages.push(Message::new(Role::Assistant, answer));
    }
    messages.push(Message::new(Role::User, asked(run.task())?));
    for (at, step) in run.steps().iter().enumerate() {
        let room = if at < fit.0 { SHORT } else { usize::MAX };
        exchange(&mut messages, step, max_output.min(room), room);
        let feedback = Feedback {
            problem: problem(step),
            calls_cut: chat::is_cut(&step.completion) && !step.completion.calls.is_empty(),
            steps_left: run.limits().max_steps.saturating_sub(at + 1),
            news: &step.news,
        };
        let text = templates.render("chat_feedback.j2", feedback)?;
        if !text.is_empty() {
            say(&mut messages, text);
        }
    }
    Ok(Prompt {
        messages,
        tools: tools.definitions().to_vec(),
    })
}

/// A reply and the results of its calls, in so many characters; results were cut to `--max-output` when they came.
fn exchange(messages: &mut Vec<Message>, step: &Step, of_reply: usize, of_result: usize) {
    let text = step.completion.visible();
    let calls: Vec<_> = step.completion.calls.iter().map(chat::presentable).collect();
    let content = if text.is_empty() && calls.is_empty() {
        "(empty reply)".to_owned()
    } else {
        shorten(&text, of_reply)
    };
    let results = calls.iter().zip(&step.results);
    let results: Vec<_> = results
        .map(|(call, text)| Message::result(call, shorten(text, of_result)))
        .collect();
    messages.push(Message {
        calls,
        ..Message::new(Role::Assistant, content)
    });
    messages.extend(results);
}

fn problem(step: &Step) -> &str {
    let diagnostics = step
        .execution
        .as_ref()
        .and_then(|execution| execution.diagnostics.as_ref());
    let problem = diagnostics.filter(|_| step.completion.calls.is_empty());
    problem.map_or("", |diagnostics| &diagnostics.message)
}

fn shown(input: &Input, most: usize) -> Shown<'_> {
    let text = match &input.value {
        InputValue::Text(text) => shorten(text, most),
        InputValue::Json(value) => shorten(&value.to_string(), most),
    };
    Shown {
        name: &input.name,
        description: &input.description,
        text,
    }
}
