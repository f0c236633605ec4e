//! What all verbs begin with: settings, the configuration and trust in it, servers, and the host over them.

use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    task::spawn_blocking,
    time::{Instant as Deadline, timeout_at},
};

pub use super::configured::{Configured, Resolved, Trusted, Which};
use crate::{
    agent::run,
    cli::{
        failure::{Exit, Failure},
        launch::Lists,
        settings::{self, Flags, Settings, Sources, resolve, resolve_all},
        ui::{Look, Ui},
    },
    host::{News, Running, Toolbox},
    sandbox::{Isolation, Limits, Sandbox, WorkerProgram, isolation},
    tools::{RawTool, client, connection::oauth::Logins, names, servers::ServerEntry},
    wire::{self, GateLimits},
};

/// The folder of logins in the user's configuration directory.
const LOGINS: &str = "logins";

/// Hears of a server's tools.
pub type Relisted = Arc<dyn Fn(&str, Vec<RawTool>) + Send + Sync>;

/// The settings, and who shows what goes on.
pub struct Startup {
    /// What the user set.
    pub settings: Settings,
    /// The only writer.
    pub ui: Ui,
    /// The folder that the program runs in.
    pub folder: PathBuf,
    /// Globs of the only tools that may be used, where a program says so.
    pub only: Option<Vec<String>>,
    /// What changes while runs go on.
    pub news: News,
    /// Told a server's tools, by its name in the configuration, when they change while the program runs.
    pub relisted: Option<Relisted>,
    /// When `--max-time` is over.
    pub deadline: Deadline,
}

/// Reads the settings.
///
/// # Errors
/// A setting that makes no sense.
pub fn begin(flags: &Flags) -> Result<Startup, Failure> {
    begin_from(flags, Sources::read()?)
}

/// The same with nothing else than these sources.
///
/// # Errors
/// A setting that makes no sense.
pub fn begin_from(flags: &Flags, sources: Sources) -> Result<Startup, Failure> {
    let startup = over(resolve(flags, sources)?)?;
    for warning in &startup.settings.warnings {
        startup.ui.warning(warning);
    }
    Ok(startup)
}

/// The same for a verb that goes on where others end: settings that make no sense are left out, and come back with
/// why. Nothing is said yet.
///
/// # Errors
/// A setting typed on the command line makes no sense.
pub fn begin_anyway(flags: &Flags) -> Result<(Startup, Vec<settings::Error>), Failure> {
    let (sources, mut errors) = Sources::read_all();
    let (settings, more) = resolve_all(flags, sources)?;
    errors.extend(more);
    Ok((over(settings)?, errors))
}

fn over(settings: Settings) -> Result<Startup, Failure> {
    let ui = Ui::new(Look::detect(&settings));
    ui.masker().hide(settings.secrets());
    let folder = std::env::current_dir().map_err(|e| Failure::usage(format!("cannot tell the current folder: {e}")))?;
    Ok(Startup {
        deadline: Deadline::now() + settings.max_time.value,
        settings,
        ui,
        folder,
        only: None,
        news: News::default(),
        relisted: None,
    })
}

impl Startup {
    /// Starts the worker, which builds its interpreter while everything else is under way.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_sandbox(&self) -> Result<Arc<Sandbox>, Failure> {
        let isolation = if self.settings.require_isolation.value {
            Isolation::Required
        } else {
            let ui = self.ui.clone();
            Isolation::Preferred(Box::new(move |missing| {
                ui.warning(&format!(
                    "the sandbox does without {}; `mcm doctor` tells more",
                    isolation::list(missing)
                ));
            }))
        };
        Ok(Arc::new(Sandbox::start(&WorkerProgram::SelfExe, isolation)?))
    }

    /// The same, if a script may have to be run.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_sandbox_if_needed(&self) -> Result<Option<Arc<Sandbox>>, Failure> {
        let wanted = self.settings.module.value.runs_scripts();
        wanted.then(|| self.start_sandbox()).transpose()
    }
}

impl Startup {
    /// Where the user's logins are kept.
    pub fn logins(&self) -> Option<Logins> {
        self.settings
            .user_directory()
            .map(|folder| Logins::new(folder.join(LOGINS), self.ui.masker().clone()))
    }

    /// The enabled entry of this name, as written in the configuration or as scripts call it.
    ///
    /// # Errors
    /// There is none.
    pub fn entry<'a>(&self, configured: &'a Configured, name: &str) -> Result<&'a ServerEntry, Failure> {
        let of_name = |entry: &&ServerEntry| entry.name == name || configured.names.get(&entry.name) == Some(name);
        configured.entries.iter().find(of_name).ok_or_else(|| {
            let waits = |(raw, python): &&(String, String)| raw == name || python == name;
            if configured.names.pairs.iter().any(|pair| waits(&pair)) {
                return Failure::usage(format!("server `{name}` needs an input before it is known what it is"))
                    .hint("set `MCM_INPUT_…` for each `${input:…}` of its entry; `mcm doctor` names them");
            }
            let known: Vec<_> = configured.entries.iter().map(|entry| entry.name.as_str()).collect();
            Failure::usage(format!("there is no server `{name}`")).hint(match known.is_empty() {
                true => "no server is configured here; to begin, type: mcm init".to_owned(),
                false => format!("there are: {}", known.join(", ")),
            })
        })
    }

    /// Settles trust in the wanted servers, starts them side by side and lists their tools. One that
    /// fails is named, and the others go on.
    ///
    /// # Errors
    /// Servers that nobody trusts and nobody can be asked about; a required server failed, or all of them did.
    pub async fn start(&self, configured: &Configured, which: &Which, lists: Lists) -> Result<Vec<Running>, Failure> {
        let trusted = self.trusted(configured, which).await?;
        self.launch(configured, &trusted, lists).await
    }

    /// Ends all servers side by side, and keeps what their results looked like.
    pub async fn close(&self, toolbox: &Toolbox) {
        let observations: Vec<_> = toolbox.observations().collect();
        let keeping = spawn_blocking(move || {
            let kept = observations.into_iter().map(|(seen, version)| seen.keep(version));
            kept.filter_map(Result::err).next()
        });
        let (kept, ()) = tokio::join!(keeping, client::close_all(toolbox.clients()));
        if let Ok(Some(e)) = kept {
            self.ui.warning(&format!("cannot keep what results looked like: {e}"));
        }
    }

    /// The folder whose templates replace the embedded ones.
    pub fn templates(&self) -> Option<&Path> {
        self.settings.prompts.as_ref().map(|folder| folder.value.as_path())
    }

    /// Waits for what has to be done before a script can run, until `--max-time` at the latest.
    ///
    /// # Errors
    /// Its own; the time is over.
    pub async fn in_time<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        timeout_at(self.deadline, work)
            .await
            .unwrap_or_else(|_| Err(self.out_of_time()))
    }

    /// The failure of a run whose time is over.
    pub fn out_of_time(&self) -> Failure {
        let limit = self.settings.max_time.value.as_secs_f64();
        Failure::new(Exit::Budget, format!("stopped after {limit} s (`--max-time`)"))
    }

    /// How long a run may go on.
    pub fn run_limits(&self) -> run::Limits {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        run::Limits {
            max_steps: count(self.settings.max_steps.value),
            max_retries: count(self.settings.max_retries.value),
        }
    }

    /// What one script may use up.
    pub fn limits(&self, gate: GateLimits) -> Limits {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Limits {
            time: self.settings.timeout.value,
            memory: self.settings.memory.value << 20,
            calls: count(self.settings.max_calls.value),
            output: Limits::OUTPUT,
            gate,
        }
    }
}

/// Names that an `--input` may not have.
pub fn reserved_names() -> BTreeSet<String> {
    let ours = [wire::MODULES, wire::BUILTINS, wire::FUNCTIONS]
        .into_iter()
        .flatten()
        .copied();
    ours.chain(names::PYTHON_BUILTINS.iter().chain(names::KEYWORDS).copied())
        .map(str::to_owned)
        .collect()
}
