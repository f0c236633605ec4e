//! A prompt in, a completion out.

use serde::{Deserialize, Serialize};

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
    /// In order; the first is the system message.
    pub messages: Vec<Message>,
}

/// What the model replied.
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
}
