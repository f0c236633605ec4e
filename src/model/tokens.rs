//! How many tokens a text costs.
//!
//! - Tables are built at first use, once, and only those of the models asked about.

use tiktoken_rs::{bpe_for_tokenizer, tokenizer::Tokenizer, tokenizer::get_tokenizer};

use super::Prompt;

/// What the chat format adds to each message, and before the reply.
const PER_MESSAGE: u64 = 3;

/// A number of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub tokens: u64,
    /// False where the model's own tokenizer is not known and `o200k` stands in for it.
    pub exact: bool,
}

/// Tokens of `text` for `model`, which may have a provider in front, as in `openai/gpt-4o`.
pub fn count(model: &str, text: &str) -> Count {
    let name = model.rsplit('/').next().unwrap_or(model);
    let known = get_tokenizer(name);
    let estimated = text.len().div_ceil(4) as u64;
    let tokens = bpe_for_tokenizer(known.unwrap_or(Tokenizer::O200kBase))
        .ok()
        .and_then(|table| table.encode(text, &Default::default()).ok())
        .map(|(tokens, _)| tokens.len() as u64);
    Count {
        tokens: tokens.unwrap_or(estimated),
        exact: known.is_some() && tokens.is_some(),
    }
}

/// Tokens of a whole prompt; the frame around messages is counted as OpenAI describes it.
pub fn count_prompt(model: &str, prompt: &Prompt) -> Count {
    let start = Count {
        tokens: PER_MESSAGE,
        exact: true,
    };
    prompt.messages.iter().fold(start, |sum, message| {
        let text = count(model, &message.content);
        // a role is one token
        Count {
            tokens: sum.tokens + PER_MESSAGE + 1 + text.tokens,
            exact: sum.exact && text.exact,
        }
    })
}
