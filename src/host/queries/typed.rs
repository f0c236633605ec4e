//! A reply of a shape that the script wants.
//!
//! - The schema comes from a script, so checking it takes bounded work: its size has a limit, it has no references
//!   (which may lead in circles), and its patterns are matched in linear time.

use std::{fmt, sync::Arc};

use serde_json::{Value, json};

use crate::host::{
    arguments::{Fault, Strict},
    excerpt::cut,
};

/// Bytes of a schema.
const MAX_SCHEMA: usize = 64 << 10;
/// Characters of a reply that a message shows.
const MAX_SHOWN: usize = 200;
/// Characters of a reply that a failure holds.
const MAX_REPLY: usize = 4_000;

/// What a reply must be.
#[derive(Clone)]
pub(super) struct Shape {
    schema: String,
    checker: Arc<Strict>,
}

impl Shape {
    /// From what a script gave as `schema`.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn new(given: &Value) -> Result<Self, String> {
        let schema = schema(given)?;
        let text = schema.to_string();
        if text.len() > MAX_SCHEMA {
            return Err(format!("the schema is longer than {} KiB", MAX_SCHEMA >> 10));
        }
        if refers(&schema) {
            return Err("the schema holds a reference (`$ref`): write what it refers to in its place".to_owned());
        }
        let checker = Strict::new(&schema).map_err(|reason| format!("the schema cannot be used: {reason}"))?;
        Ok(Self {
            schema: text,
            checker: Arc::new(checker),
        })
    }

    /// The prompt, and what the reply must be.
    pub(super) fn asked(&self, prompt: &str) -> String {
        format!(
            "{prompt}\n\nReply with one JSON value and nothing else. It must fit this JSON Schema:\n{}",
            self.schema
        )
    }

    /// The value in a reply, as JSON. A large one takes long to check, so others go on meanwhile.
    pub(super) async fn read(self, reply: String) -> (Self, Result<Vec<u8>, Mismatch>) {
        let checker = Arc::clone(&self.checker);
        let read = tokio::task::spawn_blocking(move || read(&checker, &reply)).await;
        (self, read.expect("a panic has ended the program"))
    }
}

/// The JSON Schema that a script means. The text form of signatures, such as `count: int, tags: list[str]`, comes here.
fn schema(given: &Value) -> Result<Value, String> {
    match given {
        Value::Object(_) => Ok(given.clone()),
        _ => Err("`schema` must be a JSON Schema (a dict) or a type such as `list[str]`".to_owned()),
    }
}

/// Whether anything in a schema refers to another place.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(entries) => entries
            .iter()
            .any(|(key, value)| matches!(key.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef") || refers(value)),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

/// Why a reply is not what was wanted.
#[derive(Debug)]
pub(super) struct Mismatch {
    fault: Fault,
    reply: String,
}

impl Mismatch {
    /// What the model is told.
    pub(super) fn asked_again(&self) -> String {
        format!("{self}. Reply again, with the JSON value alone.")
    }

    /// What a script finds in the failure.
    pub(super) fn data(&self) -> Value {
        let Fault { path, expected, found } = &self.fault;
        json!({ "path": path, "expected": expected, "found": found, "reply": self.reply })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { path, expected, found } = &self.fault;
        write!(
            f,
            "the reply does not fit the schema at `{path}`: expected {expected}, found {found}"
        )
    }
}

fn read(checker: &Strict, reply: &str) -> Result<Vec<u8>, Mismatch> {
    let text = unfenced(reply);
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        // a model that is asked for a text often writes it without quotes
        Err(_) if checker.fault(&json!(text)).is_none() => json!(text),
        Err(error) => {
            let found = format!("{} ({error})", cut(text.to_owned(), MAX_SHOWN));
            let fault = Fault {
                path: "$".to_owned(),
                expected: "one JSON value".to_owned(),
                found,
            };
            return Err(mismatch(fault, reply));
        }
    };
    match checker.fault(&value) {
        None => Ok(serde_json::to_vec(&value).expect("a JSON value is JSON")),
        Some(fault) => Err(mismatch(fault, reply)),
    }
}

fn mismatch(fault: Fault, reply: &str) -> Mismatch {
    Mismatch {
        fault,
        reply: cut(reply.to_owned(), MAX_REPLY),
    }
}

/// What stands in the only fence of a reply, else all of it.
fn unfenced(reply: &str) -> &str {
    let text = reply.trim();
    let Some((_, after)) = text.split_once("```") else {
        return text;
    };
    let Some((inside, rest)) = after.split_once("\n").and_then(|(_, body)| body.split_once("```")) else {
        return text;
    };
    // a text of JSON may hold fences of its own
    if text.starts_with(['{', '[', '"']) || rest.contains("```") {
        text
    } else {
        inside.trim()
    }
}
