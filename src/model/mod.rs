//! A prompt in, a completion out.
//!
//! - Every wait has a limit and every buffer a cap; dropping the future ends the request.
//! - No error, debug output or record holds the key, nor credentials in a URL.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::mask::Masker;

mod cost;
pub mod discover;
mod error;
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

pub use cost::{Cost, Prices};
pub use error::Error;
pub use options::masked_url;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rules for the whole conversation.
    System,
    /// The user, or what became of the model's last script.
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Markdown.
    pub content: String,
}

/// All that is sent to the model for one completion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// In order; a system message is the first.
    pub messages: Vec<Message>,
}

impl Prompt {
    /// The same without secrets.
    #[must_use]
    pub fn masked(&self, masker: &Masker) -> Self {
        let masked = |message: &Message| Message {
            role: message.role,
            content: masker.text(&message.content),
        };
        Self {
            messages: self.messages.iter().map(masked).collect(),
        }
    }
}

/// What the model replied; an empty text is a reply too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The reply, without separately sent reasoning.
    pub text: String,
    /// Reasoning that came in a field of its own.
    pub reasoning: Option<String>,
    /// `stop`, `length`, … as the endpoint says.
    pub finish_reason: Option<String>,
    /// Tokens of this completion.
    pub usage: Usage,
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
