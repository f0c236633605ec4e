//! What the model is asked for: named inputs, named outputs, and what turns one into the other.
//!
//! - The names are those that the templates in `prompts/` may use and show.

use serde::Serialize;

/// An instruction with its inputs and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// What to do, in a few sentences.
    pub instructions: String,
    /// What the model is given.
    pub inputs: Vec<Field>,
    /// What it is to write.
    pub outputs: Vec<Field>,
}

/// A named piece of a prompt or of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// As the prompt names it.
    pub name: String,
    /// What it holds, in a sentence without a full stop.
    pub description: String,
}

impl Signature {
    /// A task in, a script out.
    pub fn script() -> Self {
        Self {
            instructions:
                "You do the user's task by writing Python. Your script runs in a sandbox where the functions \
                           of `tool_context` call real tools; what it gives to `answer(…)` is what the user gets."
                    .to_owned(),
            inputs: fields(&[
                ("task", "what the user wants"),
                (
                    "tool_context",
                    "the functions that your script can call, one namespace per server",
                ),
                (
                    "inputs",
                    "variables that your script already has, if any; you see only the beginning of each",
                ),
                ("modules", "all that can be imported, listed below"),
                (
                    "history",
                    "your earlier scripts for this task as your own messages, and what became of them as answers",
                ),
            ]),
            outputs: fields(&[("script", "one Python script, in one block marked `python`")]),
        }
    }
}

fn fields(all: &[(&str, &str)]) -> Vec<Field> {
    all.iter()
        .map(|(name, description)| Field {
            name: (*name).into(),
            description: (*description).into(),
        })
        .collect()
}
