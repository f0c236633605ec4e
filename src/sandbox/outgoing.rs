//! Bytes on their way to a worker, each kept once: a large body is never copied.

use std::{collections::VecDeque, io::IoSlice};

/// Pieces that are written at a time.
const PIECES: usize = 16;

/// A queue of pieces.
#[derive(Debug, Default)]
pub struct Outgoing {
    pieces: VecDeque<Vec<u8>>,
    /// Bytes of the first piece that were written.
    written: usize,
    size: usize,
}

impl Outgoing {
    /// Appends a piece.
    pub fn push(&mut self, piece: Vec<u8>) {
        if !piece.is_empty() {
            self.size += piece.len();
            self.pieces.push_back(piece);
        }
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.size
    }

    /// Pieces that wait.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// What to write next.
    pub fn slices(&self) -> Vec<IoSlice<'_>> {
        let pieces = self.pieces.iter().take(PIECES).enumerate();
        pieces
            .map(|(nth, piece)| IoSlice::new(if nth == 0 { &piece[self.written..] } else { piece }))
            .collect()
    }

    /// So many bytes were written.
    pub fn advance(&mut self, written: usize) {
        self.size -= written;
        self.written += written;
        while let Some(first) = self.pieces.front()
            && self.written >= first.len()
        {
            self.written -= first.len();
            self.pieces.pop_front();
        }
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
