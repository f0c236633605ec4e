//! Reads tools and results part by part, so that one odd part does not lose the rest.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::tools::{CallResult, Content, RawTool};

/// Under this key a pipe gives the text of `structuredContent`, which it has not read.
pub(super) const STRUCTURED_TEXT: &str = "structuredContent as text";

/// A tool of `tools/list`, or why it cannot be used.
pub(super) fn tool(value: &Value) -> Result<RawTool, String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name")
        .filter(|name| !name.is_empty())
        .ok_or("a tool without a name is left out")?;
    let input_schema = match value.get("inputSchema") {
        None | Some(Value::Null) => json!({}),
        Some(schema @ Value::Object(_)) => schema.clone(),
        Some(_) => return Err(format!("the tool `{name}` is left out: its `inputSchema` is no object")),
    };
    let hint = |key: &str| value.pointer(&format!("/annotations/{key}")).cloned();
    Ok(RawTool {
        title: text("title").or_else(|| hint("title")?.as_str().map(str::to_owned)),
        description: text("description"),
        output_schema: value.get("outputSchema").filter(|schema| schema.is_object()).cloned(),
        read_only: hint("readOnlyHint") == Some(Value::Bool(true)),
        name,
        input_schema,
    })
}

/// The result of `tools/call`.
pub(super) fn result(mut value: Value) -> CallResult {
    let is_error = value.get("isError") == Some(&Value::Bool(true));
    let structured = match value.get_mut(STRUCTURED_TEXT).map(Value::take) {
        Some(Value::String(text)) => Some(text),
        _ => {
            let read = value.get_mut("structuredContent").map(Value::take);
            read.filter(|read| !read.is_null()).map(|read| read.to_string())
        }
    };
    let content = match value.get_mut("content").map(Value::take) {
        Some(Value::Array(blocks)) => blocks.into_iter().map(block).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(Value::String(text)) => vec![Content::Text(text)],
        Some(other) => vec![Content::Other(other)],
    };
    CallResult {
        is_error,
        structured,
        content,
    }
}

/// A part of what `resources/read` gave.
pub(super) fn resource(part: Value) -> Content {
    block(json!({ "type": "resource", "resource": part }))
}

/// A content block, such as one of a prompt's messages.
pub fn block(mut block: Value) -> Content {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let inner = match kind.as_str() {
        "resource" => block.get_mut("resource"),
        "text" | "image" | "audio" => Some(&mut block),
        _ => None,
    };
    let Some(inner) = inner else {
        return Content::Other(block);
    };
    let bytes = |key: &str| {
        inner
            .get(key)
            .and_then(Value::as_str)
            .and_then(|data| STANDARD.decode(data).ok())
    };
    if let Some(data) = bytes(if kind == "resource" { "blob" } else { "data" }) {
        let mime = inner
            .get("mimeType")
            .and_then(Value::as_str)
            .unwrap_or("application/octet-stream");
        return Content::Blob {
            mime: mime.into(),
            data,
        };
    }
    match inner.get_mut("text").map(Value::take) {
        Some(Value::String(text)) if kind == "text" || kind == "resource" => Content::Text(text),
        taken => {
            if let (Some(taken), Some(slot)) = (taken, inner.get_mut("text")) {
                *slot = taken;
            }
            Content::Other(block)
        }
    }
}
