//! What is to be done, and the values that come with it.
//!
//! - A value may be gigabytes: the prompt sees its type, its size and its first
//!   [`PREVIEW_CHARS`] characters, never more.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Serialize;
use serde_json::Value;

use crate::{sandbox::Binding, signature::Answer, wire::ValueKind};

/// How much of a value the prompt shows, in characters.
pub const PREVIEW_CHARS: usize = 300;

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// In the user's words.
    pub text: String,
    /// Values that scripts find as variables.
    pub inputs: Vec<Input>,
    /// What its answer must be, if not just anything.
    pub answer: Option<Arc<Answer>>,
}

/// A variable that every script of the run finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// A Python identifier.
    pub name: String,
    /// What it holds.
    pub value: InputValue,
    /// What it is, in the words of the task's signature; may be empty.
    pub description: String,
}

/// What an input holds.
#[derive(Debug, Clone, PartialEq)]
pub enum InputValue {
    /// A `str`.
    Text(String),
    /// Plain Python values.
    Json(Value),
}

/// What the prompt says of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Its name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Its Python type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Such as `5,000 characters` or `20 items, 1,234 bytes as JSON`; empty for scalars.
    pub size: String,
    /// Its first characters: the text itself, or compact JSON.
    pub head: String,
    /// There is more than `head`.
    pub cut: bool,
}

impl Task {
    /// A task without inputs.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            inputs: Vec::new(),
            answer: None,
        }
    }
}

impl InputValue {
    /// As JSON.
    pub fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Json(value) => value.clone(),
        }
    }
}

impl Input {
    /// One of which nothing is said.
    pub fn new(name: impl Into<String>, value: InputValue) -> Self {
        Self {
            name: name.into(),
            value,
            description: String::new(),
        }
    }

    /// As the sandbox takes it.
    pub fn binding(&self) -> Binding {
        let (kind, body) = match &self.value {
            InputValue::Text(text) => (ValueKind::Text, text.clone().into_bytes()),
            InputValue::Json(value) => (ValueKind::Json, value.to_string().into_bytes()),
        };
        Binding {
            name: self.name.clone(),
            kind,
            body,
        }
    }

    /// What the prompt says of it.
    pub fn preview(&self) -> Preview {
        let (kind, size, (head, cut)) = match &self.value {
            InputValue::Text(text) => ("str", plural(text.chars().count(), "character"), first_chars(text)),
            InputValue::Json(value) => {
                let (head, bytes) = head_of_json(value);
                let (kind, size) = describe(value, bytes);
                let (shown, cut) = first_chars(value.as_str().unwrap_or(&head));
                (kind, size, (shown, cut || !value.is_string() && head.len() < bytes))
            }
        };
        Preview {
            name: self.name.clone(),
            description: self.description.clone(),
            kind,
            size,
            head,
            cut,
        }
    }
}

/// `12,345`.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn describe(value: &Value, bytes: usize) -> (&'static str, String) {
    let with_bytes = |n, noun| format!("{}, {} as JSON", plural(n, noun), plural(bytes, "byte"));
    match value {
        Value::Null => ("None", String::new()),
        Value::Bool(_) => ("bool", String::new()),
        Value::Number(n) if n.is_f64() => ("float", String::new()),
        Value::Number(_) => ("int", String::new()),
        Value::String(text) => ("str", plural(text.chars().count(), "character")),
        Value::Array(items) => ("list", with_bytes(items.len(), "item")),
        Value::Object(map) => ("dict", with_bytes(map.len(), "key")),
    }
}

fn plural(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(n), if n == 1 { "" } else { "s" })
}

fn first_chars(text: &str) -> (String, bool) {
    match text.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => (text[..end].to_owned(), true),
        None => (text.to_owned(), false),
    }
}

/// The beginning of a value's JSON, long enough for a preview, and the length of all of it in bytes.
fn head_of_json(value: &Value) -> (String, usize) {
    let mut head = Head {
        kept: Vec::new(),
        bytes: 0,
    };
    serde_json::to_writer(&mut head, value).expect("a `Value` has string keys, and `Head` never fails");
    let kept = match std::str::from_utf8(&head.kept) {
        Ok(text) => text,
        // the end fell inside a character
        Err(e) => std::str::from_utf8(&head.kept[..e.valid_up_to()]).expect("valid up to here"),
    };
    (kept.to_owned(), head.bytes)
}

/// Keeps the first bytes that are written and counts the others.
struct Head {
    kept: Vec<u8>,
    bytes: usize,
}

impl Write for Head {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        // a character takes at most four bytes
        let room = (PREVIEW_CHARS * 4 + 4).saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&buf[..buf.len().min(room)]);
        self.bytes += buf.len();
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
