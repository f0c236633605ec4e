//! `mcm run`: the user's own script in the same sandbox, with the same tools; no model writes it.

use std::sync::Arc;

use crate::{
    agent::solve::masked,
    cli::{
        args::RunScript,
        failure::{Exit, Failure},
        gather::{self, Positional},
        hosting::Prints,
        inputs, interrupt,
        launch::Lists,
        startup::{self, Which},
    },
    host::interface::interface,
    sandbox::{Execution, Limits, Sandbox, Script, Session, Stop, Template, execution::Code},
};

/// Runs the script.
///
/// # Errors
/// What keeps it from running.
pub async fn run(args: &RunScript) -> Result<Exit, Failure> {
    let startup = startup::begin(&args.flags())?;
    let sandbox = startup.start_sandbox()?;
    let configured = startup.configured()?;
    let (script, positional) = script(args)?;
    let inputs = gather::inputs(&startup, &args.inputs.inputs, &configured.names, (positional, &[]))?;
    let names: Vec<_> = configured.names.pairs.iter().map(|(_, name)| name.clone()).collect();
    let prints = if startup.settings.json.value {
        Prints::Kept
    } else {
        Prints::Streamed
    };
    let starting = async {
        let which = needed(&sandbox, &script, names).await?;
        let servers = startup.start(&configured, &which, Lists::Kept).await?;
        let toolbox = startup.toolbox(servers, &configured)?;
        toolbox.prepare(None);
        let tools = interface(toolbox.catalog());
        let template = Template::new(Arc::clone(&sandbox), tools).await?;
        let session = Session::open(Arc::new(template), gather::bindings(&inputs)).await?;
        Ok((toolbox, session))
    };
    let (toolbox, mut session) = startup.in_time(starting).await?;
    let ledger = startup.ledger();
    let host = startup.host(&toolbox, prints).asking(startup.queries(&ledger));
    let (stop, limits) = (Stop::new(), startup.limits(Limits::ANY_LENGTH));
    let work = session.run(&script, &host, &limits, &stop);
    let ended = interrupt::handled(work, &stop, startup.deadline).await;
    drop(session);
    startup.close(&toolbox).await;
    startup.ui.finish();
    // gives out what it kept of a stream
    drop(host);
    let execution = ended?;
    let exit = match exit(&execution, stop.asked()) {
        Exit::GaveUp if ledger.has_refused() => Exit::Budget,
        exit => exit,
    };
    let answer = execution.answered.then(|| execution.result.clone());
    let execution = masked(execution, toolbox.masker());
    if startup.settings.json.value {
        let value = serde_json::to_value(&execution).map_err(|e| Failure::usage(e.to_string()))?;
        print(startup.ui.answer(&value))?;
        return Ok(exit);
    }
    if let Some(answer) = answer {
        print(startup.ui.answer(&answer))?;
    }
    report(exit, execution)
}

/// Which of the configured servers a script may call.
async fn needed(sandbox: &Sandbox, script: &Script, names: Vec<String>) -> Result<Which, Failure> {
    if names.is_empty() {
        return Ok(Which::Named(names));
    }
    let needs = sandbox.inspect(script, names).await?;
    Ok(if needs.all {
        Which::All
    } else {
        Which::Named(needs.servers)
    })
}

fn exit(execution: &Execution, stopped: Option<Code>) -> Exit {
    match stopped {
        _ if execution.success => Exit::Answered,
        Some(Code::Timeout) => Exit::Budget,
        Some(_) => Exit::Interrupted,
        None => Exit::GaveUp,
    }
}

fn script(args: &RunScript) -> Result<(Script, Positional), Failure> {
    if let Some(code) = &args.code {
        return Ok((Script(code.clone()), Positional::Argument));
    }
    let path = args.script_file.as_deref().expect("clap demands a script or `-c`");
    if path.as_os_str() == "-" {
        inputs::check_stdin(&args.inputs.inputs, Some("the script"))?;
        return Ok((Script(inputs::read_stdin()?), Positional::Stdin));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::usage(format!("cannot read the script `{}`: {e}", path.display())))?;
    Ok((Script(text), Positional::Argument))
}

fn report(exit: Exit, execution: Execution) -> Result<Exit, Failure> {
    let Some(diagnostics) = execution.diagnostics else {
        return Ok(Exit::Answered);
    };
    let failure = Failure::new(exit, diagnostics.message);
    Err(diagnostics.hint.into_iter().fold(failure, Failure::hint))
}

fn print(written: std::io::Result<()>) -> Result<(), Failure> {
    written.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))
}
