//! How many tokens a text costs.
//!
//! - Tables are built at first use, once, and only those of the models asked about.

use tiktoken_rs::{bpe_for_tokenizer, tokenizer::Tokenizer, tokenizer::get_tokenizer};

use super::Prompt;

/// What the chat format adds to each message, and before the reply.
const PER_MESSAGE: u64 = 3;
/// Counts where the model's own is not known.
const STAND_IN: Tokenizer = Tokenizer::O200kBase;

/// A number of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub tokens: u64,
    /// False where the model's own tokenizer is not known and `o200k` stands in for it.
    pub exact: bool,
}

/// The name of the tokenizer that counts for `model`.
pub fn tokenizer(model: &str) -> &'static str {
    match known(model).unwrap_or(STAND_IN) {
        Tokenizer::O200kHarmony => "o200k_harmony",
        Tokenizer::O200kBase => "o200k_base",
        Tokenizer::Cl100kBase => "cl100k_base",
        Tokenizer::P50kBase => "p50k_base",
        Tokenizer::R50kBase => "r50k_base",
        Tokenizer::P50kEdit => "p50k_edit",
        Tokenizer::Gpt2 => "gpt2",
    }
}

/// Tokens of `text` for `model`, which may have a provider in front, as in `openai/gpt-4o`.
pub fn count(model: &str, text: &str) -> Count {
    let known = known(model);
    let estimated = text.len().div_ceil(4) as u64;
    let tokens = bpe_for_tokenizer(known.unwrap_or(STAND_IN))
        .ok()
        .and_then(|table| table.encode(text, &Default::default()).ok())
        .map(|(tokens, _)| tokens.len() as u64);
    Count {
        tokens: tokens.unwrap_or(estimated),
        exact: known.is_some() && tokens.is_some(),
    }
}

fn known(model: &str) -> Option<Tokenizer> {
    get_tokenizer(model.rsplit('/').next().unwrap_or(model))
}

/// Tokens of a whole prompt; the frame around messages is counted as OpenAI describes it, tools and calls as the JSON that
/// they are sent as.
pub fn count_prompt(model: &str, prompt: &Prompt) -> Count {
    // a role is one token
    let frames = PER_MESSAGE + prompt.messages.len() as u64 * (PER_MESSAGE + 1);
    let start = Count {
        tokens: frames,
        exact: prompt.tools.is_empty(),
    };
    prompt.texts().fold(start, |sum, text| {
        let text = count(model, &text);
        Count {
            tokens: sum.tokens + text.tokens,
            exact: sum.exact && text.exact,
        }
    })
}
