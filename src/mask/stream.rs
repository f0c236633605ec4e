//! Text that comes in pieces, between which a secret may be divided.
//!
//! - What may be the beginning of a secret is kept back until it is known, and nothing else.
//! - No more is kept than the longest secret.

use super::{MASK, Masker};

/// Hides secrets in text that comes in pieces.
#[derive(Debug)]
pub struct Stream {
    masker: Masker,
    /// Not given out yet.
    kept: String,
    /// Bytes at its beginning for which the mask has been given out.
    covered: usize,
}

impl Stream {
    pub(super) fn new(masker: Masker) -> Self {
        Self {
            masker,
            kept: String::new(),
            covered: 0,
        }
    }

    /// Takes the next piece, and gives what can leave of all so far.
    pub fn push(&mut self, piece: &str) -> String {
        self.kept.push_str(piece);
        let known = self.masker.known();
        let Some(search) = &known.search else {
            self.covered = 0;
            return std::mem::take(&mut self.kept);
        };
        let end = search.pending(&self.kept);
        self.give(end)
    }

    /// Gives what was kept: nothing follows.
    pub fn finish(&mut self) -> String {
        self.give(self.kept.len())
    }

    /// Gives what stands before `end`, without secrets.
    fn give(&mut self, end: usize) -> String {
        let before = (self.covered > 0).then_some(0..self.covered);
        let before: Vec<_> = before.into_iter().collect();
        let found = match &self.masker.known().search {
            Some(search) => search.find(&self.kept, before),
            None => before,
        };
        let (mut given, mut at) = (String::new(), 0);
        for place in found {
            let begun = self.covered > 0 && place.start == 0;
            if !begun && place.start >= end {
                break;
            }
            if !begun {
                given.push_str(&self.kept[at..place.start]);
                given.push_str(MASK);
            }
            at = place.end;
        }
        given.push_str(self.kept.get(at..end).unwrap_or_default());
        self.kept.drain(..end);
        self.covered = at.saturating_sub(end);
        given
    }
}
