//! What a stub says of results whose type nobody has declared.

use super::{super::shape::Observed, Stub};

/// Characters of a shape in a signature.
pub(super) const MOST: usize = 200;
/// The same where room is short.
const LESS: usize = 80;
/// Steps in which shapes make room for signatures.
pub(in crate::tools) const ROOMS: [usize; 2] = [LESS, 0];

impl Stub {
    /// From now on it says what results looked like, unless their type is declared.
    pub fn observe(&mut self, observed: Observed) {
        self.observed = Some(observed).filter(|_| self.returns.is_none());
    }

    /// Shows at most so many characters of that.
    pub(in crate::tools) fn set_observed_room(&mut self, most: usize) {
        self.observed_room = most;
    }

    /// Shows less of it than of arguments: a script can look.
    pub(super) fn fold_observed(&mut self) {
        self.observed_room = self.observed_room.min(LESS);
    }

    pub(super) fn of_results(&self) -> String {
        match &self.observed {
            Some(observed) if self.observed_room > 0 => format!("observed: {}", observed.short(self.observed_room)),
            _ => "text or JSON".to_owned(),
        }
    }
}
