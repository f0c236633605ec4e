//! One turn of a run: what the model replied and what became of it.

use serde_json::Value;

use super::extract;
use crate::{
    model::{Completion, Usage, ledger::Spent},
    sandbox::execution::Execution,
};

/// One turn of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the model replied.
    pub completion: Completion,
    /// The script in it, if there was one.
    pub script: Option<String>,
    /// What became of it; `None` where the reply itself is the answer.
    pub execution: Option<Execution>,
    /// What the script answered, where that holds a secret: for the user, who asked for it, and nobody else.
    pub answer: Option<Value>,
    /// What its script asked the model.
    pub queries: Spent,
    /// What has changed around the run meanwhile, for the next prompt.
    pub news: Vec<String>,
}

impl Step {
    /// A script that was run.
    pub fn ran(completion: Completion, script: String, execution: Execution) -> Self {
        Self {
            completion,
            script: Some(script),
            execution: Some(execution),
            answer: None,
            queries: Spent::default(),
            news: Vec::new(),
        }
    }

    /// A reply without a script that is not the answer: `NO_CODE`.
    pub fn no_code(completion: Completion) -> Self {
        let message = match extract::visible(&completion.text) {
            text if text.is_empty() => "the reply was empty",
            _ => "the reply held no script",
        };
        Self {
            completion,
            script: None,
            execution: Some(Execution::no_code(message)),
            answer: None,
            queries: Spent::default(),
            news: Vec::new(),
        }
    }

    /// A reply that is the answer; only where [`Run::may_end_with_text`](super::run::Run::may_end_with_text).
    pub fn text(completion: Completion) -> Self {
        Self {
            completion,
            script: None,
            execution: None,
            answer: None,
            queries: Spent::default(),
            news: Vec::new(),
        }
    }

    /// Tokens of its completion and of its script's queries.
    pub fn usage(&self) -> Usage {
        match self.queries.calls {
            0 => self.completion.usage,
            _ => self.completion.usage.plus(self.queries.usage),
        }
    }

    /// Whether it ends its run with an answer.
    pub fn answers(&self) -> bool {
        let answers = |execution: &Execution| execution.success && execution.answered;
        self.execution.as_ref().is_none_or(answers)
    }

    /// Whether it ended well: a script that did not fail, or a reply that is the answer.
    pub fn succeeded(&self) -> bool {
        self.execution.as_ref().is_none_or(|execution| execution.success)
    }
}
