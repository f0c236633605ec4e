//! Gathers a completion from whatever an endpoint calls a chunk or a reply.
//!
//! - Nothing is required: missing, null, unknown and oddly typed fields are read as absent.
//! - A reply counts as complete only by a finish reason, a closing usage, or a whole message.

use serde_json::Value;

mod calls;

use super::{Completion, Cost, Delta, Usage};
use calls::Calls;

/// Longest reply, reasoning included, in bytes.
pub const MAX_REPLY: usize = 4 << 20;

/// What has come so far.
#[derive(Debug, Default)]
pub struct Reply {
    text: String,
    reasoning: String,
    calls: Calls,
    finish_reason: Option<String>,
    usage: Usage,
    complete: bool,
}

/// The reply is longer than [`MAX_REPLY`].
#[derive(Debug)]
pub struct TooLong;

impl Reply {
    /// Adds one chunk, or a whole reply, and tells `on` what is new.
    pub fn take(&mut self, chunk: &Value, on: &mut (dyn FnMut(Delta) + Send)) -> Result<(), TooLong> {
        let choice = first_choice(chunk);
        let message = choice.and_then(|choice| field(choice, "message"));
        let delta = choice
            .and_then(|choice| field(choice, "delta"))
            .filter(|delta| !is_silent(delta));
        // some streams end with the whole message once more
        let fresh = self.text.is_empty() && self.reasoning.is_empty() && self.calls.is_empty();
        let source = delta.or(message.filter(|_| fresh));
        let (text, reasoning) = match (source, choice) {
            (Some(source), _) => (text_of(source), reasoning_of(source)),
            (None, Some(choice)) => (field(choice, "text").map(spoken).unwrap_or_default(), String::new()),
            (None, None) => Default::default(),
        };
        let calls = source.map(calls::of).unwrap_or_default();
        self.usage(chunk, text.is_empty() && reasoning.is_empty() && calls.is_empty());
        self.complete |= message.is_some();
        if let Some(reason) = choice
            .and_then(|choice| field(choice, "finish_reason"))
            .and_then(Value::as_str)
        {
            self.finish_reason = Some(reason.to_owned());
            self.complete = true;
        }
        calls.iter().for_each(|piece| self.calls.take(piece));
        let before = self.text.len() + self.reasoning.len() + self.calls.size();
        if before + text.len() + reasoning.len() > MAX_REPLY {
            return Err(TooLong);
        }
        if !reasoning.is_empty() {
            self.reasoning.push_str(&reasoning);
            on(Delta::Reasoning(reasoning));
        }
        if !text.is_empty() {
            self.text.push_str(&text);
            on(Delta::Text(text));
        }
        Ok(())
    }

    /// Whether it has come to its end.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The completion.
    pub fn into_completion(self) -> Completion {
        Completion {
            text: self.text,
            reasoning: Some(self.reasoning).filter(|text| !text.is_empty()),
            calls: self.calls.into_calls(),
            finish_reason: self.finish_reason,
            usage: self.usage,
        }
    }

    /// Takes over the counts; some endpoints send them with every chunk, so only a silent chunk closes a reply.
    fn usage(&mut self, chunk: &Value, silent: bool) {
        let Some(usage) = field(chunk, "usage").filter(|usage| usage.is_object()) else {
            return;
        };
        let count = |names: [&str; 2]| names.iter().find_map(|name| number(usage.get(name)?)).unwrap_or(0);
        let prompt_tokens = count(["prompt_tokens", "input_tokens"]);
        let completion_tokens = count(["completion_tokens", "output_tokens"]);
        let total_tokens = match count(["total_tokens", "total"]) {
            0 => prompt_tokens.saturating_add(completion_tokens),
            total => total,
        };
        self.usage = Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens,
            cost: usage.get("cost").and_then(amount).and_then(Cost::new),
        };
        self.complete |= silent && total_tokens > 0;
    }
}

/// A field that is there and not null.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|value| !value.is_null())
}

/// The choice number 0; others are answers that nobody asked for.
fn first_choice(chunk: &Value) -> Option<&Value> {
    let choices = field(chunk, "choices")?.as_array()?;
    choices
        .iter()
        .find(|choice| choice.get("index").and_then(number).unwrap_or(0) == 0)
}

fn is_silent(message: &Value) -> bool {
    text_of(message).is_empty() && reasoning_of(message).is_empty() && calls::of(message).is_empty()
}

/// Content, or the words with which the model refuses.
fn text_of(message: &Value) -> String {
    let content = field(message, "content").map(spoken).unwrap_or_default();
    match field(message, "refusal") {
        Some(refusal) if content.is_empty() => spoken(refusal),
        _ => content,
    }
}

/// Reasoning under any of its names; endpoints that send two send the same twice.
fn reasoning_of(message: &Value) -> String {
    let named = ["reasoning_content", "reasoning", "thinking"]
        .iter()
        .filter_map(|name| field(message, name).map(spoken))
        .find(|text| !text.is_empty());
    named.unwrap_or_else(|| {
        let parts = field(message, "content")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        parts.filter_map(|part| field(part, "thinking").map(spoken)).collect()
    })
}

/// The text of a string, a part, or a list of them.
fn spoken(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(spoken).collect(),
        Value::Object(part) => ["text", "content", "refusal"]
            .iter()
            .find_map(|name| part.get(*name).filter(|value| !value.is_null()))
            .map(spoken)
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// A number, also where it comes as text.
fn amount(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// A count, also where it comes as `12.0` or as text.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number
            .as_u64()
            .or_else(|| number.to_string().split('.').next()?.parse().ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
