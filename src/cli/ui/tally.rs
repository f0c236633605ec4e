//! What is said of a batch, while it goes on and at its end. Pure.

use std::time::Duration;

use super::lines::{plural, time};
use crate::{
    agent::{run::Status, task::thousands},
    batch::{Snapshot, Tally},
};

/// Where a batch is.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Tasks that are to be done.
    pub total: usize,
    /// What was counted so far.
    pub counted: Snapshot,
    /// Requests that wait for a limit.
    pub waiting: usize,
    /// Since the first task was begun.
    pub elapsed: Duration,
}

/// One line for a file or another program.
pub(super) fn line(standing: &Standing) -> String {
    let done = standing.counted.finished.all();
    let mut parts = vec![format!("{done} of {} done", plural(standing.total, "task"))];
    parts.push(format!("{}/s", rate(done, standing.elapsed)));
    parts.extend(remarks(standing));
    if let Some(left) = left(standing) {
        parts.push(format!("{} left", rough(left)));
    }
    parts.join(", ")
}

/// What stands behind a bar: tokens, failures, and what is waited for.
pub(super) fn remarks(standing: &Standing) -> Vec<String> {
    let counted = &standing.counted;
    let counts = [
        (counted.tokens, "token", "tokens"),
        (counted.finished.unanswered() as u64, "failed", "failed"),
        (counted.retries, "retry", "retries"),
        (standing.waiting as u64, "waits for a limit", "wait for a limit"),
    ];
    let said = counts.into_iter().filter(|(n, ..)| *n > 0);
    said.map(|(n, one, more)| format!("{} {}", thousands(n as usize), if n == 1 { one } else { more }))
        .collect()
}

/// What a batch did, in one line.
pub(super) fn summary(standing: &Standing) -> String {
    let counted = &standing.counted;
    let done = counted.finished.all();
    let mut text = format!(
        "{} in {} ({}/s)",
        plural(done, "task"),
        time(standing.elapsed),
        rate(done, standing.elapsed)
    );
    if counted.tokens > 0 {
        text += &format!(", {} tokens", thousands(counted.tokens as usize));
    }
    if done > 0 {
        text += &format!(": {}", tally(counted.finished));
    }
    text
}

/// `5 answered, 1 gave up`
pub(super) fn tally(tally: Tally) -> String {
    let counts = [
        (tally.answered, Status::Answered),
        (tally.gave_up, Status::GaveUp),
        (tally.failed, Status::Failed),
        (tally.budget, Status::Budget),
    ];
    let said = counts.into_iter().filter(|(n, _)| *n > 0);
    said.map(|(n, status)| format!("{} {}", thousands(n), word(status)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How a task ended, in words.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Answered => "answered",
        Status::GaveUp => "gave up",
        Status::Failed => "failed",
        Status::Budget => "over budget",
        Status::Cancelled => "cancelled",
    }
}

fn rate(done: usize, elapsed: Duration) -> String {
    let per_second = done as f64 / elapsed.as_secs_f64().max(0.001);
    if per_second < 10.0 {
        format!("{per_second:.1}")
    } else {
        format!("{per_second:.0}")
    }
}

/// As long as it would take at the speed so far.
fn left(standing: &Standing) -> Option<Duration> {
    let done = standing.counted.finished.all();
    let left = standing.total.saturating_sub(done);
    (done > 0 && left > 0).then(|| standing.elapsed.mul_f64(left as f64 / done as f64))
}

fn rough(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..100 => format!("{seconds} s"),
        100..6_000 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}
