//! What answers a script's tool call, for every command alike: policy, argument check, dispatch,
//! time limit, masking, and the list of calls.
//!
//! - A refused call never reaches a server; a denied tool is not in the catalog.
//! - What is recorded is masked; what a script gets is not.

mod approval;
mod arguments;
mod artifacts;
mod calls;
pub mod interface;
mod mask;
pub mod policy;
mod results;
mod search;
pub mod trust;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

pub use approval::{Approval, Approvals, Ask, Question};
pub use mask::Masker;

use crate::{
    sandbox::{
        self, ToolCall, ToolReply,
        execution::{Call, CallStatus},
    },
    tools::{
        RawTool,
        catalog::{Catalog, ListedServer, Server, Tool},
        connection::{CallError, Connection},
        names::Names,
        servers::Results,
    },
    wire::{Reply, Stream, ValueKind},
};
use arguments::Checker;
use artifacts::Artifacts;
use calls::{Calls, End};
use policy::{Access, Decision, Policy, Reason};
use results::TextResults;

/// The server name under which a script reaches the functions of the module `tools` itself.
const TOOLS: &str = "tools";

/// A server that runs, and what it offers.
pub struct Running {
    /// Its name in the configuration.
    pub name: String,
    /// From the configuration.
    pub description: Option<String>,
    /// Its tools as listed.
    pub tools: Vec<RawTool>,
    /// The way to it.
    pub connection: Arc<Connection>,
    /// Limit of one call.
    pub call_timeout: Duration,
    /// How its text is to be read.
    pub results: Results,
}

/// How a host treats calls.
#[derive(Debug)]
pub struct Rules {
    /// Who may call what.
    pub policy: Policy,
    /// Asks the user.
    pub approvals: Approvals,
    /// Hides secrets in what is recorded.
    pub masker: Masker,
    /// Largest result of a call, in bytes.
    pub max_result: usize,
    /// Characters that the record keeps of a `write` call's result.
    pub max_output: usize,
    /// Where the folder for artifacts is made.
    pub artifacts: PathBuf,
}

/// Something that goes on in a host.
#[derive(Debug)]
pub enum Event<'a> {
    /// A tool was called.
    CallStarted {
        /// Unique within the host.
        id: u64,
        /// The server's Python name.
        server: &'a str,
        /// The tool's raw name.
        tool: &'a str,
    },
    /// The call ended.
    CallEnded {
        /// As when it started.
        id: u64,
        /// The server's Python name.
        server: &'a str,
        /// The tool's raw name.
        tool: &'a str,
        /// How.
        status: CallStatus,
        /// Since its start.
        elapsed: Duration,
    },
    /// The script printed.
    Output {
        /// Where to.
        stream: Stream,
        /// As it came.
        text: &'a str,
    },
}

/// Takes events; must not block.
pub type Listener = Arc<dyn Fn(Event<'_>) + Send + Sync>;

/// The servers of a run behind one door.
pub struct Host {
    catalog: Catalog,
    servers: HashMap<String, Running>,
    rules: Rules,
    checkers: Mutex<HashMap<(String, String), Arc<Checker>>>,
    search: search::Search,
    artifacts: Artifacts,
    calls: Calls,
    ids: AtomicU64,
    listener: Listener,
}

impl Host {
    /// A host over running servers, named by `names`. Tools that the policy denies are left out of its catalog.
    pub fn new(running: Vec<Running>, names: &Names, rules: Rules, listener: Listener) -> Self {
        let listed = running.iter().map(|server| {
            let name = names.get(&server.name).unwrap_or(&server.name);
            let permitted = |tool: &&RawTool| {
                !matches!(
                    rules.policy.decide([&server.name, name], &tool.name, access(tool)),
                    Decision::Deny(_)
                )
            };
            ListedServer {
                raw: server.name.clone(),
                description: server.description.clone(),
                tools: server.tools.iter().filter(permitted).cloned().collect(),
            }
        });
        let catalog = Catalog::named(listed.collect(), names);
        let by_name = |server: Running| (names.get(&server.name).unwrap_or(&server.name).to_owned(), server);
        Self {
            search: search::Search::new(&catalog),
            servers: running.into_iter().map(by_name).collect(),
            catalog,
            artifacts: Artifacts::new(rules.artifacts.clone()),
            rules,
            checkers: Mutex::default(),
            calls: Calls::default(),
            ids: AtomicU64::new(1),
            listener,
        }
    }

    /// What scripts may call; fixed for the life of the host.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The ways to its servers.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.servers.values().map(|server| &*server.connection)
    }

    /// Hides secrets in text that leaves for a prompt or a record.
    pub fn masker(&self) -> &Masker {
        &self.rules.masker
    }

    async fn answer(&self, server: &str, tool: &str, arguments: &Map<String, Value>) -> Outcome {
        let running = self.servers.get(server).ok_or_else(|| self.unknown(server, tool))?;
        let listed = running.tools.iter().find(|listed| listed.name == tool);
        let access = listed.map_or(Access::Write, access);
        self.permit(running, server, tool, access, arguments).await?;
        let known = self
            .catalog
            .server(server)
            .and_then(|s| s.tools.iter().find(|t| t.raw.name == tool));
        let Some(known) = known else {
            return Err(self.unknown(server, tool));
        };
        self.checker(server, known).check(arguments).map_err(Refusal::failed)?;
        let result = running
            .connection
            .call(tool, arguments.clone(), running.call_timeout)
            .await;
        let result = result.map_err(|e| {
            let message = e.to_string();
            Refusal::Failed {
                message,
                data: if let CallError::Protocol { data, .. } = e {
                    data
                } else {
                    None
                },
            }
        })?;
        if result.is_error {
            let message = results::text(&result.content);
            let message = if message.is_empty() {
                "the tool failed without a message".to_owned()
            } else {
                message
            };
            return Err(Refusal::Failed {
                message,
                data: result.structured,
            });
        }
        let text_results = if running.results.is_text(tool) {
            TextResults::Keep
        } else {
            TextResults::Parse
        };
        let (kind, body) = results::value(result, known.unwrap.as_deref(), text_results, &self.artifacts)
            .map_err(|e| Refusal::failed(format!("cannot keep what it gave: {e}")))?;
        if body.len() > self.rules.max_result {
            return Err(Refusal::failed(format!(
                "its result of {} bytes is over the limit of {} MiB; ask for less, or raise `--max-result`",
                body.len(),
                self.rules.max_result >> 20
            )));
        }
        Ok((kind, body, access))
    }

    async fn permit(
        &self,
        running: &Running,
        server: &str,
        tool: &str,
        access: Access,
        arguments: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let name = format!("{}.{tool}", running.name);
        match self.rules.policy.decide([&running.name, server], tool, access) {
            Decision::Allow => Ok(()),
            Decision::Deny(Reason::Rule) => Err(Refusal::Denied(format!("`{name}` is denied by a rule of the user's"))),
            Decision::Deny(Reason::ReadOnly) => Err(Refusal::Denied(format!(
                "`{name}` may write, and the user allows reading only (`--read-only`)"
            ))),
            Decision::Ask => {
                let arguments = self.rules.masker.value(Value::Object(arguments.clone()));
                let question = Question {
                    server: running.name.clone(),
                    tool: tool.to_owned(),
                    arguments,
                };
                match self.rules.approvals.permits(question).await {
                    Some(true) => Ok(()),
                    Some(false) => Err(Refusal::Denied(format!("the user refused the call of `{name}`"))),
                    None => Err(Refusal::Denied(format!(
                        "`{name}` needs the user's approval, and there is no terminal to ask on; \
                         the user can add `--yes`"
                    ))),
                }
            }
        }
    }

    fn checker(&self, server: &str, tool: &Tool) -> Arc<Checker> {
        let key = (server.to_owned(), tool.raw.name.clone());
        let mut checkers = self.checkers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            checkers
                .entry(key)
                .or_insert_with(|| Arc::new(Checker::new(&tool.raw.input_schema))),
        )
    }

    fn unknown(&self, server: &str, tool: &str) -> Refusal {
        let near = self.catalog.tool(&format!("{server}.{tool}")).err().unwrap_or_default();
        let hint = if near.is_empty() {
            String::new()
        } else {
            format!("; did you mean `{}`", near.join("`, `"))
        };
        Refusal::failed(format!("there is no tool `{tool}` on a server `{server}`{hint}"))
    }

    /// Answers for the module `tools` itself.
    fn own(&self, function: &str, arguments: &Map<String, Value>) -> ToolReply {
        let answer = match function {
            "search" => self.search.search(&self.catalog, arguments),
            "list" => Ok(search::list(&self.catalog)),
            "describe" => search::describe(&self.catalog, arguments),
            "artifact" => return self.artifact(arguments),
            _ => Err(format!("`tools` has no function `{function}`")),
        };
        match answer {
            Ok(value) => reply(
                ValueKind::ToolJson,
                serde_json::to_vec(&value).expect("a JSON value is JSON"),
            ),
            Err(message) => failed(message),
        }
    }

    fn artifact(&self, arguments: &Map<String, Value>) -> ToolReply {
        let id = arguments.get("id").and_then(Value::as_u64).unwrap_or_default();
        match self.artifacts.bytes(id) {
            Ok(bytes) => reply(ValueKind::Bytes, bytes),
            Err(e) => failed(format!("cannot read the artifact: {e}")),
        }
    }

    fn record(&self, outcome: &Outcome) -> End {
        match outcome {
            Ok((_, body, access)) => End {
                status: CallStatus::Ok,
                error: None,
                bytes: body.len() as u64,
                result: (*access == Access::Write).then(|| self.kept(body)),
            },
            Err(Refusal::Failed { message, .. }) => self.refused(CallStatus::Error, message),
            Err(Refusal::Denied(message)) => self.refused(CallStatus::Denied, message),
        }
    }

    fn refused(&self, status: CallStatus, message: &str) -> End {
        End {
            status,
            error: Some(self.rules.masker.text(message)),
            bytes: 0,
            result: None,
        }
    }

    fn kept(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let end = text
            .char_indices()
            .nth(self.rules.max_output)
            .map_or(text.len(), |(end, _)| end);
        self.rules.masker.text(&text[..end])
    }
}

impl sandbox::Host for Host {
    async fn call(
        &self,
        ToolCall {
            server,
            tool,
            arguments,
        }: ToolCall,
    ) -> ToolReply {
        let Ok(arguments) = serde_json::from_slice::<Map<String, Value>>(&arguments) else {
            return failed("the arguments are no JSON object".to_owned());
        };
        if server == TOOLS {
            return self.own(&tool, &arguments);
        }
        let (server, tool) = self.names(server, tool);
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let masked = self.rules.masker.value(Value::Object(arguments.clone()));
        let place = self.calls.start(&server, &tool, masked);
        (self.listener)(Event::CallStarted {
            id,
            server: &server,
            tool: &tool,
        });
        let started = Instant::now();
        let outcome = self.answer(&server, &tool, &arguments).await;
        let end = self.record(&outcome);
        let status = end.status;
        self.calls.end(place, end);
        (self.listener)(Event::CallEnded {
            id,
            server: &server,
            tool: &tool,
            status,
            elapsed: started.elapsed(),
        });
        match outcome {
            Ok((kind, body, _)) => reply(kind, body),
            Err(Refusal::Failed { message, data }) => ToolReply {
                reply: Reply::Failed { message, data },
                body: Vec::new(),
            },
            Err(Refusal::Denied(message)) => ToolReply {
                reply: Reply::Denied { message },
                body: Vec::new(),
            },
        }
    }

    fn output(&self, stream: Stream, text: &str) {
        (self.listener)(Event::Output { stream, text });
    }

    fn take_calls(&self, ending: CallStatus) -> Vec<Call> {
        self.calls.take(ending)
    }
}

impl Host {
    /// The server's Python name and the tool's raw one, whichever of its names a script gave.
    fn names(&self, server: String, tool: String) -> (String, String) {
        let Some(known) = self.catalog.server(&server) else {
            return (server, tool);
        };
        let raw = known.tool(&tool).map_or(tool, |t| t.raw.name.clone());
        (known.name.clone(), raw)
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let servers: Vec<&str> = self
            .catalog
            .servers
            .iter()
            .map(|server: &Server| server.name.as_str())
            .collect();
        f.debug_struct("Host")
            .field("servers", &servers)
            .finish_non_exhaustive()
    }
}

type Outcome = Result<(ValueKind, Vec<u8>, Access), Refusal>;

/// Why a script gets no value.
enum Refusal {
    Failed { message: String, data: Option<Value> },
    Denied(String),
}

impl Refusal {
    fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            data: None,
        }
    }
}

/// What a tool may do, as its server says.
pub fn access(tool: &RawTool) -> Access {
    if tool.read_only { Access::Read } else { Access::Write }
}

fn reply(kind: ValueKind, body: Vec<u8>) -> ToolReply {
    ToolReply {
        reply: Reply::Value(kind),
        body,
    }
}

fn failed(message: String) -> ToolReply {
    ToolReply {
        reply: Reply::Failed { message, data: None },
        body: Vec::new(),
    }
}
