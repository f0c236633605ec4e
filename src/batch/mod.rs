//! Many tasks, several at a time, over the same servers and one worker.
//!
//! - A task has its own session, calls, time limit and record; what becomes of one does not touch another.
//! - A result is counted when it is written, and a task that was stopped from outside has none: so a batch that
//!   ended in whatever way goes on where it was, and no task is answered twice.
//! - What no other task could escape ends the batch at once; every other failure is a result.

mod control;
mod job;
mod progress;
pub mod results;
pub mod tasks;

use std::{io, sync::Arc, time::Duration};

use tokio::task::JoinSet;

pub use control::Control;
pub use progress::{Progress, Snapshot, Tally};

use crate::{
    agent::{
        run::{self, Status},
        solve::{self, Workshop},
        task::Input,
    },
    host::Said,
    model::{ledger::Budget, rate::Limiter},
    program::Program,
};
use job::Ended;
use results::Writer;
use tasks::{Entry, Id};

/// All that a batch works with.
pub struct Batch {
    /// What tasks are done with.
    pub workshop: Workshop,
    /// Where they wait before they ask the model.
    pub limiter: Arc<Limiter>,
    /// Where results go.
    pub writer: Writer,
    /// All tasks, also those that are not to be done.
    pub entries: Vec<Entry>,
    /// What each of them is a case of.
    pub program: Program,
    /// What every task finds as variables, besides its own.
    pub inputs: Vec<Input>,
    /// What the user said when a task asked; it holds for all of them.
    pub said: Arc<Said>,
    /// How its runs are called: this, and the task's number.
    pub name: String,
    /// How much may go on.
    pub limits: Limits,
    /// What each task may use of the model.
    pub budget: Budget,
    /// Where it is; anyone may look.
    pub progress: Arc<Progress>,
    /// Told what goes on.
    pub listener: Listener,
}

/// How much may go on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Tasks at a time.
    pub jobs: usize,
    /// For one task, its waiting for the limiter not counted.
    pub time: Duration,
    /// For one task.
    pub run: run::Limits,
    /// What a task without an answer means for the others.
    pub on_failure: OnFailure,
}

/// What a task without an answer means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing.
    GoOn,
    /// They are not begun, or stopped.
    End,
}

/// A task has ended and its result is written.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// Of the task.
    pub id: &'a Id,
    /// How it ended.
    pub status: Status,
    /// Why there is no answer.
    pub error: Option<&'a str>,
}

/// Takes events; must not block.
pub type Listener = Box<dyn Fn(Finished<'_>) + Send + Sync>;

/// How a batch ended. All results that there are were written.
#[derive(Debug)]
pub enum End {
    /// All tasks that were to be done are done.
    Done,
    /// The user wanted no more tasks begun; those that ran are done.
    Drained,
    /// The user wanted it to stop; tasks that ran have no result.
    Stopped,
    /// A task has no answer, and that ends it.
    FailedFast,
    /// No other task could have been done.
    Hopeless(solve::Error),
    /// Results cannot be written.
    Unwritable(io::Error),
}

/// Does the tasks at these places of [`Batch::entries`], in that order, until `control` says otherwise.
pub async fn run(batch: Batch, todo: Vec<usize>, control: &Control) -> End {
    let batch = Arc::new(batch);
    let mut waiting = todo.into_iter();
    let mut running = JoinSet::new();
    let mut first_cause = None;
    loop {
        while control.begins_more() && running.len() < batch.limits.jobs {
            let Some(place) = waiting.next() else { break };
            running.spawn(job::job(Arc::clone(&batch), place, control.clone()));
        }
        let Some(ended) = running.join_next().await else { break };
        let cause = match ended.expect("a panic has ended the program") {
            Ended::Stopped | Ended::Written(Status::Answered) => None,
            Ended::Written(_) => (batch.limits.on_failure == OnFailure::End).then_some(End::FailedFast),
            Ended::Hopeless(error) => Some(End::Hopeless(error)),
            Ended::Unwritable(error) => Some(End::Unwritable(error)),
        };
        if let Some(cause) = cause {
            first_cause.get_or_insert(cause);
            control.stop();
        }
    }
    let left = waiting.len() + batch.progress.snapshot().stopped;
    let batch = Arc::into_inner(batch).expect("all jobs have ended");
    if let Err(error) = batch.writer.finish().await {
        first_cause.get_or_insert(End::Unwritable(error));
    }
    first_cause.unwrap_or(match control.is_stopped() {
        _ if left == 0 => End::Done,
        true => End::Stopped,
        false => End::Drained,
    })
}
