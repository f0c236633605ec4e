//! A reply of a shape that the script wants.
//!
//! - The schema comes from a script, so checking it takes bounded work: its size has a limit, it has no references
//!   (which may lead in circles), and its patterns are matched in linear time.

use std::{borrow::Cow, fmt, sync::Arc};

use serde_json::{Value, json};

use crate::{
    host::excerpt::cut,
    signature::{Check, Signature, read_reply},
};

/// Bytes of a schema.
const MAX_SCHEMA: usize = 64 << 10;
/// Characters of a reply that a failure holds.
const MAX_REPLY: usize = 4_000;
/// What the value is called in messages.
const ROOT: &str = "reply";

/// What a reply must be.
pub(super) struct Shape {
    schema: String,
    check: Arc<Check>,
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
        let check = Check::guarded(&schema).map_err(|reason| format!("the schema cannot be used: {reason}"))?;
        Ok(Self {
            schema: text,
            check: Arc::new(check),
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
    pub(super) async fn read(&self, reply: &str) -> Result<Vec<u8>, Mismatch> {
        let (check, reply) = (Arc::clone(&self.check), reply.to_owned());
        let read = tokio::task::spawn_blocking(move || read(&check, &reply)).await;
        read.expect("a panic has ended the program")
    }
}

/// The JSON Schema that a script means: it gave that itself, or text such as `count: int, tags: list[str]`.
fn schema(given: &Value) -> Result<Cow<'_, Value>, String> {
    match given {
        Value::Object(_) => Ok(Cow::Borrowed(given)),
        Value::String(text) => match Signature::parse(text) {
            Ok(signature) if signature.inputs.is_empty() => Ok(Cow::Owned(signature.answer)),
            Ok(_) => Err("`schema` says what the reply is: leave out `->` and what stands before it".to_owned()),
            Err(error) => Err(format!("`schema`, {error}")),
        },
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
    /// Places, what was expected there, and what was found.
    faults: String,
    reply: String,
}

impl Mismatch {
    /// What the model is told.
    pub(super) fn asked_again(&self) -> String {
        format!("{self}. Reply again, with the JSON value alone.")
    }

    /// What a script finds in the failure.
    pub(super) fn data(&self) -> Value {
        json!({ "mismatch": self.faults, "reply": self.reply })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reply does not fit: {}", self.faults)
    }
}

fn read(check: &Check, reply: &str) -> Result<Vec<u8>, Mismatch> {
    let value = read_reply(reply, check, ROOT).map_err(|faults| Mismatch {
        faults,
        reply: cut(reply.to_owned(), MAX_REPLY),
    })?;
    Ok(serde_json::to_vec(&value).expect("a JSON value is JSON"))
}
