//! The link to `mcm` that all threads of a script share: frames go out whole, replies go to who waits.
//!
//! - One thread at a time reads (the leader); it hands the others their replies.
//! - No lock of the interpreter may be held by who waits here: callers wait detached from it.
//! - When `mcm` is gone the process ends at once, since nobody is left to tell.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    os::{
        fd::{AsRawFd, RawFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::interrupt;
use crate::wire::{self, FromWorker, Reply, Stream, ToWorker};

/// Longest text in one [`FromWorker::Output`], in bytes.
const MAX_OUTPUT: usize = 64 << 10;
/// How long the main thread waits for other threads before it looks whether it is interrupted.
const GLANCE: Duration = Duration::from_millis(50);
/// A body that is read together with its head, in bytes.
const SMALL: usize = 16 << 10;
/// The group of calls that a thread waits for by their id.
const SINGLE: u64 = 0;

static CURRENT: RwLock<Option<Arc<Channel>>> = RwLock::new(None);

/// A reply and the body of its frame.
pub type Answer = (Reply, Vec<u8>);

/// A call of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The server's Python name.
    pub server: &'a str,
    /// The tool's raw name.
    pub tool: &'a str,
    /// The script's line.
    pub line: Option<u32>,
    /// A JSON object.
    pub arguments: &'a [u8],
}

/// One link's socket.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
    writing: Mutex<()>,
    state: Mutex<State>,
    changed: Condvar,
    next: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Calls without a reply, with their groups.
    calls: HashMap<u64, u64>,
    answers: HashMap<u64, Answer>,
    /// Ids of each group whose answers are there.
    ready: HashMap<u64, Vec<u64>>,
    woken: HashSet<u64>,
    /// The group of the thread that reads.
    leader: Option<u64>,
    /// `mcm` was told that the script waits, and no reply came since.
    blocked: bool,
    /// Threads that wait for the leader.
    followers: usize,
    /// Replies that came.
    replies: u64,
}

/// Makes `stream` the link of this process and gives it.
pub fn attach(stream: UnixStream) -> Arc<Channel> {
    let channel = Arc::new(Channel {
        stream,
        writing: Mutex::new(()),
        state: Mutex::default(),
        changed: Condvar::new(),
        next: AtomicU64::new(1),
    });
    *CURRENT.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&channel));
    channel
}

/// The link of this process; `None` before [`attach`].
pub fn current() -> Option<Arc<Channel>> {
    CURRENT.read().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Channel {
    /// The descriptor of its socket.
    pub fn descriptor(&self) -> RawFd {
        self.stream.as_raw_fd()
    }

    /// A number that no other call or group of this link has.
    pub fn unique(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends one frame; ends the process when `mcm` is gone.
    pub fn send(&self, frame: &FromWorker, body: &[u8]) {
        let Ok(bytes) = wire::encode(frame, body) else { gone() };
        let _whole = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if std::io::Write::write_all(&mut &self.stream, &bytes).is_err() {
            gone();
        }
    }

    /// Sends text that a script wrote.
    pub fn output(&self, stream: Stream, mut text: &str) {
        while !text.is_empty() {
            let (now, later) = text.split_at(text.floor_char_boundary(MAX_OUTPUT));
            self.send(&FromWorker::Output { stream }, now.as_bytes());
            text = later;
        }
    }

    /// Forgets the calls of a script that has ended.
    pub fn reset(&self) {
        *self.lock() = State::default();
    }

    /// Calls a tool; the reply is to be had by [`Channel::wait`] at once.
    pub fn call(&self, call: Call<'_>) -> u64 {
        let id = self.unique();
        let mut state = self.lock();
        state.calls.insert(id, SINGLE);
        // spares the frame that says so
        let waits = state.leader.is_none() && !std::mem::replace(&mut state.blocked, true);
        let blocked = waits.then_some(state.replies);
        drop(state);
        self.send_call(id, call, blocked);
        id
    }

    /// Calls a tool; the reply is to be had by [`Channel::wait_group`].
    pub fn start(&self, group: u64, call: Call<'_>) -> u64 {
        let id = self.unique();
        self.lock().calls.insert(id, group);
        self.send_call(id, call, None);
        id
    }

    fn send_call(&self, id: u64, call: Call<'_>, blocked: Option<u64>) {
        let frame = FromWorker::Call {
            id,
            server: call.server.to_owned(),
            tool: call.tool.to_owned(),
            line: call.line,
            blocked,
        };
        self.send(&frame, call.arguments);
    }

    /// Waits for the reply to a call; `None` when this thread is interrupted.
    pub fn wait(&self, id: u64) -> Option<Answer> {
        let mut state = self.lock();
        loop {
            if interrupt::is_pending() {
                let told = state.leader.is_none() && std::mem::take(&mut state.blocked);
                drop(state);
                if told {
                    self.send(&FromWorker::Running, &[]);
                }
                return None;
            }
            if let Some(answer) = state.answers.remove(&id) {
                return Some(answer);
            }
            state = if state.leader.is_none() {
                self.lead(state, SINGLE, None)
            } else {
                self.follow(state, None)
            };
        }
    }

    /// Waits until a call of this group is answered, the group is woken, the time is over, or this thread is
    /// interrupted.
    pub fn wait_group(&self, group: u64, timeout: Option<Duration>) -> Vec<(u64, Answer)> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.lock();
        let mut polled = false;
        loop {
            let ready = state.ready.remove(&group).unwrap_or_default();
            let answers: Vec<_> = ready
                .into_iter()
                .filter_map(|id| state.answers.remove(&id).map(|answer| (id, answer)))
                .collect();
            let over = polled && deadline.is_some_and(|deadline| deadline <= Instant::now());
            if state.woken.remove(&group) || !answers.is_empty() || over || interrupt::is_pending() {
                return answers;
            }
            let waits = state.calls.values().any(|other| *other == group);
            state = if waits && state.leader.is_none() {
                self.lead(state, group, deadline)
            } else {
                self.follow(state, deadline)
            };
            polled = true;
        }
    }

    /// Gives up a call: its reply, if it comes, is thrown away.
    pub fn cancel(&self, id: u64) {
        let mut state = self.lock();
        let going = state.calls.remove(&id).is_some();
        state.answers.remove(&id);
        drop(state);
        if going {
            self.send(&FromWorker::Cancel { id }, &[]);
        }
    }

    /// Ends a wait of this group, now or the next one.
    pub fn wake(&self, group: u64) {
        let mut state = self.lock();
        state.woken.insert(group);
        let polling = state.leader == Some(group);
        drop(state);
        self.changed.notify_all();
        if polling {
            self.send(&FromWorker::Wake, &[]);
        }
    }

    /// Gives up what is left of a group.
    pub fn close(&self, group: u64) {
        let mut state = self.lock();
        let mut left = state.ready.remove(&group).unwrap_or_default();
        left.extend(
            state
                .calls
                .iter()
                .filter(|(_, other)| **other == group)
                .map(|(id, _)| id),
        );
        state.woken.remove(&group);
        drop(state);
        left.into_iter().for_each(|id| self.cancel(id));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow<'a>(&'a self, mut state: MutexGuard<'a, State>, deadline: Option<Instant>) -> MutexGuard<'a, State> {
        state.followers += 1;
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let glance = interrupt::is_main_thread().then_some(GLANCE);
        let mut state = match left.into_iter().chain(glance).min() {
            Some(left) => {
                self.changed
                    .wait_timeout(state, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        state.followers -= 1;
        state
    }

    /// Reads one frame for everybody, if one comes in time.
    fn lead<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        group: u64,
        deadline: Option<Instant>,
    ) -> MutexGuard<'a, State> {
        state.leader = Some(group);
        let blocked = std::mem::replace(&mut state.blocked, true);
        let replies = state.replies;
        drop(state);
        let mut told = false;
        // who has told that it waits need not look first
        let mut readable = !blocked && self.readable(Some(Duration::ZERO));
        if !readable {
            if !blocked {
                self.send(&FromWorker::Blocked { replies }, &[]);
            }
            told = true;
            readable = self.readable(deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())));
        }
        if told && !readable {
            self.send(&FromWorker::Running, &[]);
        }
        let frame = readable.then(|| self.read());
        let mut state = self.lock();
        state.leader = None;
        state.blocked = false;
        if let Some((ToWorker::Reply { id, reply }, body)) = frame {
            state.replies += 1;
            if let Some(group) = state.calls.remove(&id) {
                state.answers.insert(id, (reply, body));
                if group != SINGLE {
                    state.ready.entry(group).or_default().push(id);
                }
            }
        }
        if state.followers > 0 {
            self.changed.notify_all();
        }
        state
    }

    /// Whether a frame can be read, after at most `timeout`.
    fn readable(&self, timeout: Option<Duration>) -> bool {
        let millis = timeout.map_or(-1, |timeout| {
            i32::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
        });
        let mut watched = libc::pollfd {
            fd: self.stream.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one valid pollfd, whose descriptor lives as long as `self`
        unsafe { libc::poll(&raw mut watched, 1, millis) > 0 }
    }

    /// One frame; a body that memory does not hold becomes a failed call.
    fn read(&self) -> (ToWorker, Vec<u8>) {
        self.try_read().unwrap_or_else(|_| gone())
    }

    fn try_read(&self) -> std::io::Result<(ToWorker, Vec<u8>)> {
        let mut stream = &self.stream;
        let mut prefix = [0; wire::PREFIX];
        stream.read_exact(&mut prefix)?;
        let (head, length) = wire::lengths(prefix, wire::MAX_TO_WORKER)?;
        if length <= SMALL {
            let mut bytes = vec![0; head + length];
            stream.read_exact(&mut bytes)?;
            let body = bytes.split_off(head);
            return Ok((wire::decode(&bytes)?, body));
        }
        let mut bytes = vec![0; head];
        stream.read_exact(&mut bytes)?;
        let head = wire::decode(&bytes)?;
        let mut body = Vec::new();
        if body.try_reserve_exact(length).is_ok() {
            stream.take(length as u64).read_to_end(&mut body)?;
            return Ok((head, body));
        }
        std::io::copy(&mut stream.take(length as u64), &mut std::io::sink())?;
        Ok((too_large(head, length), Vec::new()))
    }
}

fn too_large(head: ToWorker, length: usize) -> ToWorker {
    let ToWorker::Reply { id, .. } = head else { return head };
    let message = format!("the result of {length} bytes does not fit into the script's memory");
    ToWorker::Reply {
        id,
        reply: Reply::Failed { message, data: None },
    }
}

/// Ends a process that nobody hears any more.
fn gone() -> ! {
    // SAFETY: ends the process; nothing of it is needed by another
    unsafe { libc::_exit(0) }
}
