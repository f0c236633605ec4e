//! What a user set, and where: a flag, over an environment variable, over `.env`, over the default.
//!
//! - [`resolve`] is a function of what it is given; [`Sources::read`] alone looks at the machine.
//! - A `.env` in the current folder sets only a key, the endpoint that goes with that key, a model
//!   and limits; it never sends a key of the real environment to an endpoint of its own.
//! - No error shows a value that came from the environment or a file.

mod dotenv;
mod lenient;
pub mod limits;
mod policy;
mod resolve;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

pub use dotenv::DotEnvText;
pub use lenient::resolve_all;
pub use policy::{PolicyText, Rule, Rules, allow_always, glob};
pub(in crate::cli) use resolve::base_url_problem;
pub use resolve::resolve;
pub use sources::Sources;

use crate::{
    agent::module::Wanted,
    cli::args::{
        BatchLimits, BudgetFlags, ModelFlags, ModuleFlags, OutputFlags, PolicyFlags, RunLimits, ScriptLimits,
        ServerFlags, ToolFlags,
    },
    model::{Cost, Prices},
    tools::servers::{is_plain, names_secret},
};

/// Where `OPENAI_BASE_URL` points when nobody says.
pub const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";
/// Name of the configuration file, here and in the user's configuration directory.
pub const CONFIGURATION: &str = "mcp_servers.json";
/// Name of the file of settings in the current folder.
pub const DOTENV: &str = ".env";
/// Name of the policy file in the user's configuration directory.
pub const POLICY: &str = "policy.json";

/// What was typed, whatever the verb; a flag that the verb does not know is not set.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Which servers.
    pub servers: ServerFlags,
    /// Which model.
    pub model: ModelFlags,
    /// How tasks are done.
    pub module: ModuleFlags,
    /// How long a run may go on.
    pub run: RunLimits,
    /// What a run may use of the model.
    pub budget: BudgetFlags,
    /// What a script may use.
    pub script: ScriptLimits,
    /// How much of the tools.
    pub tools: ToolFlags,
    /// How many tasks at a time.
    pub batch: BatchLimits,
    /// Which tools.
    pub policy: PolicyFlags,
    /// `--yes`
    pub yes: bool,
    /// What is printed.
    pub output: OutputFlags,
    /// `--show-code`
    pub show_code: bool,
    /// `--prompts`
    pub prompts: Option<PathBuf>,
}

/// A value and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// Checked.
    pub value: T,
    /// Who gave it.
    pub origin: Origin,
}

/// Who gave a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line, by this flag.
    Flag(&'static str),
    /// This variable of the real environment.
    Environment(String),
    /// This variable of a `.env`.
    DotEnv {
        /// The variable.
        name: String,
        /// The `.env`.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The user's policy file.
    PolicyFile(PathBuf),
    /// Nobody.
    Default,
}

/// A key that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// A configuration file that holds servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// As given or found.
    pub path: PathBuf,
    /// How it was found.
    pub place: Place,
}

/// How a configuration file was found; trust depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Named by `--config`: that grants trust.
    CommandLine,
    /// Named by `MCM_CONFIG`.
    Environment,
    /// `./mcp_servers.json`
    CurrentFolder,
    /// `mcp_servers.json` in the user's configuration directory.
    UserDirectory,
}

/// What holds for this run of the program.
#[derive(Clone)]
pub struct Settings {
    /// The files of servers, of which later ones win; none: there is no server.
    pub configurations: Vec<Configuration>,
    /// Whether the configuration's programs and addresses are trusted unasked.
    pub trust: Setting<bool>,
    /// `None`: nobody named one.
    pub model: Option<Setting<String>>,
    /// `None`: `llm_query` asks the same.
    pub sub_model: Option<Setting<String>>,
    /// The endpoint.
    pub base_url: Setting<String>,
    /// `None`: an endpoint without a key.
    pub api_key: Option<Setting<ApiKey>>,
    /// How tasks are done.
    pub module: Setting<Wanted>,
    /// Prompts of a run.
    pub max_steps: Setting<u64>,
    /// Errors in a row.
    pub max_retries: Setting<u64>,
    /// A script's own time.
    pub timeout: Setting<Duration>,
    /// One tool call.
    pub call_timeout: Setting<Duration>,
    /// Everything together.
    pub max_time: Setting<Duration>,
    /// MiB of a script.
    pub memory: Setting<u64>,
    /// Tool calls of a script.
    pub max_calls: Setting<u64>,
    /// Characters of output that the model is shown.
    pub max_output: Setting<u64>,
    /// MiB of one tool result.
    pub max_result: Setting<u64>,
    /// Tokens of a prompt for signatures of tools.
    pub tool_budget: Setting<u64>,
    /// Tokens of a run.
    pub max_tokens: Option<Setting<u64>>,
    /// Money of a run.
    pub max_cost: Option<Setting<Cost>>,
    /// Completions of a run.
    pub max_model_calls: Option<Setting<u64>>,
    /// What a million tokens cost; said by who gave the price of prompts.
    pub prices: Option<Setting<Prices>>,
    /// Tasks of a batch at a time.
    pub jobs: Setting<u64>,
    /// Requests of a batch in a minute.
    pub rpm: Option<Setting<u64>>,
    /// Tokens of a batch in a minute.
    pub tpm: Option<Setting<u64>>,
    /// Deny every tool that may write.
    pub read_only: Setting<bool>,
    /// Answer approval questions with yes.
    pub yes: Setting<bool>,
    /// Run no script where a layer of the sandbox's wall is missing.
    pub require_isolation: Setting<bool>,
    /// Globs on `server.tool`.
    pub rules: Rules,
    /// Print one record.
    pub json: Setting<bool>,
    /// Only warnings and errors on stderr.
    pub quiet: Setting<bool>,
    /// What servers say of themselves on stderr, too.
    pub verbose: Setting<bool>,
    /// Show each script.
    pub show_code: Setting<bool>,
    /// A folder of templates that replace the embedded ones.
    pub prompts: Option<Setting<PathBuf>>,
    /// What was ignored, and why.
    pub warnings: Vec<String>,
    environment: BTreeMap<String, String>,
    dotenv: BTreeMap<String, (String, Origin)>,
    user_directory: Option<PathBuf>,
    cache_directory: Option<PathBuf>,
}

impl Settings {
    /// The value of `${name}` in the configuration: the environment's, else that of `.env`.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let of_dotenv = || self.dotenv.get(name).map(|(value, _)| value.as_str());
        self.environment.get(name).map(String::as_str).or_else(of_dotenv)
    }

    /// The real environment.
    pub fn whole_environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The user's folder for settings of this program.
    pub fn user_directory(&self) -> Option<&Path> {
        self.user_directory.as_deref()
    }

    /// The user's folder for what can be had again.
    pub fn cache_directory(&self) -> Option<&Path> {
        self.cache_directory.as_deref()
    }

    /// A variable of the real environment.
    pub fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// Values that must not be shown: the key, and those of `.env` that are no settings and not plain.
    pub fn secrets(&self) -> Vec<String> {
        let key = self.api_key.iter().map(|key| key.value.expose());
        let of_dotenv = self.dotenv.values().map(|(value, _)| value.as_str());
        let all = key.chain(of_dotenv.filter(|value| !is_plain(value)));
        all.map(str::to_owned).collect()
    }

    /// Those of the variables that the configuration names that are called a secret's name.
    pub fn secrets_of(&self, expanded: &BTreeSet<String>) -> Vec<String> {
        let named = expanded.iter().filter(|name| names_secret(name));
        let values = named.filter_map(|name| self.variable(name));
        values.filter(|value| !is_plain(value)).map(str::to_owned).collect()
    }

    /// Warnings about variables of `.env` that are neither settings nor `expanded` by the configuration.
    pub fn unused_variables(&self, expanded: &BTreeSet<String>) -> Vec<String> {
        let unused = self.dotenv.iter().filter(|(name, _)| !expanded.contains(*name));
        unused
            .map(|(name, (_, origin))| {
                let reason = if resolve::is_setting(name) {
                    "it counts on the command line and in the real environment only"
                } else {
                    "it is no setting, and the configuration does not name it"
                };
                format!("{origin} is ignored: {reason}")
            })
            .collect()
    }

    /// One line for the user where there is no configuration file.
    pub fn no_configuration_hint(&self) -> Option<String> {
        let elsewhere = self
            .user_directory
            .as_ref()
            .map_or(String::new(), |d| format!(" or in `{}`", d.display()));
        let hint =
            format!("no `{CONFIGURATION}` here{elsewhere}: scripts have no servers; name a file with `--config`");
        self.configurations.is_empty().then_some(hint)
    }
}

impl Configuration {
    /// Whether its entries need trust: a file that came with the current folder `folder`.
    ///
    /// `MCM_CONFIG` counts like `--config` only if it names a file elsewhere by its full path.
    pub fn needs_trust(&self, folder: &Path) -> bool {
        match self.place {
            Place::CommandLine | Place::UserDirectory => false,
            Place::CurrentFolder => true,
            Place::Environment => self.path.is_relative() || self.path.starts_with(folder),
        }
    }
}

impl ApiKey {
    pub(in crate::cli) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The key itself, for the one request header that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Shows nothing: the environment and `.env` are inside.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(********)")
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "`{flag}`"),
            Self::Environment(name) => write!(f, "`{name}` in the environment"),
            Self::DotEnv { name, path, line } => write!(f, "`{name}` in `{}` line {line}", path.display()),
            Self::PolicyFile(path) => write!(f, "`{}`", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A value that makes no sense.
    #[error("{origin}: {problem}")]
    Value {
        /// Who gave it.
        origin: Origin,
        /// What it must be, without what it is.
        problem: String,
    },
    /// A `.env` that cannot be read.
    #[error("`{}` line {line}: {problem}", path.display())]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Without the line's text, which may hold a secret.
        problem: &'static str,
    },
    /// A policy file that cannot be read.
    #[error("`{}` line {line} column {column}: {problem}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A file that is there and cannot be opened.
    #[error("cannot read `{}`: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        problem: String,
    },
}
