//! Text of unknown origin as Python: literals, comments and first sentences.
//!
//! - What a server wrote stays inside the literal or comment it is put into.
//! - Characters that cannot be seen are left out of one-line text.

use serde_json::Value;

/// A Python string literal on one line, in double quotes.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_invisible(c) => out.push_str(&escape(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A JSON value as a Python literal on one line.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(n) => n.to_string(),
        Value::String(s) => string(s),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<_> = map
                .iter()
                .map(|(k, v)| format!("{}: {}", string(k), literal(v)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// The text on one line, white space collapsed, without characters that cannot be seen.
pub fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of a text on one line, cut at a word with `…` when longer than `max` characters.
pub fn first_sentence(text: &str, max: usize) -> String {
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let line = one_line(paragraph);
    cut(&line[..sentence_end(&line)], max)
}

/// The text, cut at a word with `…` when longer than `max` characters.
pub fn cut(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let word = head.rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", head[..word].trim_end())
}

/// Bytes up to and including the full stop that ends the first sentence.
fn sentence_end(line: &str) -> usize {
    for (at, _) in line.match_indices(". ") {
        let before = &line[..at];
        let word = before.rsplit([' ', '(']).next().unwrap_or_default();
        let abbreviated = ["e.g", "i.e", "etc", "vs", "approx", "cf"].contains(&word.to_lowercase().as_str());
        if !abbreviated && !line[at + 2..].starts_with(char::is_lowercase) {
            return at + 1;
        }
    }
    line.len()
}

/// Zero-width, bidirectional and tag characters, and the line ends of Unicode.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn escape(c: char) -> String {
    match u32::from(c) {
        n @ 0..=0xff => format!("\\x{n:02x}"),
        n @ 0x100..=0xffff => format!("\\u{n:04x}"),
        n => format!("\\U{n:08x}"),
    }
}
