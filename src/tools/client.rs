//! The way to one server for as long as the program runs, however often the server ends.
//!
//! - A server is started when it is first needed, or by [`Client::start`], and again by the next call after it has died.
//! - A server that keeps dying is started after ever longer pauses, and never given up.
//! - A call under way when its server dies fails; nothing is called twice.
//! - Over HTTP, a connection that nobody uses is tried from time to time and made anew when it does not answer.
//! - After [`Client::close`] nothing is started any more.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
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
/// A call waits for a pause of this length; in a longer one it fails at once.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long nobody may use an HTTP connection before it is tried.
const IDLE: Duration = Duration::from_secs(30);
const LIST_LIMIT: Duration = Duration::from_secs(60);
const PING_LIMIT: Duration = Duration::from_secs(10);

/// A server under supervision.
pub struct Client(Arc<Inner>);

struct Inner {
    entry: ServerEntry,
    launch: Launch,
    counterpart: Counterpart,
    /// Held while it is started, so that it is started once however many calls wait for it.
    state: Mutex<State>,
    /// Ends and failed starts since a call was answered, in whatever way.
    failures: AtomicU32,
    /// Starts so far that failed.
    failed_starts: AtomicU64,
    /// Requests so far, and those under way: whoever pings sees whether anybody uses it.
    requests: AtomicU64,
    under_way: AtomicUsize,
    closed: watch::Sender<bool>,
    /// Who wants to know what it lists once it has started, until that is told.
    heard: std::sync::Mutex<Option<OnList>>,
}

/// Hears what a server lists.
pub type OnList = Box<dyn FnOnce(ToolList) + Send>;

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// It is not to be started before.
    not_before: Option<Instant>,
    /// Why the last start failed.
    error: Option<StartError>,
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
        Self::build(entry, launch, counterpart, None)
    }

    /// The same for a server whose tools are known from before; when it has started, `heard` is told what it lists.
    pub fn known(entry: ServerEntry, launch: Launch, counterpart: Counterpart, heard: OnList) -> Self {
        Self::build(entry, launch, counterpart, Some(heard))
    }

    /// Starts it in the background, unless it runs; a call waits for it.
    pub fn prepare(&self) {
        let (client, mut closed) = (Arc::clone(&self.0), self.0.closed.subscribe());
        tokio::spawn(async move {
            tokio::select! {
                // what went wrong is told to the call that needs it
                _ = client.live() => {}
                _ = closed.wait_for(|closed| *closed) => {}
            }
        });
    }

    fn build(entry: ServerEntry, launch: Launch, counterpart: Counterpart, heard: Option<OnList>) -> Self {
        Self(Arc::new(Inner {
            heard: std::sync::Mutex::new(heard),
            entry,
            launch,
            counterpart,
            state: Mutex::default(),
            failures: AtomicU32::new(0),
            failed_starts: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
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
        let using = Use::begin(&self.0);
        let done = work(&connection).await;
        drop(using);
        match done {
            // over HTTP the server may be a new one that knows nothing of this session
            Err(CallError::Closed { .. }) => connection.close().await,
            _ => self.0.failures.store(0, Relaxed),
        }
        done
    }
}

/// A request under way.
struct Use<'a>(&'a Inner);

impl<'a> Use<'a> {
    fn begin(inner: &'a Inner) -> Self {
        inner.requests.fetch_add(1, Relaxed);
        inner.under_way.fetch_add(1, Relaxed);
        Self(inner)
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Relaxed);
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
        let seen = self.failed_starts.load(Relaxed);
        let mut state = self.state.lock().await;
        if let (Some(error), true) = (&state.error, self.failed_starts.load(Relaxed) > seen) {
            // it was tried while this call waited for its turn
            return Err(error.clone());
        }
        if let Some(connection) = &state.connection {
            if !connection.is_closed() {
                return Ok(Arc::clone(connection));
            }
            let message = connection.last_words().await;
            connection.close().await;
            state.connection = None;
            let pause = pause_after(self.failures.fetch_add(1, Relaxed));
            state.not_before = Some(Instant::now() + pause);
            (self.counterpart.hear)(&self.entry.name, Notice::Restarting { message });
        }
        if let Some(when) = state.not_before {
            let wait = when.saturating_duration_since(Instant::now());
            if wait > PATIENCE {
                return Err(self.later(&state, wait));
            }
            sleep_until(when).await;
        }
        match Connection::start(&self.entry, &self.launch, self.counterpart.clone()).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.error = None;
                state.connection = Some(Arc::clone(&connection));
                if let Some(pings) = state.pings.take() {
                    pings.abort();
                }
                let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(heard) = heard {
                    tokio::spawn(list(Arc::clone(&connection), heard));
                }
                if matches!(self.entry.transport, Transport::Http { .. } | Transport::Sse { .. }) {
                    state.pings = Some(tokio::spawn(ping(Arc::downgrade(self))).abort_handle());
                }
                Ok(connection)
            }
            Err(error) => {
                let pause = pause_after(self.failures.fetch_add(1, Relaxed) + 1);
                state.not_before = Some(Instant::now() + pause);
                state.error = Some(error.clone());
                self.failed_starts.fetch_add(1, Relaxed);
                Err(error)
            }
        }
    }

    /// Why a call does not wait until it may be started again.
    fn later(&self, state: &State, wait: Duration) -> StartError {
        let known = state.error.as_ref();
        let why = known.map_or("it keeps ending", |error| error.message.as_str());
        StartError {
            server: self.entry.name.clone(),
            message: format!("{why}; it can be started again in {} s", wait.as_secs() + 1),
            hint: known.and_then(|error| error.hint.clone()),
        }
    }
}

/// The longer, the oftener it has failed since a call was answered; none after the first end.
fn pause_after(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        more => FIRST_PAUSE.saturating_mul(1 << (more - 1).min(16)).min(LONGEST_PAUSE),
    }
}

/// Tells what a server lists; nothing where it does not list its tools, as calls will show.
async fn list(connection: Arc<Connection>, heard: OnList) {
    if let Ok(list) = connection.list_tools(LIST_LIMIT).await {
        heard(list);
    }
}

/// Tries a connection that nobody uses, and gives it up when it does not answer.
async fn ping(client: std::sync::Weak<Inner>) {
    let mut seen = None;
    loop {
        sleep(IDLE).await;
        let Some(client) = client.upgrade() else { return };
        let requests = client.requests.load(Relaxed);
        if seen.replace(requests) != Some(requests) || client.under_way.load(Relaxed) > 0 {
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
