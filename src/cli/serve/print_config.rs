//! `mcm serve --print-config`: what a client's configuration takes to start this server.

use std::{
    ffi::OsString,
    path::{Path, absolute},
};

use serde_json::{Value, json};

use crate::cli::{
    args::{McpClient, Serve},
    failure::{Exit, Failure},
    startup,
};

const PRINT: &str = "--print-config";
/// Flags whose value is a path, which the client's folder must not change.
const PATHS: [&str; 2] = ["--config", "--prompts"];

/// Prints it on stdout.
///
/// # Errors
/// The program cannot tell its own path, or write.
pub fn print(client: McpClient, args: &Serve) -> Result<Exit, Failure> {
    let startup = startup::begin(&args.flags())?;
    let program =
        std::env::current_exe().map_err(|e| Failure::usage(format!("cannot tell this program's path: {e}")))?;
    let typed = std::env::args_os().skip(1).map(text).collect::<Result<Vec<_>, _>>()?;
    let entry = json!({"command": text(program.into_os_string())?, "args": kept(&typed)?});
    let text = serde_json::to_string_pretty(&block(client, entry)).expect("it has string keys");
    let printed = startup.ui.print(&format!("{text}\n"));
    printed.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
    if args.servers.config.is_empty() {
        startup.ui.note(
            "the client starts this in a folder of its own: without `--config FILE` its servers are those of that \
             folder, or of your configuration directory",
        );
    }
    Ok(Exit::Answered)
}

fn block(client: McpClient, mut entry: Value) -> Value {
    match client {
        McpClient::Claude | McpClient::Cursor => json!({"mcpServers": {"mcm": entry}}),
        McpClient::Vscode => {
            entry["type"] = json!("stdio");
            json!({"servers": {"mcm": entry}})
        }
    }
}

/// What was typed, without the flag that asks for this, and with whole paths.
fn kept(typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut kept = Vec::new();
    let mut typed = typed.iter();
    while let Some(argument) = typed.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (argument.as_str(), None),
        };
        if flag == PRINT {
            if value.is_none() {
                typed.next();
            }
        } else if PATHS.contains(&flag) {
            let value = value.or_else(|| typed.next().map(String::as_str));
            let path = absolute(Path::new(value.unwrap_or_default()));
            let path = path.map_err(|e| Failure::usage(format!("`{flag}`: {e}")))?;
            kept.extend([flag.to_owned(), text(path.into_os_string())?]);
        } else {
            kept.push(argument.clone());
        }
    }
    Ok(kept)
}

fn text(text: OsString) -> Result<String, Failure> {
    text.into_string()
        .map_err(|text| Failure::usage(format!("`{}` is not UTF-8, as JSON must be", text.display())))
}
