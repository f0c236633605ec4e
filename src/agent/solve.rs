//! The loop: prompt, completion, what the module makes of it, until there is an answer or no sense in going on.

use std::{borrow::Cow, sync::Arc, time::Instant};

use super::{
    conversation::Conversation,
    event::{Event, Listener},
    module::{Means, Module, Wanted, Work},
    prompt::{self, Context, Fit, Templates},
    run::{Next, Run, Status},
    task::{Input, Task},
};
use crate::{
    host::{Host, Queries, Toolbox},
    mask::{self, Masker},
    model::{self, Completion, Delta, Model, ledger::Ledger, rate::Turn},
    sandbox::{self, Execution, Session, Stop, Template, execution::Code},
};

/// Why a run cannot go on, which trying again does not change.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model could not be reached, or refused us.
    #[error(transparent)]
    Model(#[from] model::Error),
    /// No script can be run.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// A template is broken.
    #[error(transparent)]
    Prompt(#[from] prompt::Error),
}

/// What runs work with; shared by all of a program.
pub struct Workshop {
    /// Completes prompts.
    pub model: Model,
    /// Answers what scripts ask.
    pub queries: Arc<Model>,
    /// The templates of prompts.
    pub templates: Arc<Templates>,
    /// What prompts say besides the runs.
    pub context: Context,
    /// For whom the tools in prompts are chosen.
    pub told: Told,
    /// The servers that scripts may call.
    pub toolbox: Arc<Toolbox>,
    /// How tasks are done.
    pub module: Wanted,
    /// Where sessions are forked from; `None` where no script will run.
    pub template: Option<Arc<Template>>,
    /// What a script may use up.
    pub limits: sandbox::Limits,
}

/// For whom the tools that prompts tell of are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// For all tasks alike: they are those of the context.
    Session,
    /// For each task, by what it says.
    Task {
        /// Tokens for signatures.
        budget: usize,
    },
}

impl Workshop {
    /// The way of one run's scripts to the model; what they ask counts in its `ledger`.
    pub fn queries(&self, ledger: &Arc<Ledger>, turn: Option<Arc<Turn>>) -> Queries {
        let model = Arc::clone(&self.queries);
        Queries::new(Box::new(|| Ok(model)), Arc::clone(ledger), turn)
    }

    /// How a task is done; the listener is told where that was not settled before.
    pub fn choose(&self, task: &Task, listener: &Listener) -> Module {
        let module = self.module.of(task, self.toolbox.catalog());
        if self.module == Wanted::Auto {
            listener(Event::ModuleChosen { module });
        }
        module
    }

    /// Opens a session for a task; `None` where the module runs no script.
    ///
    /// # Errors
    /// None can be opened.
    pub async fn open(&self, module: Module, inputs: &[Input]) -> Result<Option<Session>, sandbox::Error> {
        match &self.template {
            Some(template) if module != Module::Chat => {
                let bindings = inputs.iter().map(Input::binding).collect();
                Session::open(Arc::clone(template), bindings).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What the prompts of a run say besides it, the same from its first step to its last.
    pub(super) fn context(&self, run: &Run) -> Cow<'_, Context> {
        match self.told {
            Told::Session => Cow::Borrowed(&self.context),
            Told::Task { budget } => Cow::Owned(Context {
                tools: self.toolbox.context(Some(&run.task().text), budget),
                ..self.context.clone()
            }),
        }
    }
}

/// What one run has to itself.
pub struct Surroundings<'a> {
    /// Answers tool calls.
    pub host: &'a Host,
    /// What came before it in its session.
    pub earlier: &'a Conversation,
    /// Ends the run from outside.
    pub stop: &'a Stop,
    /// Counts what it uses of the model, and says when that is all that it may use.
    pub ledger: &'a Ledger,
    /// Where it waits before it asks the model, if many runs share a limit.
    pub turn: Option<&'a Turn>,
    /// Told what goes on.
    pub listener: &'a Listener,
}

/// Takes steps until the run is over, or stopped; the caller then says so by [`conclude`]. What a script or a call does
/// wrong is in the run; an error is what trying again does not mend.
///
/// # Errors
/// See [`Error`]; the run keeps the steps that were taken.
pub async fn solve(
    run: &mut Run,
    means: Means<'_>,
    workshop: &Workshop,
    around: &Surroundings<'_>,
) -> Result<(), Error> {
    let mut fit = Fit::FULL;
    let mut heard = 0;
    let mut work = Work::new(means, run, workshop);
    while run.next() == Next::Step && around.stop.asked().is_none() {
        if let Some(reached) = around.ledger.reached() {
            run.stop(Status::Budget, reached.to_string());
            break;
        }
        let completion = tokio::select! {
            completion = complete(run, workshop, &work, around, &mut fit) => match completion {
                // at the shorter try of a prompt that was too long
                Err(Error::Model(model::Error::Budget(reached))) => {
                    run.stop(Status::Budget, reached.to_string());
                    break;
                }
                completion => completion?,
            },
            _ = around.stop.wait() => return Ok(()),
        };
        let Some(mut step) = work.step(completion, run, workshop, around).await? else {
            return Ok(());
        };
        step.news = workshop.toolbox.news().after(heard);
        heard += step.news.len();
        step.queries = around.host.take_spent();
        let stopped = around.stop.asked().is_some() && !step.succeeded();
        let used_up = around.ledger.reached().is_some() && !step.answers();
        if stopped || used_up {
            run.push_stopped(step);
        } else {
            run.push(step);
        }
    }
    Ok(())
}

/// Says to a run how it ended where that was not by a step of its own: it was stopped (`out_of_time` says by
/// which limit, if it was one), or could not go on for a `failure`.
pub fn conclude(run: &mut Run, stop: &Stop, out_of_time: &str, failure: Option<&str>) {
    match stop.asked() {
        Some(Code::Timeout) => run.stop(Status::Budget, out_of_time),
        Some(_) => run.stop(Status::Cancelled, "interrupted"),
        None => {}
    }
    if let Some(message) = failure {
        run.stop(Status::Failed, message);
    }
}

/// One completion. A prompt that is too long for the model is sent again with less of the older steps.
async fn complete(
    run: &Run,
    workshop: &Workshop,
    work: &Work<'_>,
    around: &Surroundings<'_>,
    fit: &mut Fit,
) -> Result<Completion, Error> {
    loop {
        let prompt = work.prompt(run, workshop, around, *fit)?;
        (around.listener)(Event::ModelAsked {
            step: run.steps().len() + 1,
        });
        let asked = Instant::now();
        let mut shown = Shown::new(around.listener, workshop.toolbox.masker());
        let mut show = |delta: Delta| shown.delta(delta);
        let completed = around.ledger.complete(&workshop.model, around.turn, &prompt, &mut show);
        match completed.await {
            Err(error @ model::Error::ContextTooLong { .. }) => {
                *fit = fit.shorter(around.earlier, run).ok_or(error)?;
            }
            Err(error) => return Err(error.into()),
            Ok(completion) => {
                shown.end();
                let (elapsed, usage) = (asked.elapsed(), completion.usage);
                (around.listener)(Event::ModelReplied { elapsed, usage });
                return Ok(completion);
            }
        }
    }
}

/// A reply as it is shown while it comes: without secrets, also where two pieces of it divide one.
struct Shown<'a> {
    listener: &'a Listener,
    masker: &'a Masker,
    text: mask::Stream,
    reasoning: mask::Stream,
}

impl<'a> Shown<'a> {
    fn new(listener: &'a Listener, masker: &'a Masker) -> Self {
        Self {
            listener,
            masker,
            text: masker.stream(),
            reasoning: masker.stream(),
        }
    }

    fn delta(&mut self, delta: Delta) {
        match delta {
            Delta::Text(text) => {
                let text = self.text.push(&text);
                self.say(text, |text| Event::ModelText { text });
            }
            Delta::Reasoning(text) => {
                let text = self.reasoning.push(&text);
                self.say(text, |text| Event::ModelReasoning { text });
            }
            Delta::Retry { reason, wait } => {
                // what was kept is void, too
                *self = Self::new(self.listener, self.masker);
                (self.listener)(Event::ModelRetry { reason, wait });
            }
        }
    }

    /// The reply is complete.
    fn end(mut self) {
        let (text, reasoning) = (self.text.finish(), self.reasoning.finish());
        self.say(reasoning, |text| Event::ModelReasoning { text });
        self.say(text, |text| Event::ModelText { text });
    }

    fn say(&self, text: String, event: fn(String) -> Event) {
        if !text.is_empty() {
            (self.listener)(event(text));
        }
    }
}

/// The execution without secrets, as records and prompts have it.
pub fn masked(mut execution: Execution, masker: &Masker) -> Execution {
    execution.stdout = masker.text(&execution.stdout);
    execution.stderr = masker.text(&execution.stderr);
    execution.result = masker.value(execution.result);
    if let Some(diagnostics) = &mut execution.diagnostics {
        diagnostics.message = masker.text(&diagnostics.message);
        diagnostics.hint = diagnostics.hint.as_deref().map(|hint| masker.text(hint));
    }
    execution
}
