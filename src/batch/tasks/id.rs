//! What a task is called.

use std::{borrow::Cow, fmt};

use serde_json::value::RawValue;

/// A string or a number, which comes out as it went in.
#[derive(Clone)]
pub struct Id {
    json: Box<RawValue>,
    text: String,
}

impl Id {
    /// The line's number, for a task without an id of its own.
    pub fn of_line(line: u64) -> Self {
        let text = line.to_string();
        let json = RawValue::from_string(text.clone()).expect("a number is JSON");
        Self { json, text }
    }

    /// A string.
    pub fn of_text(text: &str) -> Self {
        Self {
            json: serde_json::value::to_raw_value(text).expect("a string is JSON"),
            text: text.to_owned(),
        }
    }

    /// A string that is not empty, or a number; `None` for anything else.
    pub fn of_json(json: &RawValue) -> Option<Self> {
        let text = text_of(json)?;
        (!text.is_empty()).then(|| Self {
            json: json.to_owned(),
            text: text.into_owned(),
        })
    }

    /// By which ids are compared.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As it was written.
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

/// The text of a string or a number.
pub fn text_of(json: &RawValue) -> Option<Cow<'_, str>> {
    let raw = json.get();
    match raw.as_bytes().first()? {
        b'"' => match raw[1..raw.len() - 1].contains('\\') {
            false => Some(Cow::Borrowed(&raw[1..raw.len() - 1])),
            true => serde_json::from_str(raw).ok().map(Cow::Owned),
        },
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.json.get() == other.json.get()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json.get())
    }
}
