//! The shape of one value, found while its JSON is read; no value is kept on the way.

use std::{cell::Cell, collections::BTreeMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Dict, Field, MAX_DEPTH, MAX_KEYS, Plain, Shape, name};

/// Bytes of the longest result that is looked at.
const MAX_BYTES: usize = 4 << 20;
/// Values of a result that are looked at; of lists that go on, the rest is left out.
const MAX_VALUES: usize = 20_000;
/// From so many keys on whose values are all alike, they are taken for data.
const MANY: usize = 8;

impl Shape {
    /// The shape of a JSON text; `None` where it is too long, or none.
    pub fn of_json(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let left = Cell::new(MAX_VALUES);
        let mut json = serde_json::Deserializer::from_slice(text);
        let look = Look { left: &left, depth: 0 };
        let shape = look.deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(shape)
    }
}

/// Looks at the value at this depth.
#[derive(Clone, Copy)]
struct Look<'a> {
    left: &'a Cell<usize>,
    depth: usize,
}

impl Look<'_> {
    fn inside(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        self.left.set(self.left.get().saturating_sub(1));
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Shape;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::Bool))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::Int))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::Int))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::Float))
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::plain(Plain::Str))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        if self.depth == MAX_DEPTH {
            IgnoredAny.visit_seq(items)?;
            return Ok(Shape::plain(Plain::Any));
        }
        let mut all = Shape::default();
        while self.left.get() > 0 {
            match items.next_element_seed(self.inside())? {
                Some(item) => all = all.join(item),
                None => break,
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape {
            list: Some(Box::new(all)),
            ..Shape::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        if self.depth == MAX_DEPTH {
            IgnoredAny.visit_map(entries)?;
            return Ok(Shape::plain(Plain::Any));
        }
        let mut fields = BTreeMap::new();
        let mut others: Option<Shape> = None;
        while let Some(key) = entries.next_key::<String>()? {
            if fields.len() > MAX_KEYS && self.left.get() == 0 {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let shape = entries.next_value_seed(self.inside())?;
            if name::is_name(&key) && fields.len() <= MAX_KEYS {
                // of two values of one key the last counts
                fields.insert(key, Field { shape, always: true });
            } else {
                others = Some(others.unwrap_or_default().join(shape));
            }
        }
        if fields.is_empty() && others.is_none() {
            return Ok(Shape::plain(Plain::Empty));
        }
        let are_alike = fields.len() >= MANY
            && fields
                .values()
                .next()
                .is_some_and(|first| fields.values().all(|field| field.shape.is_like(&first.shape)));
        let dict = match others {
            Some(others) => Dict::Map(Dict::Keys(fields).values().join(others)),
            None if are_alike => Dict::Keys(fields).map(),
            None => Dict::Keys(fields).settled(),
        };
        Ok(Shape {
            dict: Some(Box::new(dict)),
            ..Shape::default()
        })
    }
}
