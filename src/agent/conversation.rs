//! What happened in a session before the task at hand: earlier tasks, and what the user did besides.
//!
//! - It only grows; the tools that scripts may call stay the same for its life.

use super::{
    run::Run,
    shorten::{fenced, shorten},
};
use crate::sandbox::Execution;

/// Earlier turns of a session, the oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conversation {
    turns: Vec<Turn>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// A task that was worked on and has ended.
    Task(Run),
    /// Something that the model should know with the next task, in a sentence or more of Markdown.
    Note(String),
}

/// A turn, borrowed.
pub(super) enum Shown<'a> {
    Task(&'a Run),
    Note(&'a str),
}

impl Turn {
    pub(super) fn as_shown(&self) -> Shown<'_> {
        match self {
            Self::Task(run) => Shown::Task(run),
            Self::Note(text) => Shown::Note(text),
        }
    }
}

impl Conversation {
    /// Adds a task that has ended.
    pub fn task(&mut self, run: Run) {
        self.turns.push(Turn::Task(run));
    }

    /// Adds something that the user did between two tasks.
    pub fn note(&mut self, text: impl Into<String>) {
        self.turns.push(Turn::Note(text.into()));
    }

    /// Adds Python that the user ran in the session, and what became of it, in at most about `most` characters each.
    pub fn ran(&mut self, code: &str, execution: &Execution, most: usize) {
        let mut note = format!(
            "The user ran Python in the session:\n\n{}",
            fenced(&shorten(code, most), "python")
        );
        if !execution.stdout.is_empty() {
            let printed = fenced(&shorten(&execution.stdout, most), "text");
            note.push_str(&format!("\n\nIt printed:\n\n{printed}"));
        }
        if let Some(diagnostics) = &execution.diagnostics {
            let message = fenced(&shorten(&diagnostics.message, most), "text");
            note.push_str(&format!("\n\nIt failed, so no variable has changed:\n\n{message}"));
        }
        self.note(note);
    }

    /// Adds that the user took back what a script did to the variables.
    pub fn undone(&mut self, code: &str, most: usize) {
        self.note(format!(
            "The user took back what this script did to the variables; what its tool calls did stays:\n\n{}",
            fenced(&shorten(code, most), "python")
        ));
    }

    /// All of it.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Its tasks.
    pub fn tasks(&self) -> impl Iterator<Item = &Run> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Task(run) => Some(run),
            Turn::Note(_) => None,
        })
    }

    /// Whether any script of it has succeeded.
    pub fn has_succeeded(&self) -> bool {
        self.tasks().any(Run::has_succeeded)
    }
}
