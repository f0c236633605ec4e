//! What answers a script's tool call, for every command alike: policy, argument check, dispatch,
//! time limit, masking, and the list of calls.
//!
//! A [`Toolbox`] holds what all runs share, a [`Host`] is one run's way to it.
//!
//! - A refused call never reaches a server; a denied tool is not in the catalog.
//! - What is recorded is masked; what a script gets is not.

mod approval;
mod arguments;
mod artifacts;
mod calls;
mod excerpt;
pub mod interface;
mod news;
mod observed;
mod offers;
pub mod policy;
mod queries;
mod results;
mod running;
mod search;
mod toolbox;
pub mod trust;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

pub use crate::mask::Masker;
pub use approval::{Approval, Approvals, Ask, Question, Said, Verdict};
pub use arguments::Checker;
pub use news::News;
pub use queries::Queries;
pub use running::{Running, access};
pub use toolbox::{Rules, Toolbox};

use crate::tools::connection::counterpart::Progress;
use crate::{
    model::ledger::Spent,
    sandbox::{
        self, ToolCall, ToolReply,
        execution::{Call, CallStatus},
    },
    signature::Answer,
    wire::{self, Answers, Reply, Stream, ValueKind},
};
use artifacts::Artifacts;
use calls::{Calls, End};
use excerpt::cut;
use policy::Access;
use toolbox::{OfRun, Outcome, Refusal};

/// The server name under which a script reaches the functions of the module `tools` itself.
const TOOLS: &str = wire::TOOLS;

/// Characters of a failed call's message that a script gets, and bytes of its data.
const MAX_ERROR: usize = 64 << 10;

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
        /// What it is given, secrets masked.
        arguments: &'a Value,
    },
    /// The server says how far a call has come.
    CallProgress {
        /// As when it started.
        id: u64,
        /// In its words and numbers, secrets masked.
        text: &'a str,
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

/// One run's way to the servers.
pub struct Host {
    toolbox: Arc<Toolbox>,
    of_run: OfRun,
    queries: Option<Queries>,
    calls: Calls,
    ids: AtomicU64,
    listener: Listener,
    wanted: Option<Arc<Answer>>,
}

impl Host {
    /// A host over servers that it may share with others.
    pub fn new(toolbox: Arc<Toolbox>, listener: Listener) -> Self {
        Self::remembering(toolbox, listener, Arc::default())
    }

    /// The same, where what the user `said` holds for other runs, too.
    pub fn remembering(toolbox: Arc<Toolbox>, listener: Listener, said: Arc<Said>) -> Self {
        Self {
            of_run: OfRun {
                artifacts: Artifacts::new(toolbox.rules().artifacts.clone()),
                said,
            },
            toolbox,
            queries: None,
            calls: Calls::default(),
            ids: AtomicU64::new(1),
            listener,
            wanted: None,
        }
    }

    /// The same, for scripts whose answer must be of a type, if one is given.
    #[must_use]
    pub fn wanting(mut self, wanted: Option<Arc<Answer>>) -> Self {
        self.wanted = wanted;
        self
    }

    /// The same, where scripts can ask a model.
    #[must_use]
    pub fn asking(mut self, queries: Queries) -> Self {
        self.queries = Some(queries);
        self
    }

    /// What scripts have asked the model since this was last asked.
    pub fn take_spent(&self) -> Spent {
        self.queries.as_ref().map(Queries::take_spent).unwrap_or_default()
    }

    /// The servers, and what scripts may call of them.
    pub fn toolbox(&self) -> &Toolbox {
        &self.toolbox
    }

    async fn answer(&self, id: u64, server: &str, tool: &str, arguments: &Map<String, Value>) -> Outcome {
        if server == TOOLS {
            return self.toolbox.offer(tool, arguments, &self.of_run).await;
        }
        if server == wire::LLM {
            return self.query(id, arguments).await;
        }
        let (listener, masker) = (Arc::clone(&self.listener), self.toolbox.masker().clone());
        let on_progress = Arc::new(move |progress| {
            let text = masker.text(&words(&progress));
            listener(Event::CallProgress { id, text: &text });
        });
        self.toolbox
            .call(server, tool, arguments, &self.of_run, on_progress)
            .await
    }

    /// Asks the model for a script.
    async fn query(&self, id: u64, arguments: &Map<String, Value>) -> Outcome {
        let queries = self.queries.as_ref();
        let queries = queries.ok_or_else(|| Refusal::failed("there is no model here to ask"))?;
        let masker = self.toolbox.masker();
        let on_progress = &mut |text: &str| {
            let text = masker.text(text);
            (self.listener)(Event::CallProgress { id, text: &text });
        };
        let (kind, body) = queries.answer(arguments, masker, on_progress).await?;
        self.toolbox.within_limit(&body)?;
        Ok((kind, body, Access::Read))
    }

    /// Answers for the module `tools` itself.
    fn own(&self, function: &str, arguments: &Map<String, Value>) -> ToolReply {
        match function {
            "artifact" => return self.artifact(arguments),
            wire::ANSWER => {
                return match self.check(arguments.get("value").unwrap_or(&Value::Null)) {
                    Ok(()) => reply(ValueKind::Json, b"null".to_vec()),
                    Err(message) => failed(message),
                };
            }
            _ => {}
        }
        match self.toolbox.look_up(function, arguments) {
            Ok(value) => reply(
                ValueKind::ToolJson,
                serde_json::to_vec(&value).expect("a JSON value is JSON"),
            ),
            Err(message) => failed(message),
        }
    }

    /// Whether an answer is of the type that is wanted.
    ///
    /// # Errors
    /// Each place that is not, on one line.
    pub fn check(&self, answer: &Value) -> Result<(), String> {
        self.wanted.as_ref().map_or(Ok(()), |wanted| wanted.check(answer))
    }

    fn artifact(&self, arguments: &Map<String, Value>) -> ToolReply {
        let id = arguments.get("id").and_then(Value::as_u64).unwrap_or_default();
        match self.of_run.artifacts.bytes(id) {
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
            Err(Refusal::Cancelled) => End {
                status: CallStatus::Cancelled,
                error: None,
                bytes: 0,
                result: None,
            },
        }
    }

    fn refused(&self, status: CallStatus, message: &str) -> End {
        End {
            status,
            error: Some(cut(
                self.toolbox.rules().masker.text(message),
                self.toolbox.rules().max_output,
            )),
            bytes: 0,
            result: None,
        }
    }

    /// What the record keeps of a result: as much as may be shown, and masked, without a copy of the rest.
    fn kept(&self, body: &[u8]) -> String {
        let rules = self.toolbox.rules();
        excerpt::text(&rules.masker, &String::from_utf8_lossy(body), rules.max_output)
    }
}

impl sandbox::Host for Host {
    fn answers(&self) -> Answers {
        match self.wanted {
            Some(_) => Answers::Checked,
            None => Answers::Any,
        }
    }

    async fn call(
        &self,
        ToolCall {
            server,
            tool,
            arguments,
            cancelled,
        }: ToolCall,
    ) -> ToolReply {
        let Ok(arguments) = serde_json::from_slice::<Map<String, Value>>(&arguments) else {
            return failed("the arguments are no JSON object".to_owned());
        };
        let (server, tool) = match server.as_str() {
            TOOLS if !offers::FUNCTIONS.contains(&tool.as_str()) => return self.own(&tool, &arguments),
            // what a server offers besides tools is asked for in its name
            TOOLS | wire::LLM => (server, tool),
            _ => self.toolbox.names(server, tool),
        };
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let masked = excerpt::arguments(self.toolbox.masker(), &arguments);
        (self.listener)(Event::CallStarted {
            id,
            server: &server,
            tool: &tool,
            arguments: &masked,
        });
        let place = self.calls.start(&server, &tool, masked);
        let started = Instant::now();
        let outcome = tokio::select! {
            outcome = self.answer(id, &server, &tool, &arguments) => outcome,
            () = cancelled.wait() => Err(Refusal::Cancelled),
        };
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
                reply: Reply::Failed {
                    message: cut(message, MAX_ERROR),
                    data: data.filter(|data| data.to_string().len() <= MAX_ERROR),
                },
                body: Vec::new(),
            },
            Err(Refusal::Denied(message)) => ToolReply {
                reply: Reply::Denied { message },
                body: Vec::new(),
            },
            Err(Refusal::Cancelled) => failed("the script gave it up".to_owned()),
        }
    }

    fn output(&self, stream: Stream, text: &str) {
        (self.listener)(Event::Output { stream, text });
    }

    fn take_calls(&self, ending: CallStatus) -> Vec<Call> {
        self.calls.take(ending)
    }
}

/// How far a call has come, such as `3 of 10: reading`.
fn words(progress: &Progress) -> String {
    let count = match progress.total {
        Some(total) => format!("{} of {total}", progress.done),
        None => progress.done.to_string(),
    };
    match &progress.message {
        Some(message) => format!("{count}: {message}"),
        None => count,
    }
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
