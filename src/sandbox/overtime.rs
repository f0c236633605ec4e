//! What happens to a script whose time is up: it is told so, and ended if it has not come to its end soon.
//!
//! - It is told again and again, since a signal may come a moment before the wait that it was to end.

use std::time::{Duration, Instant};

/// How long it may take to raise the exception and to clean up.
const GRACE: Duration = Duration::from_millis(250);
const AGAIN: Duration = Duration::from_millis(50);

/// What is to be done with a script whose time is up.
pub enum Due {
    /// To tell it.
    Word,
    /// To end it.
    End,
}

/// The time after the end.
pub struct Overtime {
    over: Instant,
    next: Instant,
}

impl Overtime {
    /// Begins now; the script is to be told.
    pub fn begin() -> Self {
        let now = Instant::now();
        Self {
            over: now + GRACE,
            next: now,
        }
    }

    /// Waits until something is due. Loses nothing when it is dropped half-way.
    pub async fn due(&mut self) -> Due {
        tokio::time::sleep_until(self.next.min(self.over).into()).await;
        if self.over <= Instant::now() {
            return Due::End;
        }
        self.next += AGAIN;
        Due::Word
    }
}
