//! `mcm ask`: one task, from what was typed to the answer on stdout.

use std::{sync::Arc, time::Instant};

use crate::{
    agent::{
        conversation::Conversation,
        module::Means,
        prompt::Templates,
        run::{Record, Run, Status},
        solve::{Surroundings, conclude, solve},
    },
    cli::{
        args::Ask,
        failure::{Exit, Failure},
        gather,
        hosting::Prints,
        interrupt,
        launch::Lists,
        model,
        program::{self, Loaded},
        startup::{self, Startup},
        workshop,
    },
    sandbox::Stop,
};

/// Does the task.
///
/// # Errors
/// What keeps it from an answer and is no failed script.
pub async fn ask(args: &Ask) -> Result<Exit, Failure> {
    let loaded = program::load(&args.program)?;
    let startup = startup::begin(&loaded.settings(args.flags())?)?;
    ask_with(startup, args, &loaded).await
}

/// The same with settings that were read already.
///
/// # Errors
/// As for [`ask`].
pub async fn ask_with(mut startup: Startup, args: &Ask, loaded: &Loaded) -> Result<Exit, Failure> {
    let started = Instant::now();
    let sandbox = startup.start_sandbox_if_needed()?;
    let configured = startup.configured()?;
    let which = loaded.restrict(&mut startup, &configured)?;
    let program = &loaded.program;
    let task = loaded.task(&startup, &configured, (args.task.as_deref(), &args.inputs.inputs))?;
    let templates = Templates::new(startup.templates())?;
    let masker = startup.ui.masker().clone();
    let starting = async {
        let (chosen, servers) = tokio::try_join!(
            model::choose(&startup, None, args.tape(), &masker),
            startup.start(&configured, &which, Lists::Kept)
        )?;
        let toolbox = startup.toolbox(servers, &configured)?;
        toolbox.prepare(Some(&task.text));
        let template = workshop::template(&toolbox, sandbox).await?;
        let mut workshop = startup.workshop(chosen, Arc::new(templates), toolbox, template);
        workshop.context.demonstrations.clone_from(&program.demonstrations);
        let module = workshop.choose(&task, &startup.ui.listener());
        let session = workshop.open(module, &task.inputs).await?;
        Ok((workshop, task, module, session))
    };
    let (workshop, task, module, mut session) = startup.in_time(starting).await?;

    let mut run = Run::new(gather::run_id(), task, startup.run_limits());
    let (stop, ledger) = (Stop::new(), startup.ledger());
    let host = startup
        .host(&workshop.toolbox, Prints::Kept)
        .wanting(program.answer.clone())
        .asking(workshop.queries(&ledger, None));
    let around = Surroundings {
        host: &host,
        earlier: &Conversation::default(),
        stop: &stop,
        ledger: &ledger,
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
    let form = program.answer.as_ref().map_or(Form::Plain, |_| Form::Json);
    report(&startup, form, record, failure)
}

/// How an answer is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A text as it is.
    Plain,
    /// A text as JSON, too: it is of a type that was asked for.
    Json,
}

fn report(startup: &Startup, form: Form, record: Record, failure: Option<Failure>) -> Result<Exit, Failure> {
    let exit = match record.status {
        Status::Answered => Exit::Answered,
        Status::GaveUp => Exit::GaveUp,
        Status::Failed => failure.as_ref().map_or(Exit::Unreachable, |failure| failure.exit),
        Status::Budget => Exit::Budget,
        Status::Cancelled => Exit::Interrupted,
    };
    let printed = if startup.settings.json.value {
        let value = serde_json::to_value(&record).map_err(|e| Failure::usage(e.to_string()))?;
        startup.ui.answer(&startup.ui.masker().value(value))
    } else if exit == Exit::Answered && form == Form::Json {
        startup.ui.json(&record.answer)
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
