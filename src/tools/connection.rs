//! A running MCP server: started, asked for its tools, called, and ended.
//!
//! - Every wait has a limit, and a server that has died fails calls at once, saying how it ended.
//! - A result over the limit fails its own call only; the server stays usable.
//! - A call that is dropped or runs out of time is cancelled at the server.
//! - Dropping a [`Connection`] kills its process group at once; [`Connection::close`] asks first.
//! - No type of the MCP library leaves this module, and no secret of the entry any message.

pub mod counterpart;
mod guardian;
mod handler;
mod http;
mod lenient;
mod list;
pub mod oauth;
mod pipe;
mod process;
mod request;
mod resources;
mod sse;
mod start;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use rmcp::{
    RoleClient,
    service::{Peer, RunningService},
};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::timeout};

pub use self::{
    counterpart::Counterpart,
    list::{Listing, ToolList},
    process::kill_all,
    request::CallLimits,
    resources::Completable,
};
use self::{
    counterpart::Progress,
    handler::Handler,
    oauth::Logins,
    process::{Process, describe},
    start::{Failure, open},
};
use super::{CallResult, servers::ServerEntry};

const CLOSE_LIMIT: Duration = Duration::from_millis(200);
/// How long a server whose output has ended may take to be reaped.
const EXIT_LIMIT: Duration = Duration::from_millis(300);
/// Characters of a version that count.
const MAX_VERSION: usize = 100;
/// How often a server may answer a request by asking for something first.
const MAX_ROUNDS: usize = 10;

/// Hears how far a call has come; must not block.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// What all servers are started with.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Variables of which a server gets those named in the contract.
    pub inherited: Arc<BTreeMap<String, String>>,
    /// Limit of starting, including the handshake, where the entry sets none.
    pub start_limit: Duration,
    /// Bytes of the longest answer.
    pub result_limit: usize,
    /// Where the user's logins are kept; `None`: nowhere.
    pub logins: Option<Logins>,
}

/// A server could not be started; nothing of it is left running.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("server `{server}`: {message}")]
pub struct StartError {
    /// Its name.
    pub server: String,
    /// What happened.
    pub message: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
}

/// A request failed. The server stays usable unless it is [`CallError::Closed`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// No answer in time; the server was told to stop.
    #[error("no answer within {} s", limit.as_secs_f64())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The server has ended or cannot be reached; later calls fail at once.
    #[error("{message}")]
    Closed {
        /// How it ended and what it wrote last.
        message: String,
    },
    /// The answer was over the limit and was thrown away.
    #[error("the result{} is over the limit of {limit} bytes: ask for less, such as a page or a part", of_size(*size))]
    TooLarge {
        /// Its size in bytes, where known.
        size: Option<u64>,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server refused this request by HTTP; others may succeed.
    #[error("{message}")]
    Refused {
        /// What it said.
        message: String,
    },
    /// The server answered with an error.
    #[error("{message} (code {code})")]
    Protocol {
        /// Its code.
        code: i64,
        /// Its message.
        message: String,
        /// Whatever it gave besides.
        data: Option<Value>,
    },
}

/// A running server.
pub struct Connection {
    entry: ServerEntry,
    result_limit: usize,
    peer: Peer<RoleClient>,
    handler: Handler,
    service: Mutex<Option<RunningService<RoleClient, Handler>>>,
    process: Option<Process>,
    /// It is being ended, which may take a while.
    closing: AtomicBool,
}

impl Connection {
    /// Starts a server, or connects to it, and shakes hands.
    ///
    /// # Errors
    /// It cannot be found, reached or understood, or takes too long.
    pub async fn start(entry: &ServerEntry, launch: &Launch, counterpart: Counterpart) -> Result<Self, StartError> {
        let mut process = None;
        let limit = entry.start_timeout.unwrap_or(launch.start_limit);
        let handler = Handler::new(entry, counterpart);
        let started = timeout(limit, open(entry, launch, handler.clone(), &mut process)).await;
        let Failure { message, hint } = match started {
            Ok(Ok(service)) => {
                return Ok(Self {
                    entry: entry.clone(),
                    result_limit: launch.result_limit,
                    peer: service.peer().clone(),
                    handler,
                    service: Mutex::new(Some(service)),
                    process,
                    closing: AtomicBool::new(false),
                });
            }
            Ok(Err(mut error)) => {
                if let Some(process) = &process {
                    error.message += &end_of(process).await;
                }
                error
            }
            Err(_) => {
                let mut message = format!("it did not answer `initialize` within {} s", limit.as_secs_f64());
                message += &process.as_ref().map_or_else(String::new, last_words);
                Failure {
                    message,
                    hint: Some("run its command by hand to see what it waits for".into()),
                }
            }
        };
        Err(StartError {
            server: entry.name.clone(),
            message: entry.mask(&message),
            hint,
        })
    }

    /// What it was started from.
    pub fn entry(&self) -> &ServerEntry {
        &self.entry
    }

    /// The version that it says it is of.
    pub fn version(&self) -> Option<String> {
        let info = self.peer.peer_info()?;
        let server = info.server_info.as_ref()?;
        Some(server.version.chars().take(MAX_VERSION).collect())
    }

    /// Whether calls can no longer succeed.
    pub fn is_closed(&self) -> bool {
        self.closing.load(Relaxed) || self.peer.is_transport_closed()
    }

    /// How it ended and what it wrote last, as far as that is known.
    pub async fn last_words(&self) -> String {
        match &self.process {
            Some(process) => self.entry.mask(&format!("it ended{}", end_of(process).await)),
            None => "its connection was lost".into(),
        }
    }

    /// Lines on its standard output that were no message, and so were skipped.
    pub fn skipped_lines(&self) -> u64 {
        let skipped = self.process.as_ref().map(|process| process.skipped.load(Relaxed));
        skipped.unwrap_or_default()
    }

    /// Calls a tool by the name that the server knows.
    ///
    /// # Errors
    /// The call failed on the way; that the tool itself failed is [`CallResult::is_error`].
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        limits: CallLimits,
        on_progress: Option<OnProgress>,
    ) -> Result<CallResult, CallError> {
        let params = json!({ "name": tool, "arguments": arguments });
        let result = self.ask("tools/call", params, limits, on_progress).await?;
        Ok(lenient::result(result))
    }

    /// A request that the server may answer by asking for something first, from 2026-07-28 on.
    async fn ask(
        &self,
        method: &str,
        mut params: Value,
        limits: CallLimits,
        on_progress: Option<OnProgress>,
    ) -> Result<Value, CallError> {
        let _engaged = self.handler.engage();
        for _ in 0..MAX_ROUNDS {
            let result = self
                .request(method, params.clone(), limits, on_progress.clone())
                .await?;
            if result.get("resultType").and_then(Value::as_str) != Some("input_required") {
                return Ok(result);
            }
            let mut responses = Map::new();
            for (key, wanted) in result
                .get("inputRequests")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let method = wanted.get("method").and_then(Value::as_str).unwrap_or_default();
                let answer = self
                    .handler
                    .answer(method, wanted.get("params").cloned().unwrap_or_default());
                let answer = answer.await.map_err(|e| CallError::Protocol {
                    code: e.code.0.into(),
                    message: e.message.into_owned(),
                    data: None,
                })?;
                responses.insert(key.clone(), answer);
            }
            params["inputResponses"] = Value::Object(responses);
            match (result.get("requestState"), params.as_object_mut()) {
                (Some(state), _) => params["requestState"] = state.clone(),
                (None, Some(params)) => drop(params.remove("requestState")),
                (None, None) => {}
            }
        }
        Err(CallError::Protocol {
            code: 0,
            message: format!("it asked for something {MAX_ROUNDS} times and did not answer"),
            data: None,
        })
    }

    /// Whether it still answers.
    ///
    /// # Errors
    /// It cannot be reached, or does not answer in time.
    pub async fn ping(&self, limit: Duration) -> Result<(), CallError> {
        match self.request("ping", json!({}), CallLimits::within(limit), None).await {
            // an answer, whatever it says
            Ok(_) | Err(CallError::Protocol { .. } | CallError::TooLarge { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends it: closes its input, waits shortly, then signals its process group.
    pub async fn close(&self) {
        self.closing.store(true, Relaxed);
        if let Some(mut service) = self.service.lock().await.take() {
            let _ = service.close_with_timeout(CLOSE_LIMIT).await; // the process is ended below in any case
        }
        if let Some(process) = &self.process {
            process.stop().await;
        }
    }
}

/// How the process ended, if it has, and its last words.
async fn end_of(process: &Process) -> String {
    let status = process.ended(EXIT_LIMIT).await;
    if status.is_some() {
        process.fell_silent(EXIT_LIMIT).await;
    }
    status.map_or_else(String::new, |status| format!(" ({})", describe(status))) + &last_words(process)
}

fn last_words(process: &Process) -> String {
    match process.tail() {
        tail if tail.is_empty() => tail,
        tail => format!("; it wrote:\n{tail}"),
    }
}

fn of_size(size: Option<u64>) -> String {
    size.map_or_else(String::new, |size| format!(" of {size} bytes"))
}
