//! The configured servers: what `mcp_servers.json`, or a client's file, says and what that means.
//!
//! A file in JSON or TOML becomes a tree (`tree`, `toml`), in which servers are listed (`roots`). What was typed is
//! a [`RawEntry`] (`read`, `values`, `whole`), with its place in the file and its variables unexpanded. What it means
//! is a [`ServerEntry`] (`resolve`, `expand`), ready to be started.
//!
//! - A fault of one entry fails that server only; a fault of the file is a [`FileError`].
//! - Every fault names file, line and column, and shows what is there unless that may be a secret.
//! - Nothing here reads the environment: variables and inputs come from closures.

pub mod dotenv;
mod entry;
mod expand;
mod filter;
pub mod inputs;
mod merge;
mod read;
mod resolve;
mod roots;
mod secrets;
mod toml;
mod tree;
mod values;
mod whole;
mod workspace;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use entry::{OauthClient, Results, Sampling, ServerEntry, Transport};
pub use expand::Surroundings;
pub use filter::{Filtered, ToolFilter};
pub use inputs::{Input, InputSpec, Secrecy};
pub use merge::merge;
pub use read::canonical;
pub use roots::{copy, read};
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
    /// What it says of what it has the user asked for.
    pub inputs: Vec<InputSpec>,
}

/// What a file lists, to be copied into another one.
#[derive(Debug, Clone, Default)]
pub struct Copied {
    /// Entries as they stand there, by name.
    pub entries: Vec<(String, serde_json::Value)>,
    /// What it says of its inputs.
    pub inputs: Vec<serde_json::Value>,
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
    /// A file of more such variables; those of `env` win.
    pub env_file: Option<Text>,
    /// The folder it runs in.
    pub cwd: Option<Text>,
    /// The address to connect to.
    pub url: Option<Text>,
    /// Headers of every request to it.
    pub headers: Vec<(String, Text)>,
    /// How this program makes itself known where the server asks for a login.
    pub oauth: RawOauth,
    /// What is said of the built-in server for files.
    pub workspace: Option<RawWorkspace>,
    /// Folders that the server is told to keep to.
    pub roots: Vec<Text>,
    /// Whether the server may have the user's model write for it.
    pub sampling: Sampling,
    /// What it is for; never expanded.
    pub description: Option<String>,
    /// Whether it is left out.
    pub disabled: bool,
    /// Whether a run is pointless without it.
    pub required: bool,
    /// Limit of starting.
    pub start_timeout: Option<Duration>,
    /// Limit of one call.
    pub timeout: Option<Duration>,
    /// Which of its tools scripts may see.
    pub filter: ToolFilter,
    /// How results are to be read.
    pub results: Results,
    /// Keys that mean nothing here.
    pub unknown: Vec<UnknownKey>,
    /// What is done otherwise than it says.
    pub remarks: Vec<String>,
}

/// What is said of this program as an OAuth client; variables are not expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawOauth {
    /// Registered beforehand.
    pub id: Option<Text>,
    /// For a client that has one.
    pub secret: Option<Text>,
    /// What to ask for.
    pub scopes: Vec<Text>,
}

/// Which transport an entry asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program that is started and spoken to over its standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
    /// HTTP and server-sent events, as until 2024-11-05.
    Sse,
    /// An address, by which it is judged: [`Kind::Sse`] where its path ends in `/sse`, else [`Kind::Http`].
    Remote,
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
    /// Whether a run is pointless without that server.
    pub required: bool,
}

impl Fault {
    fn new(server: &str, path: &Path, place: Place, message: String) -> Self {
        Self {
            server: server.into(),
            path: path.into(),
            place,
            message,
            required: false,
        }
    }

    /// The same for a server that a run is pointless without.
    fn required(self, required: bool) -> Self {
        Self { required, ..self }
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
