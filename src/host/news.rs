//! What changes around runs while they go on.

use std::sync::{Arc, Mutex, PoisonError};

/// What has changed since the catalog was made, one line each, in order.
#[derive(Debug, Clone, Default)]
pub struct News(Arc<Mutex<Vec<String>>>);

impl News {
    /// Adds a line.
    pub fn add(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// All after the first `heard`.
    pub fn after(&self, heard: usize) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().skip(heard).cloned().collect()
    }
}
