//! Starts the servers one beside another, and keeps what can be called in step with what they list.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::sync::{Notify, watch};

use crate::{
    agent::{
        prompt::{Served, Templates},
        solve::{Told, Workshop},
    },
    cli::{
        args::Tape,
        failure::Failure,
        launch::{self, Lists},
        model,
        settings::Origin,
        startup::{Configured, Relisted, Startup},
    },
    host::{Running, Toolbox, interface::interface},
    sandbox::{Limits, Sandbox, Template},
    serve::{Parts, Stock, Tools},
    tools::{RawTool, context::Context, servers::ServerEntry},
};

/// Tokens of signatures that clients are told, unless the user says otherwise.
const TOOL_BUDGET: usize = 1_500;

/// What servers list anew, the last list of each.
#[derive(Default)]
pub struct Relist {
    lists: Mutex<BTreeMap<String, Vec<RawTool>>>,
    news: Notify,
}

impl Relist {
    /// Takes it.
    pub fn hears(self: &Arc<Self>) -> Relisted {
        let relist = Arc::clone(self);
        Arc::new(move |server, tools| {
            let mut lists = relist.lists.lock().unwrap_or_else(PoisonError::into_inner);
            lists.insert(server.to_owned(), tools);
            relist.news.notify_one();
        })
    }

    fn take(&self) -> BTreeMap<String, Vec<RawTool>> {
        std::mem::take(&mut *self.lists.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the stock is made from.
pub struct Stocker<'a> {
    /// The settings.
    pub startup: &'a Startup,
    /// Where scripts run.
    pub sandbox: &'a Arc<Sandbox>,
    /// All that is configured.
    pub configured: &'a Configured,
    /// Those that are trusted.
    pub entries: Vec<ServerEntry>,
    /// What they list later.
    pub relist: &'a Relist,
}

/// What has become of the servers so far, by their places.
#[derive(Default)]
struct Servers {
    running: BTreeMap<usize, Running>,
    failed: BTreeMap<usize, String>,
    /// What the user was told of their names.
    told: BTreeSet<String>,
}

impl Stocker<'_> {
    /// Starts the servers, and goes on for ever.
    ///
    /// What comes back is why it cannot: a required server failed, or all of them did.
    pub async fn keep(&self, stock: &watch::Sender<Stock>) -> Failure {
        match self.kept(stock).await {
            Err(failure) => failure,
            Ok(never) => match never {},
        }
    }

    async fn kept(&self, stock: &watch::Sender<Stock>) -> Result<Infallible, Failure> {
        let mut starts = self.startup.starts(&self.entries, Lists::Kept).await;
        let mut servers = Servers::default();
        self.ready(&mut servers, &mut starts)?;
        loop {
            stock.send_replace(self.stock(&mut servers).await?);
            tokio::select! {
                Some((place, started)) = starts.next() => self.started(&mut servers, place, started)?,
                () = self.relist.news.notified() => {}
            }
            self.ready(&mut servers, &mut starts)?;
            for (name, tools) in self.relist.take() {
                if let Some(server) = servers.running.values_mut().find(|server| server.name == name) {
                    server.tools = tools;
                }
            }
        }
    }

    /// Takes what has started or failed by now.
    fn ready(
        &self,
        servers: &mut Servers,
        starts: &mut (impl Stream<Item = (usize, Result<Running, String>)> + Unpin),
    ) -> Result<(), Failure> {
        while let Some(Some((place, started))) = starts.next().now_or_never() {
            self.started(servers, place, started)?;
        }
        let failed = servers.failed.len();
        if failed == self.entries.len() && failed + self.configured.faulty() > 0 {
            return Err(launch::nothing_usable());
        }
        Ok(())
    }

    fn started(&self, servers: &mut Servers, place: usize, started: Result<Running, String>) -> Result<(), Failure> {
        let entry = &self.entries[place];
        match started {
            Ok(running) => drop(servers.running.insert(place, running)),
            Err(message) if entry.required => return Err(launch::required(entry, &message)),
            Err(_) => drop(servers.failed.insert(place, entry.name.clone())),
        }
        Ok(())
    }

    async fn stock(&self, servers: &mut Servers) -> Result<Stock, Failure> {
        let running = servers.running.values().cloned().collect();
        let toolbox = self.startup.toolbox_untold(running, self.configured)?;
        for warning in &toolbox.catalog().warnings {
            if servers.told.insert(warning.clone()) {
                self.startup.ui.warning(warning);
            }
        }
        let template = Arc::new(Template::new(Arc::clone(self.sandbox), interface(toolbox.catalog())).await?);
        let waiting = self.entries.iter().enumerate().filter(|(place, _)| {
            let known = servers.running.contains_key(place) || servers.failed.contains_key(place);
            !known
        });
        let starting: Vec<String> = waiting.map(|(_, entry)| entry.name.clone()).collect();
        let failed: Vec<String> = servers.failed.values().cloned().collect();
        let parts = Parts {
            workshop: self.workshop(&toolbox, &template).await?,
            context: self.startup.prompt_context_of(Context::default()),
            budget: self.budget(),
            served: Served {
                starting: &starting,
                failed: &failed,
            },
            toolbox,
            template,
        };
        let tools = Tools::new(parts, &Templates::new(self.startup.templates())?)?;
        Ok(Stock {
            tools: Some(Arc::new(tools)),
            complete: starting.is_empty(),
        })
    }

    fn budget(&self) -> usize {
        if self.startup.settings.tool_budget.origin == Origin::Default {
            TOOL_BUDGET
        } else {
            self.startup.tool_budget()
        }
    }

    /// What tasks are done with; `None` where no model is named: none is looked for.
    async fn workshop(&self, toolbox: &Arc<Toolbox>, template: &Arc<Template>) -> Result<Option<Workshop>, Failure> {
        if !self.startup.names_a_model() {
            return Ok(None);
        }
        let tape = Tape {
            record: None,
            replay: None,
        };
        let chosen = model::choose(self.startup, None, tape, self.startup.ui.masker()).await?;
        Ok(Some(Workshop {
            model: chosen.model,
            queries: Arc::new(chosen.queries),
            templates: Templates::new(self.startup.templates())?,
            context: self.startup.prompt_context_of(Context::default()),
            told: Told::Task {
                budget: self.startup.tool_budget(),
            },
            toolbox: Arc::clone(toolbox),
            module: self.startup.settings.module.value,
            template: Some(Arc::clone(template)),
            limits: self.startup.limits(Limits::MODEL_SCRIPT),
        }))
    }
}
