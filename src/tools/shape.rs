//! What the results of a tool look like: names and types, and nothing of their values.
//!
//! - Which results were seen counts, not in what order; only what grows over [`MAX_PARTS`] is cut as it comes.
//! - A key that may be data (an id, a path, one of many names) is in no shape: its dict is a `dict[str, …]`, and stays one.
//! - A shape has at most so many levels, keys and parts, whatever the results have.

mod look;
mod name;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Lists and dicts inside of each other.
const MAX_DEPTH: usize = 6;
/// Keys of one dict.
const MAX_KEYS: usize = 64;
/// Types and keys of one shape.
const MAX_PARTS: usize = 300;
/// Results that are counted.
const MAX_RESULTS: u64 = 1_000_000;

/// What some values look like, each of which is one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shape {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    plain: BTreeSet<Plain>,
    /// What its items look like; an empty shape where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<Box<Shape>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dict: Option<Box<Dict>>,
}

/// A type without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Plain {
    Bool,
    Int,
    Float,
    Str,
    Artifact,
    /// A dict without keys, beside dicts that have some.
    Empty,
    None,
    /// Whatever it is; nothing else stands beside it.
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Dict {
    /// The same keys each time.
    Keys(BTreeMap<String, Field>),
    /// Keys are data.
    Map(Shape),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    shape: Shape,
    /// Whether all dicts had it.
    always: bool,
}

/// The shape of the results of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// How many there were.
    pub results: u64,
    /// What they looked like.
    pub shape: Shape,
}

impl Observed {
    /// Of one result.
    pub fn one(shape: Shape) -> Self {
        Self {
            results: 1,
            shape: shape.fitted(),
        }
    }

    /// Of the results of both.
    pub fn join(self, other: Self) -> Self {
        Self {
            results: self.results.saturating_add(other.results).min(MAX_RESULTS),
            shape: self.shape.join(other.shape).fitted(),
        }
    }
}

impl Shape {
    /// Text.
    pub fn text() -> Self {
        Self::plain(Plain::Str)
    }

    /// An image or another blob.
    pub fn artifact() -> Self {
        Self::plain(Plain::Artifact)
    }

    /// A list of such values.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self {
            list: Some(Box::new(
                items.into_iter().fold(Self::default(), Self::join).cut(MAX_DEPTH - 1),
            )),
            ..Self::default()
        }
    }

    /// What all values look like that are like one of both.
    pub fn join(mut self, other: Self) -> Self {
        self.plain.extend(other.plain);
        self.list = match (self.list, other.list) {
            (Some(one), Some(other)) => Some(Box::new(one.join(*other))),
            (one, other) => one.or(other),
        };
        self.dict = match (self.dict, other.dict) {
            (Some(one), Some(other)) => Some(Box::new(one.join(*other))),
            (one, other) => one.or(other),
        };
        self.settled()
    }

    /// The same as it may be kept and shown, wherever it comes from: no key that `is_secret` or may be data, and not
    /// more than a shape may have.
    pub fn safe(self, is_secret: &dyn Fn(&str) -> bool) -> Self {
        self.named(is_secret).cut(MAX_DEPTH).fitted()
    }

    fn plain(plain: Plain) -> Self {
        Self {
            plain: BTreeSet::from([plain]),
            ..Self::default()
        }
    }

    fn settled(mut self) -> Self {
        if self.plain.contains(&Plain::Any) {
            return Self::plain(Plain::Any);
        }
        if matches!(self.dict.as_deref(), Some(Dict::Map(_))) {
            self.plain.remove(&Plain::Empty);
        }
        self
    }

    fn named(self, is_secret: &dyn Fn(&str) -> bool) -> Self {
        let named = |shape: Box<Self>| Box::new(shape.named(is_secret));
        let dict = self.dict.map(|dict| {
            Box::new(match *dict {
                Dict::Map(values) => Dict::Map(values.named(is_secret)),
                Dict::Keys(fields) => {
                    let all = fields.keys().all(|key| name::is_name(key) && !is_secret(key));
                    let fields = fields.into_iter().map(|(key, field)| {
                        let shape = field.shape.named(is_secret);
                        (key, Field { shape, ..field })
                    });
                    let dict = Dict::Keys(fields.collect());
                    if all { dict.settled() } else { dict.map() }
                }
            })
        });
        Self {
            plain: self.plain,
            list: self.list.map(named),
            dict,
        }
        .settled()
    }

    /// Without what is inside of more lists and dicts than that.
    fn cut(self, depth: usize) -> Self {
        let has_parts = self.list.is_some() || self.dict.is_some() || self.plain.contains(&Plain::Empty);
        if depth == 0 {
            return if has_parts { Self::plain(Plain::Any) } else { self };
        }
        let list = self.list.map(|items| Box::new(items.cut(depth - 1)));
        let dict = self.dict.map(|dict| Box::new(dict.each(|shape| shape.cut(depth - 1))));
        Self { list, dict, ..self }
    }

    fn fitted(self) -> Self {
        let mut shape = self;
        for depth in (1..MAX_DEPTH).rev() {
            if shape.parts() <= MAX_PARTS {
                break;
            }
            shape = shape.cut(depth);
        }
        shape
    }

    fn parts(&self) -> usize {
        let list = self.list.as_ref().map_or(0, |items| 1 + items.parts());
        let dict = self.dict.as_ref().map_or(0, |dict| match &**dict {
            Dict::Map(values) => 1 + values.parts(),
            Dict::Keys(fields) => fields.values().map(|field| 1 + field.shape.parts()).sum(),
        });
        self.plain.len() + list + dict
    }

    /// Whether the same types are among both, whatever their parts.
    fn is_like(&self, other: &Self) -> bool {
        self.plain == other.plain
            && self.list.is_some() == other.list.is_some()
            && self.dict.is_some() == other.dict.is_some()
    }
}

impl Dict {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Keys(mut fields), Self::Keys(others)) => {
                for (key, field) in &mut fields {
                    field.always &= others.contains_key(key);
                }
                for (key, other) in others {
                    let joined = match fields.remove(&key) {
                        Some(field) => Field {
                            shape: field.shape.join(other.shape),
                            always: field.always && other.always,
                        },
                        None => Field { always: false, ..other },
                    };
                    fields.insert(key, joined);
                }
                Self::Keys(fields).settled()
            }
            (one, other) => Self::Map(one.values().join(other.values())),
        }
    }

    /// Keys that are too many, or of which none is always there, are data.
    fn settled(self) -> Self {
        match &self {
            Self::Keys(fields) if fields.len() > MAX_KEYS => self.map(),
            Self::Keys(fields) if fields.len() > 1 && fields.values().all(|field| !field.always) => self.map(),
            _ => self,
        }
    }

    fn map(self) -> Self {
        Self::Map(self.values())
    }

    /// What all values look like.
    fn values(self) -> Shape {
        match self {
            Self::Map(values) => values,
            Self::Keys(fields) => fields
                .into_values()
                .fold(Shape::default(), |all, field| all.join(field.shape)),
        }
    }

    fn each(self, change: impl Fn(Shape) -> Shape) -> Self {
        match self {
            Self::Map(values) => Self::Map(change(values)),
            Self::Keys(fields) => Self::Keys(
                fields
                    .into_iter()
                    .map(|(key, field)| {
                        let shape = change(field.shape);
                        (key, Field { shape, ..field })
                    })
                    .collect(),
            ),
        }
    }
}
