//! `mcm run`: the user's own script in the same sandbox, with the same tools and no model.

use std::sync::Arc;

use crate::{
    agent::solve::masked,
    cli::{
        args::RunScript,
        failure::{Exit, Failure},
        gather::{self, Positional},
        inputs, interrupt,
        startup::{self, Prints, Which},
    },
    host::{Host, interface::interface},
    sandbox::{
        Execution, Host as _, Limits, Script, Session,
        execution::{CallStatus, Code, Diagnostics},
    },
};

/// Runs the script.
///
/// # Errors
/// What keeps it from running.
pub async fn run(args: &RunScript) -> Result<Exit, Failure> {
    let startup = startup::begin(&args.flags())?;
    let sandbox = startup::start_sandbox()?;
    let configured = startup.configured()?;
    let (script, positional) = script(args)?;
    let inputs = gather::inputs(&startup, &args.inputs.inputs, &configured.names, positional)?;
    let names = configured.names.pairs.iter().map(|(_, name)| name.clone()).collect();
    let needs = sandbox.inspect(&script, names).await?;
    let which = if needs.all {
        Which::All
    } else {
        Which::Named(needs.servers)
    };
    let servers = startup.start(&configured, &which).await?;
    let prints = if startup.settings.json.value {
        Prints::Kept
    } else {
        Prints::Streamed
    };
    let host = startup.host(servers, &configured, prints)?;
    let mut session = Session::open(
        Arc::clone(&sandbox),
        interface(host.catalog()),
        gather::bindings(&inputs),
    )
    .await?;
    let limits = startup.limits(Limits::ANY_LENGTH);
    let ended = tokio::select! {
        ended = session.run(&script, &host, &limits) => ended.map(|execution| (exit(&execution), execution)),
        () = interrupt::handled() => Ok((Exit::Interrupted, stopped(&host, Code::Cancelled, "interrupted"))),
        () = tokio::time::sleep(startup.settings.max_time.value) => {
            let message = "the script took longer than `--max-time` allows";
            Ok((Exit::Budget, stopped(&host, Code::Timeout, message)))
        }
    };
    drop(session);
    startup.close(&host).await;
    startup.ui.finish();
    let (exit, execution) = ended?;
    if startup.settings.json.value {
        let execution = masked(execution, host.masker());
        let value = serde_json::to_value(&execution).map_err(|e| Failure::usage(e.to_string()))?;
        print(startup.ui.answer(&value))?;
        return Ok(exit);
    }
    report(&startup, exit, execution)
}

fn exit(execution: &Execution) -> Exit {
    if execution.success {
        Exit::Answered
    } else {
        Exit::GaveUp
    }
}

/// A script that was stopped from outside, and the calls that it had made.
fn stopped(host: &Host, code: Code, message: &str) -> Execution {
    let diagnostics = Diagnostics {
        code,
        rule: None,
        message: message.to_owned(),
        line: None,
        hint: None,
    };
    Execution {
        calls: host.take_calls(CallStatus::Unknown),
        ..Execution::failed(diagnostics)
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

fn report(startup: &startup::Startup, exit: Exit, execution: Execution) -> Result<Exit, Failure> {
    if execution.answered {
        print(startup.ui.answer(&execution.result))?;
    }
    let Some(diagnostics) = execution.diagnostics else {
        return Ok(Exit::Answered);
    };
    let failure = Failure::new(exit, diagnostics.message);
    Err(diagnostics.hint.into_iter().fold(failure, Failure::hint))
}

fn print(written: std::io::Result<()>) -> Result<(), Failure> {
    written.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))
}
