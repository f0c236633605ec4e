//! The user's say in how a batch goes on.

use std::sync::Arc;

use tokio::sync::watch;

/// Held by whoever may end a batch; its clones are the same.
#[derive(Debug, Clone)]
pub struct Control(Arc<watch::Sender<Phase>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Going,
    Draining,
    Stopped,
}

impl Control {
    /// It goes on.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Going)))
    }

    /// No task is begun any more; those that run come to their end.
    pub fn drain(&self) {
        self.advance(Phase::Draining);
    }

    /// Tasks that run are stopped as well.
    pub fn stop(&self) {
        self.advance(Phase::Stopped);
    }

    /// Whether tasks are begun.
    pub fn begins_more(&self) -> bool {
        *self.0.borrow() == Phase::Going
    }

    /// Whether tasks that run are stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() == Phase::Stopped
    }

    /// Waits until tasks that run are to be stopped.
    pub(super) async fn stopped(&self) {
        let mut phase = self.0.subscribe();
        // the sender lives as long as `self`
        let _ = phase.wait_for(|phase| *phase == Phase::Stopped).await;
    }

    fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let later = *phase < to;
            *phase = to.max(*phase);
            later
        });
    }
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}
