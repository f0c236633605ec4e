//! A value in a model's reply.

use serde_json::{Value, json};

use super::Check;

/// Characters of a reply that a message shows.
const MAX_SHOWN: usize = 200;

/// The JSON value that a reply is, perhaps in a fence; or its text, where that fits and the value does not: a model that is
/// asked for a text often writes it without quotes. Messages call it `root`.
///
/// # Errors
/// One line: each place, what was expected there, and what was found.
pub fn read(reply: &str, check: &Check, root: &str) -> Result<Value, String> {
    let text = reply.trim();
    let as_text = json!(text);
    match serde_json::from_str::<Value>(unfenced(text)) {
        Ok(value) => match check.check(&value, root) {
            Err(_) if check.check(&as_text, root).is_ok() => Ok(as_text),
            checked => checked.map(|()| value),
        },
        Err(_) if check.check(&as_text, root).is_ok() => Ok(as_text),
        Err(_) => {
            let end = text.char_indices().nth(MAX_SHOWN).map(|(end, _)| end);
            let found = end.map_or_else(|| text.to_owned(), |end| format!("{}…", &text[..end]));
            Err(format!("at `{root}`: expected one JSON value, found {found:?}"))
        }
    }
}

/// What stands in the only fence of a reply, else all of it.
fn unfenced(text: &str) -> &str {
    // JSON may hold fences in its texts
    if text.starts_with(['{', '[', '"']) {
        return text;
    }
    let body = text
        .split_once("```")
        .and_then(|(_, after)| after.split_once('\n'))
        .and_then(|(_, body)| body.rsplit_once("```"))
        .filter(|(inside, _)| !inside.contains("```"));
    body.map_or(text, |(inside, _)| inside.trim())
}
