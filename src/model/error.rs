//! Why there is no completion.
//!
//! - A message is at most three lines: what happened and where, what the endpoint said, a hint.
//! - No message holds the key or the credentials of a URL.

use std::{io, path::PathBuf};

use super::ledger::Reached;

/// What to do where the account is used up.
pub(super) const NO_QUOTA: &str = "look at the account's balance and limits";

/// What to do where tools in a request are not taken.
pub(super) const NO_TOOLS: &str =
    "plain tool calling sends all tools to a model that must know how to call them; `--module codeact` needs neither";

/// Why there is no completion, after all retries that made sense.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The options cannot be used; nothing was sent.
    #[error("{message}")]
    Options {
        /// What is wrong, and a hint.
        message: String,
    },
    /// No connection.
    #[error("cannot reach the model at `{url}`: {reason}\n  start the model server, or set the base URL")]
    Unreachable {
        /// The base URL, masked.
        url: String,
        /// What the system said.
        reason: String,
    },
    /// 401 or 403.
    #[error("`{url}` refused the key ({status}): {message}\n  set `OPENAI_API_KEY` to a key of this endpoint")]
    Unauthorized {
        /// The base URL, masked.
        url: String,
        /// As sent by the endpoint.
        status: u16,
        /// What the endpoint said.
        message: String,
    },
    /// 404, or the endpoint says that it has no such model.
    #[error("no model `{model}` at `{url}`: {message}\n  check `--model`, and whether the base URL ends in `/v1`")]
    NoSuchModel {
        /// The base URL, masked.
        url: String,
        /// As asked for.
        model: String,
        /// What the endpoint said.
        message: String,
    },
    /// Prompt and reply do not fit.
    #[error(
        "the prompt is too long for the model at `{url}`: {message}\n  show it fewer tools, or use a model with a larger context"
    )]
    ContextTooLong {
        /// The base URL, masked.
        url: String,
        /// What the endpoint said.
        message: String,
    },
    /// Too many requests, to the last try.
    #[error(
        "`{url}` still limits the rate after {tries} tries: {message}\n  wait a while, or run fewer tasks at a time"
    )]
    RateLimited {
        /// The base URL, masked.
        url: String,
        /// How often it was asked.
        tries: u32,
        /// What the endpoint said.
        message: String,
    },
    /// Any other refusal.
    #[error("`{url}` refused the request ({status}): {message}\n  {hint}")]
    Refused {
        /// The base URL, masked.
        url: String,
        /// As sent by the endpoint.
        status: u16,
        /// What the endpoint said.
        message: String,
        /// What to do.
        hint: &'static str,
    },
    /// The reply did not come, or not to its end.
    #[error("no complete reply from `{url}`: {reason}\n  try again; if it stays so, look at the endpoint's log")]
    Broken {
        /// The base URL, masked.
        url: String,
        /// What was seen last.
        reason: String,
    },
    /// A budget of the run is used up; nothing was sent.
    #[error("{0}")]
    Budget(Reached),
    /// There is a limit of money, and nobody says what a reply costs.
    #[error(
        "`--max-cost` needs prices, and the model's endpoint does not say what a reply cost\n  set `MCM_PRICE_PROMPT` and `MCM_PRICE_COMPLETION`, each for a million tokens"
    )]
    Unpriced,
    /// The file given to `--replay` has no usable completion at this place.
    #[error("cannot replay `{}`, line {line}: {reason}\n  record it again with `--record`", path.display())]
    Replay {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A record cannot be opened, read or written.
    #[error("cannot use the record `{}`: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Whether any other prompt would fail in the same way.
    pub fn concerns_all_prompts(&self) -> bool {
        match self {
            Self::Options { .. }
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::NoSuchModel { .. }
            | Self::Unpriced
            | Self::Record { .. } => true,
            Self::Refused { hint, .. } => [NO_QUOTA, NO_TOOLS].contains(hint),
            Self::ContextTooLong { .. }
            | Self::RateLimited { .. }
            | Self::Broken { .. }
            | Self::Budget(_)
            | Self::Replay { .. } => false,
        }
    }
}
