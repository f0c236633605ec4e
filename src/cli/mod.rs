//! Everything that knows there is a terminal: one file per verb, and what they stand on.

pub mod approval;
pub mod args;
mod ask;
mod auth;
mod batch;
mod browser;
mod completions;
mod configured;
mod counterpart;
mod demo;
mod doctor;
mod elicitation;
pub mod failure;
mod gather;
mod hosting;
mod init;
pub mod inputs;
mod interrupt;
mod launch;
mod model;
mod program;
mod prompt;
pub mod repl;
mod run;
mod serve;
pub mod settings;
mod startup;
pub mod terminal;
mod tools;
mod trust;
pub mod ui;
mod workshop;

use std::{future::Future, process::ExitCode};

use clap::Parser;

use args::{Cli, Command};
use failure::{Exit, Failure};

/// The whole program, from the command line to the exit code.
pub fn main() -> ExitCode {
    failure::install_panic_hook();
    let cli = Cli::parse();
    let ended = match &cli.command {
        Command::Ask(args) => on_runtime(ask::ask(args)),
        Command::Batch(args) => on_runtime(batch::batch(args)),
        Command::Repl(args) => on_runtime(repl::repl(args)),
        Command::Run(args) => on_runtime(run::run(args)),
        Command::Prompt(args) => on_runtime(prompt::prompt(args)),
        Command::Serve(args) => on_runtime(serve::serve(args)),
        Command::Tools(args) => on_runtime(tools::tools(args)),
        Command::Init(args) => on_runtime(init::init(args)),
        Command::Doctor(args) => on_runtime(doctor::doctor(args)),
        Command::Auth(args) => on_runtime(auth::auth(args)),
        Command::Program(args) => program::program(args),
        Command::Trust => on_runtime(trust::trust()),
        Command::Demo => on_runtime(demo::demo()),
        Command::Completions(args) => completions::completions(args),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            ui::last_words(&failure);
            failure.exit.into()
        }
    }
}

/// Runs a verb until it ends or the user ends it, and ends with it everything that it started.
fn on_runtime(verb: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::usage(format!("cannot start: {e}")))?;
    runtime.spawn(interrupt::at_the_latest());
    let ended = runtime.block_on(async {
        tokio::select! {
            biased;
            ended = verb => ended,
            () = interrupt::unhandled() => Err(Failure::new(Exit::Interrupted, "interrupted")),
        }
    });
    terminal::restore();
    // a thread that reads a file or a terminal does not keep the program
    runtime.shutdown_background();
    ended
}
