//! What went wrong, as the user reads it, and the exit code that goes with it.
//!
//! - A panic is one plain line, too.

use std::{fmt, panic, path::Path, process::ExitCode};

use crate::{
    agent::{prompt, solve},
    batch::results,
    cli::{inputs, settings, terminal, ui},
    host::trust,
    model, sandbox,
    tools::connection::kill_all,
};

/// Why the program ends without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened and where: lower case, no full stop.
    pub message: String,
    /// What to do next, a line each.
    pub hints: Vec<String>,
    /// How the program ends.
    pub exit: Exit,
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// There is an answer.
    Answered = 0,
    /// Steps or retries are used up, or the script of `mcm run` failed.
    GaveUp = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The model or a needed server could not be reached or refused us.
    Unreachable = 3,
    /// A budget stopped it.
    Budget = 4,
    /// The user interrupted it.
    Interrupted = 130,
}

impl Failure {
    /// A failure without hints.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hints: Vec::new(),
            exit,
        }
    }

    /// Wrong usage or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The model or a needed server could not be reached or refused us.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, message)
    }

    /// The same with one more line that says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mcm: {}", ui::clean(&self.message))?;
        for hint in &self.hints {
            write!(f, "\n  {}", ui::clean(hint))?;
        }
        Ok(())
    }
}

impl From<settings::Error> for Failure {
    fn from(error: settings::Error) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            settings::Error::DotEnv { .. } => failure.hint("a line of it reads `NAME=value`, or `# comment`"),
            settings::Error::Policy { .. } => {
                failure.hint(r#"it reads `{"allow": ["files.*"], "ask": [], "deny": ["*.delete_*"]}`"#)
            }
            settings::Error::Value { .. } | settings::Error::File { .. } => failure,
        }
    }
}

impl From<inputs::Error> for Failure {
    fn from(error: inputs::Error) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            inputs::Error::Name { .. } => failure.hint("choose another name"),
            inputs::Error::File { name, path, .. } if !path.exists() => {
                failure.hint(format!("a text that begins with `@` is given as `--input {name}=@@…`"))
            }
            _ => failure,
        }
    }
}

impl From<sandbox::Error> for Failure {
    fn from(error: sandbox::Error) -> Self {
        if matches!(error, sandbox::Error::Isolation { .. }) {
            return Self::usage(error.to_string())
                .hint("no script ran, because of `--require-isolation`; `mcm doctor` lists what this system has");
        }
        Self::usage(error.to_string()).hint("no script could be run; this is a fault of the program or of the machine")
    }
}

impl From<trust::Error> for Failure {
    fn from(error: trust::Error) -> Self {
        Self::usage(error.to_string()).hint(error.hint())
    }
}

impl From<results::Error> for Failure {
    fn from(error: results::Error) -> Self {
        let hint = error.hint();
        hint.into_iter().fold(Self::usage(error.to_string()), Self::hint)
    }
}

impl From<prompt::Error> for Failure {
    fn from(error: prompt::Error) -> Self {
        let hint = error.hint();
        hint.into_iter().fold(Self::usage(error.to_string()), Self::hint)
    }
}

impl From<solve::Error> for Failure {
    fn from(error: solve::Error) -> Self {
        match error {
            solve::Error::Model(error) => Self::from(error),
            solve::Error::Sandbox(error) => Self::from(error),
            solve::Error::Prompt(error) => Self::from(error),
        }
    }
}

impl From<model::Error> for Failure {
    fn from(error: model::Error) -> Self {
        let exit = match error {
            model::Error::Options { .. }
            | model::Error::Unpriced
            | model::Error::Replay { .. }
            | model::Error::Record { .. } => Exit::Usage,
            model::Error::Budget(_) => Exit::Budget,
            _ => Exit::Unreachable,
        };
        let text = error.to_string();
        let mut lines = text.lines();
        let failure = Self::new(exit, lines.next().unwrap_or_default());
        lines.fold(failure, |failure, line| failure.hint(line.trim_start()))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// From now on a panic prints one line and ends the program with exit code 2.
///
/// Not for the worker process, in which panics of the interpreter are caught.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|panic| {
        let file = panic
            .location()
            .and_then(|at| Some((Path::new(at.file()).file_name()?, at.line())));
        let place = file.map_or(String::new(), |(file, line)| {
            format!(" ({} line {line})", file.display())
        });
        let failure = Failure::usage(format!("a fault of the program itself{place}"))
            .hint("please report it with what you typed; nothing more is known");
        terminal::restore();
        ui::last_words(&failure);
        kill_all();
        std::process::exit(i32::from(failure.exit as u8));
    }));
}
