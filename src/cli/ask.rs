//! `mcm ask`: one task, from what was typed to the answer on stdout.

use std::time::Instant;

use crate::{
    agent::{
        conversation::Conversation,
        module::Means,
        prompt::Templates,
        run::{Record, Run, Status},
        solve::{Surroundings, conclude, solve},
        task::Task,
    },
    cli::{
        args::Ask,
        failure::{Exit, Failure},
        gather,
        hosting::Prints,
        interrupt,
        launch::Lists,
        model,
        startup::{self, Startup},
    },
    host::Masker,
    sandbox::Stop,
};

/// Does the task.
///
/// # Errors
/// What keeps it from an answer and is no failed script.
pub async fn ask(args: &Ask) -> Result<Exit, Failure> {
    ask_with(startup::begin(&args.flags())?, args).await
}

/// The same with settings that were read already.
///
/// # Errors
/// As for [`ask`].
pub async fn ask_with(startup: Startup, args: &Ask) -> Result<Exit, Failure> {
    let started = Instant::now();
    let sandbox = startup.start_sandbox_if_needed()?;
    let configured = startup.configured()?;
    let text = gather::task(&args.task, &args.inputs.inputs)?;
    let inputs = gather::inputs(
        &startup,
        &args.inputs.inputs,
        &configured.names,
        gather::Positional::of(&args.task),
    )?;
    let templates = Templates::new(startup.templates())?;
    let masker = startup.ui.masker().clone();
    let starting = async {
        let (chosen, servers) = tokio::try_join!(
            model::choose(&startup, None, args.tape(), &masker),
            startup.start(&configured, &startup::Which::All, Lists::Kept)
        )?;
        let toolbox = startup.toolbox(servers, &configured)?;
        toolbox.prepare(Some(&text));
        let workshop = startup.workshop(chosen.model, templates, toolbox, sandbox).await?;
        let task = Task { text, inputs };
        let module = workshop.choose(&task, &startup.ui.listener());
        let session = workshop.open(module, &task.inputs).await?;
        Ok((workshop, task, module, session))
    };
    let (workshop, task, module, mut session) = startup.in_time(starting).await?;

    let mut run = Run::new(gather::run_id(), task, startup.run_limits());
    let stop = Stop::new();
    let around = Surroundings {
        host: &startup.host(&workshop.toolbox, Prints::Kept),
        earlier: &Conversation::default(),
        stop: &stop,
        turn: None,
        listener: &startup.ui.listener(),
    };
    let means = Means::new(module, session.as_mut());
    let work = solve(&mut run, means, &workshop, &around);
    let failure = interrupt::handled(work, &stop, startup.deadline)
        .await
        .err()
        .map(Failure::from);
    let message = failure.as_ref().map(|failure| failure.message.as_str());
    conclude(&mut run, &stop, &startup.out_of_time().message, message);
    let record = run.into_record(started.elapsed());
    drop(session);
    startup.close(&workshop.toolbox).await;
    startup.ui.finish();
    report(&startup, workshop.toolbox.masker(), record, failure)
}

fn report(startup: &Startup, masker: &Masker, record: Record, failure: Option<Failure>) -> Result<Exit, Failure> {
    let exit = match record.status {
        Status::Answered => Exit::Answered,
        Status::GaveUp => Exit::GaveUp,
        Status::Failed => failure.as_ref().map_or(Exit::Unreachable, |failure| failure.exit),
        Status::Budget => Exit::Budget,
        Status::Cancelled => Exit::Interrupted,
    };
    let printed = if startup.settings.json.value {
        let value = serde_json::to_value(&record).map_err(|e| Failure::usage(e.to_string()))?;
        startup.ui.answer(&masker.value(value))
    } else if exit == Exit::Answered {
        startup.ui.answer(&record.answer)
    } else {
        Ok(())
    };
    printed.map_err(|e| Failure::usage(format!("cannot write the answer: {e}")))?;
    match (failure, record.error) {
        (Some(failure), _) => Err(failure),
        (None, Some(error)) if exit != Exit::Answered => Err(Failure::new(exit, error)),
        _ => Ok(exit),
    }
}
