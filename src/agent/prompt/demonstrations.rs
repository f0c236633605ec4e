//! Tasks that were done well, as messages before the task itself.

use serde::Serialize;

use super::{Context, Error, Templates, answered, say};
use crate::{
    agent::{
        demonstration::{Demonstrated, Demonstration},
        shorten::{fenced, shorten},
        task::{Input, Preview},
    },
    model::{Message, Role},
};

/// Variables of `demonstration.j2`.
#[derive(Serialize)]
struct Shown<'a> {
    /// What the script before printed; `None` where none was.
    output: Option<String>,
    /// Of the task before; `None` where none was.
    answer: Option<String>,
    /// From 1; 0 where this is not a task's beginning.
    number: usize,
    inputs: Vec<Preview>,
    task: &'a str,
}

/// An exchange for each; what came of the last one begins the next message.
pub(super) fn show(templates: &Templates, context: &Context, messages: &mut Vec<Message>) -> Result<(), Error> {
    let nothing = || Shown {
        output: None,
        answer: None,
        number: 0,
        inputs: Vec::new(),
        task: "",
    };
    let mut answer = None;
    for (
        number,
        Demonstration {
            task,
            steps,
            answer: given,
        },
    ) in (1..).zip(&context.demonstrations)
    {
        let begun = Shown {
            answer: answer.take(),
            number,
            inputs: task.inputs.iter().map(Input::preview).collect(),
            task: task.text.trim(),
            ..nothing()
        };
        say(messages, templates.render("demonstration.j2", begun)?);
        for (at, Demonstrated { script, output }) in steps.iter().enumerate() {
            messages.push(Message::new(Role::Assistant, fenced(script.trim_end(), "python")));
            if at + 1 < steps.len() {
                let went_on = Shown {
                    output: Some(shorten(output, context.max_output)),
                    ..nothing()
                };
                say(messages, templates.render("demonstration.j2", went_on)?);
            }
        }
        answer = Some(shorten(&answered(given), context.max_output));
    }
    if answer.is_some() {
        say(
            messages,
            templates.render("demonstration.j2", Shown { answer, ..nothing() })?,
        );
    }
    Ok(())
}
