//! The tools of this server: names, schemas and descriptions.

use std::{sync::Arc, time::Duration};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

pub(super) const EXECUTE_CODE: &str = "execute_code";
pub(super) const SEARCH_TOOLS: &str = "search_tools";
pub(super) const DESCRIBE_TOOLS: &str = "describe_tools";
pub(super) const SOLVE_TASK: &str = "solve_task";

/// Names that can be described at a time.
pub(super) const MAX_NAMES: usize = 50;
/// Functions that a search gives at most.
pub(super) const MAX_HITS: usize = 100;
/// Characters of a session's name.
pub(super) const MAX_NAME: usize = 100;

/// `execute_code`, whose scripts have so much time unless the client says otherwise, and so much at most.
pub(super) fn execute_code(description: &str, time: Duration, most: Duration) -> Tool {
    let input = json!({
        "type": "object",
        "properties": {
            "code": {"type": "string", "description": "Python source"},
            "timeout": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": most.as_secs_f64(),
                "description": format!("Seconds of its own time; {} if left out", time.as_secs_f64()),
            },
            "session": {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_NAME,
                "description": "A name of your choice, for variables that stay",
            },
        },
        "required": ["code"],
        "additionalProperties": false,
    });
    let text = json!({"type": "string"});
    let output = json!({
        "type": "object",
        "properties": {
            "success": {"type": "boolean"},
            "answered": {"type": "boolean"},
            "stdout": text,
            "stderr": text,
            "result": {"description": "Of answer(), else the last expression"},
            "duration_ms": {"type": "integer"},
            "calls": {"type": "array", "items": {"type": "object"}},
            "diagnostics": {"type": ["object", "null"], "description": "code, message, line, hint"},
        },
        "required": ["success", "answered", "stdout", "stderr", "result", "duration_ms", "calls", "diagnostics"],
    });
    tool(EXECUTE_CODE, "Run Python", description, input, output).with_annotations(
        ToolAnnotations::new()
            .read_only(false)
            .destructive(true)
            .idempotent(false)
            .open_world(true),
    )
}

/// `search_tools`
pub(super) fn search_tools() -> Tool {
    let input = json!({
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "What a function should do, in a few English words"},
            "limit": {"type": "integer", "minimum": 1, "maximum": MAX_HITS, "default": 10},
        },
        "required": ["query"],
        "additionalProperties": false,
    });
    let text = json!({"type": "string"});
    let found = json!({"type": "object", "properties": {"name": text, "signature": text, "doc": text}});
    let output = listed("tools", &found);
    tool(
        SEARCH_TOOLS,
        "Search functions",
        "Find functions for `execute_code` by what they do: signatures, the best first.",
        input,
        output,
    )
    .with_annotations(looks_up())
}

/// `describe_tools`
pub(super) fn describe_tools() -> Tool {
    let input = json!({
        "type": "object",
        "properties": {"names": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MAX_NAMES,
            "description": "Each `server.tool`",
        }},
        "required": ["names"],
        "additionalProperties": false,
    });
    let text = json!({"type": "string"});
    let found = json!({"type": "object", "properties": {"name": text, "text": text, "error": text}});
    let output = listed("tools", &found);
    tool(
        DESCRIBE_TOOLS,
        "Describe functions",
        "Full signatures and documentation of functions for `execute_code`.",
        input,
        output,
    )
    .with_annotations(looks_up())
}

/// `solve_task`
pub(super) fn solve_task() -> Tool {
    let input = json!({
        "type": "object",
        "properties": {
            "task": {"type": "string", "description": "In your words, with all that it needs"},
            "returns": {
                "type": "string",
                "description": "The answer's type, such as `count: int, files: list[str]`",
            },
        },
        "required": ["task"],
        "additionalProperties": false,
    });
    let output = json!({
        "type": "object",
        "properties": {
            "run_id": {"type": "string"},
            "status": {"enum": ["answered", "gave_up", "failed", "budget", "cancelled"]},
            "answer": {"description": "Of the type that was asked for"},
            "error": {"type": ["string", "null"]},
            "steps": {"type": "integer"},
            "usage": {"type": "object"},
            "duration_ms": {"type": "integer"},
        },
        "required": ["run_id", "status", "answer", "error", "steps", "usage", "duration_ms"],
    });
    tool(
        SOLVE_TASK,
        "Solve a task",
        "Have another language model, which sees nothing but `task`, do it with scripts over the functions of \
         `execute_code`; costs its tokens and may take minutes.",
        input,
        output,
    )
    .with_annotations(
        ToolAnnotations::new()
            .read_only(false)
            .destructive(true)
            .idempotent(false)
            .open_world(true),
    )
}

fn tool(name: &'static str, title: &str, description: &str, input: Value, output: Value) -> Tool {
    let mut tool = Tool::new(name, description.to_owned(), schema(input)).with_title(title);
    tool.output_schema = Some(schema(output));
    tool
}

fn looks_up() -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(true)
        .idempotent(true)
        .open_world(false)
}

/// An object with one list.
fn listed(name: &str, item: &Value) -> Value {
    json!({"type": "object", "properties": {name: {"type": "array", "items": item}}, "required": [name]})
}

fn schema(schema: Value) -> Arc<JsonObject> {
    match schema {
        Value::Object(schema) => Arc::new(schema),
        _ => unreachable!("each schema here is an object"),
    }
}
