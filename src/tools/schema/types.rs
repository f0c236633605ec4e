//! Python types.

use serde_json::Value;

use crate::tools::python;

/// Values and characters of a `Literal`; a longer one is its values' type.
const MAX_LITERAL: (usize, usize) = (24, 400);
/// Members of a union; a longer one is `Any`.
pub(super) const MAX_UNION: usize = 8;

/// A Python type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// A type without parameters: `str`, `Any`, `None`.
    Plain(&'static str),
    /// `list[T]`
    List(Box<Type>),
    /// `dict[str, T]`
    Dict(Box<Type>),
    /// `tuple[A, B]`: an array of fixed length
    Tuple(Vec<Type>),
    /// `A | B`, `None` last
    Union(Vec<Type>),
    /// `Literal[…]`: Python literals
    Literal(Vec<String>),
    /// A class of [`Classes`], by its place there.
    Class(usize),
}

/// `Any`
pub const ANY: Type = Type::Plain("Any");
/// `None`
pub(super) const NONE: Type = Type::Plain("None");

impl Type {
    /// Whether `None` is one of its values.
    pub fn is_nullable(&self) -> bool {
        match self {
            Type::Union(members) => members.contains(&NONE),
            other => *other == NONE || *other == ANY,
        }
    }

    /// Whether it holds a class that `wanted` accepts.
    pub fn refers_to(&self, wanted: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Type::Plain(_) | Type::Literal(_) => false,
            Type::List(inner) | Type::Dict(inner) => inner.refers_to(wanted),
            Type::Tuple(inner) | Type::Union(inner) => inner.iter().any(|ty| ty.refers_to(wanted)),
            Type::Class(at) => wanted(*at),
        }
    }

    /// The same with some parts replaced, looked at from the outside in.
    pub fn replaced(&self, by: &dyn Fn(&Type) -> Option<Type>) -> Type {
        let all = |types: &[Type]| types.iter().map(|ty| ty.replaced(by)).collect();
        match (by(self), self) {
            (Some(other), _) => other,
            (None, Type::List(item)) => Type::List(Box::new(item.replaced(by))),
            (None, Type::Dict(value)) => Type::Dict(Box::new(value.replaced(by))),
            (None, Type::Tuple(items)) => Type::Tuple(all(items)),
            (None, Type::Union(members)) => union(all(members)),
            (None, same) => same.clone(),
        }
    }

    /// Its Python text; `class` names the classes.
    pub fn text(&self, class: &dyn Fn(usize) -> String) -> String {
        let all = |types: &[Type], by| types.iter().map(|t| t.text(class)).collect::<Vec<_>>().join(by);
        match self {
            Type::Plain(name) => (*name).to_owned(),
            Type::List(item) => format!("list[{}]", item.text(class)),
            Type::Dict(value) => format!("dict[str, {}]", value.text(class)),
            Type::Tuple(items) => format!("tuple[{}]", all(items, ", ")),
            Type::Union(members) => all(members, " | "),
            Type::Literal(values) => format!("Literal[{}]", values.join(", ")),
            Type::Class(at) => class(*at),
        }
    }
}

/// The type of these values only; `None` where they are too many or too long, or no literals in Python.
pub(super) fn literals(values: &[Value]) -> Option<Type> {
    let (most, longest) = MAX_LITERAL;
    if values.len() > most {
        return None;
    }
    let plain = values
        .iter()
        .all(|v| matches!(v, Value::Null | Value::Bool(_) | Value::String(_)) || v.is_i64());
    let texts: Vec<_> = values.iter().map(python::literal).collect();
    let length: usize = texts.iter().map(|t| t.chars().count() + 2).sum();
    (plain && !texts.is_empty() && length <= longest).then(|| {
        let nullable = values.contains(&Value::Null);
        let texts: Vec<_> = texts.into_iter().filter(|t| t != "None").collect();
        match (texts.is_empty(), nullable) {
            (true, _) => NONE,
            (false, true) => Type::Union(vec![Type::Literal(texts), NONE]),
            (false, false) => Type::Literal(texts),
        }
    })
}

/// The type of all values of a [`Type::Literal`].
pub fn of_literals(values: &[String]) -> Type {
    let of = |text: &String| match text.as_str() {
        "True" | "False" => "bool",
        text if text.starts_with('"') => "str",
        _ => "int",
    };
    union(values.iter().map(|text| Type::Plain(of(text))).collect())
}

/// The type of this value.
pub(super) fn type_of(value: &Value) -> Type {
    Type::Plain(match value {
        Value::Null => "None",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    })
}

/// Any of these types, each once.
pub(super) fn union(types: Vec<Type>) -> Type {
    let mut members: Vec<Type> = Vec::new();
    for ty in types {
        let parts = if let Type::Union(inner) = ty { inner } else { vec![ty] };
        for part in parts {
            let literal = members.iter().position(|member| matches!(member, Type::Literal(_)));
            match (literal.map(|at| &mut members[at]), part) {
                (Some(Type::Literal(known)), Type::Literal(values)) => {
                    let new: Vec<_> = values.into_iter().filter(|value| !known.contains(value)).collect();
                    known.extend(new);
                }
                (_, part) => {
                    if !members.contains(&part) {
                        members.push(part);
                    }
                }
            }
        }
    }
    if members.is_empty() || members.len() > MAX_UNION || members.contains(&ANY) {
        return ANY;
    }
    members.sort_by_key(|ty| *ty == NONE);
    if members.len() == 1 {
        members.remove(0)
    } else {
        Type::Union(members)
    }
}
