//! The configured servers that may be used: files merged, entries resolved, trust settled, inputs asked for.
//!
//! - Nothing is asked before trust is settled, and nothing for a server that is not wanted.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{
    agent::event::Event,
    cli::{
        failure::Failure,
        settings::Configuration,
        startup::Startup,
        terminal::{Echo, Terminal},
        trust,
    },
    host::interface::server_names,
    tools::{
        names::Names,
        servers::{self, Config, Fault, Input, InputSpec, RawEntry, Secrecy, ServerEntry, Surroundings, inputs},
    },
};

/// The configured servers that may be used.
pub struct Configured {
    files: Vec<(Configuration, Config)>,
    /// Enabled and readable, without those that wait.
    pub entries: Vec<ServerEntry>,
    /// Those that need an input or a file that only trust opens, and the place of their file among the files.
    waiting: Vec<(usize, RawEntry)>,
    /// Python names of all configured servers, whether they are used or not.
    pub names: Names,
    /// How many are configured that cannot be used.
    faulty: usize,
    answered: Mutex<Answered>,
}

/// What became of servers that waited.
#[derive(Default)]
struct Answered {
    entries: Vec<ServerEntry>,
    faulty: usize,
}

/// What the entries of a configuration mean.
pub struct Resolved {
    /// Enabled and readable.
    pub entries: Vec<ServerEntry>,
    /// Those that need an input, which nobody has given yet, or a file that only trust opens.
    pub waiting: Vec<RawEntry>,
    /// What is wrong with others.
    pub faults: Vec<Fault>,
    /// Names of the variables that were asked for.
    pub expanded: BTreeSet<String>,
}

/// Which of the configured servers are to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those with these Python names.
    Named(Vec<String>),
}

/// The wanted servers that may be started.
#[derive(Debug)]
pub struct Trusted {
    servers: BTreeSet<String>,
    /// What was wanted.
    pub which: Which,
}

impl Trusted {
    /// Whether this server is among them, by its name in the configuration.
    pub fn names(&self, server: &str) -> bool {
        self.servers.contains(server)
    }
}

type Answers = BTreeMap<String, Input>;

impl Configured {
    /// What the trusted servers are started from, in the order of the files.
    pub fn of(&self, trusted: &Trusted) -> Vec<ServerEntry> {
        let answered = self.answered.lock().expect("nothing panics with it");
        let all = self.entries.iter().chain(&answered.entries);
        let mut chosen: Vec<ServerEntry> = all
            .filter(|entry| trusted.servers.contains(&entry.name))
            .cloned()
            .collect();
        chosen.sort_by_key(|entry| self.names.pairs.iter().position(|(raw, _)| *raw == entry.name));
        chosen
    }

    /// How many are configured that cannot be used.
    pub fn faulty(&self) -> usize {
        self.faulty + self.answered.lock().expect("nothing panics with it").faulty
    }

    fn is_wanted(&self, server: &str, which: &Which) -> bool {
        match which {
            Which::All => true,
            Which::Named(names) => self
                .names
                .get(server)
                .is_some_and(|name| names.iter().any(|n| n == name)),
        }
    }
}

impl Startup {
    /// Reads the configuration; starts nothing.
    ///
    /// # Errors
    /// A broken file; a required server whose entry cannot be used.
    pub fn configured(&self) -> Result<Configured, Failure> {
        if let Some(hint) = self.settings.no_configuration_hint() {
            self.ui.note(&hint);
        }
        let places = self.settings.configurations.iter();
        let files = places
            .map(|place| self.read(&place.path))
            .collect::<Result<Vec<_>, _>>()?;
        let files = servers::merge(files);
        let mut configured = Configured {
            files: Vec::new(),
            entries: Vec::new(),
            waiting: Vec::new(),
            names: Names::default(),
            faulty: 0,
            answered: Mutex::default(),
        };
        let mut expanded = BTreeSet::new();
        for (at, (place, config)) in self.settings.configurations.iter().zip(&files).enumerate() {
            for note in &config.notes {
                self.ui.warning(note);
            }
            let resolved = self.resolved(place, config);
            for fault in &resolved.faults {
                self.report(fault, config)?;
            }
            configured.faulty += resolved.faults.len();
            configured.entries.extend(resolved.entries);
            let waiting = resolved.waiting.into_iter().map(|entry| (at, entry));
            configured.waiting.extend(waiting);
            expanded.extend(resolved.expanded);
        }
        if !files.is_empty() {
            for warning in self.settings.unused_variables(&expanded) {
                self.ui.warning(&warning);
            }
        }
        let enabled = files.iter().flat_map(|config| &config.entries).filter(|e| !e.disabled);
        configured.names = server_names(&enabled.map(|e| e.name.as_str()).collect::<Vec<_>>());
        configured.files = self.settings.configurations.iter().cloned().zip(files).collect();
        Ok(configured)
    }

    /// Tells of a server that cannot be used; an error where it is required.
    fn report(&self, fault: &Fault, config: &Config) -> Result<(), Failure> {
        self.ui.show(&Event::ServerFailed {
            server: fault.server.clone(),
            message: fault.to_string(),
        });
        let mut entries = config.entries.iter();
        if fault.required || entries.any(|entry| entry.name == fault.server && entry.required) {
            return Err(Failure::usage(fault.to_string()).hint("that server is `required`"));
        }
        Ok(())
    }

    /// What the configuration's enabled entries mean here; nobody is asked for inputs, and no file is opened for an
    /// entry that is not trusted.
    pub fn resolved(&self, place: &Configuration, config: &Config) -> Resolved {
        let closed = match config.entries.iter().any(|entry| entry.env_file.is_some()) {
            // a store that cannot be read is told when trust is settled
            true => trust::untrusted(self, place, config).ok(),
            false => Some(BTreeSet::new()),
        };
        let is_closed = |entry: &RawEntry| closed.as_ref().is_none_or(|closed| closed.contains(&entry.name));
        let expanded = RefCell::new(BTreeSet::new());
        let (mut entries, mut faults, mut waiting) = (Vec::new(), config.faults.clone(), Vec::new());
        let none = Answers::new();
        for entry in config.entries.iter().filter(|entry| !entry.disabled) {
            let is_open = |id: &&str| self.input(config, &none, &expanded, id).is_none();
            if entry.inputs().iter().any(is_open) || (entry.env_file.is_some() && is_closed(entry)) {
                waiting.push(entry.clone());
                continue;
            }
            match self.resolve(entry, config, &none, &expanded) {
                Ok(server) => entries.push(server),
                Err(fault) => faults.push(fault),
            }
        }
        let expanded = expanded.take();
        let masker = self.ui.masker();
        let of_entries = entries.iter().flat_map(|entry| entry.secrets().to_vec());
        masker.hide(self.settings.secrets_of(&expanded).into_iter().chain(of_entries));
        Resolved {
            entries,
            waiting,
            faults,
            expanded,
        }
    }

    fn resolve(
        &self,
        entry: &RawEntry,
        config: &Config,
        answers: &Answers,
        expanded: &RefCell<BTreeSet<String>>,
    ) -> Result<ServerEntry, Fault> {
        let home = self.settings.environment("HOME").map(PathBuf::from);
        let variable = |name: &str| {
            expanded.borrow_mut().insert(name.to_owned());
            self.settings.variable(name).map(str::to_owned)
        };
        let surroundings = Surroundings {
            folder: &self.folder,
            home: home.as_deref(),
            variable: &variable,
            input: &|id| self.input(config, answers, expanded, id),
        };
        entry.resolve(&config.path, &surroundings)
    }

    /// What stands for an input: what was answered, or else its variable.
    fn input(
        &self,
        config: &Config,
        answers: &Answers,
        expanded: &RefCell<BTreeSet<String>>,
        id: &str,
    ) -> Option<Input> {
        let name = inputs::variable(id);
        let given = self.settings.variable(&name).map(|value| Input {
            value: value.to_owned(),
            // what nobody describes may be a password
            secrecy: spec(config, id).map_or(Secrecy::Hidden, |spec| spec.secrecy),
        });
        expanded.borrow_mut().insert(name);
        answers.get(id).cloned().or(given)
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub fn read(&self, path: &Path) -> Result<Config, Failure> {
        let failed = |e: std::io::Error| Failure::usage(format!("cannot read `{}`: {e}", path.display()));
        let path = fs::canonicalize(self.folder.join(path)).map_err(failed)?;
        let text = fs::read_to_string(&path).map_err(failed)?;
        servers::read(&text, &path).map_err(|e| Failure::usage(e.to_string()).hint(e.hint))
    }

    /// Settles trust in the wanted servers and asks for their inputs.
    ///
    /// # Errors
    /// Servers that nobody trusts and nobody can be asked about; a required one without an input.
    pub async fn trusted(&self, configured: &Configured, which: &Which) -> Result<Trusted, Failure> {
        let mut servers = BTreeSet::new();
        for (at, (place, config)) in configured.files.iter().enumerate() {
            let readable = configured.entries.iter().map(|entry| entry.name.as_str());
            let of_file = config
                .entries
                .iter()
                .map(|entry| entry.name.as_str())
                .collect::<BTreeSet<_>>();
            let waiting = configured.waiting.iter().filter(|(file, _)| *file == at);
            let wanted: BTreeSet<&str> = readable
                .filter(|name| of_file.contains(name))
                .chain(waiting.map(|(_, entry)| entry.name.as_str()))
                .filter(|name| configured.is_wanted(name, which))
                .collect();
            let declined = trust::settle(self, place, config, &wanted).await?;
            let kept = wanted.into_iter().filter(|name| !declined.contains(*name));
            servers.extend(kept.map(str::to_owned));
        }
        self.ask_for_inputs(configured, &servers).await?;
        Ok(Trusted {
            servers,
            which: which.clone(),
        })
    }

    /// Resolves the servers among `trusted` that waited, asking for inputs.
    async fn ask_for_inputs(&self, configured: &Configured, trusted: &BTreeSet<String>) -> Result<(), Failure> {
        let waiting = configured
            .waiting
            .iter()
            .filter(|(_, entry)| trusted.contains(&entry.name));
        let mut answers = Answers::new();
        let mut terminal = None;
        for (file, entry) in waiting {
            let config = &configured.files[*file].1;
            let unused = RefCell::default();
            for id in entry.inputs() {
                if self.input(config, &answers, &unused, id).is_some() {
                    continue;
                }
                if terminal.is_none() {
                    terminal = Some(Terminal::open());
                }
                if let Some(terminal) = terminal.as_ref().and_then(Option::as_ref)
                    && let Some(input) = self.ask_for(terminal, id, spec(config, id), &entry.name).await
                {
                    answers.insert(id.to_owned(), input);
                }
            }
            let resolved = self.resolve(entry, config, &answers, &unused);
            match &resolved {
                Ok(server) => self.ui.masker().hide(server.secrets().to_vec()),
                Err(fault) => self.report(fault, config)?,
            }
            let mut answered = configured.answered.lock().expect("nothing panics with it");
            answered.faulty += usize::from(resolved.is_err());
            answered.entries.extend(resolved);
        }
        Ok(())
    }

    /// `None` where the user ends the input or the terminal is gone.
    async fn ask_for(&self, terminal: &Terminal, id: &str, spec: Option<&InputSpec>, server: &str) -> Option<Input> {
        let secrecy = spec.map_or(Secrecy::Hidden, |spec| spec.secrecy);
        let echo = match secrecy {
            Secrecy::Hidden => Echo::Hidden,
            Secrecy::Open => Echo::Shown,
        };
        let description = spec.and_then(|spec| spec.description.as_deref()).unwrap_or("a value");
        let options = spec.map_or(&[][..], |spec| &spec.options);
        let mut question = format!("server `{server}` needs `{id}`: {description}");
        if !options.is_empty() {
            question.push_str(&format!(" ({})", options.join(", ")));
        }
        let default = spec.and_then(|spec| spec.default.as_deref());
        match (default, secrecy) {
            (Some(default), Secrecy::Open) => question.push_str(&format!(" [{default}]: ")),
            (_, Secrecy::Open) => question.push_str(": "),
            (_, Secrecy::Hidden) => question.push_str(" (not shown): "),
        }
        let _pause = self.ui.pause();
        let typed = terminal.line(&question, echo).await.ok()??;
        let value = match default {
            Some(default) if typed.is_empty() => default.to_owned(),
            _ => typed,
        };
        Some(Input { value, secrecy })
    }
}

fn spec<'a>(config: &'a Config, id: &str) -> Option<&'a InputSpec> {
    config.inputs.iter().find(|spec| spec.id == id)
}
