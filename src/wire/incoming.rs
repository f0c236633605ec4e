//! Frames as their bytes come, for a reader that waits for more than one thing.
//!
//! - A large body is read into a place of its own, and never copied.
//! - Memory is taken as the bytes come, not as a frame announces them.

use std::io;

use serde::de::DeserializeOwned;

use super::{PREFIX, decode, lengths};

/// From so many bytes on a body is large.
const LARGE: usize = 64 << 10;

/// What was read and not yet taken.
#[derive(Debug)]
pub struct Incoming<T> {
    /// In bytes.
    max_body: usize,
    buffer: Vec<u8>,
    /// A frame whose large body has come in part, and that body's length.
    partial: Option<(T, Vec<u8>, usize)>,
}

impl<T: DeserializeOwned> Incoming<T> {
    /// Nothing was read yet.
    pub fn new(max_body: usize) -> Self {
        Self {
            max_body,
            buffer: Vec::new(),
            partial: None,
        }
    }

    /// Where the next bytes are to be appended, and how many of them at most.
    pub fn room(&mut self) -> (&mut Vec<u8>, usize) {
        match &mut self.partial {
            Some((_, body, whole)) => {
                let missing = *whole - body.len();
                (body, missing)
            }
            None => (&mut self.buffer, LARGE),
        }
    }

    /// Takes the first frame; `None` as long as it is not whole.
    ///
    /// # Errors
    /// `InvalidData` for a frame that is too long or a head that is not a `T`.
    pub fn take(&mut self) -> io::Result<Option<(T, Vec<u8>)>> {
        if let Some((frame, body, whole)) = self.partial.take() {
            if body.len() == whole {
                return Ok(Some((frame, body)));
            }
            self.partial = Some((frame, body, whole));
            return Ok(None);
        }
        let Some(prefix) = self.buffer.first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let (head, body) = lengths(*prefix, self.max_body)?;
        let (front, whole) = (PREFIX + head, PREFIX + head + body);
        if self.buffer.len() < front || body < LARGE && self.buffer.len() < whole {
            return Ok(None);
        }
        let frame = decode(&self.buffer[PREFIX..front])?;
        // room that is not written to takes no memory
        let mut content = Vec::with_capacity(body);
        content.extend_from_slice(&self.buffer[front..whole.min(self.buffer.len())]);
        self.buffer.drain(..front + content.len());
        if content.len() == body {
            return Ok(Some((frame, content)));
        }
        self.partial = Some((frame, content, body));
        Ok(None)
    }
}
