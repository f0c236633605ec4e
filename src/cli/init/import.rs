//! The servers of other clients on this machine, for `mcm init --import`.
//!
//! - Clients' files are read and never written.
//! - Nothing of an entry is lost or filled in: it is copied as it stands.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::{
    cli::startup::Startup,
    tools::servers::{self, Input, Secrecy, Surroundings},
};

/// Where a client keeps its file.
#[derive(Clone, Copy)]
enum Base {
    /// The user's home.
    Home,
    /// The user's configuration directory.
    Config,
    /// The current folder.
    Here,
}

/// Files of clients; what is nearer comes first and keeps its name.
const CLIENTS: [(&str, Base, &str); 20] = [
    ("Claude Code", Base::Here, ".mcp.json"),
    ("VS Code", Base::Here, ".vscode/mcp.json"),
    ("Cursor", Base::Here, ".cursor/mcp.json"),
    ("Gemini CLI", Base::Here, ".gemini/settings.json"),
    ("Codex", Base::Here, ".codex/config.toml"),
    ("Zed", Base::Here, ".zed/settings.json"),
    ("Roo Code", Base::Here, ".roo/mcp.json"),
    ("Claude Code", Base::Home, ".claude.json"),
    ("Claude Desktop", Base::Config, "Claude/claude_desktop_config.json"),
    ("VS Code", Base::Config, "Code/User/mcp.json"),
    ("VS Code", Base::Config, "Code/User/settings.json"),
    ("VSCodium", Base::Config, "VSCodium/User/mcp.json"),
    ("Cursor", Base::Home, ".cursor/mcp.json"),
    (
        "Cline",
        Base::Config,
        "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    (
        "Roo Code",
        Base::Config,
        "Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    ("Windsurf", Base::Home, ".codeium/windsurf/mcp_config.json"),
    ("Zed", Base::Config, "zed/settings.json"),
    ("Codex", Base::Home, ".codex/config.toml"),
    ("Gemini CLI", Base::Home, ".gemini/settings.json"),
    ("mcphost", Base::Home, ".mcphost.json"),
];

/// What was found, as one configuration.
#[derive(Default)]
pub(super) struct Imported {
    /// Entries by name.
    pub(super) servers: Map<String, Value>,
    /// What they have the user asked for.
    inputs: Vec<Value>,
    /// What was found and done, a line each.
    pub(super) notes: Vec<String>,
    /// What could not be read, and names that were taken.
    pub(super) warnings: Vec<String>,
}

/// Looks for clients' files and puts their servers together.
pub(super) fn import(startup: &Startup) -> Imported {
    let home = startup.settings.environment("HOME").map(PathBuf::from);
    // the folder of this program's own settings lies beside those of others
    let config = startup
        .settings
        .user_directory()
        .and_then(Path::parent)
        .map(Path::to_owned);
    let mut imported = Imported::default();
    for (client, base, name) in CLIENTS {
        let folder = match base {
            Base::Home => home.as_deref(),
            Base::Config => config.as_deref(),
            Base::Here => Some(startup.folder.as_path()),
        };
        let Some(path) = folder.map(|folder| folder.join(name)) else {
            continue;
        };
        let shown = match base {
            Base::Here => name.to_owned(),
            Base::Home | Base::Config => path.display().to_string(),
        };
        match fs::read_to_string(&path) {
            Ok(text) => imported.add(client, &shown, &text, &path, &startup.folder),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(e) => imported.warnings.push(format!("{client}: cannot read `{shown}`: {e}")),
        }
    }
    imported
}

impl Imported {
    fn add(&mut self, client: &str, shown: &str, text: &str, path: &Path, folder: &Path) {
        let copied = match servers::copy(text, path, Some(folder)) {
            Ok(copied) => copied,
            Err(error) => {
                self.warnings.push(format!("{client}: {error}"));
                return;
            }
        };
        if copied.entries.is_empty() {
            return;
        }
        let names: Vec<&str> = copied.entries.iter().map(|(name, _)| name.as_str()).collect();
        self.notes.push(format!("{client}, `{shown}`: {}", names.join(", ")));
        for (name, entry) in copied.entries {
            self.put(client, &name, entry);
        }
        for input in copied.inputs {
            if !self.inputs.iter().any(|other| other["id"] == input["id"]) {
                self.inputs.push(input);
            }
        }
    }

    /// Adds an entry: once where it is the same as another, else under a name that is free.
    fn put(&mut self, client: &str, name: &str, entry: Value) {
        let mut free = name.to_owned();
        let mut number = 2;
        while let Some(other) = self.servers.get(&free) {
            if core(other) == core(&entry) {
                return;
            }
            free = format!("{name}_{number}");
            number += 1;
        }
        if free != name {
            let warning = format!("the server `{name}` of {client} is called `{free}`: another one has its name");
            self.warnings.push(warning);
        }
        self.servers.insert(free, entry);
    }

    /// The text of the configuration; `workspace` is the entry of the built-in server.
    pub(super) fn text(&self, workspace: Option<Value>) -> String {
        let mut servers = Map::new();
        if let Some(workspace) = workspace
            && !self.servers.contains_key("workspace")
        {
            servers.insert("workspace".into(), workspace);
        }
        servers.extend(self.servers.clone());
        let mut root = json!({ "servers": servers });
        if !self.inputs.is_empty() {
            root["inputs"] = json!(self.inputs);
        }
        format!("{root:#}\n")
    }
}

/// What an entry says that makes a difference.
fn core(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if let Some(map) = entry.as_object_mut() {
        let starts_program = map.contains_key("command");
        map.retain(|key, value| {
            let is_default = match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                Value::Bool(value) => key == "disabled" && !*value,
                Value::String(text) => starts_program && key == "type" && text == "stdio",
                Value::Number(_) => false,
            };
            !is_default
        });
    }
    entry
}

/// Whether a configuration holds a value that nobody else should read.
pub(super) fn holds_secrets(text: &str, path: &Path) -> bool {
    let Ok(config) = servers::read(text, path) else {
        return true;
    };
    let blank = |_: &str| Some(String::new());
    let surroundings = Surroundings {
        folder: Path::new("/"),
        home: Some(Path::new("/")),
        variable: &blank,
        input: &|_| {
            Some(Input {
                value: String::new(),
                secrecy: Secrecy::Open,
            })
        },
    };
    // an entry that cannot be understood may hold anything
    let of_entry = |entry: &servers::RawEntry| {
        // a file that is named is not in this one
        let entry = servers::RawEntry {
            env_file: None,
            ..entry.clone()
        };
        let resolved = entry.resolve(path, &surroundings);
        resolved.map_or(!entry.env.is_empty() || !entry.headers.is_empty(), |server| {
            !server.secrets().is_empty()
        })
    };
    !config.faults.is_empty() || config.entries.iter().any(of_entry)
}
