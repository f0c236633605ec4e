//! The time that counts for a script.

use std::time::{Duration, Instant};

/// A script's own time: it stands still while the script waits for replies.
pub struct Clock {
    left: Duration,
    since: Option<Instant>,
}

impl Clock {
    /// Stands at the whole limit.
    pub fn new(limit: Duration) -> Self {
        Self {
            left: limit,
            since: None,
        }
    }

    /// Goes on, if it stood still.
    pub fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Stands still.
    pub fn stop(&mut self) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
    }

    /// Waits until nothing is left; for ever while it stands still.
    pub async fn expired(&self) {
        match self.since {
            Some(since) => tokio::time::sleep_until((since + self.left).into()).await,
            None => std::future::pending().await,
        }
    }
}
