//! The servers of a configuration behind one door, and the rules for calling them; shared by all runs.
//!
//! - A refused call never reaches a server; a denied tool is not in the catalog.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};

use super::{
    Masker,
    approval::{Approvals, Question, Said, Verdict},
    arguments::Checker,
    artifacts::Artifacts,
    news::News,
    observed,
    policy::{Access, Decision, Policy, Reason},
    results::{self, TextResults},
    running::{Running, access},
    search,
};
use crate::{
    tools::{
        CallResult, RawTool,
        catalog::{Catalog, ListedServer, Server, Tool},
        client::Client,
        connection::{CallError, CallLimits, Connection, OnProgress},
        context::Context,
        names::Names,
        observations::Observations,
    },
    wire::ValueKind,
};

/// Tools that fit a task best, whose servers are likely to be called.
const LIKELY: usize = 10;

/// How calls are treated.
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
    /// What changes while runs go on.
    pub news: News,
}

/// What a run has of its own at its calls.
pub(super) struct OfRun {
    pub(super) artifacts: Artifacts,
    pub(super) said: Arc<Said>,
}

/// The servers that run, under one catalog.
pub struct Toolbox {
    catalog: Catalog,
    servers: HashMap<String, Running>,
    /// Of all tools that each server lists, by the server's Python name.
    tool_names: HashMap<String, Names>,
    rules: Rules,
    checkers: Mutex<HashMap<(String, String), Arc<Checker>>>,
    search: search::Search,
}

impl Toolbox {
    /// Over running servers, named by `names`. Tools that the policy denies are left out of its catalog.
    pub fn new(running: Vec<Running>, names: &Names, rules: Rules) -> Self {
        let python = |server: &Running| names.get(&server.name).unwrap_or(&server.name).to_owned();
        let tool_names: HashMap<String, Names> = running
            .iter()
            .map(|server| (python(server), server.tool_names()))
            .collect();
        let listed = running.iter().map(|server| {
            let name = names.get(&server.name).unwrap_or(&server.name);
            let tools = &tool_names[name];
            let permitted = |tool: &&RawTool| {
                let names = [tool.name.as_str(), tools.get(&tool.name).unwrap_or(&tool.name)];
                let decision = rules
                    .policy
                    .decide([&server.name, name], names, access(tool), server.consent);
                !matches!(decision, Decision::Deny(_))
            };
            ListedServer {
                raw: server.name.clone(),
                description: server.description.clone(),
                tools: server
                    .tools
                    .iter()
                    .filter(permitted)
                    .map(|tool| tool.masked(&rules.masker))
                    .collect(),
            }
        });
        let mut catalog = Catalog::named(listed.collect(), names);
        for server in &running {
            for (tool, observed) in server.observations.before() {
                catalog.observe(&python(server), tool, observed.clone());
            }
        }
        let by_name = |server: Running| (python(&server), server);
        Self {
            search: search::Search::default(),
            tool_names,
            servers: running.into_iter().map(by_name).collect(),
            catalog,
            rules,
            checkers: Mutex::default(),
        }
    }

    /// What scripts may call; fixed for its life.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// At most `limit` tools that fit `query`, the best first: what scripts find by the same words.
    pub fn search(&self, query: &str, limit: usize) -> impl Iterator<Item = (&Server, &Tool)> {
        self.search.hits(&self.catalog, query, limit)
    }

    /// What a model is told of the tools, in `budget` tokens: all, or those that fit `task`.
    pub fn context(&self, task: Option<&str>, budget: usize) -> Context {
        self.search.context(&self.catalog, task, budget)
    }

    /// The ways to its servers.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.servers.values().map(|server| &*server.client)
    }

    /// What was seen of each server's results, and the server's version if it has started.
    pub fn observations(&self) -> impl Iterator<Item = (Arc<Observations>, Option<String>)> {
        let of = |server: &Running| (Arc::clone(&server.observations), server.client.version());
        self.servers.values().map(of)
    }

    /// What has changed since the catalog was made.
    pub fn news(&self) -> &News {
        &self.rules.news
    }

    /// Starts servers in the background that are likely to be called: for a task those whose tools fit its words,
    /// without one all of them.
    pub fn prepare(&self, task: Option<&str>) {
        let mut waiting: HashMap<&str, &Client> = HashMap::new();
        for (name, server) in self.servers.iter().filter(|(_, server)| !server.client.is_started()) {
            waiting.insert(name, &server.client);
        }
        let Some(task) = task.filter(|_| !waiting.is_empty()) else {
            return waiting.into_values().for_each(Client::prepare);
        };
        for server in self.search.likely(&self.catalog, task, LIKELY) {
            if let Some(client) = waiting.remove(server.name.as_str()) {
                client.prepare();
            }
        }
    }

    /// Hides secrets in text that leaves for a prompt or a record.
    pub fn masker(&self) -> &Masker {
        &self.rules.masker
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The server's Python name and the tool's raw one, whichever of its names a script gave.
    pub(super) fn names(&self, server: String, tool: String) -> (String, String) {
        let Some(known) = self.catalog.server(&server) else {
            return (server, tool);
        };
        let raw = known.tool(&tool).map_or(tool, |t| t.raw.name.clone());
        (known.name.clone(), raw)
    }

    /// Makes a call, if it may be made. Blobs of its result go to the run's artifacts.
    pub(super) async fn call(
        &self,
        server: &str,
        tool: &str,
        arguments: &Map<String, Value>,
        run: &OfRun,
        on_progress: OnProgress,
    ) -> Outcome {
        let running = self.servers.get(server).ok_or_else(|| self.unknown(server, tool))?;
        let listed = running.tools.iter().find(|listed| listed.name == tool);
        let access = listed.map_or(Access::Write, access);
        self.permit(running, (server, tool), (access, tool), arguments, &run.said)
            .await?;
        let known = self
            .catalog
            .server(server)
            .and_then(|s| s.tools.iter().find(|t| t.raw.name == tool));
        let Some(known) = known else {
            return Err(self.unknown(server, tool));
        };
        self.checker(server, known).check(arguments).map_err(Refusal::failed)?;
        let limits = CallLimits::new(running.call_timeout);
        let call = async |server: &Connection| {
            let called = server.call(tool, arguments.clone(), limits, Some(on_progress)).await;
            called.map(|result| (result, server.version()))
        };
        let (result, version) = running.client.on(call).await?;
        if result.is_error {
            let message = results::text(result.content);
            let message = if message.is_empty() {
                "the tool failed without a message".to_owned()
            } else {
                message
            };
            return Err(Refusal::Failed {
                message,
                data: result.structured.and_then(|text| serde_json::from_str(&text).ok()),
            });
        }
        let text_results = if running.results.is_text(tool) {
            TextResults::Keep
        } else {
            TextResults::Parse
        };
        let (kind, body) = self.value(result, known.unwrap.as_deref(), text_results, run)?;
        if let Some(listed) = listed.filter(|listed| running.observations.wants(listed))
            && let Some(shape) = observed::shape(kind, &body)
        {
            running.observations.see(listed, version, shape);
        }
        Ok((kind, body, access))
    }

    /// What a script gets of a result.
    pub(super) fn value(
        &self,
        result: CallResult,
        unwrap: Option<&str>,
        text_results: TextResults,
        run: &OfRun,
    ) -> Result<(ValueKind, Vec<u8>), Refusal> {
        let (kind, body) = results::value(result, unwrap, text_results, &run.artifacts)
            .map_err(|e| Refusal::failed(format!("cannot keep what it gave: {e}")))?;
        self.within_limit(&body)?;
        Ok((kind, body))
    }

    pub(super) fn within_limit(&self, body: &[u8]) -> Result<(), Refusal> {
        if body.len() > self.rules.max_result {
            return Err(Refusal::failed(format!(
                "its result of {} bytes is over the limit of {} MiB; ask for less, or raise `--max-result`",
                body.len(),
                self.rules.max_result >> 20
            )));
        }
        Ok(())
    }

    pub(super) fn running(&self, server: &str) -> Option<&Running> {
        self.servers.get(server)
    }

    /// Whether a call may be made; the user is asked about it as `asked`, and what they say counts for that.
    pub(super) async fn permit(
        &self,
        running: &Running,
        (server, tool): (&str, &str),
        (access, asked): (Access, &str),
        arguments: &Map<String, Value>,
        said: &Said,
    ) -> Result<(), Refusal> {
        let name = format!("{}.{tool}", running.name);
        let python = self.tool_names.get(server).and_then(|names| names.get(tool));
        let names = [tool, python.unwrap_or(tool)];
        let decision = self
            .rules
            .policy
            .decide([&running.name, server], names, access, running.consent);
        match decision {
            Decision::Allow => Ok(()),
            Decision::Deny(Reason::Rule) => Err(Refusal::Denied(format!("`{name}` is denied by a rule of the user's"))),
            Decision::Deny(Reason::Writes) => Err(Refusal::Denied(format!(
                "`{name}` may write, and the user allows reading only (`--read-only`)"
            ))),
            Decision::Ask(reason) => {
                let arguments = self.rules.masker.value(Value::Object(arguments.clone()));
                let question = Question {
                    server: running.name.clone(),
                    tool: asked.to_owned(),
                    arguments,
                    reason,
                    task: None,
                };
                match self.rules.approvals.permits(question, said).await {
                    Verdict::Permitted => Ok(()),
                    Verdict::Refused => Err(Refusal::Denied(format!("the user refused the call of `{name}`"))),
                    Verdict::Unanswered => Err(Refusal::Denied(format!(
                        "`{name}` needs the user's approval, and the user gave no answer"
                    ))),
                    Verdict::Unasked => {
                        // an `ask` rule wins over `allow`
                        let flag = match reason {
                            Reason::Rule => "--yes".to_owned(),
                            Reason::Writes => format!("--allow '{name}'"),
                        };
                        Err(Refusal::Denied(format!(
                            "`{name}` needs the user's approval, and there is nobody to ask; \
                             the user can add `{flag}`"
                        )))
                    }
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

    /// Answers for a function of the module `tools` that is about the catalog.
    ///
    /// # Errors
    /// What is wrong with the arguments; there is no such function.
    pub fn look_up(&self, function: &str, arguments: &Map<String, Value>) -> Result<Value, String> {
        match function {
            "search" => self.search.search(&self.catalog, arguments),
            "list" => Ok(search::list(&self.catalog)),
            "describe" => search::describe(&self.catalog, arguments),
            _ => Err(format!("`tools` has no function `{function}`")),
        }
    }
}

impl std::fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let servers: Vec<&str> = self.catalog.servers.iter().map(|server| server.name.as_str()).collect();
        f.debug_struct("Toolbox")
            .field("servers", &servers)
            .finish_non_exhaustive()
    }
}

pub(super) type Outcome = Result<(ValueKind, Vec<u8>, Access), Refusal>;

/// Why a script gets no value.
pub(super) enum Refusal {
    Failed {
        message: String,
        data: Option<Value>,
    },
    Denied(String),
    /// The script gave the call up.
    Cancelled,
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        let message = error.to_string();
        let data = match error {
            CallError::Protocol { data, .. } => data,
            _ => None,
        };
        Self::Failed { message, data }
    }
}

impl Refusal {
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            data: None,
        }
    }
}
