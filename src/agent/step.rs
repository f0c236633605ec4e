//! One turn of a run: what the model replied and what became of it.

use serde_json::Value;

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
    /// What the script answered, where that holds a secret: for the user, who asked for it, and nobody else; what a reply
    /// that is the answer means, where it is of a type.
    pub answer: Option<Value>,
    /// What its script asked the model.
    pub queries: Spent,
    /// What has changed around the run meanwhile, for the next prompt.
    pub news: Vec<String>,
    /// What it had to do.
    pub due: Due,
    /// What the model is told of each call in the reply, in order.
    pub results: Vec<String>,
}

/// What a script has to do so that its step does not count as failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Due {
    /// Run without an error.
    #[default]
    Success,
    /// Answer.
    Answer,
}

impl Step {
    /// A script that was run.
    pub fn ran(completion: Completion, script: String, execution: Execution) -> Self {
        Self {
            script: Some(script),
            ..Self::called(completion, execution)
        }
    }

    /// A reply without a script that is not the answer: `NO_CODE`.
    pub fn no_code(completion: Completion) -> Self {
        let message = match completion.visible() {
            text if text.is_empty() => "the reply was empty",
            _ => "the reply held no script",
        };
        Self::called(completion, Execution::no_code(message))
    }

    /// A reply that called tools by itself, or neither did so nor is the answer.
    pub fn called(completion: Completion, execution: Execution) -> Self {
        Self {
            execution: Some(execution),
            ..Self::text(completion)
        }
    }

    /// A reply that is the answer; only where [`Run::may_end_with_text`](super::run::Run::may_end_with_text), or no script
    /// is asked for.
    pub fn text(completion: Completion) -> Self {
        Self {
            completion,
            script: None,
            execution: None,
            answer: None,
            queries: Spent::default(),
            news: Vec::new(),
            due: Due::default(),
            results: Vec::new(),
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

    /// Whether it ended well: it did not fail and did what it had to, or the reply is the answer.
    pub fn succeeded(&self) -> bool {
        match (&self.execution, self.due) {
            (None, _) => true,
            (Some(execution), Due::Success) => execution.success,
            (Some(execution), Due::Answer) => execution.success && execution.answered,
        }
    }

    /// Whether all that is wrong with it is that its script did not answer.
    pub fn owes_an_answer(&self) -> bool {
        !self.succeeded() && self.execution.as_ref().is_some_and(|execution| execution.success)
    }
}
