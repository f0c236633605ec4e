//! The end of a run from outside, for whatever waits in it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::wire::Code;

/// Asked for once, by anyone who holds a clone; seen by everyone who does.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Code>>>);

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Asks everything to end, a script with this diagnostics code; the first one counts.
    pub fn ask(&self, code: Code) {
        self.0.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert(code);
            first
        });
    }

    /// The code, if the end was asked for.
    pub fn asked(&self) -> Option<Code> {
        *self.0.borrow()
    }

    /// Waits until the end is asked for.
    pub async fn wait(&self) -> Code {
        let mut receiver = self.0.subscribe();
        let asked = receiver.wait_for(Option::is_some).await.map(|code| *code);
        match asked {
            Ok(code) => code.unwrap_or(Code::Cancelled),
            // the sender lives as long as `self`
            Err(_) => std::future::pending().await,
        }
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
