//! What a task is given and what its answer is, as text: `'question, context -> verdict: bool, reasons: list[str]'`.
//!
//! - Types are JSON Schemas from the start: what is validated is what was parsed.
//! - Every fault has its place in the text.

mod answer;
mod check;
mod inputs;
mod lexer;
mod parse;
mod reply;

use std::fmt;

use serde_json::{Map, Value, json};

pub use answer::{Answer, type_of};
pub use check::Check;
pub use inputs::{check as check_input, read as read_input};
pub use lexer::fault;
pub use reply::read as read_reply;

/// Named values in, and the type of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// What the task is given, in order; empty where the text had no `->`.
    pub inputs: Vec<Field>,
    /// JSON Schema of the answer: an object of the named outputs, or the only type that was given without a name.
    pub answer: Value,
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// A Python identifier.
    pub name: String,
    /// JSON Schema of its value, with its description.
    pub schema: Value,
    /// Whether it must be there.
    pub required: bool,
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
    /// The line itself, and a mark under the place.
    pub excerpt: String,
}

impl Signature {
    /// Reads `INPUTS -> OUTPUTS`, `OUTPUTS`, or the type of an answer without names.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        parse::signature(text)
    }

    /// Names of the outputs; empty where the answer has none.
    pub fn outputs(&self) -> Vec<&str> {
        let properties = self.answer.get("properties").and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// What to do where nobody says it: `Given `question`, find `verdict` and `reasons`.`
    pub fn instructions(&self) -> String {
        let list = |names: Vec<&str>| {
            let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
            match names.split_last() {
                Some((last, [])) => last.clone(),
                Some((last, before)) => format!("{} and {last}", before.join(", ")),
                None => String::new(),
            }
        };
        let given = list(self.inputs.iter().map(|field| field.name.as_str()).collect());
        match (given.as_str(), self.outputs()) {
            ("", outputs) if outputs.is_empty() => "Find the answer.".to_owned(),
            ("", outputs) => format!("Find {}.", list(outputs)),
            (given, outputs) if outputs.is_empty() => format!("Find the answer to {given}."),
            (given, outputs) => format!("Given {given}, find {}.", list(outputs)),
        }
    }
}

/// JSON Schema of an object with these fields and no others.
fn object(fields: Vec<Field>) -> Value {
    let required: Vec<String> = fields.iter().filter(|f| f.required).map(|f| f.name.clone()).collect();
    let properties: Map<String, Value> = fields.into_iter().map(|field| (field.name, field.schema)).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            message,
            excerpt,
        } = self;
        write!(f, "line {line}, column {column}: {message}\n{excerpt}")
    }
}

impl std::error::Error for SyntaxError {}
