//! What a record keeps of a text or a value: masked, cut where it is long, and without a copy of the rest.

use serde_json::{Map, Value};

use super::Masker;

/// Bytes that are masked at a time.
const PIECE: usize = 16 << 10;
/// Characters kept of one text within a value.
const MAX_TEXT: usize = 64 << 10;
/// Bytes kept of a whole value, about.
const MAX_VALUE: usize = 256 << 10;
/// Bytes that a value counts for besides its text.
const ITEM: usize = 16;

/// The first `most` characters of a text, masked.
pub fn text(masker: &Masker, text: &str, most: usize) -> String {
    let (mut stream, mut kept, mut length, mut rest) = (masker.stream(), String::new(), 0, text);
    while !rest.is_empty() && length <= most {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        let given = stream.push(piece);
        length += given.chars().count();
        kept.push_str(&given);
        rest = after;
    }
    if rest.is_empty() {
        kept.push_str(&stream.finish());
        return cut(kept, most);
    }
    let end = kept.char_indices().nth(most).map_or(kept.len(), |(end, _)| end);
    let more = kept[end..].chars().count() + rest.chars().count();
    kept.truncate(end);
    format!("{kept}… ({more} more characters)")
}

/// The arguments of a call, masked.
pub fn arguments(masker: &Masker, arguments: &Map<String, Value>) -> Value {
    object(masker, arguments, &mut { MAX_VALUE })
}

/// The first characters of a text, saying that there were more.
pub fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        let more = text[end..].chars().count();
        text.truncate(end);
        text.push_str(&format!("… ({more} more characters)"));
    }
    text
}

/// `left` is what may still be kept; who finds nothing left says how much there was.
fn value(masker: &Masker, value: &Value, left: &mut usize) -> Value {
    *left = left.saturating_sub(ITEM);
    match value {
        Value::String(whole) => Value::String(short(masker, whole, left)),
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                if *left == 0 {
                    kept.push(Value::String(more(items.len() - kept.len())));
                    break;
                }
                kept.push(self::value(masker, item, left));
            }
            Value::Array(kept)
        }
        Value::Object(entries) => object(masker, entries, left),
        other => other.clone(),
    }
}

fn object(masker: &Masker, entries: &Map<String, Value>, left: &mut usize) -> Value {
    let mut kept = Map::new();
    for (nth, (key, item)) in entries.iter().enumerate() {
        if *left == 0 {
            kept.insert("…".to_owned(), Value::String(more(entries.len() - nth)));
            break;
        }
        let key = short(masker, key, left);
        kept.insert(key, value(masker, item, left));
    }
    Value::Object(kept)
}

fn short(masker: &Masker, whole: &str, left: &mut usize) -> String {
    let kept = text(masker, whole, MAX_TEXT.min(*left));
    *left = left.saturating_sub(kept.len());
    kept
}

fn more(items: usize) -> String {
    format!("… ({items} more)")
}
