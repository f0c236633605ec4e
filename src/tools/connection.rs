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

use std::{collections::BTreeMap, collections::HashSet, io, path::Path, time::Duration};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use rmcp::{
    RoleClient, ServiceExt,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientCapabilities, ClientConfig, ClientRequest,
        CustomRequest, Implementation, RequestId, ServerResult,
    },
    service::{ClientInitializeError, Peer, PeerRequestOptions, RunningService, ServiceError},
    transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::timeout};

use self::{
    pipe::{Pipe, TOO_LARGE},
    process::{Process, Program, describe},
};
use super::{
    CallResult, RawTool,
    servers::{ServerEntry, Transport},
};

const MAX_PAGES: usize = 200;
const MAX_TOOLS: usize = 10_000;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_millis(200);
/// How long a server whose output has ended may take to be reaped.
const EXIT_LIMIT: Duration = Duration::from_millis(300);
/// What an answer may hold beyond the result itself.
const LINE_SLACK: usize = 64 << 10;
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
        let error = match started {
            Ok(Ok(service)) => {
                return Ok(Self {
                    entry: entry.clone(),
                    result_limit: launch.result_limit,
                    peer: service.peer().clone(),
                    service: Mutex::new(Some(service)),
                    process,
                });
            }
            Ok(Err(error)) => error,
            Err(_) => {
                let message = format!(
                    "it did not answer `initialize` within {} s",
                    launch.start_limit.as_secs_f64()
                );
                Failure {
                    message,
                    hint: Some("run its command by hand to see what it waits for".into()),
                }
            }
        };
        let message = match &process {
            Some(process) => with_end(error.message, process).await,
            None => error.message,
        };
        Err(StartError {
            server: entry.name.clone(),
            message: entry.mask(&message),
            hint: error.hint,
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
            // whatever comes of it, the process is ended below
            let _ = service.close_with_timeout(CLOSE_LIMIT).await;
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
            Ok(Ok(ServerResult::CustomResult(result))) => return Ok(result.0),
            Ok(Ok(typed)) => return Ok(serde_json::to_value(typed).unwrap_or_default()),
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
            ServiceError::TransportSend(error) => self.closed(&root_cause(error.error.as_ref())).await,
            ServiceError::TransportClosed => self.closed("it closed the connection").await,
            other => self.closed(&other.to_string()).await,
        })
    }

    async fn closed(&self, message: &str) -> CallError {
        let message = match &self.process {
            Some(process) => with_end(message.into(), process).await,
            None => message.into(),
        };
        CallError::Closed {
            message: self.entry.mask(&format!("server `{}`: {message}", self.entry.name)),
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

struct Failure {
    message: String,
    hint: Option<String>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}

async fn open(
    entry: &ServerEntry,
    launch: Launch<'_>,
    process: &mut Option<Process>,
) -> Result<RunningService<RoleClient, ClientConfig>, Failure> {
    let client = ClientConfig::new(
        ClientCapabilities::default(),
        Implementation::new("mcm", env!("CARGO_PKG_VERSION")),
    );
    let line_limit = launch.result_limit.saturating_add(LINE_SLACK);
    let service = match &entry.transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => {
            let inherited = launch.inherited.iter().filter(|(name, _)| is_inherited(name));
            let env = inherited
                .chain(env)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let started = Process::start(Program {
                command,
                args,
                env,
                cwd,
            })
            .await;
            let (started, stdout, stdin) = started.map_err(|e| cannot_start(command, cwd, &e))?;
            *process = Some(started);
            client.serve(Pipe::new(stdout, stdin, line_limit)).await
        }
        Transport::Http { url, headers } => client.serve(http(url, headers, line_limit)?).await,
    };
    service.map_err(|e| explain(e).into())
}

fn http(
    url: &str,
    headers: &[(String, String)],
    limit: usize,
) -> Result<StreamableHttpClientTransport<reqwest::Client>, Failure> {
    let mut map = reqwest::header::HeaderMap::new();
    for (name, value) in headers {
        let wrong = || format!("the header `{name}` cannot be sent");
        let key = reqwest::header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = reqwest::header::HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .default_headers(map)
        // a redirect would carry the headers to another host
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| root_cause(&e))?;
    let config = StreamableHttpClientTransportConfig::with_uri(url)
        .max_sse_event_size(limit)
        .max_json_response_size(limit);
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

fn is_inherited(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "HOME",
        "PATH",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "TERM",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "PIP_CERT",
        "AWS_CA_BUNDLE",
    ];
    const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
    NAMES.contains(&name)
        || name.starts_with("LC_")
        || name.starts_with("XDG_")
        || PROXIES.contains(&name.to_ascii_lowercase().as_str())
}

fn cannot_start(command: &str, cwd: &Path, error: &io::Error) -> Failure {
    if !cwd.is_dir() {
        return format!("its folder `{}` does not exist", cwd.display()).into();
    }
    match error.kind() {
        io::ErrorKind::NotFound => Failure {
            message: format!("the command `{command}` was not found"),
            hint: Some(match command {
                "npx" | "node" => "install Node.js, or write the full path of the command".into(),
                "uvx" | "uv" => "install uv, or write the full path of the command".into(),
                _ => "install it, or write its full path".into(),
            }),
        },
        io::ErrorKind::PermissionDenied => format!("the command `{command}` may not be executed").into(),
        _ => format!("the command `{command}` cannot be started: {error}").into(),
    }
}

fn explain(error: ClientInitializeError) -> String {
    match error {
        ClientInitializeError::JsonRpcError(error) => format!("it refused `initialize`: {}", error.message),
        ClientInitializeError::ConnectionClosed(_) => "it ended before it answered `initialize`".into(),
        ClientInitializeError::TransportError { error, .. } => root_cause(error.error.as_ref()),
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            "it speaks no version of MCP that is known here".into()
        }
        _ => "its answer to `initialize` cannot be understood".into(),
    }
}

/// The message, how the process ended if it has, and its last words.
async fn with_end(mut message: String, process: &Process) -> String {
    if let Some(status) = process.ended(EXIT_LIMIT).await {
        message += &format!(" ({})", describe(status));
    }
    let tail = process.tail();
    if !tail.is_empty() {
        message += &format!("; it wrote:\n{tail}");
    }
    message
}

/// The innermost cause; outer ones repeat addresses, which may hold a secret.
fn root_cause(mut error: &(dyn std::error::Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string().chars().take(500).collect()
}

fn too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let message = root_cause(error).to_ascii_lowercase();
    message.contains("exceed") && (message.contains("size") || message.contains("limit"))
}

fn of_size(size: Option<u64>) -> String {
    size.map_or_else(String::new, |size| format!(" of {size} bytes"))
}
