//! Starts servers, or takes the lists of tools that are kept of them, and hears when those are no longer true.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream::FuturesUnordered};

use crate::{
    agent::event::Event,
    cli::{
        configured::{Configured, Trusted, Which},
        failure::Failure,
        startup::{Relisted, Startup},
        ui::Ui,
    },
    host::{News, Running},
    tools::{
        RawTool,
        cache::{self, Cache},
        client::{Client, OnList},
        connection::{Launch, ToolList},
        observations::{Archive, Observations},
        servers::ServerEntry,
    },
};

/// The folder of kept lists of tools in the user's cache directory.
const CACHE: &str = "tools";
/// The folder beside it of what results of tools looked like.
const OBSERVATIONS: &str = "shapes";
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

impl Startup {
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
        let entries = configured.of(trusted);
        let mut starts = self.starts(&entries, lists).await;
        let mut running = Vec::new();
        let mut failed = configured.faulty();
        while let Some((place, started)) = starts.next().await {
            match started {
                Ok(server) => running.push((place, server)),
                Err(message) if entries[place].required => return Err(required(&entries[place], &message)),
                Err(_) => failed += 1,
            }
        }
        drop(starts);
        if running.is_empty() && failed > 0 && trusted.which == Which::All {
            return Err(nothing_usable());
        }
        running.sort_by_key(|(place, _)| *place);
        Ok(running.into_iter().map(|(_, server)| server).collect())
    }

    /// The same servers one by one, as they are ready or have failed: each one's place among `entries`, and what
    /// became of it.
    pub async fn starts<'a>(
        &'a self,
        entries: &'a [ServerEntry],
        lists: Lists,
    ) -> FuturesUnordered<impl Future<Output = (usize, Result<Running, String>)> + 'a> {
        let launch = self.launch_of(START_LIMIT);
        let counterpart = self.counterpart(&entries.iter().collect::<Vec<_>>()).await;
        let cache = self
            .settings
            .cache_directory()
            .map(|folder| Cache::new(folder.join(CACHE)));
        let start = move |(place, entry): (usize, &'a ServerEntry)| {
            let (launch, counterpart, cache) = (launch.clone(), counterpart.clone(), cache.clone());
            async move {
                let kept = match (&cache, lists) {
                    (Some(cache), Lists::Kept) if !entry.required => cache.get(entry),
                    _ => None,
                };
                let list = Arc::new(List::new(self, entry, cache));
                let started = match kept {
                    Some(tools) => {
                        list.is(tools.clone());
                        let client = Client::known(entry.clone(), launch, counterpart, list.hears());
                        Ok(self.running(entry, client, tools))
                    }
                    None => {
                        let client = Client::hearing(entry.clone(), launch, counterpart, list.hears());
                        self.start_one(entry, client, &list).await
                    }
                };
                (place, started)
            }
        };
        entries.iter().enumerate().map(start).collect()
    }

    /// Where what results looked like is kept; `None`: nowhere.
    pub fn archive(&self) -> Option<Archive> {
        let folder = self.settings.cache_directory()?;
        Some(Archive::new(folder.join(OBSERVATIONS)))
    }

    /// What servers are started with that may take `start_limit` for it.
    pub fn launch_of(&self, start_limit: Duration) -> Launch {
        Launch {
            inherited: Arc::new(self.settings.whole_environment().clone()),
            start_limit,
            result_limit: usize::try_from(self.settings.max_result.value << 20).unwrap_or(usize::MAX),
            logins: self.logins(),
        }
    }

    async fn start_one(&self, entry: &ServerEntry, client: Client, list: &List) -> Result<Running, String> {
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
        client.start().await.map_err(|e| {
            failed(
                e.hint
                    .map_or_else(|| e.message.clone(), |hint| format!("{}\n  {hint}", e.message)),
            )
        })?;
        let limit = entry.start_timeout.unwrap_or(START_LIMIT);
        let listed = client.on(async |server| server.list_tools(limit).await).await;
        let listed = listed.map_err(|e| failed(e.to_string()))?;
        for warning in &listed.warnings {
            self.ui.warning(&format!("server `{}`: {warning}", entry.name));
        }
        list.keep(&listed.tools);
        list.is(listed.tools.clone());
        let running = self.running(entry, client, listed.tools);
        let (server, count, elapsed) = (entry.name.clone(), running.tools.len(), started.elapsed());
        self.ui.show(&Event::ServerReady {
            server,
            tools: count,
            elapsed,
        });
        Ok(running)
    }

    fn running(&self, entry: &ServerEntry, client: Client, tools: Vec<RawTool>) -> Running {
        let (archive, masker) = (self.archive(), self.ui.masker().clone());
        let version = client.version();
        let observations = Observations::open(archive.as_ref(), entry, &tools, version.as_deref(), masker);
        Running::new(entry, client, tools, self.settings.call_timeout.value, observations)
    }
}

/// The failure of a program that cannot do without this server.
pub fn required(entry: &ServerEntry, message: &str) -> Failure {
    Failure::unreachable(format!("required server `{}`: {message}", entry.name))
}

/// The failure of a program none of whose servers can be used.
pub fn nothing_usable() -> Failure {
    Failure::unreachable("no configured server could be used")
        .hint("what each of them said stands above; `mcm tools list` tries them again")
}

/// What is known of a server's tools while the program runs.
struct List {
    entry: ServerEntry,
    cache: Option<Cache>,
    /// `None` before there is a first list.
    tools: Mutex<Option<Vec<RawTool>>>,
    ui: Ui,
    news: News,
    relisted: Option<Relisted>,
}

impl List {
    fn new(startup: &Startup, entry: &ServerEntry, cache: Option<Cache>) -> Self {
        Self {
            entry: entry.clone(),
            cache,
            tools: Mutex::default(),
            ui: startup.ui.clone(),
            news: startup.news.clone(),
            relisted: startup.relisted.clone(),
        }
    }

    /// From now on this is it; what it was before.
    fn is(&self, tools: Vec<RawTool>) -> Option<Vec<RawTool>> {
        self.tools.lock().unwrap_or_else(PoisonError::into_inner).replace(tools)
    }

    /// For the next run.
    fn keep(&self, tools: &[RawTool]) {
        let kept = self
            .cache
            .as_ref()
            .map_or(Ok(()), |cache| cache.put(&self.entry, tools));
        if let Err(e) = kept {
            let message = format!("cannot keep the tools of server `{}`: {e}", self.entry.name);
            self.ui.warning(&message);
        }
    }

    fn hears(self: &Arc<Self>) -> OnList {
        let list = Arc::clone(self);
        Arc::new(move |listed| list.changes(listed))
    }

    /// Tells the user and the model what has changed, and keeps it.
    fn changes(&self, listed: ToolList) {
        let Some(before) = self.is(listed.tools.clone()) else {
            return;
        };
        if listed.tools != before {
            self.keep(&listed.tools);
        }
        let filtered = |tools: Vec<RawTool>| self.entry.filter.apply(tools).tools;
        let (before, now) = (filtered(before), filtered(listed.tools));
        let Some(difference) = cache::difference(&before, &now) else {
            return;
        };
        let line = format!("server `{}`, {difference}", self.entry.name);
        if let Some(relisted) = &self.relisted {
            self.ui.note(&line);
            return relisted(&self.entry.name, now);
        }
        self.ui.note(&format!("{line}; the next run sees that"));
        self.news.add(line);
    }
}
