//! The configured servers: what `mcp_servers.json` says and what that means.
//!
//! What was typed is a [`RawEntry`], with its place in the file and its variables unexpanded. What it
//! means is a [`ServerEntry`], ready to be started.
//!
//! - A fault of one entry fails that server only; a fault of the file is a [`FileError`].
//! - Every fault names file, line and column. Values of `env` and `headers` are never shown.
//! - Nothing here reads the environment: variables come from a closure.

mod expand;
mod read;
mod secrets;
mod workspace;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::mask::Masker;
pub use expand::Surroundings;
pub use read::read;
pub use secrets::{is_plain, names_secret};
pub use workspace::{Permission, RawWorkspace, Reach};

/// A configuration file as it was typed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its entries, in the order of the file; those with a fault are not among them.
    pub entries: Vec<RawEntry>,
    /// What was wrong with single entries.
    pub faults: Vec<Fault>,
    /// What the user may want to know besides.
    pub notes: Vec<String>,
}

impl Config {
    /// What the enabled entries mean, in the order of the file, and the faults found on the way.
    pub fn servers(&self, surroundings: &Surroundings<'_>) -> (Vec<ServerEntry>, Vec<Fault>) {
        let mut servers = Vec::new();
        let mut faults = self.faults.clone();
        for entry in self.entries.iter().filter(|e| !e.disabled) {
            match entry.resolve(&self.path, surroundings) {
                Ok(server) => servers.push(server),
                Err(fault) => faults.push(fault),
            }
        }
        (servers, faults)
    }
}

/// One entry as it was typed; variables are not expanded.
#[derive(Debug, Clone)]
pub struct RawEntry {
    /// Its key in the file.
    pub name: String,
    /// Where its key stands.
    pub place: Place,
    /// How the server is reached.
    pub kind: Kind,
    /// The program to start.
    pub command: Option<Text>,
    /// Its arguments.
    pub args: Vec<Text>,
    /// Variables for its environment.
    pub env: Vec<(String, Text)>,
    /// The folder it runs in.
    pub cwd: Option<Text>,
    /// The address to connect to.
    pub url: Option<Text>,
    /// Headers of every request to it.
    pub headers: Vec<(String, Text)>,
    /// What is said of the built-in server for files.
    pub workspace: Option<RawWorkspace>,
    /// What it is for; never expanded.
    pub description: Option<String>,
    /// Whether it is left out.
    pub disabled: bool,
    /// Whether a run is pointless without it.
    pub required: bool,
    /// Limit of one call.
    pub timeout: Option<Duration>,
    /// How results are to be read.
    pub results: Results,
    /// Keys that mean nothing here.
    pub unknown: Vec<UnknownKey>,
}

/// Which transport an entry asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program that is started and spoken to over its standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
    /// The built-in server for the files of one folder.
    Workspace,
}

/// A string of the file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The string, unexpanded.
    pub value: String,
    /// Where it begins.
    pub place: Place,
}

/// A place in a file, counted from 1; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A key of an entry that means nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// The key.
    pub key: String,
    /// Where it stands.
    pub place: Place,
}

/// What a server's text results become.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Results {
    /// Text that is one JSON object or array is read as such.
    #[default]
    Json,
    /// All text stays text.
    Text,
    /// The text of these tools (raw names) stays text.
    TextOf(Vec<String>),
}

impl Results {
    /// Whether this tool's text stays text.
    pub fn is_text(&self, tool: &str) -> bool {
        match self {
            Self::Json => false,
            Self::Text => true,
            Self::TextOf(tools) => tools.iter().any(|t| t == tool),
        }
    }
}

/// A server that can be started.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerEntry {
    /// Its name in the configuration.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// What it is for.
    pub description: Option<String>,
    /// Whether a run is pointless without it.
    pub required: bool,
    /// Limit of starting, where the entry sets it.
    pub start_timeout: Option<Duration>,
    /// Limit of one call, where the entry sets it.
    pub call_timeout: Option<Duration>,
    /// Which of its tools scripts may see.
    pub filter: ToolFilter,
    /// Folders that the server is told to keep to; absolute.
    pub roots: Vec<PathBuf>,
    /// Whether the server may have the user's model write for it.
    pub sampling: Sampling,
    /// How results are to be read.
    pub results: Results,
    /// The line of its key, from 1.
    pub line: usize,
    /// Whether a variable was expanded.
    pub expands: bool,
    secrets: Vec<String>,
}

impl ServerEntry {
    /// An entry that no file holds, such as a built-in server's.
    pub fn new(name: impl Into<String>, transport: Transport) -> Self {
        Self {
            name: name.into(),
            transport,
            description: None,
            required: false,
            start_timeout: None,
            call_timeout: None,
            filter: ToolFilter::default(),
            roots: Vec::new(),
            sampling: Sampling::Refused,
            results: Results::Json,
            line: 0,
            expands: false,
            secrets: Vec::new(),
        }
    }

    /// Values that must not be shown, longest first: those of `env` and `headers` of 8 characters
    /// and more, except plain paths, numbers, booleans and addresses typed in `env`.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The text with every secret of this entry put out of sight.
    pub fn mask(&self, text: &str) -> String {
        Masker::new(self.secrets.iter().cloned()).text(text)
    }
}

/// Which tools of a server scripts may see: globs on raw or Python names; `deny` wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolFilter {
    /// `None`: all.
    pub allow: Option<Vec<String>>,
    /// Not these.
    pub deny: Vec<String>,
}

/// Whether a server may have the user's model write for it (`sampling/createMessage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// It is told no.
    Refused,
    /// The entry says so.
    Allowed,
}

/// What an entry says of this program as an OAuth client; all of it is found out where it says nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OauthClient {
    /// Registered beforehand.
    pub id: Option<String>,
    /// For a client that has one.
    pub secret: Option<String>,
    /// What to ask for.
    pub scopes: Vec<String>,
}

/// How a server is reached.
#[derive(Clone, PartialEq)]
pub enum Transport {
    /// A program.
    Stdio {
        /// Its name or path.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// What its environment holds beyond the inherited variables.
        env: BTreeMap<String, String>,
        /// The folder it runs in; absolute.
        cwd: PathBuf,
    },
    /// A server on the network, spoken to by streamable HTTP.
    Http {
        /// Its address.
        url: String,
        /// Headers of every request.
        headers: Vec<(String, String)>,
        /// How this program makes itself known where the server asks for a login.
        oauth: OauthClient,
    },
    /// A server on the network, spoken to by HTTP and server-sent events as until 2024-11-05.
    Sse {
        /// Where its events come from.
        url: String,
        /// Headers of every request.
        headers: Vec<(String, String)>,
    },
    /// The built-in server for the files of one folder.
    Workspace {
        /// The folder: absolute, or relative to `inside`.
        root: PathBuf,
        /// The folder that the root must not leave.
        inside: Option<PathBuf>,
        /// What it may do.
        permission: Permission,
    },
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |headers: &[(String, String)]| headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        match self {
            Self::Stdio {
                command,
                args,
                env,
                cwd,
            } => {
                let names: Vec<_> = env.keys().collect();
                f.debug_struct("Stdio")
                    .field("command", command)
                    .field("args", args)
                    .field("env", &names)
                    .field("cwd", cwd)
                    .finish()
            }
            Self::Http { url, headers, oauth } => f
                .debug_struct("Http")
                .field("url", url)
                .field("headers", &names(headers))
                .field("client_id", &oauth.id)
                .field("scopes", &oauth.scopes)
                .finish(),
            Self::Sse { url, headers } => f
                .debug_struct("Sse")
                .field("url", url)
                .field("headers", &names(headers))
                .finish(),
            Self::Workspace {
                root,
                inside,
                permission,
            } => f
                .debug_struct("Workspace")
                .field("root", root)
                .field("inside", inside)
                .field("permission", permission)
                .finish(),
        }
    }
}

/// One entry cannot be used; the others can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("server `{server}`: {message} ({}:{}:{})", path.display(), place.line, place.column)]
pub struct Fault {
    /// The entry's name; its position, such as `#3`, where it has none.
    pub server: String,
    /// The file.
    pub path: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    fn new(server: &str, path: &Path, place: Place, message: String) -> Self {
        Self {
            server: server.into(),
            path: path.into(),
            place,
            message,
        }
    }
}

/// The file cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {message}", path.display(), place.line, place.column)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}
