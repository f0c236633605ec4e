//! A task that is done again and again: what it is given, what its answer is, what it may use, and how to go about it.
//!
//! - Whatever is wrong in its file is told with line and column before anything runs.
//! - Inputs are of the types of its signature before a model is asked.

mod file;
mod front;
mod new;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use file::{MAX_FILE, read};
pub use new::sample;

use crate::{
    agent::{
        demonstration::Demonstration,
        prompt::Instructions,
        task::{Input, InputValue, Task},
    },
    files,
    signature::{Answer, Field, Signature, read_input},
};

/// Piped stdin, as it comes.
const STDIN: &str = "stdin";

/// A task that is done again and again.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// What it is given, in order; empty: anything.
    pub inputs: Vec<Field>,
    /// What it must answer.
    pub answer: Option<Arc<Answer>>,
    /// What to do.
    pub instructions: Option<Instructions>,
    /// What to do where nobody says it.
    pub default_instructions: Option<String>,
    /// The only servers that it may use; `None`: all.
    pub servers: Option<Vec<Placed>>,
    /// The only tools that it may use, as globs; `None`: all.
    pub tools: Option<Vec<Placed>>,
    /// Flags that it sets where they are not typed, by name without `--`.
    pub settings: Vec<Setting>,
    /// Tasks of its kind, done well.
    pub demonstrations: Vec<Demonstration>,
}

/// A piece of a program's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What was written.
    pub text: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// A flag that a program sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Without `--`.
    pub flag: String,
    /// Its value.
    pub value: Placed,
}

impl Program {
    /// A program that is nothing but its signature.
    ///
    /// # Errors
    /// What is wrong with the type of its answer.
    pub fn of(signature: Signature) -> Result<Self, String> {
        Ok(Self {
            default_instructions: Some(signature.instructions()),
            answer: Some(Arc::new(Answer::new(signature.answer)?)),
            inputs: signature.inputs,
            ..Self::default()
        })
    }

    /// One whose answer is described by a JSON Schema.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn returning(schema: Value) -> Result<Self, String> {
        Ok(Self {
            answer: Some(Arc::new(Answer::new(schema)?)),
            ..Self::default()
        })
    }

    /// Whether it says by itself what to do.
    pub fn is_whole(&self) -> bool {
        self.instructions.is_some() || !self.inputs.is_empty()
    }

    /// Whether its tasks differ by more than their texts.
    pub fn is_typed(&self) -> bool {
        self.is_whole() || self.answer.is_some()
    }

    /// One task: these inputs, and what the user says besides the instructions.
    ///
    /// # Errors
    /// An input that is missing, unknown or of another type; instructions that cannot be rendered.
    pub fn task(&self, said: Option<&str>, given: Vec<Input>) -> Result<Task, String> {
        let inputs = if self.inputs.is_empty() {
            given
        } else {
            self.typed(given)?
        };
        let mut parts = Vec::new();
        match (&self.instructions, said, &self.default_instructions) {
            (Some(instructions), ..) => parts.push(render(instructions, &inputs)?),
            (None, None, Some(instructions)) => parts.push(instructions.clone()),
            (None, None, None) => return Err("there is no task".to_owned()),
            (None, Some(_), _) => {}
        }
        parts.extend(said.map(str::to_owned));
        Ok(Task {
            text: parts.join("\n\n"),
            inputs,
            answer: self.answer.clone(),
        })
    }

    fn typed(&self, given: Vec<Input>) -> Result<Vec<Input>, String> {
        let given = self.named(given);
        let is_input = |input: &Input| self.inputs.iter().any(|field| field.name == input.name);
        // who pipes something to a program that has all it takes may not know it
        let other = given.iter().find(|input| !is_input(input) && input.name != STDIN);
        if let Some(other) = other {
            let names: Vec<String> = self.inputs.iter().map(|field| format!("`{}`", field.name)).collect();
            return Err(format!(
                "there is no input `{}`; there are {}",
                other.name,
                names.join(", ")
            ));
        }
        let mut typed = Vec::new();
        for field in &self.inputs {
            match given.iter().find(|input| input.name == field.name) {
                Some(input) => match typed_input(field, input) {
                    Ok(input) => typed.push(input),
                    // an empty cell of a table
                    Err(_) if !field.required && is_empty(input) => {}
                    Err(fault) => return Err(fault),
                },
                None if field.required => return Err(format!("the input `{}` is missing", field.name)),
                None => {}
            }
        }
        Ok(typed)
    }

    /// Piped stdin is the one input that is missing: of those that must be there, or else of all.
    fn named(&self, mut given: Vec<Input>) -> Vec<Input> {
        let has = |name: &str| given.iter().any(|input| input.name == name);
        let missing: Vec<&Field> = self.inputs.iter().filter(|field| !has(&field.name)).collect();
        let needed: Vec<&Field> = missing.iter().copied().filter(|field| field.required).collect();
        let place = match (needed.as_slice(), missing.as_slice()) {
            ([one], _) | ([], [one]) => one.name.clone(),
            _ => return given,
        };
        if let Some(piped) = given.iter_mut().find(|input| input.name == STDIN)
            && !self.inputs.iter().any(|field| field.name == STDIN)
        {
            piped.name = place;
        }
        given
    }

    /// What a task of this program is, for telling whether a result is of the same one.
    pub fn digest(task: &Task) -> String {
        let inputs: Vec<(&str, Value)> = task
            .inputs
            .iter()
            .map(|input| (input.name.as_str(), input.value.json()))
            .collect();
        let answer = task.answer.as_ref().map(|answer| answer.schema());
        let all = serde_json::json!([task.text, inputs, answer]).to_string();
        files::name_of(&all)
    }
}

fn is_empty(input: &Input) -> bool {
    matches!(&input.value, InputValue::Text(text) if text.is_empty())
}

fn typed_input(field: &Field, input: &Input) -> Result<Input, String> {
    let value = match &input.value {
        InputValue::Text(text) => read_input(field, text),
        InputValue::Json(value) => crate::signature::check_input(field, value).map(|()| value.clone()),
    };
    let value = match value.map_err(|fault| format!("input `{}`: {fault}", field.name))? {
        Value::String(text) => InputValue::Text(text),
        other => InputValue::Json(other),
    };
    let description = field.schema.get("description").and_then(Value::as_str);
    Ok(Input {
        name: field.name.clone(),
        value,
        description: description.unwrap_or_default().to_owned(),
    })
}

fn render(instructions: &Instructions, inputs: &[Input]) -> Result<String, String> {
    let values: Map<String, Value> = inputs
        .iter()
        .map(|input| (input.name.clone(), input.value.json()))
        .collect();
    instructions.render(&values).map_err(|fault| fault.to_string())
}
