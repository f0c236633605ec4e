//! A task, the steps towards its answer, and the record that is left.
//!
//! - Pure: its id and its duration are handed in; the same steps give the same record.
//! - A run that has ended takes no more steps.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{conversation::Conversation, step::Step, task::Task};
use crate::{
    model::{Cost, Usage},
    sandbox::execution::Execution,
    wire,
};

/// When a run gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Steps in all (`--max-steps`).
    pub max_steps: usize,
    /// Failed steps in a row (`--max-retries`); 0 counts as 1.
    pub max_retries: usize,
}

/// What a run needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another step.
    Step,
    /// Nothing: it has ended.
    Done(Status),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has an answer.
    Answered,
    /// Its steps or retries were used up.
    GaveUp,
    /// Retrying could not have helped.
    Failed,
    /// Time, tokens or money were used up.
    Budget,
    /// The user stopped it.
    Cancelled,
}

/// A task and what was done for it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    id: String,
    task: Task,
    limits: Limits,
    steps: Vec<Step>,
    end: Option<End>,
}

#[derive(Debug, Clone, PartialEq)]
struct End {
    status: Status,
    answer: Value,
    error: Option<String>,
}

impl Run {
    /// A run that has not begun. `id` must be unique among the user's runs.
    pub fn new(id: impl Into<String>, task: Task, limits: Limits) -> Self {
        let mut run = Self {
            id: id.into(),
            task,
            limits,
            steps: Vec::new(),
            end: None,
        };
        if limits.max_steps == 0 {
            run.give_up();
        }
        run
    }

    /// Whether to take another step.
    pub fn next(&self) -> Next {
        self.end.as_ref().map_or(Next::Step, |end| Next::Done(end.status))
    }

    /// Adds a step, which may end the run. After the end it is ignored.
    pub fn push(&mut self, step: Step) {
        if self.end.is_some() {
            return;
        }
        let answer = match &step.execution {
            None => {
                let text = || Value::String(step.completion.visible());
                Some(step.answer.clone().unwrap_or_else(text))
            }
            Some(execution) => (execution.success && execution.answered)
                .then(|| step.answer.clone().unwrap_or_else(|| execution.result.clone())),
        };
        self.steps.push(step);
        match answer {
            Some(answer) => {
                self.end = Some(End {
                    status: Status::Answered,
                    answer,
                    error: None,
                })
            }
            None if self.steps_left() == 0 || self.failed_in_a_row() >= self.limits.max_retries.max(1) => {
                self.give_up();
            }
            None => {}
        }
    }

    /// Adds a step that does not end the run: it was stopped from outside and says nothing of the task, or is the last
    /// that a budget allows.
    pub fn push_stopped(&mut self, step: Step) {
        if self.end.is_none() {
            self.steps.push(step);
        }
    }

    /// Ends the run from outside. One that has ended stays as it is.
    pub fn stop(&mut self, status: Status, error: impl Into<String>) {
        self.end.get_or_insert_with(|| End {
            status,
            answer: Value::Null,
            error: Some(error.into()),
        });
    }

    /// Whether a reply without a script is the answer: only after a script has succeeded, be it `earlier` in the
    /// session, and never where the answer must be of a type.
    pub fn may_end_with_text(&self, earlier: &Conversation) -> bool {
        let has_succeeded = || self.has_succeeded() || earlier.has_succeeded();
        self.task.answer.is_none() && has_succeeded()
    }

    /// Whether a script has succeeded.
    pub fn has_succeeded(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.execution.is_some() && step.succeeded())
    }

    /// What is to be done.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// What was done, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The answer; null without one.
    pub fn answer(&self) -> &Value {
        self.end.as_ref().map_or(&Value::Null, |end| &end.answer)
    }

    /// Why it ended without an answer.
    pub fn error(&self) -> Option<&str> {
        self.end.as_ref().and_then(|end| end.error.as_deref())
    }

    /// When it gives up.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Its record; a run that has not ended counts as cancelled.
    pub fn into_record(mut self, duration: Duration) -> Record {
        self.stop(Status::Cancelled, "the run was stopped before it had an answer");
        let end = self.end.expect("`stop` has just set it where it was missing");
        let usage = total(&self.steps);
        Record {
            run_id: self.id,
            task: self.task.text,
            status: end.status,
            answer: end.answer,
            error: end.error,
            steps: self.steps.into_iter().map(StepRecord::from).collect(),
            usage,
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn steps_left(&self) -> usize {
        self.limits.max_steps.saturating_sub(self.steps.len())
    }

    fn failed_in_a_row(&self) -> usize {
        self.steps.iter().rev().take_while(|step| !step.succeeded()).count()
    }

    fn give_up(&mut self) {
        let steps = self.steps.len();
        let plural = |n| if n == 1 { "" } else { "s" };
        let error = if self.steps_left() == 0 {
            format!("no answer after {steps} step{}{}", plural(steps), self.last_words())
        } else {
            let failed = self.failed_in_a_row();
            format!("{failed} step{} failed in a row{}", plural(failed), self.last_words())
        };
        self.stop(Status::GaveUp, error);
    }

    /// The last line of the last step's failure, which in a traceback says what it is.
    fn last_words(&self) -> String {
        let last = self.steps.last();
        if last.is_some_and(Step::owes_an_answer) {
            return "; last: the script did not call `answer`".to_owned();
        }
        let failure = last.and_then(|step| step.execution.as_ref()?.diagnostics.as_ref());
        failure
            .and_then(|d| d.message.trim_end().lines().last())
            .map_or(String::new(), |line| format!("; last: {line}"))
    }
}

fn total(steps: &[Step]) -> TotalUsage {
    let usage = steps.iter().map(Step::usage).reduce(Usage::plus).unwrap_or_default();
    let executions = steps.iter().filter_map(|step| step.execution.as_ref());
    let calls = executions.flat_map(|execution| &execution.calls);
    TotalUsage {
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        total_tokens: usage.total_tokens,
        cost: usage.cost,
        model_calls: steps.iter().map(|step| 1 + step.queries.calls).sum(),
        tool_calls: calls.filter(|call| call.server != wire::LLM).count() as u64,
    }
}

/// A run as the contract records it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique among the user's runs.
    pub run_id: String,
    /// The task's text.
    pub task: String,
    /// How it ended.
    pub status: Status,
    /// The answer; null without one.
    pub answer: Value,
    /// Why there is no answer.
    pub error: Option<String>,
    /// What was done, in order.
    pub steps: Vec<StepRecord>,
    /// What it took.
    pub usage: TotalUsage,
    /// Wall-clock time.
    pub duration_ms: u64,
}

/// A step as the contract records it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The model's reply as it came.
    pub reply: String,
    /// The script in it.
    pub script: Option<String>,
    /// What became of it; null where the reply was the answer.
    pub execution: Option<Execution>,
    /// Tokens of this step, what its script asked the model included.
    pub usage: Usage,
}

/// Tokens and calls of a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalUsage {
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Tokens of all replies.
    pub completion_tokens: u64,
    /// Their sum, as the endpoint counts.
    pub total_tokens: u64,
    /// What they cost; absent where that is not known of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Completions that were received, those for scripts included.
    pub model_calls: u64,
    /// Tool calls of all steps, without what they asked the model.
    pub tool_calls: u64,
}

impl From<Step> for StepRecord {
    fn from(step: Step) -> Self {
        let usage = step.usage();
        Self {
            reply: step.completion.text,
            script: step.script,
            execution: step.execution,
            usage,
        }
    }
}
