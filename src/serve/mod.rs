//! The MCP server in front of all configured servers: their tools as Python, behind four tools of its own.
//!
//! - It knows no transport: whoever has one makes a [`Connection`] for each client.
//! - What one client keeps in its sessions no other sees; servers, the sandbox and the queue are shared.
//! - All that a script calls goes through [`crate::host`], as in a run.
//! - What scripts can call may change while it runs: clients are told, and a session keeps what it began with.

mod asking;
mod connection;
mod execute;
mod lines;
mod offer;
mod progress;
mod queue;
mod resources;
mod sessions;
mod solve;
mod text;
mod tools;

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

pub use connection::Connection;
pub use lines::{Ended, over_lines};
pub use queue::{Full, Queue};
pub use sessions::{Crowded, Sessions};
pub use tools::{Parts, Tools};

use crate::{
    agent::{prompt::Templates, run},
    host::{Masker, Queries},
    model::ledger::Budget,
    sandbox::Limits,
};

/// Scripts and tasks that go on at a time.
const AT_A_TIME: usize = 8;
/// Those that wait for it.
const WAITING: usize = 64;
/// Sessions of one client.
const SESSIONS: usize = 32;
/// How long nobody may use a session before it ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How long what goes on may take to end once it was told to.
const ENDING: Duration = Duration::from_secs(2);

/// What a server is made of.
pub struct Setup {
    /// What a script may use up, unless the client says otherwise of its time.
    pub limits: Limits,
    /// How long one call of ours may take, waiting included; also the longest time of a script that a client can ask for.
    pub max_time: Duration,
    /// Characters of an output that a client is shown.
    pub max_output: usize,
    /// Steps of a task.
    pub run: run::Limits,
    /// What a task may use of the model.
    pub budget: Budget,
    /// One script's, or session's, way to the model.
    pub queries: Box<dyn Fn() -> Queries + Send + Sync>,
    /// An id for a run, unique among the user's.
    pub run_id: fn() -> String,
    /// The templates of what clients are told.
    pub templates: Templates,
    /// Hides secrets in what clients are told.
    pub masker: Masker,
}

/// What can be called at the moment; `None` before clients are told anything.
pub type Stock = Option<Arc<Tools>>;

/// The server, for all its clients.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    setup: Setup,
    stock: watch::Receiver<Stock>,
    queue: Queue,
}

impl Server {
    /// Over what can be called at each moment.
    pub fn new(setup: Setup, stock: watch::Receiver<Stock>) -> Self {
        Self(Arc::new(Shared {
            setup,
            stock,
            queue: Queue::new(AT_A_TIME, WAITING),
        }))
    }

    /// The side of one client that speaks to it.
    pub fn connect(&self) -> Connection {
        Connection::new(Arc::clone(&self.0))
    }

    /// Waits until no script runs any more, which all were told to end; not for ever.
    pub async fn ended(&self) {
        let _ = tokio::time::timeout(ENDING, self.0.queue.idle()).await;
    }
}

impl Shared {
    /// What can be called, as soon as clients are told that.
    ///
    /// # Errors
    /// Nothing can be run: the program is about to end.
    async fn tools(&self) -> Result<Arc<Tools>, &'static str> {
        let mut stock = self.stock.clone();
        match stock.wait_for(Option::is_some).await {
            Ok(stock) => Ok(Arc::clone(stock.as_ref().expect("it was waited for"))),
            Err(_) => Err("the server is about to end"),
        }
    }
}
