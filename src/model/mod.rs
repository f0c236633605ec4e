//! A prompt in, a completion out.
//!
//! - Every wait has a limit and every buffer a cap; dropping the future ends the request.
//! - No error, debug output or record holds the key, nor credentials in a URL.

use std::{borrow::Cow, fmt, time::Duration};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::mask::Masker;

mod cost;
pub mod discover;
mod error;
pub(crate) mod fence;
mod guard;
pub mod ledger;
pub mod openai;
mod options;
pub mod rate;
mod refusal;
pub mod replay;
mod reply;
mod retry;
pub mod tokens;
mod tool;

pub use cost::{Cost, Prices};
pub use error::Error;
pub use options::masked_url;
pub use tool::{Tool, ToolCall};

/// Where completions come from.
#[derive(Debug)]
pub enum Model {
    /// An endpoint that speaks OpenAI's chat completions.
    OpenAi(openai::OpenAi),
    /// A file that [`replay::Recorder`] wrote.
    Replay(replay::Replay),
    /// The queries of scripts in such a file.
    Queries(replay::Queries),
    /// Any of these, each completion written to a file.
    Recorded(Box<Model>, replay::Recorder),
}

impl Model {
    /// Asks for one completion; `on` hears of it while it comes.
    ///
    /// # Errors
    ///
    /// See [`Error`]: all of them mean that trying the same again will not help.
    pub async fn complete(&self, prompt: &Prompt, on: &mut (dyn FnMut(Delta) + Send)) -> Result<Completion, Error> {
        match self {
            Self::OpenAi(endpoint) => endpoint.complete(prompt, on).await,
            Self::Replay(replay) => replay.complete(on),
            Self::Queries(queries) => queries.complete(prompt),
            Self::Recorded(model, recorder) => {
                let completion = Box::pin(model.complete(prompt, on)).await?;
                recorder.completion(prompt, &completion)?;
                Ok(completion)
            }
        }
    }
}

/// What goes on while a completion comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// A piece of the reply.
    Text(String),
    /// A piece of reasoning that is no part of the reply.
    Reasoning(String),
    /// The request failed and will be sent again; all pieces so far are void.
    Retry {
        /// Why, on one line.
        reason: String,
        /// Until the next try.
        wait: Duration,
    },
}

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Holds `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever must send or mask it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rules for the whole conversation.
    System,
    /// The user, or what became of the model's last script.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called by itself.
    Tool,
}

/// One message of a prompt; serialized as chat completions take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Markdown; of a tool, its result.
    pub content: String,
    /// Tools that the model calls with it.
    pub calls: Vec<ToolCall>,
    /// The id of the call whose result it is.
    pub result_of: Option<String>,
}

impl Message {
    /// One that has to do with no tool.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            calls: Vec::new(),
            result_of: None,
        }
    }

    /// What a call gave.
    pub fn result(of: &ToolCall, content: impl Into<String>) -> Self {
        Self {
            result_of: Some(of.id.clone()),
            ..Self::new(Role::Tool, content)
        }
    }

    /// The same without secrets; names of these `tools` are none, and another one that holds a secret becomes one that
    /// endpoints take.
    fn masked(&self, masker: &Masker, tools: &[Tool]) -> Self {
        let name = |name: &str| match tools.iter().any(|tool| tool.name == name) || masker.text(name) == name {
            true => name.to_owned(),
            false => "unknown".to_owned(),
        };
        let call = |call: &ToolCall| ToolCall {
            id: call.id.clone(),
            name: name(&call.name),
            arguments: masker.text(&call.arguments),
        };
        Self {
            role: self.role,
            content: masker.text(&self.content),
            calls: self.calls.iter().map(call).collect(),
            result_of: self.result_of.clone(),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // who says nothing besides calls has no content, as in the replies of endpoints
        let content = Some(&self.content).filter(|text| !text.is_empty() || self.calls.is_empty());
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("role", &self.role)?;
        map.serialize_entry("content", &content)?;
        if !self.calls.is_empty() {
            map.serialize_entry("tool_calls", &self.calls)?;
        }
        if let Some(id) = &self.result_of {
            map.serialize_entry("tool_call_id", id)?;
        }
        map.end()
    }
}

/// All that is sent to the model for one completion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Prompt {
    /// In order; a system message is the first.
    pub messages: Vec<Message>,
    /// Tools that the model may call by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
}

impl Prompt {
    /// Without tools.
    pub fn new(messages: Vec<Message>) -> Self {
        Self {
            messages,
            tools: Vec::new(),
        }
    }

    /// The same without secrets.
    #[must_use]
    pub fn masked(&self, masker: &Masker) -> Self {
        let tool = |tool: &Tool| Tool {
            name: tool.name.clone(),
            description: tool.description.as_deref().map(|text| masker.text(text)),
            parameters: masker.value(tool.parameters.clone()),
        };
        Self {
            messages: self
                .messages
                .iter()
                .map(|message| message.masked(masker, &self.tools))
                .collect(),
            tools: self.tools.iter().map(tool).collect(),
        }
    }

    /// All text in it: what messages say, calls, and tools as JSON.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let messages = self.messages.iter().flat_map(|message| {
            let calls = message.calls.iter().flat_map(|call| [&call.name, &call.arguments]);
            [&message.content].into_iter().chain(calls)
        });
        let tools = (!self.tools.is_empty()).then(|| {
            let text = serde_json::to_string(&self.tools).expect("strings and JSON values are JSON");
            Cow::Owned(text)
        });
        messages.map(|text| Cow::Borrowed(text.as_str())).chain(tools)
    }
}

/// What the model replied; an empty text is a reply too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The reply, without separately sent reasoning.
    pub text: String,
    /// Reasoning that came in a field of its own.
    pub reasoning: Option<String>,
    /// Tools that it calls, whatever `finish_reason` says.
    #[serde(rename = "tool_calls", default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// `stop`, `length`, … as the endpoint says.
    pub finish_reason: Option<String>,
    /// Tokens of this completion.
    pub usage: Usage,
}

impl Completion {
    /// The reply without thoughts.
    pub fn visible(&self) -> String {
        fence::visible(&self.text)
    }
}

/// Tokens counted by the endpoint; zero where it counts none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the reply, reasoning included.
    pub completion_tokens: u64,
    /// Their sum.
    pub total_tokens: u64,
    /// What they cost; absent where neither prices are set nor the endpoint says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

impl Usage {
    /// Both together; the cost is known only where both are.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
            cost: self.cost.zip(other.cost).map(|(one, two)| one.plus(two)),
        }
    }
}
