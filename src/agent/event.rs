//! What goes on during a run, for whoever shows it.

use std::time::Duration;

use super::module::Module;
use crate::{
    model::Usage,
    sandbox::execution::{CallStatus, Execution},
};

/// Something that happened; sent in order, never waited for.
#[derive(Debug, Clone)]
pub enum Event {
    /// A server is being started.
    ServerStarting {
        /// Its name in the configuration.
        server: String,
    },
    /// A server answered with its tools.
    ServerReady {
        /// Its name in the configuration.
        server: String,
        /// How many tools it has.
        tools: usize,
        /// Since its start.
        elapsed: Duration,
    },
    /// A server could not be used; the others go on.
    ServerFailed {
        /// Its name in the configuration.
        server: String,
        /// Why, with the last lines of its stderr.
        message: String,
    },
    /// A server says something of itself.
    ServerSays {
        /// Its name in the configuration.
        server: String,
        /// Its words.
        text: String,
    },
    /// It was decided how the task is done.
    ModuleChosen {
        /// How.
        module: Module,
    },
    /// A prompt is about to be sent.
    ModelAsked {
        /// From 1.
        step: usize,
    },
    /// A piece of the reply.
    ModelText {
        /// As it came.
        text: String,
    },
    /// A piece of reasoning that is no part of the reply.
    ModelReasoning {
        /// As it came.
        text: String,
    },
    /// The request failed and will be sent again; what was shown of the reply is void.
    ModelRetry {
        /// Why.
        reason: String,
        /// Until the next try.
        wait: Duration,
    },
    /// The reply is complete.
    ModelReplied {
        /// Since the prompt was sent.
        elapsed: Duration,
        /// As counted by the endpoint.
        usage: Usage,
    },
    /// A script is about to run.
    ScriptStarted {
        /// Its source.
        source: String,
    },
    /// A tool was called.
    CallStarted {
        /// Unique within the run.
        id: u64,
        /// The server's Python name.
        server: String,
        /// The tool's raw name.
        tool: String,
        /// As Python would write them, secrets masked, in short.
        arguments: String,
    },
    /// A server says how far a call has come.
    CallProgress {
        /// As in [`Event::CallStarted`].
        id: u64,
        /// Its words and numbers.
        text: String,
    },
    /// A tool call ended.
    CallEnded {
        /// As in [`Event::CallStarted`].
        id: u64,
        /// The server's Python name.
        server: String,
        /// The tool's raw name.
        tool: String,
        /// How.
        status: CallStatus,
        /// Since its start.
        elapsed: Duration,
    },
    /// The script ended.
    ScriptEnded {
        /// What became of it.
        execution: Execution,
    },
    /// Something the user should know; one or more lines.
    Warning {
        /// Lower case, no full stop.
        message: String,
    },
}

/// Takes events; must not block.
pub type Listener = std::sync::Arc<dyn Fn(Event) + Send + Sync>;
