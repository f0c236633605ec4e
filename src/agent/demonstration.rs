//! A task of the same kind that was done well, which the model is shown as an earlier exchange.

use serde_json::Value;

use super::task::Task;

/// A task with the scripts that did it.
#[derive(Debug, Clone, PartialEq)]
pub struct Demonstration {
    /// What was to be done, with what.
    pub task: Task,
    /// What was written, in order; the last script answers.
    pub steps: Vec<Demonstrated>,
    /// What came out.
    pub answer: Value,
}

/// A script, and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demonstrated {
    /// Python.
    pub script: String,
    /// On its standard output; may be empty.
    pub output: String,
}
