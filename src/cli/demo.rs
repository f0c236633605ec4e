//! `mcm demo`: the whole walk without a model's key, on sample files in a temporary folder.
//!
//! - All of it is real but the model, whose replies were recorded; the user is told so first.
//! - The folder goes when the demo ends.

use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
};

use clap::Parser;

use crate::cli::{
    args::{Cli, Command},
    ask,
    failure::{Exit, Failure},
    program::Loaded,
    settings::{CONFIGURATION, Sources},
    startup, terminal,
};

/// What the recorded model was asked.
const TASK: &str = "What was each country's revenue in the first quarter of 2026, less what was refunded?";
/// Name of the record of the model's replies.
const REPLIES: &str = "replies.jsonl";
/// What the folder holds.
const FILES: [(&str, &str); 8] = [
    (CONFIGURATION, include_str!("demo/mcp_servers.json")),
    (REPLIES, include_str!("demo/replies.jsonl")),
    ("shop/README.md", include_str!("demo/files/README.md")),
    ("shop/customers.json", include_str!("demo/files/customers.json")),
    ("shop/refunds.jsonl", include_str!("demo/files/refunds.jsonl")),
    ("shop/orders/2026-01.csv", include_str!("demo/files/orders/2026-01.csv")),
    ("shop/orders/2026-02.csv", include_str!("demo/files/orders/2026-02.csv")),
    ("shop/orders/2026-03.csv", include_str!("demo/files/orders/2026-03.csv")),
];

/// Shows a task being done.
///
/// # Errors
/// The folder cannot be made; whatever `mcm ask` fails by.
pub async fn demo() -> Result<Exit, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("mcm-demo-")
        .tempdir()
        .map_err(|e| cannot(&e))?;
    write(folder.path()).map_err(|e| cannot(&e))?;
    std::env::set_current_dir(folder.path()).map_err(|e| cannot(&e))?;
    // what is piped into the demo is no part of its task
    if !io::stdin().is_terminal() {
        terminal::close_stdin().map_err(|e| cannot(&e))?;
    }
    let typed = [
        "mcm",
        "ask",
        "--show-code",
        "--config",
        CONFIGURATION,
        "--replay",
        REPLIES,
        TASK,
    ];
    let Command::Ask(args) = Cli::parse_from(typed).command else {
        unreachable!("`ask` was typed");
    };
    let startup = startup::begin_from(&args.flags(), sources()?)?;
    let ui = startup.ui.clone();
    let say = |text: &str| ui.tell(text);
    say("A demo: the files, the server, the sandbox and the tool calls are real.");
    say("The model is not: its replies were recorded, so that you need no key.");
    say("");
    for (name, text) in &FILES[2..] {
        say(&format!("  {name}  {} lines", text.lines().count()));
    }
    say("");
    say(&format!("$ mcm ask --show-code \"{TASK}\""));
    let ended = ask::ask_with(startup, &args, &Loaded::default()).await?;
    say("");
    say(
        "That was a recorded model, which looked, failed over a number and mended its script. With a model of your own:",
    );
    say("  mcm init            writes a configuration for a folder of yours, and finds a model on this machine");
    say("  mcm ask \"…\"         does a task there");
    Ok(ended)
}

/// What says how things are shown, and no setting of the user's, which are about other tasks.
fn sources() -> Result<Sources, Failure> {
    let of_the_screen = |name: &str| ["TERM", "NO_COLOR"].contains(&name);
    let environment = Sources::read()?.environment;
    Ok(Sources {
        environment: environment
            .into_iter()
            .filter(|(name, _)| of_the_screen(name))
            .collect(),
        ..Sources::default()
    })
}

fn write(folder: &Path) -> io::Result<()> {
    for (name, text) in FILES {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder"))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn cannot(error: &io::Error) -> Failure {
    Failure::usage(format!("cannot set up the demo's folder: {error}"))
        .hint("its place is the folder for temporary files: see `TMPDIR`")
}
