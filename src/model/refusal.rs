//! Reads what an endpoint says instead of a reply; a pure function of status and body.

use serde_json::Value;

/// Longest text of an endpoint that is shown, in characters.
const SHOWN: usize = 500;

/// What endpoints say when prompt and reply do not fit, in lower case: OpenAI, vLLM, llama.cpp, LM Studio, Ollama,
/// Anthropic, Gemini, Groq, Mistral, Bedrock.
const TOO_LONG: [&str; 21] = [
    "context_length_exceeded",
    "exceed_context_size",
    "context length exceeded",
    "maximum context length",
    "maximum model length",
    "maximum prompt length",
    "max_model_len",
    "context window",
    "available context size",
    "context size has been exceeded",
    "greater than the context length",
    "context the overflows",
    "model is loaded with context length",
    "n_keep",
    "exceeds the context length",
    "exceeds maximum context",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input token count",
    "reduce the length of the messages",
];

/// What endpoints say that take no tools, in lower case: vLLM, OpenRouter, llama.cpp and others; most name the field.
const NO_TOOLS: [&str; 6] = [
    "tool use",
    "tool choice",
    "tool calling",
    "tools param",
    "tool_choice",
    "function calling",
];

/// An error of the endpoint, with a status or inside a reply.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// HTTP status; for an error inside a reply the one it names, else 200.
    pub status: u16,
    /// The endpoint's words on one line, cut, secrets masked.
    pub message: String,
    /// `code`, `type` and `param` of the error and the whole message, in lower case.
    all: String,
    /// `param` of the error.
    param: String,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The key is missing, wrong or not allowed to.
    Unauthorized,
    /// No such model, or no such path.
    NoSuchModel,
    /// Prompt and reply do not fit.
    ContextTooLong,
    /// Too many requests; a later one may be served.
    RateLimited,
    /// Nothing left to spend.
    NoQuota,
    /// The endpoint is in trouble; a later request may be served.
    Overloaded,
    /// The request is not served, now or later.
    Refused,
}

impl Refusal {
    /// Reads the body of a refusal; `mask` takes secrets out of it.
    pub fn from_body(status: u16, body: &[u8], mask: &dyn Fn(&str) -> String) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => Self::from_error(status, value.get("error").unwrap_or(&value), mask),
            Err(_) if text.trim_start().starts_with('<') => {
                Self::new(status, "it answered with a web page", [""; 3], mask)
            }
            Err(_) => Self::new(status, &text, [""; 3], mask),
        }
    }

    /// Reads an `error` object, or whatever stands in its place.
    pub fn from_error(status: u16, error: &Value, mask: &dyn Fn(&str) -> String) -> Self {
        let field = |name: &str| error.get(name).map(plain).unwrap_or_default();
        let message = ["message", "detail", "msg", "error"]
            .iter()
            .map(|name| field(name))
            .find(|text| !text.is_empty());
        let message = message.unwrap_or_else(|| plain(error));
        let code = field("code");
        let status = match code.parse() {
            Ok(named @ 400..600) if status == 200 => named,
            _ => status,
        };
        Self::new(status, &message, [&code, &field("type"), &field("param")], mask)
    }

    fn new(status: u16, message: &str, fields: [&str; 3], mask: &dyn Fn(&str) -> String) -> Self {
        let all = format!("{} {message}", fields.join(" ")).to_lowercase();
        let line = one_line(&mask(message));
        let message = if line.is_empty() {
            "it gave no reason".to_owned()
        } else {
            line
        };
        Self {
            status,
            message,
            all,
            param: fields[2].to_lowercase(),
        }
    }

    /// Whether the request may be served without the field `name`.
    pub fn names(&self, name: &str) -> bool {
        matches!(self.status, 400 | 405 | 415 | 422 | 501)
            && self.meaning() == Meaning::Refused
            && (self.param == name || self.param.is_empty() && names_word(&self.all, name))
    }

    /// Whether it is the tools of the request that are not taken, now or later.
    pub fn is_about_tools(&self) -> bool {
        matches!(self.status, 400 | 404 | 405 | 415 | 422 | 500 | 501)
            && matches!(
                self.meaning(),
                Meaning::Refused | Meaning::NoSuchModel | Meaning::Overloaded
            )
            && (self.param.starts_with("tools")
                || names_word(&self.all, "tools")
                || NO_TOOLS.iter().any(|words| self.all.contains(words)))
    }

    /// What it means.
    pub fn meaning(&self) -> Meaning {
        let says = |words: &[&str]| words.iter().any(|word| self.all.contains(word));
        match self.status {
            401 | 403 => Meaning::Unauthorized,
            402 => Meaning::NoQuota,
            _ if says(&["insufficient_quota"]) => Meaning::NoQuota,
            _ if says(&["rate_limit"]) => Meaning::RateLimited,
            413 => Meaning::ContextTooLong,
            429 => Meaning::RateLimited,
            _ if says(&TOO_LONG) => Meaning::ContextTooLong,
            404 => Meaning::NoSuchModel,
            _ if says(&["model_not_found"]) => Meaning::NoSuchModel,
            501 | 505 => Meaning::Refused,
            408 | 409 | 500.. => Meaning::Overloaded,
            _ if says(&["invalid_api_key", "authentication_error"]) => Meaning::Unauthorized,
            _ if self.status == 200 && says(&["overloaded", "server_error", "unavailable", "timeout"]) => {
                Meaning::Overloaded
            }
            _ => Meaning::Refused,
        }
    }
}

/// `text` on one line, cut at what is shown.
pub fn one_line(text: &str) -> String {
    let mut words = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Whether `word` stands in `text` and is no part of a longer name.
fn names_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// A string as it is, nothing for null, all else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
