//! What tasks are done with in a session: servers, worker, model, variables and the conversation.
//!
//! - All of it is made in the background from the start; whoever needs a part waits for it.
//! - A model that cannot be found is looked for again with the next task; servers are started once.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use tokio::task::JoinHandle;

use super::{editor::Editor, words::ServerWords};
use crate::{
    agent::{conversation::Conversation, prompt::Templates, solve::Workshop, task::Input},
    cli::{
        args::Tape,
        failure::Failure,
        gather,
        launch::Lists,
        model::{self, Chosen},
        startup::{Configured, Startup, Trusted},
        ui,
    },
    host::{Toolbox, interface::interface},
    sandbox::{Sandbox, Session, Template},
    tools::catalog::Catalog,
};

/// States that `/undo` can go back to, at least; each is a sleeping process. A task that is interrupted is taken
/// back whole, so there are never fewer than a task has steps.
const STATES: usize = 20;

/// What a session begins with.
pub(super) struct Opening {
    pub(super) startup: Arc<Startup>,
    pub(super) configured: Arc<Configured>,
    pub(super) trusted: Trusted,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) inputs: Vec<Input>,
    pub(super) templates: Arc<Templates>,
    pub(super) record: Option<PathBuf>,
    pub(super) replay: Option<PathBuf>,
    pub(super) editor: Arc<Editor>,
}

/// A session, ready or on its way.
pub(super) struct Desk {
    pub(super) startup: Arc<Startup>,
    pub(super) editor: Arc<Editor>,
    pub(super) inputs: Vec<Input>,
    pub(super) conversation: Conversation,
    /// The scripts whose effects the variables hold and `/undo` can take back, the newest last.
    pub(super) scripts: VecDeque<String>,
    /// States that are kept: as many as a task that is interrupted may want to go back.
    states: usize,
    /// The last script, whatever became of it.
    pub(super) last: Option<String>,
    maker: Maker,
    tools: Later<Tools>,
    model: Later<Chosen>,
    /// The model's name, once there is one.
    pub(super) named: Option<String>,
    /// Until the workshop has them.
    templates: Option<Arc<Templates>>,
    workshop: Option<Workshop>,
    broken: Option<Failure>,
}

/// Servers that run, and the session over them.
pub(super) struct Tools {
    pub(super) toolbox: Arc<Toolbox>,
    template: Arc<Template>,
    pub(super) session: Session,
}

/// All that a task needs.
pub(super) struct Equipment<'a> {
    pub(super) workshop: &'a Workshop,
    pub(super) session: &'a mut Session,
    pub(super) conversation: &'a Conversation,
}

impl Desk {
    /// Begins to make everything.
    pub(super) fn open(opening: Opening) -> Self {
        let Opening {
            startup,
            configured,
            trusted,
            sandbox,
            inputs,
            templates,
            record,
            replay,
            editor,
        } = opening;
        let maker = Maker {
            startup: Arc::clone(&startup),
            configured,
            record,
            replay,
        };
        let bindings = gather::bindings(&inputs);
        let steps = usize::try_from(startup.settings.max_steps.value).unwrap_or(usize::MAX);
        let states = steps.max(STATES);
        let (made, words) = (maker.clone(), Arc::clone(&editor));
        let tools = Later::begin(async move {
            let servers = made.startup.launch(&made.configured, &trusted, Lists::Kept).await?;
            let toolbox = made.startup.toolbox(servers, &made.configured)?;
            toolbox.prepare(None);
            words.learn(|words| words.servers = server_words(toolbox.catalog()));
            let template = Template::new(sandbox, interface(toolbox.catalog()));
            let template = Arc::new(template.await?);
            let session = Session::open(Arc::clone(&template), bindings).await?;
            Ok(Tools {
                toolbox,
                template,
                session: session.keeping(states),
            })
        });
        Self {
            model: maker.model(None),
            startup,
            editor,
            inputs,
            conversation: Conversation::default(),
            scripts: VecDeque::new(),
            states,
            last: None,
            maker,
            tools,
            named: None,
            templates: Some(templates),
            workshop: None,
            broken: None,
        }
    }

    /// Adds scripts that have succeeded.
    pub(super) fn succeeded(&mut self, scripts: impl IntoIterator<Item = String>) {
        self.scripts.extend(scripts);
        let too_many = self.scripts.len().saturating_sub(self.states);
        self.scripts.drain(..too_many);
    }

    /// Begins a session without variables and without a conversation.
    pub(super) async fn renew(&mut self) -> Result<(), Failure> {
        let (bindings, states) = (gather::bindings(&self.inputs), self.states);
        let tools = self.tools().await?;
        let session = Session::open(Arc::clone(&tools.template), bindings).await?;
        tools.session = session.keeping(states);
        self.conversation = Conversation::default();
        self.scripts.clear();
        self.last = None;
        Ok(())
    }

    /// Waits for servers and session. Their failure ends the program.
    pub(super) async fn tools(&mut self) -> Result<&mut Tools, Failure> {
        if let Some(failure) = &self.broken {
            return Err(failure.clone());
        }
        match self.tools.wait().await {
            Ok(tools) => Ok(tools),
            Err(failure) => {
                self.broken = Some(failure.clone());
                Err(failure)
            }
        }
    }

    /// Whether the session has a model, or takes or keeps replies: then no other one is asked.
    pub(super) fn has_model(&self) -> bool {
        self.workshop.is_some() || self.maker.is_taped()
    }

    /// Waits for everything.
    pub(super) async fn equipment(&mut self) -> Result<Equipment<'_>, Failure> {
        self.tools().await?;
        if self.workshop.is_none() {
            if self.model.is_idle() {
                self.model = self.maker.model(None);
            }
            self.model.wait().await?;
        }
        self.take_model();
        match (&self.workshop, &mut self.tools.here) {
            (Some(workshop), Some(tools)) => Ok(Equipment {
                workshop,
                session: &mut tools.session,
                conversation: &self.conversation,
            }),
            _ => Err(Failure::usage("the session was not made")),
        }
    }

    /// Puts a model that is here to use.
    fn take_model(&mut self) {
        let Some(tools) = &self.tools.here else { return };
        let Some(chosen) = self.model.here.take() else { return };
        self.editor.learn(|words| {
            let names = chosen.listed.iter().chain([&chosen.name]);
            for name in names.filter(|_| self.maker.replay.is_none()) {
                // the menu shows a name as it is
                if !words.models.contains(name) && ui::clean(name) == name.as_str() {
                    words.models.push(name.clone());
                }
            }
        });
        self.named = Some(chosen.name.clone());
        match (&mut self.workshop, self.templates.take()) {
            (Some(workshop), _) => {
                workshop.model = chosen.model;
                workshop.queries = Arc::new(chosen.queries);
            }
            (workshop, Some(templates)) => {
                let (toolbox, template) = (Arc::clone(&tools.toolbox), Arc::clone(&tools.template));
                *workshop = Some(self.startup.assemble(chosen, templates, toolbox, template));
            }
            (None, None) => {}
        }
    }

    /// Waits for the model, which may be another one from now on.
    pub(super) async fn choose(&mut self, name: &str) -> Result<(), Failure> {
        self.tools().await?;
        let mut other = self.maker.model(Some(name.to_owned()));
        other.wait().await?;
        self.model = other;
        self.take_model();
        Ok(())
    }

    /// Whether replies come from a recording.
    pub(super) fn replays(&self) -> bool {
        self.maker.replay.is_some()
    }

    /// Why there are no servers and never will be.
    pub(super) fn broken(&mut self) -> Option<Failure> {
        self.broken.clone()
    }

    /// Ends servers and session.
    pub(super) async fn close(&mut self) {
        self.model.give_up().await;
        self.tools.give_up().await;
        let Some(Tools { toolbox, session, .. }) = self.tools.here.take() else {
            return;
        };
        drop(session);
        self.startup.close(&toolbox).await;
    }
}

/// What models are made from.
#[derive(Clone)]
struct Maker {
    startup: Arc<Startup>,
    configured: Arc<Configured>,
    record: Option<PathBuf>,
    replay: Option<PathBuf>,
}

impl Maker {
    /// Whether replies come from a file, or are kept in one.
    fn is_taped(&self) -> bool {
        self.record.is_some() || self.replay.is_some()
    }

    fn model(&self, name: Option<String>) -> Later<Chosen> {
        let made = self.clone();
        Later::begin(async move {
            let tape = Tape {
                record: made.record.as_deref(),
                replay: made.replay.as_deref(),
            };
            let masker = made.startup.ui.masker().clone();
            model::choose(&made.startup, name.as_deref(), tape, &masker).await
        })
    }
}

/// Something that is made in the background.
struct Later<T> {
    coming: Option<JoinHandle<Result<T, Failure>>>,
    here: Option<T>,
}

impl<T: Send + 'static> Later<T> {
    fn begin(work: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Self {
        Self {
            coming: Some(tokio::spawn(work)),
            here: None,
        }
    }

    /// Neither here nor on its way.
    fn is_idle(&self) -> bool {
        self.coming.is_none() && self.here.is_none()
    }

    /// Waits for it; nothing is lost when that is dropped.
    async fn wait(&mut self) -> Result<&mut T, Failure> {
        if let Some(coming) = &mut self.coming {
            let made = coming.await;
            self.coming = None;
            let stopped = |_| Failure::usage("what the session needs could not be made");
            self.here = Some(made.map_err(stopped)??);
        }
        let missing = || Failure::usage("what the session needs could not be made");
        self.here.as_mut().ok_or_else(missing)
    }

    /// Ends what is under way, and waits for that.
    async fn give_up(&mut self) {
        if let Some(coming) = self.coming.take() {
            coming.abort();
            if let Ok(Ok(made)) = coming.await {
                self.here = Some(made);
            }
        }
    }
}

fn server_words(catalog: &Catalog) -> Vec<ServerWords> {
    let words = catalog.servers.iter().map(|server| ServerWords {
        name: server.name.clone(),
        tools: server
            .tools
            .iter()
            .map(|tool| (tool.name.clone(), tool.stub.doc.clone()))
            .collect(),
    });
    words.collect()
}
