//! What a result looks like to the script that gets it.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::{tools::shape::Shape, wire::ValueKind};

/// A block of a result of several, which has one of these.
#[derive(Deserialize)]
struct Block<'a> {
    text: Option<IgnoredAny>,
    #[serde(borrow)]
    json: Option<&'a RawValue>,
}

/// The shape of a value of this kind; `None` where nobody looks at it.
pub fn shape(kind: ValueKind, body: &[u8]) -> Option<Shape> {
    match kind {
        ValueKind::Text => Some(Shape::text()),
        ValueKind::Artifact => Some(Shape::artifact()),
        ValueKind::Json | ValueKind::ToolJson | ValueKind::JsonText => Shape::of_json(body),
        ValueKind::Blocks => {
            let blocks: Vec<Block<'_>> = serde_json::from_slice(body).ok()?;
            let shapes = blocks.iter().map(|block| match block {
                Block { text: Some(_), .. } => Some(Shape::text()),
                Block { json: Some(value), .. } => Shape::of_json(value.get().as_bytes()),
                Block { .. } => Some(Shape::artifact()),
            });
            Some(Shape::list(shapes.collect::<Option<Vec<_>>>()?))
        }
        ValueKind::Bytes => None,
    }
}
