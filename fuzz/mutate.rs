//! Inputs made of other inputs.
//!
//! - The same numbers give the same inputs.
//! - What is JSON mostly stays JSON, and what is text stays near to its kind, so that inputs get past the first check.

use serde_json::{Value, json};

/// Longest input, in bytes.
const MAX: usize = 8 << 10;

/// Random numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).expect("below a usize")
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A change of `input`, for which `other` gives material.
pub fn mutate(random: &mut Random, input: &[u8], other: &[u8], words: &[&str]) -> Vec<u8> {
    let mut made = input.to_vec();
    for _ in 0..=random.below(4) {
        made = match random.below(8) {
            0..4 => {
                change_json(random, &made, other, words).unwrap_or_else(|| change_text(random, &made, other, words))
            }
            4..7 => change_text(random, &made, other, words),
            _ => change_bytes(random, made, other),
        };
    }
    made.truncate(MAX);
    made
}

/// A change of one JSON text inside: the whole, or the longest that ends where the input does.
fn change_json(random: &mut Random, input: &[u8], other: &[u8], words: &[&str]) -> Option<Vec<u8>> {
    let (start, mut value) = json_within(input)?;
    let donor = json_within(other).map_or(Value::Null, |(_, value)| value);
    let count = size(&donor);
    let piece = match random.below(3) {
        0 => odd(random, words),
        _ => nth(&donor, random.below(count)).clone(),
    };
    let count = size(&value);
    let at = nth_mut(&mut value, &mut random.below(count)).expect("it is below the size");
    match (random.below(6), &mut *at) {
        (0, Value::Object(map)) => {
            let key = (*random.pick(words)).to_owned();
            map.insert(key, piece);
        }
        (1, Value::Object(map)) if !map.is_empty() => {
            let key = map
                .keys()
                .nth(random.below(map.len()))
                .expect("it is below the length")
                .clone();
            map.shift_remove(&key);
        }
        (2, Value::Object(map)) if !map.is_empty() => {
            let key = map
                .keys()
                .nth(random.below(map.len()))
                .expect("it is below the length")
                .clone();
            let kept = map.shift_remove(&key).expect("it was there");
            let renamed = change_text(random, key.as_bytes(), b"_", words);
            map.insert(String::from_utf8_lossy(&renamed).into_owned(), kept);
        }
        (0..3, Value::Array(items)) => {
            let place = random.below(items.len() + 1);
            items.insert(place, piece);
        }
        (3, Value::String(text)) => {
            let changed = change_text(random, text.as_bytes(), other, words);
            *text = String::from_utf8_lossy(&changed).into_owned();
        }
        (4, inner) => {
            let inner = inner.take();
            *at = match random.below(4) {
                0 => json!([inner]),
                1 => json!({ "anyOf": [inner, piece] }),
                _ => json!({ (*random.pick(words)): inner }),
            };
        }
        (_, at) => *at = piece,
    }
    let mut made = input[..start].to_vec();
    serde_json::to_writer(&mut made, &value).expect("JSON into memory");
    Some(made)
}

/// Where in the first bytes of the input JSON begins that reaches to its end, and its value.
fn json_within(input: &[u8]) -> Option<(usize, Value)> {
    (0..input.len().min(3)).find_map(|start| {
        let value: Value = serde_json::from_slice(&input[start..]).ok()?;
        Some((start, value))
    })
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

fn nth(value: &Value, at: usize) -> &Value {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    let Some(mut left) = at.checked_sub(1) else {
        return value;
    };
    for value in inner {
        if left < size(value) {
            return nth(value, left);
        }
        left -= size(value);
    }
    value
}

fn nth_mut<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|value| nth_mut(value, left)),
        Value::Object(map) => map.values_mut().find_map(|value| nth_mut(value, left)),
        _ => None,
    }
}

/// A value that few expect.
fn odd(random: &mut Random, words: &[&str]) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(i64::MIN),
        3 => json!(u64::MAX),
        4 => json!(-0.0),
        5 => json!(1e300),
        6 => json!([]),
        7 => json!({}),
        8 => json!("\u{0}\"\\\n\u{202e}\u{1f600}'"),
        9 => (0..random.below(40)).fold(json!(1), |inner, _| json!([inner])),
        10 => json!(format!("#/{}/{}", random.pick(words), random.pick(words))),
        _ => json!(random.pick(words)),
    }
}

/// A change by whole words and lines.
fn change_text(random: &mut Random, input: &[u8], other: &[u8], words: &[&str]) -> Vec<u8> {
    let parts = parts(input);
    let (at, end) = (random.below(parts.len() + 1), random.below(6));
    let end = (at + end).min(parts.len());
    let word = match random.below(3) {
        0 => random.pick(words).as_bytes().to_vec(),
        _ => {
            let parts = self::parts(other);
            let from = random.below(parts.len());
            let to = (from + 1 + random.below(12)).min(parts.len());
            parts[from.min(to)..to].concat()
        }
    };
    let (head, tail) = (parts[..at].concat(), parts[end..].concat());
    match random.below(5) {
        // put in, replace, leave out, say twice, end
        0 => [head, word, parts[at..].concat()].concat(),
        1 => [head, word, tail].concat(),
        2 => [head, tail].concat(),
        3 => [head, parts[at..end].concat(), parts[at..end].concat(), tail].concat(),
        _ => [head, word].concat(),
    }
}

/// Words, spaces and single signs, as a tokenizer would find them.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | 0x80.. => 1,
        b' ' => 2,
        _ => 0,
    };
    text.chunk_by(|a, b| kind(a) == kind(b) && kind(a) != 0).collect()
}

fn change_bytes(random: &mut Random, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let at = random.below(input.len() + 1);
    let byte = *random.pick(&[0, 1, 0x7f, 0x80, 0xff, b'"', b'\\', b'\n', b'(', b'\xed', b'\'']);
    match random.below(5) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = byte,
        2 => input.insert(at, byte),
        3 => drop(input.drain(at..(at + random.below(16)).min(input.len()))),
        _ => {
            let from = random.below(other.len());
            let piece = other[from..(from + random.below(64)).min(other.len())].to_vec();
            input.splice(at..at, piece);
        }
    }
    input
}
