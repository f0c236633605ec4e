//! What `mcm init` writes, and how.

use std::{
    fs::Permissions,
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use serde_json::{Value, json};

/// For everybody whom the user's mask lets.
pub(super) const SHARED: u32 = 0o666;
/// For the user alone.
pub(super) const PRIVATE: u32 = 0o600;

/// All settings that a `.env` may hold, commented out.
const EXAMPLE: &str = include_str!("../../../.env.example");

/// What scripts may do with the files of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read them.
    Read,
    /// Change them, too.
    Write,
}

/// Which model, and where. Not `Debug`, for it may hold a key.
#[derive(Default)]
pub(super) struct ModelChoice {
    /// Its name.
    pub(super) model: Option<String>,
    /// `None`: the one that the environment names, or that is found at each start.
    pub(super) endpoint: Option<Endpoint>,
}

/// Where a model is asked.
pub(super) enum Endpoint {
    /// With a key.
    Service {
        /// `None`: OpenAI's.
        base_url: Option<String>,
        /// `None`: the user sees to it later.
        key: Option<String>,
    },
    /// Without one.
    Local {
        /// With `/v1`.
        base_url: String,
    },
}

/// Whether a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It was.
    Yes,
    /// Somebody else wrote one meanwhile.
    TooLate,
}

/// The entry of the built-in server for the folder's files.
pub(super) fn workspace(access: Access) -> Value {
    let mut entry = json!({
        "builtin": "workspace",
        "root": ".",
    });
    if access == Access::Write {
        entry["write"] = json!(true);
    }
    entry["description"] = json!("The files in this folder");
    entry
}

/// The text of `.env`: all settings with their meaning, and those that were chosen.
pub(super) fn dotenv(choice: &ModelChoice) -> String {
    let mut text = EXAMPLE.replacen("# Copy to `.env`. The", "# The", 1);
    let mut set = |name: &str, value: &str, comment: &str| {
        let lines = text.lines().map(|line| {
            if line.starts_with(&format!("#{name}=")) {
                format!("{comment}{name}={}\n", quoted(value))
            } else {
                format!("{line}\n")
            }
        });
        text = lines.collect();
    };
    if let Some(model) = &choice.model {
        set("MCM_MODEL", model, "");
    }
    match &choice.endpoint {
        Some(Endpoint::Service { base_url, key }) => {
            if let Some(base_url) = base_url {
                set("OPENAI_BASE_URL", base_url, "");
            }
            if let Some(key) = key {
                set("OPENAI_API_KEY", key, "");
            }
        }
        Some(Endpoint::Local { base_url }) => {
            set("OPENAI_BASE_URL", base_url, "");
            let why = "# This endpoint needs none, but its address counts only beside one\n";
            set("OPENAI_API_KEY", "none", why);
        }
        None => {}
    }
    text
}

/// Whether a value can stand in a `.env`.
pub(super) fn can_be_written(value: &str) -> bool {
    !value.trim().is_empty() && !value.chars().any(char::is_control)
}

/// Writes a file that is not there, in one step.
///
/// # Errors
/// The system's; there is then no such file.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> io::Result<Written> {
    let mut file = tempfile::Builder::new()
        .prefix(".mcm-init-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(".")
        // without the name that nobody will ever see
        .map_err(|e| io::Error::from(e.kind()))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // fails where anything has that name, a dangling link too
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Written::Yes),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(Written::TooLate),
        Err(e) => Err(e.error),
    }
}

/// The value as a `.env` takes it, where `$` has no meaning.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+%~,=?&".contains(c);
    if value.chars().all(plain) {
        value.to_owned()
    } else if value.contains('\'') {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{value}'")
    }
}
