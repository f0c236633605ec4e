//! A step of the modules `code` and `codeact`: the script in a reply, and what became of it.

use serde_json::Value;

use crate::{
    agent::{
        event::Event,
        extract::{Reply, extract},
        run::Run,
        solve::{Error, Surroundings, Workshop, masked},
        step::Step,
    },
    host::Host,
    model::Completion,
    sandbox::{
        Execution, Script, Session,
        execution::{Code, Diagnostics},
    },
};

/// Runs the script of a reply; `None` if the run was stopped before it was known to be one.
pub(super) async fn step(
    completion: Completion,
    session: &mut Session,
    run: &Run,
    workshop: &Workshop,
    around: &Surroundings<'_>,
) -> Result<Option<Step>, Error> {
    let step = match extract(&completion) {
        Reply::Script(source) => execute(source, completion, session, workshop, around).await?,
        Reply::Unmarked(source) => {
            let script = Script(source);
            let parses = tokio::select! {
                parses = session.parses(&script) => parses?,
                _ = around.stop.wait() => return Ok(None),
            };
            if parses {
                execute(script.0, completion, session, workshop, around).await?
            } else {
                without_script(run, completion, around)
            }
        }
        Reply::Text(_) => without_script(run, completion, around),
        Reply::Empty => Step::no_code(completion),
    };
    Ok(Some(step))
}

fn without_script(run: &Run, completion: Completion, around: &Surroundings<'_>) -> Step {
    if run.may_end_with_text(around.earlier) {
        Step::text(completion)
    } else {
        Step::no_code(completion)
    }
}

async fn execute(
    source: String,
    completion: Completion,
    session: &mut Session,
    workshop: &Workshop,
    around: &Surroundings<'_>,
) -> Result<Step, Error> {
    let masker = workshop.toolbox.masker();
    (around.listener)(Event::ScriptStarted {
        source: masker.text(&source),
    });
    let script = Script(source);
    let execution = session.run(&script, around.host, &workshop.limits, around.stop).await?;
    let execution = checked(execution, around.host);
    let answer = execution.answered.then(|| execution.result.clone());
    let execution = masked(execution, masker);
    let answer = answer.filter(|answer| *answer != execution.result);
    (around.listener)(Event::ScriptEnded {
        execution: execution.clone(),
    });
    Ok(Step {
        answer,
        ..Step::ran(completion, script.0, execution)
    })
}

/// A process that lies about its answer has failed.
fn checked(execution: Execution, host: &Host) -> Execution {
    match host.check(&execution.result) {
        Err(message) if execution.answered => Execution {
            success: false,
            answered: false,
            result: Value::Null,
            diagnostics: Some(Diagnostics {
                code: Code::RuntimeError,
                rule: None,
                message,
                line: None,
                hint: None,
            }),
            ..execution
        },
        _ => execution,
    }
}
