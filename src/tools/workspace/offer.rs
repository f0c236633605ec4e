//! What the workspace offers: its tools as they are listed, with the schemas of arguments and results.
//!
//! - A result with the one property `result` reaches scripts as that value.
//! - Descriptions are short: all of this stands in every prompt.

use rmcp::model::Tool;
use serde_json::{Map, Value, json};

use crate::tools::servers::Permission;

/// A tool as it is written down here.
struct Offer {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    effect: Effect,
    /// Arguments in order; those whose schema has a `default` may be left out, and so may those named in `optional`.
    arguments: Vec<(&'static str, Value)>,
    optional: &'static [&'static str],
    result: Value,
}

/// What a call does to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    /// Nothing is lost; called again it does the same again.
    Adds,
    /// Nothing is lost; called again it does nothing.
    Ensures,
    /// What was there may be lost; called again it does nothing more.
    Replaces,
    /// What was there may be lost; called again it is another change.
    Moves,
}

/// Whether a tool of this name would change files.
pub(super) fn writes(name: &str) -> bool {
    matches!(name, "write" | "append" | "move" | "remove" | "make_folder")
}

/// The tools that this permission allows.
pub(super) fn tools(permission: Permission) -> Vec<Tool> {
    let mut offers = reading();
    if permission == Permission::Write {
        offers.extend(writing());
    }
    offers.into_iter().map(tool).collect()
}

fn reading() -> Vec<Offer> {
    vec![
        Offer {
            name: "list",
            title: "List a folder",
            description: "Everything in one folder, by name.",
            effect: Effect::Reads,
            arguments: vec![("path", path("."))],
            optional: &[],
            result: named(only(list_of(&reference("Entry"))), "Entry", entry()),
        },
        Offer {
            name: "glob",
            title: "Find files by name",
            description: "Paths of files below the root that match, such as `**/*.py`. Hidden and git-ignored files \
                          are left out unless `all` is set or the pattern names them; links and folders that may not \
                          be read are left out.",
            effect: Effect::Reads,
            arguments: vec![("pattern", text()), ("all", all())],
            optional: &[],
            result: only(list_of(&text())),
        },
        Offer {
            name: "stat",
            title: "Describe a file or folder",
            description: "What `list` says of one path.",
            effect: Effect::Reads,
            arguments: vec![("path", text())],
            optional: &[],
            result: named(whole(reference("Entry")), "Entry", entry()),
        },
        Offer {
            name: "read",
            title: "Read text",
            description: "A file's whole text, or `limit` of its lines.",
            effect: Effect::Reads,
            arguments: vec![
                ("path", text()),
                ("start_line", json!({ "type": "integer", "minimum": 1, "default": 1 })),
                ("limit", json!({ "type": "integer", "minimum": 0 })),
            ],
            optional: &["limit"],
            result: only(text()),
        },
        Offer {
            name: "search",
            title: "Search text",
            description: "Lines that match a regular expression; `total` counts those over `limit` too. Long lines \
                          are cut, and binary files are named in `skipped`.",
            effect: Effect::Reads,
            arguments: vec![
                ("pattern", text()),
                ("path", path(".")),
                ("glob", described(text(), "which files, such as `*.py`")),
                ("ignore_case", switch()),
                (
                    "context",
                    json!({ "type": "integer", "minimum": 0, "maximum": 50, "default": 0 }),
                ),
                (
                    "limit",
                    json!({ "type": "integer", "minimum": 0, "maximum": 10_000, "default": 1_000 }),
                ),
                ("per_file", json!({ "type": "integer", "minimum": 0 })),
                ("all", all()),
            ],
            optional: &["glob", "per_file"],
            result: named(found(), "Match", line()),
        },
    ]
}

fn writing() -> Vec<Offer> {
    vec![
        Offer {
            name: "write",
            title: "Write a file",
            description: "Makes or replaces a file; gives its size.",
            effect: Effect::Replaces,
            arguments: vec![("path", text()), ("text", text()), ("make_folders", switch())],
            optional: &[],
            result: only(integer()),
        },
        Offer {
            name: "append",
            title: "Append to a file",
            description: "Adds to a file's end, or makes it; gives its size.",
            effect: Effect::Adds,
            arguments: vec![("path", text()), ("text", text())],
            optional: &[],
            result: only(integer()),
        },
        Offer {
            name: "move",
            title: "Move or rename",
            description: "Moves or renames a file or folder; gives its new path.",
            effect: Effect::Moves,
            arguments: vec![("source", text()), ("destination", text()), ("overwrite", switch())],
            optional: &[],
            result: only(text()),
        },
        Offer {
            name: "remove",
            title: "Remove",
            description: "Removes a file or folder; gives how many there were.",
            effect: Effect::Replaces,
            arguments: vec![("path", text()), ("recursive", switch())],
            optional: &[],
            result: only(integer()),
        },
        Offer {
            name: "make_folder",
            title: "Make a folder",
            description: "Makes a folder and those above it; False if it is there.",
            effect: Effect::Ensures,
            arguments: vec![("path", text())],
            optional: &[],
            result: only(json!({ "type": "boolean" })),
        },
    ]
}

fn tool(offer: Offer) -> Tool {
    let is_optional =
        |(name, schema): &&(&str, Value)| schema.get("default").is_some() || offer.optional.contains(name);
    let required: Vec<&str> = offer
        .arguments
        .iter()
        .filter(|argument| !is_optional(argument))
        .map(|(name, _)| *name)
        .collect();
    let properties: Map<String, Value> = offer
        .arguments
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    let input = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let effect = offer.effect;
    let listed = json!({
        "name": offer.name,
        "title": offer.title,
        "description": offer.description,
        "inputSchema": input,
        "outputSchema": offer.result,
        "annotations": {
            "title": offer.title,
            "readOnlyHint": effect == Effect::Reads,
            "destructiveHint": matches!(effect, Effect::Replaces | Effect::Moves),
            "idempotentHint": matches!(effect, Effect::Reads | Effect::Ensures | Effect::Replaces),
            "openWorldHint": false,
        },
    });
    serde_json::from_value(listed).expect("it is written as a tool")
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn switch() -> Value {
    json!({ "type": "boolean", "default": false })
}

fn path(default: &str) -> Value {
    json!({ "type": "string", "default": default })
}

fn all() -> Value {
    described(switch(), "also hidden and git-ignored files")
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

/// A result that scripts see without the object around it.
fn only(schema: Value) -> Value {
    object(json!({ "result": schema }), &["result"])
}

fn list_of(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}

/// A schema that refers to another one, which gives the class its name in Python.
fn named(mut schema: Value, name: &str, definition: Value) -> Value {
    schema["$defs"] = json!({ name: definition });
    schema
}

/// A result's schema must say that it is an object, although what it refers to does.
fn whole(mut schema: Value) -> Value {
    schema["type"] = "object".into();
    schema
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn entry() -> Value {
    let properties = json!({
        "name": text(),
        "path": text(),
        "kind": { "enum": ["file", "folder", "link", "other"] },
        "size": integer(),
        "modified": described(text(), "ISO 8601, UTC"),
        "note": described(text(), "what is odd about it"),
    });
    object(properties, &["name", "path", "kind", "size", "modified"])
}

fn found() -> Value {
    let properties = json!({
        "matches": list_of(&reference("Match")),
        "total": integer(),
        "truncated": { "type": "boolean" },
        "skipped": list_of(&text()),
    });
    object(properties, &["matches", "total", "truncated", "skipped"])
}

fn line() -> Value {
    let properties = json!({
        "path": text(),
        "line": integer(),
        "text": text(),
        "before": list_of(&text()),
        "after": list_of(&text()),
    });
    object(properties, &["path", "line", "text"])
}
