//! What an entry means: a server that can be started.
//!
//! - `Debug` shows names of variables and headers, never their values.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use super::{ToolFilter, workspace::Permission};
use crate::mask::Masker;

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
    pub(super) secrets: Vec<String>,
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
            secrets: Vec::new(),
        }
    }

    /// Values that must not be shown, longest first: those of `env`, `envFile` and `headers`, except
    /// plain paths, numbers, booleans and addresses that stand in a file; the OAuth client's secret;
    /// hidden inputs; variables and arguments whose names say that they are secrets.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The text with every secret of this entry put out of sight.
    pub fn mask(&self, text: &str) -> String {
        Masker::new(self.secrets.iter().cloned()).text(text)
    }
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
