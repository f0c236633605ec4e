//! A configuration file as a tree with places, whichever language it is written in.

use std::path::Path;

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{self, ObjectPropName},
    common::Ranged,
    parse_to_ast,
};
use serde_json::Value as Json;

use super::{FileError, Place, secrets};

/// A value and where it stands, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As typed, in decimal.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A key of a map, where it stands, and its value.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) at: usize,
    pub(super) node: Node,
}

/// What is wrong, and at which byte.
pub(super) type Found<T> = Result<T, (usize, String)>;

/// A file's text, and its path for messages.
pub(super) struct File<'a> {
    pub(super) text: &'a str,
    pub(super) path: &'a Path,
}

impl Node {
    /// The value of a key; the last one counts where it stands twice.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.members()?.iter().rev().find(|m| m.key == key).map(|m| &m.node)
    }

    pub(super) fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, for messages that may not show it.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "an array",
            Value::Map(_) => "an object",
        }
    }

    pub(super) fn json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone())),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(members) => Json::Object(members.iter().map(|m| (m.key.clone(), m.node.json())).collect()),
        }
    }
}

impl File<'_> {
    pub(super) fn place(&self, at: usize) -> Place {
        let before = &self.text[..at.min(self.text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    pub(super) fn error(&self, at: usize, message: String, hint: &str) -> FileError {
        let place = self.place(at);
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default();
        let shown = shown_line(line.trim()).map_or(String::new(), |line| format!(": {line}"));
        FileError {
            path: self.path.into(),
            place,
            message: message + &shown,
            hint: hint.into(),
        }
    }

    /// A value as it was typed, shortened, or only what it is where that might show a secret.
    pub(super) fn shown(&self, node: &Node) -> String {
        let typed = &self.text[node.at..node.end];
        match node.value {
            Value::Map(_) => node.kind().into(),
            _ if secrets::may_be_in(typed) => node.kind().into(),
            _ => format!("`{}`", excerpt(typed)),
        }
    }

    /// The tree of JSON with comments and trailing commas; `None` for a file without a value.
    pub(super) fn json(&self) -> Result<Option<Node>, FileError> {
        let options = ParseOptions {
            allow_comments: true,
            allow_trailing_commas: true,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let tree = parse_to_ast(self.text, &CollectOptions::default(), &options).map_err(|e| {
            let hint = "mend the line, or compare it with README.md";
            self.error(e.range().start, lower(&e.kind().to_string()), hint)
        })?;
        Ok(tree.value.as_ref().map(of_json))
    }
}

fn of_json(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    Node {
        at: range.start,
        end: range.end,
        value: match value {
            ast::Value::StringLit(text) => Value::Text(text.value.to_string()),
            ast::Value::NumberLit(number) => Value::Number(number.value.into()),
            ast::Value::BooleanLit(boolean) => Value::Bool(boolean.value),
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::Array(array) => Value::List(array.elements.iter().map(of_json).collect()),
            ast::Value::Object(object) => Value::Map(object.properties.iter().map(member).collect()),
        },
    }
}

fn member(property: &ast::ObjectProp<'_>) -> Member {
    Member {
        key: match &property.name {
            ObjectPropName::String(name) => name.value.to_string(),
            ObjectPropName::Word(name) => name.value.into(),
        },
        at: property.range.start,
        node: of_json(&property.value),
    }
}

/// A line for a message, as far as its first key: what follows may be a secret.
fn shown_line(line: &str) -> Option<String> {
    if ["", "{", "["].contains(&line) || secrets::may_be_in(line) {
        return None;
    }
    Some(match line.find([':', '=']) {
        Some(at) if at + 1 < line.len() => excerpt(&line[..=at]) + " …",
        _ => excerpt(line),
    })
}

pub(super) fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

pub(super) fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + chars.as_str()
    })
}
