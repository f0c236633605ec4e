//! The two streams: stdout, whose reader may leave, and stderr, which spinners and questions share.

use std::{
    collections::VecDeque,
    io::{self, Write},
};

use super::{progress::Progress, stream::Live};
use crate::mask::Masker;

/// Lines kept while a question is on the screen; older ones are dropped beyond it.
const MAX_HELD: usize = 1_000;

/// stdout.
pub(super) struct Out {
    to: Box<dyn Write + Send>,
    /// Whether anybody still reads.
    pub open: bool,
}

/// stderr, with the spinners that are below its lines.
pub(super) struct Err {
    to: Box<dyn Write + Send>,
    masker: Masker,
    pub progress: Option<Progress>,
    /// In a conversation on a terminal.
    pub live: Option<Live>,
    /// How wide the terminal is by now.
    pub columns: fn() -> usize,
    pauses: usize,
    held: VecDeque<String>,
    /// The screen's last line is not ended: a script printed it.
    mid_line: bool,
}

impl Out {
    pub fn new(to: Box<dyn Write + Send>) -> Self {
        Self { to, open: true }
    }

    pub fn write(&mut self, text: &str) -> io::Result<()> {
        if !self.open {
            return Ok(());
        }
        match write_all(&mut self.to, text) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.open = false;
                Ok(())
            }
            result => result,
        }
    }
}

impl Err {
    pub fn new(to: Box<dyn Write + Send>, progress: Option<Progress>, masker: Masker) -> Self {
        Self {
            to,
            masker,
            progress,
            live: None,
            columns: || 80,
            pauses: 0,
            held: VecDeque::new(),
            mid_line: false,
        }
    }

    /// Keeps lines until [`Err::resume`].
    pub fn pause(&mut self) {
        self.pauses += 1;
        if let Some(progress) = &self.progress {
            progress.hide();
        }
    }

    /// Writes what was kept, once nobody pauses any more.
    pub fn resume(&mut self) {
        self.pauses -= 1;
        if self.pauses > 0 {
            return;
        }
        for line in std::mem::take(&mut self.held) {
            self.line(line);
        }
        if let Some(progress) = &self.progress {
            progress.show();
        }
    }

    /// Writes a line, or keeps it while a question is asked.
    pub fn line(&mut self, line: String) {
        let line = self.masker.text(&line);
        if self.pauses > 0 {
            if self.held.len() == MAX_HELD {
                self.held.pop_front();
            }
            self.held.push_back(line);
            return;
        }
        let start = if self.mid_line { "\n" } else { "" };
        let text = format!("{start}{line}\n");
        // nobody is left to be told that stderr is gone
        let _ = self.write(&text);
    }

    /// Writes text as it is.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.beside_progress(text, |err| write_all(&mut err.to, text))
    }

    /// Writes `text`, by `write`, where spinners are: they make room, and stay away from an open line.
    pub fn beside_progress(&mut self, text: &str, write: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let Some(progress) = self.progress.take() else {
            return write(self);
        };
        let open = !text.is_empty() && !text.ends_with('\n');
        if open {
            progress.hide();
        }
        let result = progress.suspend(|| write(self));
        if !open && self.mid_line && self.pauses == 0 {
            progress.show();
        }
        self.mid_line = open;
        self.progress = Some(progress);
        result
    }
}

fn write_all(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}
