//! The loop: prompt, completion, script, execution, until there is an answer or no sense in going on.

use std::{sync::Arc, time::Instant};

use super::{
    event::{Event, Listener},
    extract::{Reply, extract},
    prompt::{self, Context, Fit, Templates},
    run::{Next, Run},
    step::Step,
};
use crate::{
    host::{Host, Masker},
    model::{self, Completion, Delta, Model},
    sandbox::{self, Execution, Limits, Sandbox, Script, Session, Stop},
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

/// What a run works with; shared by its steps.
pub struct Workshop<'a> {
    /// Completes prompts.
    pub model: &'a Model,
    /// The templates of prompts.
    pub templates: &'a Templates,
    /// What the prompt says besides the run itself.
    pub context: Context<'a>,
    /// Answers tool calls.
    pub host: &'a Host,
    /// Reads scripts that may be none.
    pub sandbox: &'a Sandbox,
    /// What a script may use up.
    pub limits: &'a Limits,
    /// Ends the run from outside.
    pub stop: &'a Stop,
    /// Told what goes on.
    pub listener: &'a Listener,
}

/// Takes steps until the run is over, or stopped; the caller then says so to the run. What a script does wrong is in the run; an error is what
/// trying again does not mend.
///
/// # Errors
/// See [`Error`]; the run keeps the steps that were taken.
pub async fn solve(run: &mut Run, session: &mut Session, workshop: &Workshop<'_>) -> Result<(), Error> {
    let mut fit = Fit::FULL;
    while run.next() == Next::Step && workshop.stop.asked().is_none() {
        let completion = tokio::select! {
            completion = complete(run, workshop, &mut fit) => completion?,
            _ = workshop.stop.wait() => return Ok(()),
        };
        let step = match extract(&completion) {
            Reply::Script(source) => execute(source, completion, session, workshop).await?,
            Reply::Unmarked(source) => {
                let script = Script(source);
                if workshop.sandbox.inspect(&script, Vec::new()).await?.parses {
                    execute(script.0, completion, session, workshop).await?
                } else {
                    without_script(run, completion)
                }
            }
            Reply::Text(_) => without_script(run, completion),
            Reply::Empty => Step::no_code(completion),
        };
        run.push(step);
    }
    Ok(())
}

fn without_script(run: &Run, completion: Completion) -> Step {
    if run.may_end_with_text() {
        Step::text(completion)
    } else {
        Step::no_code(completion)
    }
}

/// One completion. A prompt that is too long for the model is sent again with less of the older steps.
async fn complete(run: &Run, workshop: &Workshop<'_>, fit: &mut Fit) -> Result<Completion, Error> {
    loop {
        let prompt = prompt::render(workshop.templates, &workshop.context, run, *fit)?;
        (workshop.listener)(Event::ModelAsked {
            step: run.steps().len() + 1,
        });
        let asked = Instant::now();
        let listener = Arc::clone(workshop.listener);
        let mut show = move |delta: Delta| {
            listener(match delta {
                Delta::Text(text) => Event::ModelText { text },
                Delta::Reasoning(text) => Event::ModelReasoning { text },
                Delta::Retry { reason, wait } => Event::ModelRetry { reason, wait },
            });
        };
        match workshop.model.complete(&prompt, &mut show).await {
            Err(error @ model::Error::ContextTooLong { .. }) => *fit = fit.shorter(run).ok_or(error)?,
            Err(error) => return Err(error.into()),
            Ok(completion) => {
                let (elapsed, usage) = (asked.elapsed(), completion.usage);
                (workshop.listener)(Event::ModelReplied { elapsed, usage });
                return Ok(completion);
            }
        }
    }
}

async fn execute(
    source: String,
    completion: Completion,
    session: &mut Session,
    workshop: &Workshop<'_>,
) -> Result<Step, Error> {
    (workshop.listener)(Event::ScriptStarted { source: source.clone() });
    let script = Script(source);
    let execution = session
        .run(&script, workshop.host, workshop.limits, workshop.stop)
        .await?;
    let execution = masked(execution, workshop.host.masker());
    (workshop.listener)(Event::ScriptEnded {
        execution: execution.clone(),
    });
    Ok(Step::ran(completion, script.0, execution))
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
