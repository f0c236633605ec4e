//! Why a script's process ended without a word, and where the script was.
//!
//! - The signal alone says little: where the process may signal nobody, itself included, the C library's `abort` ends
//!   by a fault. So what the process marked and wrote in its last moment goes before.

use std::{io::PipeReader, time::Duration};

use super::{
    diagnosis::{crashed, forbidden, timed_out},
    execution::{Code, Diagnostics},
    process::complaint,
};
use crate::wire::{self, Mark};

/// What the standard library writes before it aborts for want of memory.
const NO_MEMORY: &str = "memory allocation of";
/// How long a living process may take to say where it is.
const PATIENCE: Duration = Duration::from_millis(100);

/// What a script's process wrote to its standard error.
pub struct LastWords {
    text: String,
}

impl LastWords {
    /// What there is; later ones do not hold it any more.
    pub fn read(stderr: &mut PipeReader) -> Self {
        Self {
            text: complaint(stderr),
        }
    }

    /// The same, waiting shortly for a process that was asked where it is.
    pub async fn wait(stderr: &mut PipeReader) -> Self {
        let wait = async {
            loop {
                let words = Self::read(stderr);
                if words.line().is_some() {
                    return words;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let words = tokio::time::timeout(PATIENCE, wait).await;
        words.unwrap_or(Self { text: String::new() })
    }

    /// The script's line, where it is known.
    pub fn line(&self) -> Option<u32> {
        wire::last_mark(&self.text)?.line
    }

    /// The diagnosis; `status` is what the kernel says of the end, where that could be had.
    pub fn diagnosis(&self, status: Option<i32>) -> Diagnostics {
        let signal = status.filter(|s| libc::WIFSIGNALED(*s)).map(|s| libc::WTERMSIG(s));
        let mut diagnostics = match signal {
            Some(libc::SIGSYS) => forbidden("the kernel does not say which"),
            Some(libc::SIGXCPU) => timed_out("the script used up its processor time"),
            _ if self.text.contains(NO_MEMORY) => out_of_memory(),
            _ => self.fault(signal),
        };
        diagnostics.line = self.line();
        diagnostics
    }

    fn fault(&self, signal: Option<i32>) -> Diagnostics {
        let mark = wire::last_mark(&self.text).map(|marked| marked.mark);
        let how = match (mark, signal) {
            (Some(Mark::StackOverflow), _) => "stack overflow".to_owned(),
            (_, Some(libc::SIGKILL)) => "it was killed from outside".to_owned(),
            (Some(Mark::Fault), _) => "a fault inside it".to_owned(),
            (_, Some(signal)) => format!("signal {signal}"),
            (_, None) => "a fault of its own".to_owned(),
        };
        let mut diagnostics = crashed(&format!("the script ended the interpreter ({how})"));
        diagnostics.hint = Some("avoid deep recursion, deep nesting and very long chains of iterators".to_owned());
        diagnostics
    }
}

fn out_of_memory() -> Diagnostics {
    Diagnostics {
        code: Code::MemoryLimit,
        rule: None,
        message: "the script used up its memory (`--memory`)".to_owned(),
        line: None,
        hint: Some("work on smaller pieces, or keep only what the answer needs".to_owned()),
    }
}
