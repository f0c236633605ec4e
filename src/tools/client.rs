//! The way to one server for as long as the program runs, however often the server ends.
//!
//! - A server is started when it is first needed, or by [`Client::start`], and again by the next call after it has died.
//! - A server that keeps dying is started after ever longer pauses, and never given up.
//! - A call under way when its server dies fails; nothing is called twice.
//! - Over HTTP, a connection that nobody uses is tried from time to time and made anew when it does not answer.
//! - After [`Client::close`] nothing is started any more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures::future::join_all;
use serde_json::{Map, Value};
use tokio::{
    sync::{Mutex, watch},
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    CallResult, Content,
    connection::{
        CallError, CallLimits, Completable, Connection, Counterpart, Launch, Listing, OnProgress, StartError, ToolList,
        counterpart::Notice,
    },
    servers::{ServerEntry, Transport},
};

/// The first pause before a server that has died twice is started again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long nobody may use an HTTP connection before it is tried.
const IDLE: Duration = Duration::from_secs(30);
const PING_LIMIT: Duration = Duration::from_secs(10);

/// A server under supervision.
pub struct Client(Arc<Inner>);

struct Inner {
    entry: ServerEntry,
    launch: Launch,
    counterpart: Counterpart,
    /// Held while it is started, so that it is started once however many calls wait for it.
    state: Mutex<State>,
    /// Ends since a call succeeded.
    failures: AtomicU32,
    /// Requests so far: whoever pings sees whether anybody used it.
    requests: AtomicU64,
    closed: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// It is not to be started before.
    not_before: Option<Instant>,
    pings: Option<AbortHandle>,
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(pings) = &self.pings {
            pings.abort();
        }
    }
}

/// Ends all servers side by side, within about three seconds.
pub async fn close_all(clients: impl IntoIterator<Item = &Client>) {
    join_all(clients.into_iter().map(Client::close)).await;
}

impl Client {
    /// Nothing is started yet.
    pub fn new(entry: ServerEntry, launch: Launch, counterpart: Counterpart) -> Self {
        Self(Arc::new(Inner {
            entry,
            launch,
            counterpart,
            state: Mutex::default(),
            failures: AtomicU32::new(0),
            requests: AtomicU64::new(0),
            closed: watch::Sender::new(false),
        }))
    }

    /// What it is started from.
    pub fn entry(&self) -> &ServerEntry {
        &self.0.entry
    }

    /// Starts it, unless it runs.
    ///
    /// # Errors
    /// It cannot be started; the next call tries again.
    pub async fn start(&self) -> Result<(), StartError> {
        self.0.live().await.map(drop)
    }

    /// Asks for all tools; `limit` bounds all pages together, beyond the start.
    ///
    /// # Errors
    /// See [`Connection::list_tools`]; besides, the server cannot be started.
    pub async fn list_tools(&self, limit: Duration) -> Result<ToolList, CallError> {
        self.use_it(async |connection| connection.list_tools(limit).await).await
    }

    /// Calls a tool by the name that the server knows.
    ///
    /// # Errors
    /// See [`Connection::call`]; besides, the server cannot be started.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        limits: CallLimits,
        on_progress: Option<OnProgress>,
    ) -> Result<CallResult, CallError> {
        self.use_it(async |connection| connection.call(tool, arguments, limits, on_progress).await)
            .await
    }

    /// Everything of a kind that it offers besides tools.
    ///
    /// # Errors
    /// See [`Connection::list`]; besides, the server cannot be started.
    pub async fn list(&self, listing: Listing, limit: Duration) -> Result<Vec<Value>, CallError> {
        self.use_it(async |connection| connection.list(listing, limit).await)
            .await
    }

    /// The contents of a resource.
    ///
    /// # Errors
    /// See [`Connection::read_resource`]; besides, the server cannot be started.
    pub async fn read_resource(&self, uri: &str, limits: CallLimits) -> Result<Vec<Content>, CallError> {
        self.use_it(async |connection| connection.read_resource(uri, limits).await)
            .await
    }

    /// A prompt filled in.
    ///
    /// # Errors
    /// See [`Connection::prompt`]; besides, the server cannot be started.
    pub async fn prompt(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        limits: CallLimits,
    ) -> Result<Value, CallError> {
        self.use_it(async |connection| connection.prompt(name, arguments, limits).await)
            .await
    }

    /// Values that an argument could have.
    ///
    /// # Errors
    /// See [`Connection::complete`]; besides, the server cannot be started.
    pub async fn complete(
        &self,
        of: Completable<'_>,
        argument: &str,
        typed: &str,
        limits: CallLimits,
    ) -> Result<Vec<String>, CallError> {
        self.use_it(async |connection| connection.complete(of, argument, typed, limits).await)
            .await
    }

    /// Ends it for good.
    pub async fn close(&self) {
        self.0.closed.send_replace(true);
        let mut state = self.0.state.lock().await;
        if let Some(pings) = state.pings.take() {
            pings.abort();
        }
        if let Some(connection) = state.connection.take() {
            connection.close().await;
        }
    }

    async fn use_it<T>(&self, work: impl AsyncFnOnce(&Connection) -> Result<T, CallError>) -> Result<T, CallError> {
        let connection = self.0.live().await.map_err(|error| {
            let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
            CallError::Closed {
                message: format!("{error}{hint}"),
            }
        })?;
        self.0.requests.fetch_add(1, Relaxed);
        let done = work(&connection).await;
        self.0.requests.fetch_add(1, Relaxed);
        match done {
            // over HTTP the server may be a new one that knows nothing of this session
            Err(CallError::Closed { .. }) => connection.close().await,
            _ => self.0.failures.store(0, Relaxed),
        }
        done
    }
}

impl Inner {
    /// A connection that is open, as far as anybody knows.
    async fn live(self: &Arc<Self>) -> Result<Arc<Connection>, StartError> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => Err(StartError {
                server: self.entry.name.clone(),
                message: "it has been ended".into(),
                hint: None,
            }),
            connection = self.started() => connection,
        }
    }

    async fn started(self: &Arc<Self>) -> Result<Arc<Connection>, StartError> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            if !connection.is_closed() {
                return Ok(Arc::clone(connection));
            }
            let message = connection.last_words().await;
            connection.close().await;
            state.connection = None;
            self.failed(&mut state);
            (self.counterpart.hear)(&self.entry.name, Notice::Restarting { message });
        }
        if let Some(when) = state.not_before {
            sleep_until(when).await;
        }
        match Connection::start(&self.entry, &self.launch, self.counterpart.clone()).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.connection = Some(Arc::clone(&connection));
                if let Some(pings) = state.pings.take() {
                    pings.abort();
                }
                if matches!(self.entry.transport, Transport::Http { .. } | Transport::Sse { .. }) {
                    state.pings = Some(tokio::spawn(ping(Arc::downgrade(self))).abort_handle());
                }
                Ok(connection)
            }
            Err(error) => {
                self.failed(&mut state);
                Err(error)
            }
        }
    }

    /// The next start waits the longer, the oftener it has failed since a call succeeded.
    fn failed(&self, state: &mut State) {
        let failures = self.failures.fetch_add(1, Relaxed);
        let pause = match failures {
            0 => Duration::ZERO,
            more => FIRST_PAUSE.saturating_mul(1 << (more - 1).min(16)).min(LONGEST_PAUSE),
        };
        state.not_before = Some(Instant::now() + pause);
    }
}

/// Tries a connection that nobody uses, and gives it up when it does not answer.
async fn ping(client: std::sync::Weak<Inner>) {
    let mut seen = None;
    loop {
        sleep(IDLE).await;
        let Some(client) = client.upgrade() else { return };
        let requests = client.requests.load(Relaxed);
        if seen.replace(requests) != Some(requests) || requests % 2 == 1 {
            continue;
        }
        let Some(connection) = client.state.lock().await.connection.clone() else {
            return;
        };
        if connection.ping(PING_LIMIT).await.is_err() {
            connection.close().await;
            return;
        }
    }
}
