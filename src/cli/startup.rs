//! What all verbs begin with: settings, the configuration and trust in it, servers, and the host over them.

use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{Instant as Deadline, timeout_at};

pub use super::configured::{Configured, Resolved, Trusted, Which};
use crate::{
    agent::{event::Event, run},
    cli::{
        failure::{Exit, Failure},
        settings::{self, Flags, Settings, Sources, resolve, resolve_all},
        ui::{Look, Ui},
    },
    host::{News, Running, Toolbox, policy::Consent},
    sandbox::{Isolation, Limits, Sandbox, WorkerProgram, isolation},
    tools::{
        RawTool,
        cache::{self, Cache},
        client::{self, Client},
        connection::{Counterpart, Launch, ToolList, oauth::Logins},
        names::{self, Names},
        servers::{ServerEntry, Transport},
    },
    wire::{self, GateLimits},
};

/// The folder of kept lists of tools in the user's cache directory.
const CACHE: &str = "tools";
/// The folder of logins in the user's configuration directory.
const LOGINS: &str = "logins";
/// How long a server may take to start, and to list its tools, unless its entry says otherwise.
pub const START_LIMIT: Duration = Duration::from_secs(60);

/// Whether the lists of tools that are kept from earlier runs are good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// They are: a server is started when it is needed.
    Kept,
    /// Every server is started and asked.
    Fresh,
}

/// The settings, and who shows what goes on.
pub struct Startup {
    /// What the user set.
    pub settings: Settings,
    /// The only writer.
    pub ui: Ui,
    /// The folder that the program runs in.
    pub folder: PathBuf,
    /// What changes while runs go on.
    pub news: News,
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
        news: News::default(),
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

    /// Starts servers that are trusted side by side and lists their tools. One that fails is named, and
    /// the others go on. One whose list is kept, and good enough, is not started yet, unless it is `required`.
    ///
    /// # Errors
    /// A required server failed, or all of them did.
    pub async fn launch(
        &self,
        configured: &Configured,
        trusted: &Trusted,
        lists: Lists,
    ) -> Result<Vec<Running>, Failure> {
        let chosen = configured.of(trusted);
        let entries: Vec<&ServerEntry> = chosen.iter().collect();
        let launch = Launch {
            inherited: Arc::new(self.settings.whole_environment().clone()),
            start_limit: START_LIMIT,
            result_limit: usize::try_from(self.settings.max_result.value << 20).unwrap_or(usize::MAX),
            logins: self.logins(),
        };
        let counterpart = self.counterpart(&entries).await;
        let cache = self
            .settings
            .cache_directory()
            .map(|folder| Cache::new(folder.join(CACHE)));
        let starts = entries.iter().map(async |&entry| {
            let kept = match (&cache, lists) {
                (Some(cache), Lists::Kept) if !entry.required => cache.get(entry).map(|tools| (cache, tools)),
                _ => None,
            };
            match kept {
                Some((cache, tools)) => Ok(self.known(entry, launch.clone(), counterpart.clone(), (cache, tools))),
                None => {
                    self.start_one(entry, launch.clone(), counterpart.clone(), cache.as_ref())
                        .await
                }
            }
        });
        let mut running = Vec::new();
        let mut failed = configured.faulty();
        for (entry, started) in entries.iter().zip(futures::future::join_all(starts).await) {
            match started {
                Ok(server) => running.push(server),
                Err(message) if entry.required => {
                    return Err(Failure::unreachable(format!(
                        "required server `{}`: {message}",
                        entry.name
                    )));
                }
                Err(_) => failed += 1,
            }
        }
        if running.is_empty() && failed > 0 && trusted.which == Which::All {
            return Err(Failure::unreachable("no configured server could be used")
                .hint("what each of them said stands above; `mcm tools list` tries them again"));
        }
        Ok(running)
    }

    async fn start_one(
        &self,
        entry: &ServerEntry,
        launch: Launch,
        counterpart: Counterpart,
        cache: Option<&Cache>,
    ) -> Result<Running, String> {
        let started = Instant::now();
        self.ui.show(&Event::ServerStarting {
            server: entry.name.clone(),
        });
        let failed = |message: String| {
            self.ui.show(&Event::ServerFailed {
                server: entry.name.clone(),
                message: message.clone(),
            });
            message
        };
        let client = Client::new(entry.clone(), launch, counterpart);
        client.start().await.map_err(|e| {
            failed(
                e.hint
                    .map_or_else(|| e.message.clone(), |hint| format!("{}\n  {hint}", e.message)),
            )
        })?;
        let limit = entry.start_timeout.unwrap_or(START_LIMIT);
        let listed = client.list_tools(limit).await.map_err(|e| failed(e.to_string()))?;
        for warning in listed.warnings {
            self.ui.warning(&format!("server `{}`: {warning}", entry.name));
        }
        if let Some(cache) = cache {
            self.keep(cache, entry, &listed.tools);
        }
        let running = self.running(entry, client, listed.tools);
        let (server, count, elapsed) = (entry.name.clone(), running.tools.len(), started.elapsed());
        self.ui.show(&Event::ServerReady {
            server,
            tools: count,
            elapsed,
        });
        Ok(running)
    }

    /// A server whose tools are known; what it lists once it has started is compared with them.
    fn known(
        &self,
        entry: &ServerEntry,
        launch: Launch,
        counterpart: Counterpart,
        (cache, tools): (&Cache, Vec<RawTool>),
    ) -> Running {
        let (cache, before, listing) = (cache.clone(), tools.clone(), entry.clone());
        let (ui, news) = (self.ui.clone(), self.news.clone());
        let heard = move |list: ToolList| {
            if list.tools != before
                && let Err(e) = cache.put(&listing, &list.tools)
            {
                ui.warning(&format!("cannot keep the tools of server `{}`: {e}", listing.name));
            }
            let filtered = |tools: &[RawTool]| listing.filter.apply(tools.to_vec()).tools;
            if let Some(difference) = cache::difference(&filtered(&before), &filtered(&list.tools)) {
                let line = format!("server `{}`, {difference}", listing.name);
                ui.note(&format!("{line}; the next run sees that"));
                news.add(line);
            }
        };
        let client = Client::known(entry.clone(), launch, counterpart, Box::new(heard));
        self.running(entry, client, tools)
    }

    fn keep(&self, cache: &Cache, entry: &ServerEntry, tools: &[RawTool]) {
        if let Err(e) = cache.put(entry, tools) {
            let message = format!("cannot keep the tools of server `{}`: {e}", entry.name);
            self.ui.warning(&message);
        }
    }

    fn running(&self, entry: &ServerEntry, client: Client, tools: Vec<RawTool>) -> Running {
        Running {
            name: entry.name.clone(),
            description: entry.description.clone(),
            tools: entry.filter.apply(tools).tools,
            client: Arc::new(client),
            call_timeout: entry.call_timeout.unwrap_or(self.settings.call_timeout.value),
            results: entry.results.clone(),
            consent: match entry.transport {
                // whoever wrote `"write": true` there means it
                Transport::Workspace { .. } => Consent::Given,
                Transport::Stdio { .. } | Transport::Http { .. } | Transport::Sse { .. } => Consent::Open,
            },
        }
    }

    /// Ends all servers side by side.
    pub async fn close(&self, toolbox: &Toolbox) {
        client::close_all(toolbox.clients()).await;
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

/// Python names of the configured servers, the same whichever of them are started.
pub fn server_names(configured: &[&str]) -> Names {
    let reserved: Vec<&str> = [wire::MODULES, wire::BUILTINS, wire::FUNCTIONS]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    names::servers(configured, &reserved)
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
