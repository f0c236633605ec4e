//! The list of calls that a script made.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde_json::Value;

use crate::sandbox::execution::{Call, CallStatus};

/// Calls in the order they were made; some may not have ended.
#[derive(Debug, Default)]
pub struct Calls {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    call: Call,
    started: Instant,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    Going,
    Ended,
}

/// How a call ended.
#[derive(Debug)]
pub struct End {
    /// Which way.
    pub status: CallStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// Size of what came back.
    pub bytes: u64,
    /// What the record keeps of what came back.
    pub result: Option<String>,
}

impl Calls {
    /// Notes that a call was made; gives its place for [`Calls::end`].
    pub fn start(&self, server: &str, tool: &str, arguments: Value) -> usize {
        let call = Call {
            server: server.to_owned(),
            tool: tool.to_owned(),
            arguments,
            status: CallStatus::Unknown,
            error: None,
            duration_ms: 0,
            bytes: 0,
            result: None,
        };
        let mut entries = self.lock();
        entries.push(Entry {
            call,
            started: Instant::now(),
            state: State::Going,
        });
        entries.len() - 1
    }

    /// Notes how the call at `place` ended.
    pub fn end(&self, place: usize, end: End) {
        if let Some(entry) = self.lock().get_mut(place) {
            let call = &mut entry.call;
            (call.status, call.error, call.bytes, call.result) = (end.status, end.error, end.bytes, end.result);
            call.duration_ms = milliseconds(entry.started);
            entry.state = State::Ended;
        }
    }

    /// Takes the whole list; what has not ended did so by `ending`.
    pub fn take(&self, ending: CallStatus) -> Vec<Call> {
        let close = |mut entry: Entry| {
            if entry.state == State::Going {
                entry.call.status = ending;
                entry.call.duration_ms = milliseconds(entry.started);
            }
            entry.call
        };
        std::mem::take(&mut *self.lock()).into_iter().map(close).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
