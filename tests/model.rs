//! Promises of `model/`: completions from any endpoint, records of them, local endpoints, and token counts.

mod calls;
mod local;
mod records;
mod refusals;
mod replies;
mod trouble;

use std::{path::Path, time::Duration};

use mcm::model::{
    Completion, Delta, Error, Message, Model, Prompt, Role, Secret, Usage,
    discover::{self, Candidate},
    openai::{OpenAi, Options},
    replay::{Recorder, Replay},
    tokens,
};
use serde_json::{Value, json};

use crate::support::endpoint::{Endpoint, Gate, PATIENCE, Reply};

const KEY: &str = "sk-very/secret-0123456789";
/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1/v1";

fn options(endpoint: &Endpoint) -> Options {
    Options {
        api_key: Some(Secret::new(KEY)),
        idle_timeout: PATIENCE,
        total_timeout: PATIENCE,
        backoff: Duration::from_millis(1),
        ..Options::new(endpoint.base_url(), "test-model")
    }
}

fn prompt(text: &str) -> Prompt {
    Prompt::new(vec![
        Message::new(Role::System, "You write Python."),
        Message::new(Role::User, text),
    ])
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Asks once; what came, and what was heard meanwhile.
fn hear(model: &Model) -> (Result<Completion, Error>, Vec<Delta>) {
    let mut heard = Vec::new();
    let result = block_on(model.complete(&prompt("hello"), &mut |delta| heard.push(delta)));
    (result, heard)
}

fn ask_with(options: Options) -> (Result<Completion, Error>, Vec<Delta>) {
    hear(&Model::OpenAi(OpenAi::new(options).unwrap()))
}

fn ask(endpoint: &Endpoint) -> (Result<Completion, Error>, Vec<Delta>) {
    ask_with(options(endpoint))
}

fn completion(reply: Reply) -> Completion {
    ask(&Endpoint::start([reply])).0.unwrap()
}

/// The error after a single try.
fn error(reply: Reply) -> Error {
    let endpoint = Endpoint::start([reply]);
    ask_with(Options {
        tries: 1,
        ..options(&endpoint)
    })
    .0
    .unwrap_err()
}

fn retries(heard: &[Delta]) -> Vec<(&str, Duration)> {
    let retry = |delta| {
        if let &Delta::Retry { ref reason, wait } = delta {
            Some((reason.as_str(), wait))
        } else {
            None
        }
    };
    heard.iter().filter_map(retry).collect()
}

fn joined(heard: &[Delta]) -> String {
    heard
        .iter()
        .filter_map(|delta| {
            if let Delta::Text(text) = delta {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect()
}
