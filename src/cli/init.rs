//! `mcm init`: the first `mcp_servers.json` and `.env` of a folder, from what is found and, on a terminal, asked.
//!
//! - Nothing is ever overwritten, and no link followed: a file that is there, whatever it is, is left alone and named.
//! - Nothing is written before the last question is answered, and each file appears whole or not at all.
//! - A key comes from the user or not at all; it is looked at, not tried.

mod files;
mod gitignore;
mod import;
mod questions;

use std::path::Path;

use crate::{
    cli::{
        args::Init,
        failure::{Exit, Failure},
        settings::{CONFIGURATION, DOTENV, Flags, Origin},
        startup::{self, Startup},
        terminal::{Terminal, on_terminal},
    },
    model::discover::{self, Found, discover},
};
use files::{Access, Endpoint, ModelChoice, Written};
use import::Imported;

/// Which files are not there, and so are to be written.
#[derive(Clone, Copy)]
struct Missing {
    servers: bool,
    dotenv: bool,
}

/// What is to be written in them.
struct Plan {
    model: ModelChoice,
    workspace: Option<Access>,
    imported: Imported,
}

/// Writes the files, and says what it did and what to type next.
///
/// # Errors
/// A file that is missing cannot be written; a question was not answered.
pub async fn init(args: &Init) -> Result<Exit, Failure> {
    let (startup, errors) = startup::begin_anyway(&Flags::default())?;
    for error in errors {
        startup.ui.warning(&error.to_string());
    }
    let is_missing = |name: &str| {
        let missing = Path::new(name).symlink_metadata().is_err();
        if !missing {
            left_alone(&startup, name);
        }
        missing
    };
    let missing = Missing {
        servers: is_missing(CONFIGURATION),
        dotenv: is_missing(DOTENV),
    };
    let imported = take_over(&startup, args, missing);
    let found = if missing.dotenv {
        discover(&discover::CANDIDATES, discover::LIMIT).await
    } else {
        Vec::new()
    };
    let terminal = if args.yes || !on_terminal() {
        None
    } else {
        Terminal::open()
    };
    let plan = match &terminal {
        Some(terminal) => ask(terminal, &startup, &found, missing, imported).await?,
        None => Plan {
            model: default_model(&startup, &found),
            workspace: Some(Access::Read),
            imported,
        },
    };
    if missing.servers {
        write_servers(&startup, &plan)?;
    }
    if missing.dotenv {
        write_dotenv(&startup, &plan.model)?;
    }
    say_what_comes_next(&startup, &plan, missing);
    Ok(Exit::Answered)
}

/// Asks for what the missing files need.
async fn ask(
    terminal: &Terminal,
    startup: &Startup,
    found: &[Found],
    missing: Missing,
    imported: Imported,
) -> Result<Plan, Failure> {
    let _pause = startup.ui.pause();
    Ok(Plan {
        imported,
        model: if missing.dotenv {
            questions::model(terminal, startup, found).await?
        } else {
            ModelChoice::default()
        },
        workspace: if missing.servers {
            questions::workspace(terminal).await?
        } else {
            None
        },
    })
}

/// The model that `mcm ask` would take by itself, so that it stays the same.
fn default_model(startup: &Startup, found: &[Found]) -> ModelChoice {
    let settings = &startup.settings;
    let elsewhere = settings.api_key.is_some() || settings.base_url.origin != Origin::Default;
    let first = found.first().filter(|_| !elsewhere && settings.model.is_none());
    ModelChoice {
        model: first.and_then(|found| found.writers().next()).map(str::to_owned),
        endpoint: None,
    }
}

/// The servers of other clients, which the user is shown, where they were asked for.
fn take_over(startup: &Startup, args: &Init, missing: Missing) -> Imported {
    if !args.import {
        return Imported::default();
    }
    if !missing.servers {
        let hint = "`--import` changes no file that is there: move it away, or import in another folder";
        startup
            .ui
            .warning(&format!("nothing is imported into `{CONFIGURATION}`\n  {hint}"));
        return Imported::default();
    }
    let imported = import::import(startup);
    for note in &imported.notes {
        startup.ui.note(&format!("found {note}"));
    }
    for warning in &imported.warnings {
        startup.ui.warning(warning);
    }
    if imported.servers.is_empty() {
        startup.ui.note("no other client with servers was found");
    }
    imported
}

fn write_servers(startup: &Startup, plan: &Plan) -> Result<(), Failure> {
    let text = plan.imported.text(plan.workspace.map(files::workspace));
    let is_private = import::holds_secrets(&text, Path::new(CONFIGURATION));
    let mode = if is_private { files::PRIVATE } else { files::SHARED };
    if write(startup, CONFIGURATION, &text, mode)? == Written::TooLate {
        return Ok(());
    }
    let what = match (plan.workspace, plan.imported.servers.contains_key("workspace")) {
        (Some(Access::Read), false) => "server `workspace` reads the files in this folder",
        (Some(Access::Write), false) => "server `workspace` reads and writes the files in this folder",
        _ if plan.imported.servers.is_empty() => "no server yet",
        _ => "no server for the files in this folder",
    };
    let imported = match plan.imported.servers.len() {
        0 => String::new(),
        1 => ", and 1 server of another client".into(),
        more => format!(", and {more} servers of other clients"),
    };
    let private = if is_private {
        "; you alone can read it, for it holds keys"
    } else {
        ""
    };
    startup
        .ui
        .note(&format!("wrote `{CONFIGURATION}`: {what}{imported}{private}"));
    if is_private && gitignore::shows(&startup.folder, CONFIGURATION) {
        startup.ui.warning(&format!(
            "git does not ignore `{CONFIGURATION}`, which holds keys; put `${{NAME}}` in their place and their values in `{DOTENV}`"
        ));
    }
    Ok(())
}

fn write_dotenv(startup: &Startup, choice: &ModelChoice) -> Result<(), Failure> {
    if write(startup, DOTENV, &files::dotenv(choice), files::PRIVATE)? == Written::Yes {
        let model = choice
            .model
            .as_ref()
            .map_or("no model yet".to_owned(), |model| format!("model {model}"));
        let key = match choice.endpoint {
            Some(Endpoint::Service { key: Some(_), .. }) => ", and your key, which you alone can read",
            _ => "",
        };
        startup.ui.note(&format!("wrote `{DOTENV}`: {model}{key}"));
    }
    Ok(())
}

fn write(startup: &Startup, name: &str, text: &str, mode: u32) -> Result<Written, Failure> {
    let written = files::write(Path::new(name), text, mode).map_err(|e| {
        Failure::usage(format!("cannot write `{name}` in `{}`: {e}", startup.folder.display()))
            .hint("try it in a folder that you may write")
    })?;
    if written == Written::TooLate {
        left_alone(startup, name);
    }
    Ok(written)
}

fn left_alone(startup: &Startup, name: &str) {
    startup.ui.note(&format!("`{name}` is there already and is left alone"));
}

fn say_what_comes_next(startup: &Startup, plan: &Plan, missing: Missing) {
    let ui = &startup.ui;
    if gitignore::shows(&startup.folder, DOTENV) {
        ui.warning(&format!(
            "git does not ignore `{DOTENV}`, which may hold a key; to mend it, type: echo {DOTENV} >> .gitignore"
        ));
    }
    let settings = &startup.settings;
    let known = settings.model.is_some() || plan.model.model.is_some();
    if missing.dotenv && !known {
        ui.note(&format!(
            "no model is set: start Ollama or the like here, or write `OPENAI_API_KEY` and `MCM_MODEL` in `{DOTENV}`"
        ));
    }
    let trust = if plan.workspace == Some(Access::Write) || !plan.imported.servers.is_empty() {
        "\n  mcm trust"
    } else {
        ""
    };
    ui.note(&format!(
        "next, type:{trust}\n  mcm doctor\n  mcm ask \"Which three files here have the most lines?\""
    ));
}
