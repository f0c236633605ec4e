//! The parent's side of the worker: gives it scripts, answers their calls through a [`Host`], and
//! reports what became of them.
//!
//! Some scripts abort RustPython outright, so no interpreter runs in this process.
//!
//! - A worker starts with an empty environment, so it holds no API key.
//! - What a script did is an [`Execution`]. `Err` means that no script could have run.
//! - A script that failed leaves the session as it was: it ran in a fork, which is thrown away.

mod autopsy;
mod bounds;
mod clock;
mod descriptors;
mod diagnosis;
pub mod execution;
mod family;
mod guard;
pub mod isolation;
mod limits;
mod link;
mod outgoing;
mod output;
mod overtime;
mod process;
mod rest;
mod running;
mod session;
mod state;
mod stop;
mod template;

use std::{future::Future, io, path::PathBuf};

pub use execution::Execution;
pub use isolation::Isolation;
pub use limits::Limits;
pub use process::{Sandbox, WorkerProgram};
pub use session::{Binding, Script, Session};
pub use stop::Stop;
pub use template::Template;
use tokio::sync::oneshot;

use crate::wire::{Answers, Reply, Stream};

/// What answers a script's tool calls.
pub trait Host: Sync {
    /// Answers one call. Dropping the future cancels it.
    fn call(&self, call: ToolCall) -> impl Future<Output = ToolReply> + Send;

    /// Whether an answer is to be looked at before it ends a script; [`call`](Self::call) then does.
    fn answers(&self) -> Answers {
        Answers::Any
    }

    /// Takes what a script prints, as it comes.
    fn output(&self, stream: Stream, text: &str);

    /// The calls since this was last asked; those that have not ended by now did so by `ending`.
    fn take_calls(&self, ending: execution::CallStatus) -> Vec<execution::Call>;
}

/// A script calls a tool.
#[derive(Debug)]
pub struct ToolCall {
    /// The server's Python name; `tools` for the functions of the module itself.
    pub server: String,
    /// The tool's raw name.
    pub tool: String,
    /// A JSON object, under the arguments' raw names.
    pub arguments: Vec<u8>,
    /// Whether the script still waits.
    pub cancelled: Cancelled,
}

/// Tells that a script has given up a call.
#[derive(Debug)]
pub struct Cancelled(oneshot::Receiver<()>);

impl Cancelled {
    /// Of a call that is waited for as long as it takes.
    pub fn never() -> Self {
        Self(oneshot::channel().1)
    }

    /// Waits until the call is given up; for ever if it is not.
    pub async fn wait(self) {
        if self.0.await.is_err() {
            std::future::pending().await
        }
    }
}

/// What a script gets for a call.
#[derive(Debug, Clone)]
pub struct ToolReply {
    /// What came of it.
    pub reply: Reply,
    /// The value of [`Reply::Value`].
    pub body: Vec<u8>,
}

/// What a script would need, read off its syntax tree without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Configured servers that it names, by Python name.
    pub servers: Vec<String>,
    /// It may reach any server.
    pub all: bool,
    /// It is Python at all.
    pub parses: bool,
}

/// Why no script could be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The worker never started; nothing ran, and the sandbox can be tried again.
    #[error("cannot start the worker `{}`: {source}", program.display())]
    Start {
        /// What was to be started.
        program: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// The worker ended, did not answer in time, or cannot fork. It is started again for the next session where it is
    /// gone.
    #[error("the sandbox's worker {what}")]
    Worker {
        /// What it did, with the last lines that it wrote.
        what: String,
    },
    /// The system lacks what was required; nothing ran.
    #[error("the sandbox lacks {}", isolation::list(missing))]
    Isolation {
        /// The layers of its wall.
        missing: Vec<isolation::Layer>,
    },
    /// A server's functions do not compile: a fault of ours.
    #[error("the tools' stubs do not compile: {message}")]
    Interface {
        /// Python's message.
        message: String,
    },
}
