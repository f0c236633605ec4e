//! What a tool gave back, as the value that a script gets.

use serde_json::{Value, json};

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
        return Ok(text_value(text(&result.content), text_results));
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
pub fn text(content: &[Content]) -> String {
    let texts: Vec<&str> = content
        .iter()
        .filter_map(|block| {
            if let Content::Text(text) = block {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    texts.join("\n")
}

fn structured_value(structured: Value, unwrap: Option<&str>) -> (ValueKind, Vec<u8>) {
    let value = match (structured, unwrap) {
        (Value::Object(mut object), Some(key)) if object.len() == 1 && object.contains_key(key) => {
            object.remove(key).unwrap_or_default()
        }
        (other, _) => other,
    };
    match value {
        Value::String(text) => (ValueKind::Text, text.into_bytes()),
        other => (ValueKind::ToolJson, bytes(&other)),
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
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
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
