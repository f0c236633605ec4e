//! Who may run, and who waits: first come, first served.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places to run in, and to wait in.
#[derive(Debug)]
pub struct Queue {
    places: Arc<Semaphore>,
    at_a_time: usize,
    waiting: Arc<Semaphore>,
    most_waiting: usize,
}

/// Nobody else can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} calls wait already; try again when some have ended")]
pub struct Full {
    /// How many do.
    pub waiting: usize,
}

/// A place to run in, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Queue {
    /// So many run at a time, and so many wait.
    pub fn new(at_a_time: usize, most_waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_a_time)),
            at_a_time,
            waiting: Arc::new(Semaphore::new(most_waiting)),
            most_waiting,
        }
    }

    /// Waits for what `first` waits for, and then for a place. Whoever need not wait for either is never refused.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn enter<T>(&self, first: impl Future<Output = T>) -> Result<(T, Place), Full> {
        let both = async {
            let held = first.await;
            let permit = Arc::clone(&self.places).acquire_owned().await;
            let place = Place {
                _permit: permit.expect("it is never closed"),
            };
            (held, place)
        };
        let mut both = std::pin::pin!(both);
        let now = futures::FutureExt::now_or_never(&mut both);
        if let Some(entered) = now {
            return Ok(entered);
        }
        let _waiting = self.waiting.try_acquire().map_err(|_| Full {
            waiting: self.most_waiting,
        })?;
        Ok(both.await)
    }

    /// Waits until nobody runs.
    pub async fn idle(&self) {
        let all = u32::try_from(self.at_a_time).expect("a few");
        drop(self.places.acquire_many(all).await);
    }
}
