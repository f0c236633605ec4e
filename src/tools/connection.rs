//! A running MCP server: started, asked for its tools, called, and ended.
//!
//! - Every wait has a limit, and a server that has died fails calls at once, saying how it ended.
//! - A result over the limit fails its own call only; the server stays usable.
//! - A call that is dropped or runs out of time is cancelled at the server.
//! - Dropping a [`Connection`] kills its process group at once; [`Connection::close`] asks first.
//! - No type of the MCP library leaves this module, and no secret of the entry any message.

mod lenient;
mod pipe;
mod process;
mod start;

use std::{
    collections::{BTreeMap, HashSet},
    sync::atomic::Ordering::Relaxed,
    time::Duration,
};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use rmcp::{
    RoleClient,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientConfig, ClientRequest, CustomRequest, RequestId,
        ServerResult,
    },
    service::{Peer, PeerRequestOptions, RunningService, ServiceError},
};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::timeout};

pub use self::process::kill_all;
use self::{
    pipe::TOO_LARGE,
    process::{Process, describe},
    start::{Failure, open, root_cause, too_large},
};
use super::{CallResult, RawTool, servers::ServerEntry};

const MAX_PAGES: usize = 200;
const MAX_TOOLS: usize = 10_000;
const CLOSE_LIMIT: Duration = Duration::from_millis(200);
/// How long a server whose output has ended may take to be reaped.
const EXIT_LIMIT: Duration = Duration::from_millis(300);
const METHOD_NOT_FOUND: i64 = -32_601;

/// What all servers are started with.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Variables of which a server gets those named in the contract.
    pub inherited: &'a BTreeMap<String, String>,
    /// Limit of starting, including the handshake.
    pub start_limit: Duration,
    /// Bytes of the longest answer.
    pub result_limit: usize,
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

/// The tools of a server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolList {
    /// In the server's order.
    pub tools: Vec<RawTool>,
    /// What was left out, and why.
    pub warnings: Vec<String>,
}

/// A running server.
pub struct Connection {
    entry: ServerEntry,
    result_limit: usize,
    peer: Peer<RoleClient>,
    service: Mutex<Option<RunningService<RoleClient, ClientConfig>>>,
    process: Option<Process>,
}

/// Starts all servers side by side; `report` hears of each as it is ready or has failed.
pub async fn start_all(
    entries: Vec<ServerEntry>,
    launch: Launch<'_>,
    mut report: impl FnMut(&ServerEntry, Result<(), &StartError>),
) -> Vec<(ServerEntry, Result<Connection, StartError>)> {
    let start = async |(index, entry): (usize, ServerEntry)| {
        let connection = Connection::start(&entry, launch).await;
        (index, entry, connection)
    };
    let mut starts: FuturesUnordered<_> = entries.into_iter().enumerate().map(start).collect();
    let mut started = Vec::new();
    while let Some((index, entry, connection)) = starts.next().await {
        report(&entry, connection.as_ref().map(|_| ()));
        started.push((index, entry, connection));
    }
    started.sort_by_key(|(index, ..)| *index);
    started
        .into_iter()
        .map(|(_, entry, connection)| (entry, connection))
        .collect()
}

/// Ends all servers side by side, within about three seconds.
pub async fn close_all(connections: impl IntoIterator<Item = &Connection>) {
    join_all(connections.into_iter().map(Connection::close)).await;
}

impl Connection {
    /// Starts a server, or connects to it, and shakes hands.
    ///
    /// # Errors
    /// It cannot be found, reached or understood, or takes too long.
    pub async fn start(entry: &ServerEntry, launch: Launch<'_>) -> Result<Self, StartError> {
        let mut process = None;
        let started = timeout(launch.start_limit, open(entry, launch, &mut process)).await;
        let Failure { message, hint } = match started {
            Ok(Ok(service)) => {
                return Ok(Self {
                    entry: entry.clone(),
                    result_limit: launch.result_limit,
                    peer: service.peer().clone(),
                    service: Mutex::new(Some(service)),
                    process,
                });
            }
            Ok(Err(mut error)) => {
                if let Some(process) = &process {
                    error.message += &end_of(process).await;
                }
                error
            }
            Err(_) => {
                let mut message = format!(
                    "it did not answer `initialize` within {} s",
                    launch.start_limit.as_secs_f64()
                );
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

    /// Whether calls can no longer succeed.
    pub fn is_closed(&self) -> bool {
        self.peer.is_transport_closed()
    }

    /// Lines on its standard output that were no message, and so were skipped.
    pub fn skipped_lines(&self) -> u64 {
        let skipped = self.process.as_ref().map(|process| process.skipped.load(Relaxed));
        skipped.unwrap_or_default()
    }

    /// Asks for all tools; `limit` bounds all pages together.
    ///
    /// # Errors
    /// A page could not be had. Tools that cannot be read are warnings.
    pub async fn list_tools(&self, limit: Duration) -> Result<ToolList, CallError> {
        timeout(limit, self.pages(limit))
            .await
            .unwrap_or(Err(CallError::TimedOut { limit }))
    }

    /// Calls a tool by the name that the server knows.
    ///
    /// # Errors
    /// The call failed on the way; that the tool itself failed is [`CallResult::is_error`].
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        limit: Duration,
    ) -> Result<CallResult, CallError> {
        let params = json!({ "name": tool, "arguments": arguments });
        Ok(lenient::result(self.request("tools/call", params, limit).await?))
    }

    /// Ends it: closes its input, waits shortly, then signals its process group.
    pub async fn close(&self) {
        if let Some(mut service) = self.service.lock().await.take() {
            let _ = service.close_with_timeout(CLOSE_LIMIT).await; // the process is ended below in any case
        }
        if let Some(process) = &self.process {
            process.stop().await;
        }
    }

    async fn pages(&self, limit: Duration) -> Result<ToolList, CallError> {
        let mut list = ToolList::default();
        let (mut names, mut cursors) = (HashSet::new(), HashSet::new());
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let params = cursor
                .as_ref()
                .map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
            let page = match self.request("tools/list", params, limit).await {
                Err(CallError::Protocol {
                    code: METHOD_NOT_FOUND, ..
                }) => return Ok(list),
                page => page?,
            };
            let Some(tools) = page.get("tools").and_then(Value::as_array) else {
                list.warnings.push("an answer to `tools/list` holds no `tools`".into());
                return Ok(list);
            };
            for tool in tools {
                match lenient::tool(tool) {
                    Ok(_) if list.tools.len() == MAX_TOOLS => {
                        list.warnings
                            .push(format!("tools after the first {MAX_TOOLS} are left out"));
                        return Ok(list);
                    }
                    Ok(tool) if names.insert(tool.name.clone()) => list.tools.push(tool),
                    Ok(tool) => list
                        .warnings
                        .push(format!("the tool `{}` is listed twice; the first counts", tool.name)),
                    Err(warning) => list.warnings.push(warning),
                }
            }
            cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
            match &cursor {
                None => return Ok(list),
                Some(next) if !cursors.insert(next.clone()) => {
                    list.warnings
                        .push("the list of tools repeats a page; the rest is left out".into());
                    return Ok(list);
                }
                Some(_) => {}
            }
        }
        list.warnings
            .push(format!("tools after the first {MAX_PAGES} pages are left out"));
        Ok(list)
    }

    async fn request(&self, method: &str, params: Value, limit: Duration) -> Result<Value, CallError> {
        if self.is_closed() {
            return Err(self.closed("it is not running any more").await);
        }
        let work = async {
            let request = ClientRequest::CustomRequest(CustomRequest::new(method, Some(params)));
            let handle = self
                .peer
                .send_cancellable_request(request, PeerRequestOptions::no_options())
                .await?;
            let mut guard = CancelOnDrop {
                peer: self.peer.clone(),
                id: Some(handle.id.clone()),
            };
            let answer = handle.await_response().await;
            guard.id = None;
            answer
        };
        let error = match timeout(limit, work).await {
            Ok(Ok(ServerResult::CustomResult(result))) => return self.within_limit(result.0),
            Ok(Ok(typed)) => return self.within_limit(serde_json::to_value(typed).unwrap_or_default()),
            Ok(Err(error)) => error,
            Err(_) => return Err(CallError::TimedOut { limit }),
        };
        Err(match error {
            ServiceError::McpError(error) if error.code.0 == TOO_LARGE => {
                let size = error
                    .data
                    .as_ref()
                    .and_then(|data| data.get("size"))
                    .and_then(Value::as_u64);
                CallError::TooLarge {
                    size,
                    limit: self.result_limit,
                }
            }
            ServiceError::McpError(error) => CallError::Protocol {
                code: error.code.0.into(),
                message: self.entry.mask(&error.message),
                data: error.data,
            },
            ServiceError::TransportSend(error) if too_large(error.error.as_ref()) => CallError::TooLarge {
                size: None,
                limit: self.result_limit,
            },
            ServiceError::TransportSend(error) if self.process.is_none() => {
                self.closed(&root_cause(error.error.as_ref())).await
            }
            ServiceError::TransportSend(_) | ServiceError::TransportClosed => {
                self.closed("it closed the connection").await
            }
            other => self.closed(&other.to_string()).await,
        })
    }

    /// Over HTTP an event may be longer than the limit, see `start`; a pipe has held to it already.
    fn within_limit(&self, result: Value) -> Result<Value, CallError> {
        if self.process.is_some() {
            return Ok(result);
        }
        match result.to_string().len() {
            size if size > self.result_limit => Err(CallError::TooLarge {
                size: Some(size as u64),
                limit: self.result_limit,
            }),
            _ => Ok(result),
        }
    }

    async fn closed(&self, message: &str) -> CallError {
        let end = match &self.process {
            Some(process) => end_of(process).await,
            None => String::new(),
        };
        CallError::Closed {
            message: self
                .entry
                .mask(&format!("server `{}`: {message}{end}", self.entry.name)),
        }
    }
}

/// Tells the server when nobody waits for an answer any more.
struct CancelOnDrop {
    peer: Peer<RoleClient>,
    id: Option<RequestId>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current()) {
            let peer = self.peer.clone();
            let params: Result<CancelledNotificationParam, _> =
                serde_json::from_value(json!({ "requestId": id, "reason": "nobody waits for it any more" }));
            if let Ok(params) = params {
                runtime.spawn(async move { peer.send_notification(CancelledNotification::new(params).into()).await });
            }
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
