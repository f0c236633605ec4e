//! `mcm repl`: tasks typed one after another; variables and the conversation stay.
//!
//! - The prompt does not wait for servers, worker or model; the first line that needs them does.
//! - Ctrl-C ends what is under way and never the program, unless tasks are piped in; Ctrl-D leaves.
//! - A task that fails is shown, and the next line is read.

pub mod commands;
mod desk;
pub mod editor;
pub mod history;
pub mod open;
mod screen;
mod task;
mod view;
pub mod words;

use std::{path::PathBuf, sync::Arc};

use etcetera::BaseStrategy;

use crate::{
    agent::prompt::Templates,
    cli::{
        args::Repl,
        failure::{Exit, Failure},
        gather::{self, TakenNames},
        inputs::{self, InputSpec},
        interrupt::{self, Asked, Signals},
        startup::{self, Configured, Startup, Which},
        terminal::{self, Echoing},
    },
};
use commands::{Command, Input};
use desk::Desk;
use editor::{Editor, Setup, Typed, Way};

/// What the next line finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The next line is read.
    GoOn,
    /// The same, but something failed.
    Failed,
    /// The program ends.
    Leave,
}

/// Reads lines until the user leaves.
///
/// # Errors
/// What keeps it from beginning, and servers that are needed and cannot be used.
pub async fn repl(args: &Repl) -> Result<Exit, Failure> {
    terminal::remember();
    let startup = Arc::new(startup::begin(&args.flags())?);
    let sandbox = startup.start_sandbox()?;
    let configured = Arc::new(startup.configured()?);
    let inputs = inputs(&args.inputs.inputs, &configured)?;
    let templates = Templates::new(startup.templates())?;
    // the question needs the terminal, so it comes before the prompt
    let trusted = startup.trusted(&configured, &Which::All).await?;
    let signals = interrupt::own().map_err(|e| Failure::usage(format!("cannot listen for Ctrl-C: {e}")))?;
    startup.ui.converse(terminal::columns);
    let editor = Arc::new(editor(&startup)?);
    let opening = desk::Opening {
        startup: Arc::clone(&startup),
        configured,
        trusted,
        sandbox,
        inputs,
        templates: Arc::new(templates),
        record: args.record.clone(),
        replay: args.replay.clone(),
        editor: Arc::clone(&editor),
    };
    let desk = Desk::open(opening);
    let mut repl = Session {
        startup: Arc::clone(&startup),
        editor,
        signals,
        desk,
        failed: false,
    };
    let ended = repl.lines().await;
    startup.ui.rest();
    repl.desk.close().await;
    startup.ui.finish();
    ended?;
    Ok(
        match (repl.signals.ending(), repl.editor.way() == Way::Piped && repl.failed) {
            (true, _) => return Err(Failure::new(Exit::Interrupted, "interrupted")),
            (false, true) => Exit::GaveUp,
            (false, false) => Exit::Answered,
        },
    )
}

/// The values of `--input`; stdin is for tasks.
fn inputs(specs: &[InputSpec], configured: &Configured) -> Result<Vec<crate::agent::task::Input>, Failure> {
    inputs::check_stdin(specs, Some("the tasks"))?;
    gather::named_inputs(specs, &TakenNames::new(&configured.names), &[])
}

/// Starts the editor, and greets.
fn editor(startup: &Startup) -> Result<Editor, Failure> {
    let way = Way::detect(startup.settings.environment("TERM"));
    let setup = Setup {
        way,
        colour: startup.ui.look().colour,
        history: history_path(),
    };
    let editor = Editor::start(setup).map_err(|e| Failure::usage(format!("cannot read lines: {e}")))?;
    for warning in &editor.warnings {
        startup.ui.warning(warning);
    }
    if way != Way::Piped {
        let version = env!("CARGO_PKG_VERSION");
        startup.ui.note(&format!(
            "mcm {version}: type a task, /help for commands, Ctrl-D to leave"
        ));
    }
    Ok(editor)
}

/// In the user's state directory; `None` without a home.
fn history_path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.state_dir()?.join("mcm").join("history"))
}

/// The program while it reads lines.
struct Session {
    startup: Arc<Startup>,
    editor: Arc<Editor>,
    signals: Signals,
    desk: Desk,
    /// Something did not work out, which who pipes tasks in wants to know.
    failed: bool,
}

impl Session {
    async fn lines(&mut self) -> Result<(), Failure> {
        loop {
            let then = match self.line().await {
                Typed::Text(text) => self.typed(&text).await,
                Typed::Cleared => Then::GoOn,
                Typed::TooLong => self.wrong("that is too long: a line may have 1 MiB", None),
                Typed::End => Then::Leave,
            };
            self.failed |= then == Then::Failed;
            if let Some(failure) = self.desk.broken() {
                return Err(failure);
            }
            if then == Then::Leave || self.signals.ending() {
                return Ok(());
            }
        }
    }

    /// Reads a line. Nothing is written meanwhile; what happened is shown after it.
    async fn line(&mut self) -> Typed {
        let way = self.editor.way();
        let _still = (way != Way::Piped).then(|| self.startup.ui.pause());
        let mut line = std::pin::pin!(self.editor.line());
        loop {
            tokio::select! {
                typed = &mut line => return typed,
                asked = self.signals.next() => match (asked, way) {
                    (Asked::End, _) => return Typed::End,
                    (Asked::Interrupt, Way::Piped) => {
                        self.signals.end();
                        return Typed::End;
                    }
                    (Asked::Interrupt, _) => self.editor.clear(),
                },
            }
        }
    }

    async fn typed(&mut self, text: &str) -> Then {
        // what is typed ahead is shown with the next prompt, and not in the middle of what goes on
        let _silent = Echoing::off();
        let then = match commands::read(text) {
            Input::Nothing => Then::GoOn,
            Input::Task(task) => self.desk.task(task, &mut self.signals).await,
            Input::Python(code) => self.desk.python(code, &mut self.signals).await,
            Input::Wrong(wrong) => self.wrong(&wrong.message, Some(&wrong.hint)),
            Input::Command(command) => self.command(command).await,
        };
        self.startup.ui.rest();
        if self.editor.way() == Way::Piped && self.signals.interrupted() {
            self.signals.end();
        }
        then
    }

    async fn command(&mut self, command: Command) -> Then {
        let signals = &mut self.signals;
        match command {
            Command::Help => self.print(&(commands::help() + "\n")),
            Command::Tools(query) => self.desk.tools_of(query.as_deref(), signals).await,
            Command::Vars => self.desk.variables(signals).await,
            Command::Code => self.desk.last_script(),
            Command::Undo => self.desk.undo().await,
            Command::Reset => self.desk.reset(signals).await,
            Command::Model(name) => self.desk.model(name, signals).await,
            Command::Quit => Then::Leave,
        }
    }

    fn print(&self, text: &str) -> Then {
        match self.startup.ui.print(text) {
            Ok(()) => Then::GoOn,
            Err(_) => Then::Failed,
        }
    }

    fn wrong(&self, message: &str, hint: Option<&str>) -> Then {
        let failure = Failure::usage(message);
        self.startup.ui.failure(&match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        });
        Then::Failed
    }
}
