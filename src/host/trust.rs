//! Which servers of a configuration found in the current folder the user has agreed to.
//!
//! Trust is kept per path of the configuration and per hash of what an entry would do: comments and
//! descriptions may change, a command may not.
//!
//! - The store is replaced in one step and readable by its owner only.
//! - A store that cannot be read is an error, never an empty store, so nothing is lost.
//! - The question never shows the value of a header or of an environment variable.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::tools::servers::{Config, Kind, Permission, RawEntry, RawWorkspace, Reach, Sampling, Text};
use crate::{files, tools::python::is_invisible};

/// What the user has agreed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    version: u32,
    /// Hashes of entries by absolute path of their file.
    trusted: BTreeMap<PathBuf, BTreeSet<String>>,
}

/// An entry that the user has to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The server's name.
    pub server: String,
    /// What it would do, in a few lines.
    pub text: String,
    /// What trust is kept by.
    pub hash: String,
}

/// The store cannot be used; its file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read or written.
    #[error("the store of trust `{}` cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a store of this version.
    #[error("the store of trust `{}` cannot be understood: {message}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

impl Error {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check who may write that file and its folder",
            Self::Corrupt { .. } => "mend or delete that file; deleted, every folder is asked about again",
        }
    }
}

const VERSION: u32 = 1;

/// Reads the store; a file that does not exist is an empty one.
///
/// # Errors
/// The file cannot be read or understood.
pub fn load(path: &Path) -> Result<Store, Error> {
    let corrupt = |message: String| Error::Corrupt {
        path: path.into(),
        message,
    };
    match fs::read(path) {
        Ok(bytes) => {
            let store: Store = serde_json::from_slice(&bytes).map_err(|e| corrupt(e.to_string()))?;
            match store.version {
                VERSION => Ok(store),
                other => Err(corrupt(format!("it is of version {other}"))),
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Store {
            version: VERSION,
            ..Store::default()
        }),
        Err(source) => Err(Error::Io {
            path: path.into(),
            source,
        }),
    }
}

/// The enabled entries that the user has to agree to and has not. `config.path` must be absolute.
/// A workspace that only reads, and only in the folder of the file, needs nobody's consent.
pub fn needs(config: &Config, store: &Store) -> Vec<Question> {
    let known = store.trusted.get(&config.path);
    let risky = config
        .entries
        .iter()
        .filter(|entry| !entry.disabled && !is_harmless(entry));
    let questions = risky.map(question);
    questions
        .filter(|q| !known.is_some_and(|known| known.contains(&q.hash)))
        .collect()
}

/// Adds the user's consent to the store in `file`, which is read anew so that others' is kept.
///
/// # Errors
/// The store cannot be read or written; it is then as it was.
pub fn grant(config_path: &Path, questions: &[Question], file: &Path) -> Result<Store, Error> {
    let mut store = load(file)?;
    let hashes = questions.iter().map(|q| q.hash.clone());
    store.trusted.entry(config_path.into()).or_default().extend(hashes);
    save(&store, file).map_err(|source| Error::Io {
        path: file.into(),
        source,
    })?;
    Ok(store)
}

fn save(store: &Store, path: &Path) -> io::Result<()> {
    files::replace(path, format!("{:#}\n", serde_json::to_value(store)?).as_bytes())
}

fn question(entry: &RawEntry) -> Question {
    Question {
        server: entry.name.clone(),
        text: describe(entry),
        hash: hash(entry),
    }
}

fn is_harmless(entry: &RawEntry) -> bool {
    let reads_here = |workspace: &RawWorkspace| {
        workspace.permission == Permission::Read && matches!(workspace.reach, Reach::Inside { .. })
    };
    entry.workspace.as_ref().is_some_and(reads_here)
}

/// Over the fields that decide what happens, unexpanded.
fn hash(entry: &RawEntry) -> String {
    let pairs = |pairs: &[(String, Text)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, text)| (name.clone(), text.value.clone()))
            .collect()
    };
    if let Some(workspace) = &entry.workspace {
        let fields = json!({
            "workspace": workspace.root.value,
            "write": workspace.permission == Permission::Write,
            // a link may come to lead elsewhere
            "inside": workspace.reach != Reach::Anywhere,
        });
        return digest(&fields);
    }
    let mut fields = json!({
        "http": entry.kind != Kind::Stdio,
        "command": entry.command.as_ref().map(|t| &t.value),
        "args": entry.args.iter().map(|t| &t.value).collect::<Vec<_>>(),
        "env": pairs(&entry.env),
        "cwd": entry.cwd.as_ref().map(|t| &t.value),
        "url": entry.url.as_ref().map(|t| &t.value),
        "headers": pairs(&entry.headers),
    });
    // what an entry does not say is not in its hash, so that trust outlives what entries may say in later versions
    let text = |text: &Option<Text>| text.as_ref().map(|text| json!(text.value));
    let texts = |texts: &[Text]| {
        let values = texts.iter().map(|text| text.value.as_str()).collect::<Vec<_>>();
        (!values.is_empty()).then(|| json!(values))
    };
    let later = [
        ("sse", (entry.kind == Kind::Sse).then(|| json!(true))),
        ("env_file", text(&entry.env_file)),
        ("client_id", text(&entry.oauth.id)),
        ("client_secret", text(&entry.oauth.secret)),
        ("scopes", texts(&entry.oauth.scopes)),
        ("roots", texts(&entry.roots)),
        ("sampling", (entry.sampling == Sampling::Allowed).then(|| json!(true))),
    ];
    for (name, value) in later {
        if let Some(value) = value {
            fields[name] = value;
        }
    }
    digest(&fields)
}

fn digest(fields: &serde_json::Value) -> String {
    Sha256::digest(fields.to_string())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn describe(entry: &RawEntry) -> String {
    let names = |pairs: &[(String, Text)]| {
        pairs
            .iter()
            .map(|(name, _)| printable(name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if let Some(workspace) = &entry.workspace {
        let may = match workspace.permission {
            Permission::Read => "reads",
            Permission::Write => "reads and writes",
        };
        let place = match workspace.reach {
            Reach::Inside { .. } => "",
            Reach::Anywhere => ", which may lie outside of this folder",
        };
        return format!("{may} the files in the folder {}{place}", quoted(&workspace.root.value));
    }
    let mut lines = Vec::new();
    match (entry.kind, &entry.command, &entry.url) {
        (Kind::Stdio, Some(command), _) => {
            let words = std::iter::once(command).chain(&entry.args).map(|t| quoted(&t.value));
            lines.push(format!("runs {}", words.collect::<Vec<_>>().join(" ")));
        }
        (_, _, url) => {
            let url = url.as_ref().map_or("", |url| url.value.as_str());
            lines.push(format!("connects to {}", printable(url)));
        }
    }
    if entry.kind == Kind::Stdio {
        if let Some(cwd) = &entry.cwd {
            lines.push(format!("in the folder {}", printable(&cwd.value)));
        }
        if !entry.env.is_empty() {
            lines.push(format!("with the variables {}", names(&entry.env)));
        }
        if let Some(file) = &entry.env_file {
            lines.push(format!("with the variables in the file {}", quoted(&file.value)));
        }
    } else {
        if !entry.headers.is_empty() {
            lines.push(format!("with the headers {}", names(&entry.headers)));
        }
        if let Some(id) = &entry.oauth.id {
            lines.push(format!("as the OAuth client {}", quoted(&id.value)));
        }
    }
    if !entry.roots.is_empty() {
        let roots = entry.roots.iter().map(|root| quoted(&root.value)).collect::<Vec<_>>();
        lines.push(format!("is told of the folders {}", roots.join(", ")));
    }
    if entry.sampling == Sampling::Allowed {
        lines.push("may have your model write for it".into());
    }
    lines.join("\n")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+%${}~".contains(c);
    match printable(word) {
        word if !word.is_empty() && word.chars().all(plain) => word,
        word => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A terminal must not be steered by what it shows, nor a reader misled: what does not show is escaped.
fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() || is_invisible(c);
    text.chars()
        .map(|c| {
            if steers(c) {
                c.escape_unicode().to_string()
            } else {
                c.into()
            }
        })
        .collect()
}
