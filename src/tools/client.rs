//! The way to one server for as long as the program runs, however often the server ends.
//!
//! - A server is started when it is first needed, or by [`Client::start`], and again by the next call after it has died.
//! - A server that keeps dying is started after ever longer pauses, and never given up.
//! - A call under way when its server dies fails; nothing is called twice.
//! - Over HTTP, a connection that nobody uses is tried from time to time and made anew when it does not answer.
//! - After [`Client::close`] nothing is started any more.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use futures::future::join_all;
use tokio::{
    sync::{Mutex, watch},
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    connection::{CallError, Connection, Counterpart, Launch, StartError, ToolList, counterpart::Notice},
    servers::{ServerEntry, Transport},
};

/// The first pause before a server that has died twice is started again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A call waits for a pause of this length; in a longer one it fails at once.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long nobody may use an HTTP connection before it is tried.
const IDLE: Duration = Duration::from_secs(30);
/// How long after a change a server is asked for its tools.
const SETTLING: Duration = Duration::from_millis(50);
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
    heard: Option<OnList>,
    /// Its tools are known from before, and were not compared with what it lists.
    is_unverified: AtomicBool,
    /// It will be asked for its tools in a moment.
    is_to_list: AtomicBool,
}

/// Hears what a server lists where that may have changed.
pub type OnList = Arc<dyn Fn(ToolList) + Send + Sync>;

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
        Self::build(entry, launch, counterpart, (None, false))
    }

    /// The same, where `heard` is told what the server lists whenever it says that its tools have changed.
    pub fn hearing(entry: ServerEntry, launch: Launch, counterpart: Counterpart, heard: OnList) -> Self {
        Self::build(entry, launch, counterpart, (Some(heard), false))
    }

    /// The same for a server whose tools are known from before: `heard` is told as soon as it has started, too.
    pub fn known(entry: ServerEntry, launch: Launch, counterpart: Counterpart, heard: OnList) -> Self {
        Self::build(entry, launch, counterpart, (Some(heard), true))
    }

    fn build(
        entry: ServerEntry,
        launch: Launch,
        mut counterpart: Counterpart,
        (heard, is_unverified): (Option<OnList>, bool),
    ) -> Self {
        Self(Arc::new_cyclic(|inner: &Weak<Inner>| {
            let (inner, hear) = (inner.clone(), Arc::clone(&counterpart.hear));
            counterpart.hear = Arc::new(move |server, notice| {
                if let (Notice::ToolsChanged, Some(inner)) = (&notice, inner.upgrade()) {
                    inner.list_anew();
                }
                hear(server, notice);
            });
            Inner {
                entry,
                launch,
                counterpart,
                state: Mutex::default(),
                failures: AtomicU32::new(0),
                failed_starts: AtomicU64::new(0),
                requests: AtomicU64::new(0),
                under_way: AtomicUsize::new(0),
                closed: watch::Sender::new(false),
                heard,
                is_unverified: AtomicBool::new(is_unverified),
                is_to_list: AtomicBool::new(false),
            }
        }))
    }

    /// Whether it has been started, or is being.
    pub fn is_started(&self) -> bool {
        self.0.state.try_lock().map_or(true, |state| state.connection.is_some())
    }

    /// The version that it says it is of, once it has started.
    pub fn version(&self) -> Option<String> {
        self.0.state.try_lock().ok()?.connection.as_ref()?.version()
    }

    /// Starts it in the background, unless it runs; what goes wrong is told to the call that needs it.
    pub fn prepare(&self) {
        let client = Arc::clone(&self.0);
        tokio::spawn(async move { client.live().await.map(drop) });
    }

    /// Starts it, unless it runs.
    ///
    /// # Errors
    /// It cannot be started; the next call tries again.
    pub async fn start(&self) -> Result<(), StartError> {
        self.0.live().await.map(drop)
    }

    /// Asks it for something, once it runs.
    ///
    /// # Errors
    /// Those of `work`; besides, the server cannot be started.
    pub async fn on<T>(&self, work: impl AsyncFnOnce(&Connection) -> Result<T, CallError>) -> Result<T, CallError> {
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
                if self.is_unverified.swap(false, Relaxed) {
                    self.list_anew();
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

    /// Asks the running server for its tools in a moment, and tells what it lists; nothing where it does not, as calls
    /// will show.
    fn list_anew(self: &Arc<Self>) {
        if self.heard.is_none() || self.is_to_list.swap(true, Relaxed) {
            return;
        }
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            // of many changes at once the last counts
            sleep(SETTLING).await;
            inner.is_to_list.store(false, Relaxed);
            let connection = inner.state.lock().await.connection.clone();
            if let (Some(connection), Some(heard)) = (connection, &inner.heard)
                && let Ok(list) = connection.list_tools(LIST_LIMIT).await
            {
                heard(list);
            }
        });
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

/// Tries a connection that nobody uses, and gives it up when it does not answer.
async fn ping(client: Weak<Inner>) {
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
