//! One task of a batch, from its session to its line among the results.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Batch, Control, Finished, results, tasks::Id};
use crate::{
    agent::{
        conversation::Conversation,
        event::{self, Event},
        module::Means,
        run::{Record, Run, Status},
        solve::{self, Surroundings, conclude, solve},
        task::Task,
    },
    host::Host,
    model::{ledger::Ledger, rate::Turn},
    program::Program,
    sandbox::{self, Stop, execution::Code},
};

/// How a task ended.
pub(super) enum Ended {
    /// Its result is written.
    Written(Status),
    /// It was stopped from outside, and has no result.
    Stopped,
    /// No other task could be done either; it has no result.
    Hopeless(solve::Error),
    /// Its result cannot be written.
    Unwritable(io::Error),
}

/// Does the task at `place`.
pub(super) async fn job(batch: Arc<Batch>, place: usize, control: Control) -> Ended {
    let started = Instant::now();
    batch.progress.began();
    let entry = &batch.entries[place];
    let task = entry.task(&batch.program, &batch.inputs);
    let fault = task.as_ref().err().cloned();
    let task = task.unwrap_or_else(|_| Task::new(entry.text.clone()));
    let digest = (fault.is_none() && batch.program.is_typed()).then(|| Program::digest(&task));
    let mut run = Run::new(format!("{}-{}", batch.name, place + 1), task, batch.limits.run);
    if let Some(fault) = fault {
        run.stop(Status::Failed, fault);
        return write(&batch, place, (None, run.into_record(started.elapsed()))).await;
    }
    let stop = Stop::new();
    let turn = Arc::new(batch.limiter.turn(place as u64));
    let watch = async {
        tokio::select! {
            () = turn.used_up(started.into(), batch.limits.time) => stop.ask(Code::Timeout),
            () = control.stopped() => stop.ask(Code::Cancelled),
        }
        std::future::pending().await
    };
    let worked = tokio::select! {
        worked = work(&batch, &entry.id, &mut run, &turn, &stop) => worked,
        () = watch => unreachable!("it goes on until the work ends"),
    };
    let failure = match worked {
        Err(error) if is_hopeless(&error) => {
            batch.progress.stopped();
            return Ended::Hopeless(error);
        }
        Err(error) => error.to_string().lines().next().map(str::to_owned),
        Ok(()) => None,
    };
    conclude(&mut run, &stop, &out_of_time(batch.limits.time), failure.as_deref());
    let record = run.into_record(started.elapsed());
    if record.status == Status::Cancelled {
        batch.progress.stopped();
        return Ended::Stopped;
    }
    write(&batch, place, (digest.as_deref(), record)).await
}

async fn work(batch: &Batch, id: &Id, run: &mut Run, turn: &Arc<Turn>, stop: &Stop) -> Result<(), solve::Error> {
    let workshop = &batch.workshop;
    let said = Arc::new(batch.said.of_task(id.text()));
    let ledger = Arc::new(Ledger::new(batch.budget));
    let host = Host::remembering(Arc::clone(&workshop.toolbox), Arc::new(|_| {}), said)
        .wanting(run.task().answer.clone())
        .asking(workshop.queries(&ledger, Some(Arc::clone(turn))));
    let progress = Arc::clone(&batch.progress);
    let listener: event::Listener = Arc::new(move |event| {
        if let Event::ModelRetry { .. } = event {
            progress.retried();
        }
    });
    let module = workshop.choose(run.task(), &listener);
    let mut session = tokio::select! {
        session = workshop.open(module, &run.task().inputs) => session?,
        _ = stop.wait() => return Ok(()),
    };
    let around = Surroundings {
        host: &host,
        earlier: &Conversation::default(),
        stop,
        ledger: &ledger,
        turn: Some(turn),
        listener: &listener,
    };
    solve(run, Means::new(module, session.as_mut()), workshop, &around).await
}

async fn write(batch: &Batch, place: usize, (digest, record): (Option<&str>, Record)) -> Ended {
    let (id, status, usage) = (&batch.entries[place].id, record.status, record.usage);
    let value = serde_json::to_value(record).expect("a record has string keys");
    let value = batch.workshop.toolbox.masker().value(value);
    if let Err(error) = batch.writer.append(results::line(id, digest, &value)).await {
        batch.progress.stopped();
        return Ended::Unwritable(error);
    }
    batch.progress.finished(status, usage);
    let error = value["error"].as_str();
    (batch.listener)(Finished { id, status, error });
    Ended::Written(status)
}

/// Whether every other task would meet the same error.
fn is_hopeless(error: &solve::Error) -> bool {
    match error {
        solve::Error::Model(error) => error.concerns_all_prompts(),
        solve::Error::Sandbox(error) => !matches!(error, sandbox::Error::Worker { .. }),
        solve::Error::Prompt(_) => true,
    }
}

fn out_of_time(limit: Duration) -> String {
    format!("stopped after {} s (`--max-time`)", limit.as_secs_f64())
}
