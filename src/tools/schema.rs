//! JSON Schema as Python types.
//!
//! - Any JSON value is taken as a schema: what cannot be understood is `Any`.
//! - Work and result are bounded, whatever refers to whatever.

mod types;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    names,
    object::{Object, object, resolve},
    python,
};
pub use types::{ANY, Type, of_literals};
use types::{MAX_UNION, NONE, literals, type_of, union};

/// Schemas looked at for one tool; the rest is `Any`.
const MAX_NODES: usize = 4_000;
/// Nesting of schemas; deeper ones are `Any`.
const MAX_DEPTH: usize = 24;
/// Classes of one tool; further objects are `dict`.
const MAX_CLASSES: usize = 16;

/// One key of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As in JSON.
    pub key: String,
    /// The type of its value.
    pub ty: Type,
    /// Whether it is always there.
    pub required: bool,
    /// What its schema says of it besides its type, on one line; may be empty.
    pub note: String,
}

/// An object with known keys: a `TypedDict`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The name it would like to have; others may want the same.
    pub name: String,
    /// In the order of the schema.
    pub fields: Vec<Field>,
}

/// Reads the schemas of one tool that share a root, and collects their classes.
pub struct Reader<'a> {
    root: &'a Value,
    classes: &'a mut Vec<Class>,
    by_reference: HashMap<String, Type>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    /// A reader of schemas under `root`, which adds to `classes`.
    pub fn new(root: &'a Value, classes: &'a mut Vec<Class>) -> Self {
        Self {
            root,
            classes,
            by_reference: HashMap::new(),
            nodes: 0,
        }
    }

    /// The type of a schema; `name` is for the class, if it becomes one.
    pub fn read(&mut self, schema: &'a Value, name: &str) -> Type {
        self.read_at(schema, name, 0)
    }

    fn read_at(&mut self, schema: &'a Value, name: &str, depth: usize) -> Type {
        self.nodes += 1;
        let Value::Object(map) = schema else { return ANY };
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return ANY;
        }
        let ty = self.read_map(schema, map, name, depth);
        match map.get("nullable") {
            Some(Value::Bool(true)) => union(vec![ty, NONE]),
            _ => ty,
        }
    }

    fn read_map(&mut self, schema: &'a Value, map: &'a Map<String, Value>, name: &str, depth: usize) -> Type {
        if let Some(Value::String(reference)) = map.get("$ref") {
            return self.read_reference(reference, name, depth);
        }
        if let Some(value) = map.get("const") {
            return literals(std::slice::from_ref(value)).unwrap_or_else(|| type_of(value));
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            return literals(values).unwrap_or_else(|| union(values.iter().map(type_of).collect()));
        }
        for key in ["anyOf", "oneOf"] {
            match map.get(key) {
                Some(Value::Array(branches)) if !has_properties(map) => {
                    let types: Vec<_> = branches.iter().map(|b| self.read_at(b, name, depth + 1)).collect();
                    let ty = union(types);
                    if ty != ANY || !map.contains_key("type") {
                        return ty;
                    }
                }
                _ => {}
            }
        }
        match map.get("type") {
            Some(Value::String(kind)) => self.read_kind(kind, schema, map, name, depth),
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                union(
                    kinds
                        .map(|kind| self.read_kind(kind, schema, map, name, depth))
                        .collect(),
                )
            }
            _ if has_properties(map) || map.contains_key("additionalProperties") => {
                self.read_kind("object", schema, map, name, depth)
            }
            _ if map.contains_key("items") || map.contains_key("prefixItems") => {
                self.read_kind("array", schema, map, name, depth)
            }
            _ => match map.get("allOf") {
                Some(Value::Array(parts)) => self.read_all_of(schema, parts, name, depth),
                _ => ANY,
            },
        }
    }

    fn read_kind(
        &mut self,
        kind: &str,
        schema: &'a Value,
        map: &'a Map<String, Value>,
        name: &str,
        depth: usize,
    ) -> Type {
        match kind {
            "string" => Type::Plain("str"),
            "integer" => Type::Plain("int"),
            "number" => Type::Plain("float"),
            "boolean" => Type::Plain("bool"),
            "null" => NONE,
            "array" => self.read_array(map, name, depth),
            "object" => self.read_object(schema, map, name, depth),
            _ => ANY,
        }
    }

    fn read_array(&mut self, map: &'a Map<String, Value>, name: &str, depth: usize) -> Type {
        match (map.get("prefixItems"), map.get("items")) {
            (Some(Value::Array(items)), _) | (None, Some(Value::Array(items)))
                if (1..=MAX_UNION).contains(&items.len()) =>
            {
                Type::Tuple(items.iter().map(|item| self.read_at(item, name, depth + 1)).collect())
            }
            (_, Some(item)) => match self.read_at(item, name, depth + 1) {
                ANY => Type::Plain("list"),
                item => Type::List(Box::new(item)),
            },
            _ => Type::Plain("list"),
        }
    }

    fn read_object(&mut self, schema: &'a Value, map: &'a Map<String, Value>, name: &str, depth: usize) -> Type {
        let object = object(self.root, schema);
        if !object.properties.is_empty() {
            return if self.classes.len() < MAX_CLASSES {
                let at = self.reserve(name);
                self.fill(at, object, depth);
                Type::Class(at)
            } else {
                Type::Plain("dict")
            };
        }
        match map.get("additionalProperties") {
            Some(value @ Value::Object(_)) => match self.read_at(value, name, depth + 1) {
                ANY => Type::Plain("dict"),
                value => Type::Dict(Box::new(value)),
            },
            _ => Type::Plain("dict"),
        }
    }

    fn read_all_of(&mut self, schema: &'a Value, parts: &'a [Value], name: &str, depth: usize) -> Type {
        if !object(self.root, schema).properties.is_empty() {
            let Value::Object(map) = schema else { return ANY };
            return self.read_object(schema, map, name, depth);
        }
        let types = parts.iter().map(|part| self.read_at(part, name, depth + 1));
        types.filter(|ty| *ty != ANY).last().unwrap_or(ANY)
    }

    fn read_reference(&mut self, reference: &str, name: &str, depth: usize) -> Type {
        if let Some(known) = self.by_reference.get(reference) {
            return known.clone();
        }
        let Some(target) = resolve(self.root, reference) else {
            return ANY;
        };
        let name = match reference.rsplit('/').next() {
            Some(last) if reference.contains("efs/") || reference.contains("efinitions/") => names::camel_case(last),
            _ => name.to_owned(),
        };
        let found = object(self.root, target);
        if is_plain_object(target) && !found.properties.is_empty() && self.classes.len() < MAX_CLASSES {
            // known before its fields are read, so that it may contain itself
            let at = self.reserve(&name);
            self.by_reference.insert(reference.to_owned(), Type::Class(at));
            self.fill(at, found, depth);
            return Type::Class(at);
        }
        self.by_reference.insert(reference.to_owned(), ANY);
        let ty = self.read_at(target, &name, depth + 1);
        self.by_reference.insert(reference.to_owned(), ty.clone());
        ty
    }

    fn reserve(&mut self, name: &str) -> usize {
        self.classes.push(Class {
            name: name.to_owned(),
            fields: Vec::new(),
        });
        self.classes.len() - 1
    }

    fn fill(&mut self, at: usize, object: Object<'a>, depth: usize) {
        for property in object.properties {
            let ty = self.read_at(property.schema, &names::camel_case(property.key), depth + 1);
            let field = Field {
                key: property.key.to_owned(),
                ty,
                required: property.required,
                note: note(property.schema),
            };
            self.classes[at].fields.push(field);
        }
    }
}

/// The format of a text, and the description.
fn note(schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    let format = match text("format") {
        "date" => "ISO date",
        "date-time" => "ISO date and time",
        other => other,
    };
    let parts = [format, text("description")].map(python::one_line);
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("; ")
}

fn has_properties(map: &Map<String, Value>) -> bool {
    map.get("properties")
        .and_then(Value::as_object)
        .is_some_and(|p| !p.is_empty())
}

fn is_plain_object(schema: &Value) -> bool {
    schema
        .as_object()
        .is_some_and(|map| has_properties(map) && !map.contains_key("$ref"))
        && matches!(schema.get("type"), None | Some(Value::String(_)))
        && schema.get("nullable") != Some(&Value::Bool(true))
}
