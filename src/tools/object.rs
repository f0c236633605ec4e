//! The keys of an object schema, wherever the schema says them.
//!
//! - Work is bounded, whatever refers to whatever.

use serde_json::{Map, Value};

/// Branches of `allOf`, `anyOf` and `oneOf` that are read.
const MAX_BRANCHES: usize = 8;
/// References and branches followed one below the other.
const MAX_DEPTH: usize = 4;
/// Schemas read for one object.
const MAX_VISITS: usize = 500;
/// Keys of one object; with more it counts as open.
const MAX_PROPERTIES: usize = 500;

/// One property of an object schema.
#[derive(Debug, Clone)]
pub struct Property<'a> {
    /// As in JSON.
    pub key: &'a str,
    /// Its schema.
    pub schema: &'a Value,
    /// Whether the object must have it.
    pub required: bool,
}

/// What an object schema says of its keys, its branches and references taken together.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    /// In the order of the schema.
    pub properties: Vec<Property<'a>>,
    /// Whether other keys may be meant: `additionalProperties` allows them, or nothing is said of keys at all.
    pub open: bool,
}

/// What a schema says of an object's keys: its own, those it refers to, all of `allOf` and any of `anyOf` and `oneOf`.
pub fn object<'a>(root: &'a Value, schema: &'a Value) -> Object<'a> {
    let mut object = Object {
        properties: Vec::new(),
        open: true,
    };
    let mut visits = 0;
    gather(root, schema, &mut object, 0, &mut visits);
    if object.properties.len() > MAX_PROPERTIES {
        object.properties.truncate(MAX_PROPERTIES);
        object.open = true;
    }
    object
}

fn gather<'a>(root: &'a Value, schema: &'a Value, into: &mut Object<'a>, depth: usize, visits: &mut usize) {
    static UNKNOWN: Value = Value::Bool(true);
    let Value::Object(map) = schema else { return };
    *visits += 1;
    if depth > MAX_DEPTH || *visits > MAX_VISITS {
        return;
    }
    if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|r| resolve(root, r)) {
        gather(root, target, into, depth + 1, visits);
    }
    let mut add =
        |key: &'a str, schema: &'a Value, required: bool| match into.properties.iter_mut().find(|p| p.key == key) {
            Some(known) => known.required |= required,
            None => into.properties.push(Property { key, schema, required }),
        };
    let required: Vec<&str> = map
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(MAX_PROPERTIES + 1)
        .collect();
    if let Some(Value::Object(properties)) = map.get("properties") {
        for (key, schema) in properties.iter().take(MAX_PROPERTIES + 1) {
            add(key, schema, required.contains(&key.as_str()));
        }
        into.open = map.contains_key("patternProperties");
    }
    for part in map
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MAX_BRANCHES)
    {
        let open = into.open;
        gather(root, part, into, depth + 1, visits);
        into.open &= open;
    }
    gather_branches(root, map, into, depth, visits);
    for key in required {
        match into.properties.iter_mut().find(|p| p.key == key) {
            Some(known) => known.required = true,
            None => into.properties.push(Property {
                key,
                schema: &UNKNOWN,
                required: true,
            }),
        }
    }
    match map.get("additionalProperties") {
        Some(Value::Bool(false)) => into.open = false,
        Some(Value::Bool(true) | Value::Object(_)) => into.open = true,
        _ => {}
    }
}

/// A key is required by branches only if each of them requires it.
fn gather_branches<'a>(
    root: &'a Value,
    map: &'a Map<String, Value>,
    into: &mut Object<'a>,
    depth: usize,
    visits: &mut usize,
) {
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = map.get(key) else {
            continue;
        };
        let read: Vec<Object> = branches
            .iter()
            .take(MAX_BRANCHES)
            .map(|branch| {
                let mut object = Object {
                    properties: Vec::new(),
                    open: true,
                };
                gather(root, branch, &mut object, depth + 1, visits);
                object
            })
            .collect();
        let everywhere = |key: &str| {
            branches.len() <= MAX_BRANCHES
                && read
                    .iter()
                    .all(|branch| branch.properties.iter().any(|p| p.key == key && p.required))
        };
        for property in read.iter().flat_map(|branch| &branch.properties) {
            let required = everywhere(property.key);
            match into.properties.iter_mut().find(|p| p.key == property.key) {
                Some(known) => known.required |= required,
                None => into.properties.push(Property {
                    required,
                    ..property.clone()
                }),
            }
        }
        if !read.is_empty() && read.iter().all(|branch| !branch.open) {
            into.open = false;
        }
    }
}

/// What a `$ref` within the same document refers to.
pub fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let path = reference
        .strip_prefix('#')?
        .replace("%24", "$")
        .replace("%7B", "{")
        .replace("%7D", "}");
    root.pointer(&path.replace("%20", " "))
}
