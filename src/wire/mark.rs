//! What a script's process says when it cannot say it in a frame: a line on its standard error.
//!
//! - It is written by a signal handler, so making it takes no memory.
//! - The parent takes from it a number and one of three words, whatever else was written there.

use std::fmt;

/// The signal by which the parent says that a script's time is up.
pub const TIME_IS_UP: i32 = libc::SIGALRM;
/// The signal by which the parent asks where a script is.
pub const WHERE: i32 = libc::SIGUSR1;

/// Every mark begins so.
const BEGIN: &str = "\u{1}script ";

/// How it is with the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It runs.
    Alive,
    /// The process came to the end of its stack.
    StackOverflow,
    /// The process broke in another way.
    Fault,
}

/// A mark and the line of the script where it was made, as one line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// How it is.
    pub mark: Mark,
    /// Where, if the script has a frame in its main thread.
    pub line: Option<u32>,
}

impl fmt::Display for Marked {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.mark {
            Mark::Alive => "alive",
            Mark::StackOverflow => "stack",
            Mark::Fault => "fault",
        };
        write!(to, "{BEGIN}{word} {}", self.line.unwrap_or(0))
    }
}

/// The last mark in what a process wrote, with the line of the last one that has a line.
pub fn last_mark(text: &str) -> Option<Marked> {
    let mut marks = text.lines().rev().filter_map(mark);
    let last = marks.next()?;
    let line = last.line.or_else(|| marks.find_map(|earlier| earlier.line));
    Some(Marked { line, ..last })
}

fn mark(line: &str) -> Option<Marked> {
    let (word, number) = line.strip_prefix(BEGIN)?.split_once(' ')?;
    let mark = match word {
        "alive" => Mark::Alive,
        "stack" => Mark::StackOverflow,
        "fault" => Mark::Fault,
        _ => return None,
    };
    let line = number.parse().ok()?;
    Some(Marked {
        mark,
        line: (line > 0).then_some(line),
    })
}
