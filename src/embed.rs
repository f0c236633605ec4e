//! The walk of `mcm ask` for other programs: an [`Agent`] has servers, a model and a sandbox, and does tasks.
//!
//! - Nothing here prints, exits, or reads the environment.
//! - Scripts run in a child process of the same program, whose `main` calls [`crate::worker::run_if_asked`] before
//!   anything else, and whose global allocator is [`crate::worker::budget::Budget`]; or of `mcm`, see [`WorkerProgram`].
//! - An agent that is dropped without [`Agent::close`] ends its servers, too, but does not wait for that.

use std::{
    collections::{BTreeMap, hash_map::RandomState},
    hash::{BuildHasher, Hasher},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    agent::{
        conversation::Conversation,
        event::Listener,
        module::{Means, Module, Wanted},
        prompt::{self, Context, Templates},
        run::{self, Record, Run},
        solve::{self, Surroundings, Told, Workshop, conclude},
        task::Task,
    },
    host::{
        Approvals, Host, Masker, News, Rules, Running, Toolbox,
        interface::{interface, server_names},
        policy::{Attendance, Default as Unnamed, Policy, Rules as Globs},
    },
    model::{
        self, Model,
        ledger::{Budget, Ledger},
        openai::{OpenAi, Options},
    },
    sandbox::{self, Isolation, Limits, Sandbox, Stop, Template, WorkerProgram, execution::Code},
    tools::{
        client::{Client, close_all},
        connection::{Counterpart, Launch},
        context,
        observations::Observations,
        servers::{self, ServerEntry, Surroundings as Around},
    },
};

/// What an agent is made of; all but the model has a sensible default.
pub struct Setup {
    /// The endpoint that completes prompts.
    pub model: Options,
    /// The servers that scripts may call.
    pub servers: Vec<ServerEntry>,
    /// What the servers' programs find in their environment besides what their entries say.
    pub environment: BTreeMap<String, String>,
    /// The program that scripts run in.
    pub worker: WorkerProgram,
    /// Which tools may be called; by default all of them.
    pub policy: Policy,
    /// Steps, and failures in a row.
    pub limits: run::Limits,
    /// What one script may use up.
    pub script: Limits,
    /// What one task may use of the model.
    pub budget: Budget,
    /// How long a task may take.
    pub max_time: Duration,
    /// How long a server may take to start, and a call may be without a sign of progress, where its entry says nothing.
    pub patience: Duration,
    /// Tokens of a prompt for signatures of tools.
    pub tool_budget: usize,
    /// Characters of a script's output that the model is shown.
    pub max_output: usize,
    /// Bytes of the largest result of a call.
    pub max_result: usize,
    /// Where folders for artifacts are made.
    pub artifacts: PathBuf,
    /// Told what goes on; must not block.
    pub listener: Listener,
}

impl Setup {
    /// With the defaults of `mcm ask`, and no servers; artifacts are kept below `artifacts`.
    pub fn new(model: Options, artifacts: PathBuf) -> Self {
        Self {
            model,
            servers: Vec::new(),
            environment: BTreeMap::new(),
            worker: WorkerProgram::SelfExe,
            policy: Policy {
                rules: Globs::default(),
                default: Unnamed::Allow,
                attendance: Attendance::Asked,
            },
            limits: run::Limits {
                max_steps: 8,
                max_retries: 3,
            },
            script: Limits {
                time: Duration::from_secs(30),
                memory: 256 << 20,
                calls: 1_000,
                output: Limits::OUTPUT,
                gate: Limits::MODEL_SCRIPT,
            },
            budget: Budget::default(),
            max_time: Duration::from_secs(900),
            patience: Duration::from_secs(60),
            tool_budget: 4_000,
            max_output: 10_000,
            max_result: 32 << 20,
            artifacts,
            listener: Arc::new(|_| {}),
        }
    }
}

/// Why there is no agent, or no answer that trying again could give.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The configuration, or an entry in it, means nothing.
    #[error("{0}")]
    Configuration(String),
    /// A server cannot be used.
    #[error("server `{server}`: {message}")]
    Server {
        /// Its name in the configuration.
        server: String,
        /// Why not.
        message: String,
    },
    /// The endpoint cannot be used.
    #[error(transparent)]
    Model(#[from] model::Error),
    /// The sandbox cannot be used.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// A prompt cannot be rendered.
    #[error(transparent)]
    Prompt(#[from] prompt::Error),
    /// The run cannot go on.
    #[error(transparent)]
    Run(#[from] solve::Error),
}

/// The enabled servers of a configuration, in the format of any client. `variable` gives the values of `${NAME}`.
///
/// # Errors
/// The file, or the first entry that cannot be used.
pub fn servers(path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Vec<ServerEntry>, Error> {
    let failed = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let path = std::fs::canonicalize(path).map_err(failed)?;
    let config = servers::read(&text, &path).map_err(|fault| Error::Configuration(fault.to_string()))?;
    if let Some(fault) = config.faults.first() {
        return Err(Error::Configuration(fault.to_string()));
    }
    let around = Around {
        folder: path.parent().unwrap_or(Path::new("/")),
        home: None,
        variable,
        input: &|_| None,
    };
    let enabled = config.entries.iter().filter(|entry| !entry.disabled);
    let resolved = enabled.map(|entry| entry.resolve(&path, &around));
    resolved
        .map(|entry| entry.map_err(|fault| Error::Configuration(fault.to_string())))
        .collect()
}

/// Servers that run, a model, and a sandbox.
pub struct Agent {
    workshop: Workshop,
    limits: run::Limits,
    budget: Budget,
    max_time: Duration,
    listener: Listener,
}

impl Agent {
    /// Starts the servers side by side, and the sandbox.
    ///
    /// # Errors
    /// A server that cannot be used; no sandbox.
    pub async fn start(setup: Setup) -> Result<Self, Error> {
        let sandbox = Arc::new(Sandbox::start(&setup.worker, Isolation::Required)?);
        let masker = setup.model.masker.clone();
        masker.hide(setup.servers.iter().flat_map(|entry| entry.secrets().to_vec()));
        let launch = Launch {
            inherited: Arc::new(setup.environment),
            start_limit: setup.patience,
            result_limit: setup.max_result,
            logins: None,
        };
        let starts = setup.servers.iter().map(|entry| start(entry, &launch, &masker));
        let running = futures::future::try_join_all(starts).await?;
        let configured: Vec<&str> = setup.servers.iter().map(|entry| entry.name.as_str()).collect();
        let rules = Rules {
            policy: setup.policy,
            approvals: Approvals::new(None),
            masker,
            max_result: setup.max_result,
            max_output: setup.max_output,
            artifacts: setup.artifacts,
            news: News::default(),
        };
        let toolbox = Arc::new(Toolbox::new(running, &server_names(&configured), rules));
        let template = Template::new(sandbox, interface(toolbox.catalog())).await?;
        let queries = Arc::new(Model::OpenAi(OpenAi::new(setup.model.clone())?));
        let model = Model::OpenAi(OpenAi::new(setup.model)?);
        let workshop = Workshop {
            queries,
            model,
            templates: Arc::new(Templates::new(None)?),
            context: Context::of_scripts(context::Context::default(), &setup.script, setup.max_output),
            told: Told::Task {
                budget: setup.tool_budget,
            },
            toolbox,
            module: Wanted::Module(Module::Codeact),
            template: Some(Arc::new(template)),
            limits: setup.script,
        };
        Ok(Self {
            workshop,
            limits: setup.limits,
            budget: setup.budget,
            max_time: setup.max_time,
            listener: setup.listener,
        })
    }

    /// Does a task. What became of it is in the record, also where it has no answer; several may be done at a time.
    ///
    /// # Errors
    /// What trying again does not mend, such as an endpoint that refuses the key.
    pub async fn ask(&self, task: Task) -> Result<Record, Error> {
        let (started, stop) = (Instant::now(), Stop::new());
        let ledger = Arc::new(Ledger::new(self.budget));
        let module = self.workshop.choose(&task, &self.listener);
        let mut session = self.workshop.open(module, &task.inputs).await?;
        let host = Host::new(Arc::clone(&self.workshop.toolbox), Arc::new(|_| {}))
            .wanting(task.answer.clone())
            .asking(self.workshop.queries(&ledger, None));
        let around = Surroundings {
            host: &host,
            earlier: &Conversation::default(),
            stop: &stop,
            ledger: &ledger,
            turn: None,
            listener: &self.listener,
        };
        // a new hasher state is random
        let id = format!("{:016x}", RandomState::new().build_hasher().finish());
        let mut run = Run::new(id, task, self.limits);
        let means = Means::new(module, session.as_mut());
        let work = solve::solve(&mut run, means, &self.workshop, &around);
        let watch = async {
            tokio::time::sleep(self.max_time).await;
            stop.ask(Code::Timeout);
            std::future::pending::<()>().await
        };
        tokio::select! {
            worked = work => worked?,
            () = watch => unreachable!("it goes on until the work ends"),
        }
        let limit = self.max_time.as_secs_f64();
        conclude(&mut run, &stop, &format!("stopped after {limit} s"), None);
        Ok(run.into_record(started.elapsed()))
    }

    /// Ends the servers, and waits for that.
    pub async fn close(self) {
        close_all(self.workshop.toolbox.clients()).await;
    }
}

async fn start(entry: &ServerEntry, launch: &Launch, masker: &Masker) -> Result<Running, Error> {
    let failed = |message: String| Error::Server {
        server: entry.name.clone(),
        message,
    };
    let client = Client::new(entry.clone(), launch.clone(), Counterpart::none());
    client.start().await.map_err(|e| failed(e.message))?;
    let limit = entry.start_timeout.unwrap_or(launch.start_limit);
    let listed = client.on(async |server| server.list_tools(limit).await).await;
    let tools = listed.map_err(|e| failed(e.to_string()))?.tools;
    let observations = Observations::open(None, entry, &tools, None, masker.clone());
    Ok(Running::new(entry, client, tools, launch.start_limit, observations))
}
