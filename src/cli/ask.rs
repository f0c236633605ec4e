//! `mcm ask`: one task, from what was typed to the answer on stdout.

use std::time::Instant;

use crate::{
    agent::{
        prompt::{Bounds, Context, Templates},
        run::{Record, Run, Status},
        signature::Signature,
        solve::{self, Workshop},
        task::Task,
    },
    cli::{
        args::Ask,
        failure::{Exit, Failure},
        gather,
        hosting::Prints,
        interrupt, model,
        startup::{self, Startup},
    },
    host::{Host, interface::interface},
    sandbox::{Limits, Session, Stop, execution::Code},
    wire,
};

/// Does the task.
///
/// # Errors
/// What keeps it from an answer and is no failed script.
pub async fn ask(args: &Ask) -> Result<Exit, Failure> {
    let started = Instant::now();
    let startup = startup::begin(&args.flags())?;
    let sandbox = startup::start_sandbox()?;
    let configured = startup.configured()?;
    let text = gather::task(&args.task, &args.inputs.inputs)?;
    let inputs = gather::inputs(
        &startup,
        &args.inputs.inputs,
        &configured.names,
        gather::Positional::of(&args.task),
    )?;
    let templates = Templates::new(startup.templates())?;
    let masker = configured.masker(&startup);
    let starting = async {
        let (model, servers) = tokio::try_join!(
            model::choose(&startup, args, &masker),
            startup.start(&configured, &startup::Which::All)
        )?;
        let host = startup.host(servers, &configured, Prints::Kept)?;
        let bindings = gather::bindings(&inputs);
        let session = Session::open(sandbox.clone(), interface(host.catalog()), bindings).await?;
        Ok((model, host, session))
    };
    let (model, host, mut session) = startup.in_time(starting).await?;

    let task = Task { text, inputs };
    let mut run = Run::new(gather::run_id(), task, startup.run_limits());
    let catalog = host.catalog().prompt_text();
    let modules: Vec<String> = wire::MODULES.iter().map(|&name| name.to_owned()).collect();
    let signature = Signature::script();
    let stop = Stop::new();
    let workshop = Workshop {
        model: &model,
        templates: &templates,
        context: context(&startup, &signature, &catalog, &modules),
        host: &host,
        sandbox: &sandbox,
        limits: &startup.limits(Limits::MODEL_SCRIPT),
        stop: &stop,
        listener: &startup.ui.listener(),
    };
    let work = solve::solve(&mut run, &mut session, &workshop);
    let ended = interrupt::handled(work, &stop, startup.deadline)
        .await
        .map_err(Failure::from);
    match stop.asked() {
        Some(Code::Timeout) => run.stop(Status::Budget, startup.out_of_time().message),
        Some(_) => run.stop(Status::Cancelled, "interrupted"),
        None => {}
    }
    if let Err(failure) = &ended {
        run.stop(Status::Failed, failure.message.clone());
    }
    let record = run.into_record(started.elapsed());
    drop(session);
    startup.close(&host).await;
    startup.ui.finish();
    report(&startup, &host, record, ended.err())
}

/// What the prompt says besides the run itself.
pub fn context<'a>(
    startup: &Startup,
    signature: &'a Signature,
    catalog: &'a str,
    modules: &'a [String],
) -> Context<'a> {
    let settings = &startup.settings;
    let gate = Limits::MODEL_SCRIPT;
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Context {
        signature,
        catalog,
        modules,
        bounds: Bounds {
            timeout_seconds: settings.timeout.value.as_secs(),
            max_calls: count(settings.max_calls.value),
            max_chars: gate.chars.unwrap_or(usize::MAX),
            max_lines: gate.lines.unwrap_or(usize::MAX),
        },
        max_output: count(settings.max_output.value),
    }
}

fn report(startup: &Startup, host: &Host, record: Record, failure: Option<Failure>) -> Result<Exit, Failure> {
    let exit = match record.status {
        Status::Answered => Exit::Answered,
        Status::GaveUp => Exit::GaveUp,
        Status::Failed => failure.as_ref().map_or(Exit::Unreachable, |failure| failure.exit),
        Status::Budget => Exit::Budget,
        Status::Cancelled => Exit::Interrupted,
    };
    let printed = if startup.settings.json.value {
        let value = serde_json::to_value(&record).map_err(|e| Failure::usage(e.to_string()))?;
        startup.ui.answer(&host.masker().value(value))
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
