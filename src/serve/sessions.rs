//! One client's sessions by name: what they hold, and when they end.
//!
//! - One that is in use neither expires nor makes room for another.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The state of a session; `None` until its first script, and after it was lost.
pub type State<T> = Arc<tokio::sync::Mutex<Option<T>>>;

/// States that are kept.
#[derive(Debug)]
pub struct Sessions<T> {
    kept: Mutex<HashMap<String, Kept<T>>>,
    most: usize,
    idle: Duration,
}

#[derive(Debug)]
struct Kept<T> {
    state: State<T>,
    used: Instant,
}

/// All sessions are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all {most} sessions are in use; try again when a script has ended, or name one that there is")]
pub struct Crowded {
    /// How many there are.
    pub most: usize,
}

impl<T> Sessions<T> {
    /// At most so many, each until nobody has used it for so long.
    pub fn new(most: usize, idle: Duration) -> Self {
        Self {
            kept: Mutex::default(),
            most,
            idle,
        }
    }

    /// The session of this name; a new one takes the place of the one that is idle longest where there are too many.
    ///
    /// # Errors
    /// All are in use.
    pub fn named(&self, name: &str, now: Instant) -> Result<State<T>, Crowded> {
        self.expire(now);
        let mut kept = self.kept();
        if let Some(known) = kept.get_mut(name) {
            known.used = now;
            return Ok(Arc::clone(&known.state));
        }
        if kept.len() >= self.most {
            let idle = kept.iter().filter(|(_, known)| !known.is_in_use());
            let longest = idle.min_by_key(|(_, known)| known.used).map(|(name, _)| name.clone());
            kept.remove(&longest.ok_or(Crowded { most: self.most })?);
        }
        let state = State::default();
        let new = Kept {
            state: Arc::clone(&state),
            used: now,
        };
        kept.insert(name.to_owned(), new);
        Ok(state)
    }

    /// From now on it is idle.
    pub fn used(&self, name: &str, now: Instant) {
        if let Some(known) = self.kept().get_mut(name) {
            known.used = now;
        }
    }

    /// Ends those that nobody has used for long.
    pub fn expire(&self, now: Instant) {
        self.kept()
            .retain(|_, known| known.is_in_use() || now.saturating_duration_since(known.used) < self.idle);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Kept<T> {
    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.state) > 1
    }
}
