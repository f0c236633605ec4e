//! What a tool gave back, as the value that a script gets.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize,
    de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, json, value::RawValue};

use super::artifacts::Artifacts;
use crate::{
    tools::{CallResult, Content},
    wire::ValueKind,
};

/// How text of a server is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextResults {
    /// Text that is one JSON object or array becomes such a value.
    Parse,
    /// Text stays text.
    Keep,
}

/// The value of a successful result and how its bytes are to be read.
///
/// `unwrap` names the one property of the declared output schema to which a result is reduced.
///
/// # Errors
/// A blob that cannot be kept.
pub fn value(
    result: CallResult,
    unwrap: Option<&str>,
    text_results: TextResults,
    artifacts: &Artifacts,
) -> std::io::Result<(ValueKind, Vec<u8>)> {
    if let Some(structured) = result.structured {
        return Ok(structured_value(structured, unwrap));
    }
    if result.content.iter().all(|block| matches!(block, Content::Text(_))) {
        return Ok(text_value(text(result.content), text_results));
    }
    let mut blocks = result.content.into_iter().map(|block| block_value(block, artifacts));
    match (blocks.len(), blocks.next()) {
        (1, Some(only)) => only.map(single),
        (_, first) => {
            let all: Vec<Value> = first.into_iter().chain(blocks).collect::<Result<_, _>>()?;
            Ok((ValueKind::Blocks, bytes(&Value::Array(all))))
        }
    }
}

/// All text of a result, its blocks joined by line ends.
pub fn text(content: Vec<Content>) -> String {
    let mut texts = content.into_iter().filter_map(|block| {
        if let Content::Text(text) = block {
            Some(text)
        } else {
            None
        }
    });
    // the first may be large, and is most often the only one
    let mut all = texts.next().unwrap_or_default();
    for text in texts {
        all.push('\n');
        all.push_str(&text);
    }
    all
}

/// The text stays as the server wrote it, so that nothing of it is rounded and nothing is held twice.
fn structured_value(mut structured: String, unwrap: Option<&str>) -> (ValueKind, Vec<u8>) {
    if let Some(within) = unwrap.and_then(|key| only(&structured, key)) {
        structured.truncate(within.end);
        structured.drain(..within.start);
    }
    if structured.starts_with('"')
        && let Ok(text) = serde_json::from_str::<String>(&structured)
    {
        return (ValueKind::Text, text.into_bytes());
    }
    (ValueKind::ToolJson, structured.into_bytes())
}

/// Where the value of `key` stands in a JSON object that has no other key.
fn only(object: &str, key: &str) -> Option<Range<usize>> {
    let Only(found, value) = serde_json::from_str(object).ok()?;
    let start = value.get().as_ptr().addr() - object.as_ptr().addr();
    (found == key).then_some(start..start + value.get().len())
}

/// A JSON object with one key.
struct Only<'a>(Cow<'a, str>, &'a RawValue);

impl<'de> Deserialize<'de> for Only<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = Only<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object with one key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let first = map.next_entry::<Cow<'de, str>, &RawValue>()?;
                let (key, value) = first.ok_or_else(|| A::Error::custom("it has none"))?;
                match map.next_key::<IgnoredAny>()? {
                    None => Ok(Only(key, value)),
                    Some(_) => Err(A::Error::custom("it has more")),
                }
            }
        }
        deserializer.deserialize_map(Entry)
    }
}

fn text_value(text: String, text_results: TextResults) -> (ValueKind, Vec<u8>) {
    let kind = match text_results {
        TextResults::Parse if is_json_container(&text) => ValueKind::JsonText,
        _ => ValueKind::Text,
    };
    (kind, text.into_bytes())
}

fn is_json_container(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn block_value(block: Content, artifacts: &Artifacts) -> std::io::Result<Value> {
    Ok(match block {
        Content::Text(text) => json!({ "text": text }),
        Content::Blob { mime, data } => json!({ "artifact": artifacts.add(&mime, &data)? }),
        Content::Other(value) => json!({ "json": value }),
    })
}

fn single(mut block: Value) -> (ValueKind, Vec<u8>) {
    if let Some(artifact) = block.get_mut("artifact") {
        return (ValueKind::Artifact, bytes(&artifact.take()));
    }
    (
        ValueKind::ToolJson,
        bytes(&block.get_mut("json").map(Value::take).unwrap_or_default()),
    )
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value is JSON")
}
