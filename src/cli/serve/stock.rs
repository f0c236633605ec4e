//! Starts the servers one beside another, and keeps what can be called in step with what they list.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};

use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use crate::{
    agent::prompt::{Served, Templates},
    cli::{
        failure::Failure,
        launch::{self, Lists},
        model::{self, Chosen},
        settings::Origin,
        startup::{Configured, Relisted, Startup},
    },
    host::{Running, interface::interface},
    model::openai::OpenAi,
    sandbox::{Sandbox, Template},
    serve::{Parts, Stock, Tools},
    tools::{RawTool, context::Context, servers::ServerEntry},
};

/// Tokens of signatures that clients are told, unless the user says otherwise.
const TOOL_BUDGET: usize = 1_500;

/// What servers list anew, by their names in the configuration.
pub type Relists = mpsc::UnboundedReceiver<(String, Vec<RawTool>)>;

/// Both ends of what servers list anew.
pub fn relisting() -> (Relisted, Relists) {
    let (sender, relists) = mpsc::unbounded_channel();
    // who has ended needs no news
    let hears: Relisted = Arc::new(move |server, tools| drop(sender.send((server.to_owned(), tools))));
    (hears, relists)
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
    /// When clients are told of what there is by then, though some servers have not answered yet.
    pub patience: Instant,
}

/// What has become of the servers so far, by their places.
#[derive(Default)]
struct Servers {
    running: BTreeMap<usize, Running>,
    failed: BTreeSet<usize>,
    /// What the user was told of their names.
    told: BTreeSet<String>,
}

/// What is made once.
struct Shared {
    /// Where tasks' models are, if one is named.
    endpoint: Option<OpenAi>,
    templates: Arc<Templates>,
}

impl Servers {
    fn lists(&mut self, name: &str, tools: Vec<RawTool>) {
        if let Some(server) = self.running.values_mut().find(|server| server.name == name) {
            server.tools = tools;
        }
    }
}

impl Stocker<'_> {
    /// Starts the servers, and goes on for ever.
    ///
    /// What comes back is why it cannot: a required server failed, or all of them did.
    pub async fn keep(&self, stock: &watch::Sender<Stock>, relists: Relists) -> Failure {
        match self.kept(stock, relists).await {
            Err(failure) => failure,
            Ok(never) => match never {},
        }
    }

    async fn kept(&self, stock: &watch::Sender<Stock>, mut relists: Relists) -> Result<Infallible, Failure> {
        let shared = self.shared().await?;
        let mut starts = self.startup.starts(&self.entries, Lists::Kept).await;
        let mut servers = Servers::default();
        loop {
            self.ready(&mut servers, &mut starts)?;
            let waits = servers.running.len() + servers.failed.len() < self.entries.len();
            if !waits || Instant::now() >= self.patience {
                match self.stock(&mut servers, &shared).await {
                    Ok(tools) => drop(stock.send_replace(Some(Arc::new(tools)))),
                    Err(failure) if stock.borrow().is_none() => return Err(failure),
                    Err(failure) => self
                        .startup
                        .ui
                        .warning(&format!("{}; what clients are told stays as it was", failure.message)),
                }
            }
            tokio::select! {
                Some((place, started)) = starts.next() => self.started(&mut servers, place, started)?,
                Some((name, tools)) = relists.recv() => servers.lists(&name, tools),
                () = sleep_until(self.patience), if waits && Instant::now() < self.patience => {}
            }
            while let Ok((name, tools)) = relists.try_recv() {
                servers.lists(&name, tools);
            }
        }
    }

    /// What every stock is made with.
    async fn shared(&self) -> Result<Shared, Failure> {
        // none is looked for
        let endpoint = match self.startup.names_a_model() {
            true => Some(model::endpoint(self.startup).await?),
            false => None,
        };
        let templates = Arc::new(Templates::new(self.startup.templates())?);
        Ok(Shared { endpoint, templates })
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
            Err(_) => drop(servers.failed.insert(place)),
        }
        Ok(())
    }

    async fn stock(&self, servers: &mut Servers, shared: &Shared) -> Result<Tools, Failure> {
        let running = servers.running.values().cloned().collect();
        let toolbox = self.startup.toolbox_untold(running, self.configured)?;
        for warning in &toolbox.catalog().warnings {
            if servers.told.insert(warning.clone()) {
                self.startup.ui.warning(warning);
            }
        }
        let template = Arc::new(Template::new(Arc::clone(self.sandbox), interface(toolbox.catalog())).await?);
        let waiting = self.entries.iter().enumerate().filter(|(place, _)| {
            let known = servers.running.contains_key(place) || servers.failed.contains(place);
            !known
        });
        let starting: Vec<String> = waiting.map(|(_, entry)| entry.name.clone()).collect();
        let failed: Vec<String> = servers
            .failed
            .iter()
            .map(|place| self.entries[*place].name.clone())
            .collect();
        let parts = Parts {
            workshop: shared.endpoint.as_ref().map(|endpoint| {
                let chosen = Chosen::at(endpoint, self.startup);
                let (templates, template) = (Arc::clone(&shared.templates), Some(Arc::clone(&template)));
                self.startup.workshop(chosen, templates, Arc::clone(&toolbox), template)
            }),
            context: self.startup.prompt_context_of(Context::default()),
            budget: self.budget(),
            served: Served {
                starting: &starting,
                failed: &failed,
            },
            toolbox,
            template,
        };
        Ok(Tools::new(parts, &shared.templates)?)
    }

    fn budget(&self) -> usize {
        if self.startup.settings.tool_budget.origin == Origin::Default {
            TOOL_BUDGET
        } else {
            self.startup.tool_budget()
        }
    }
}
