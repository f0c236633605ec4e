//! Where a batch is.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::agent::run::{Status, TotalUsage};

/// Counts what goes on; shared.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Snapshot>);

/// What was counted at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Results that were written.
    pub finished: Tally,
    /// Tasks that are being done.
    pub running: usize,
    /// Tasks that were begun and stopped from outside, without a result.
    pub stopped: usize,
    /// Tokens of finished tasks, as the endpoint counts.
    pub tokens: u64,
    /// Requests to the model that had to be sent again.
    pub retries: u64,
}

/// How tasks ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// With an answer.
    pub answered: usize,
    /// Steps or retries were used up.
    pub gave_up: usize,
    /// Trying again would not have helped.
    pub failed: usize,
    /// Time was used up.
    pub budget: usize,
}

impl Progress {
    /// What was counted so far.
    pub fn snapshot(&self) -> Snapshot {
        *self.lock()
    }

    pub(super) fn began(&self) {
        self.lock().running += 1;
    }

    pub(super) fn retried(&self) {
        self.lock().retries += 1;
    }

    pub(super) fn stopped(&self) {
        let mut counted = self.lock();
        counted.running -= 1;
        counted.stopped += 1;
    }

    pub(super) fn finished(&self, status: Status, usage: TotalUsage) {
        let mut counted = self.lock();
        counted.running -= 1;
        counted.tokens += usage.total_tokens;
        counted.finished.add(status);
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, status: Status) {
        match status {
            Status::Answered => self.answered += 1,
            Status::GaveUp => self.gave_up += 1,
            // a run that was cancelled has no result
            Status::Failed | Status::Cancelled => self.failed += 1,
            Status::Budget => self.budget += 1,
        }
    }

    /// All of them.
    pub fn all(&self) -> usize {
        self.answered + self.unanswered()
    }

    /// Those without an answer.
    pub fn unanswered(&self) -> usize {
        self.gave_up + self.failed + self.budget
    }
}
