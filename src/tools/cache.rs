//! The tools that servers listed last, kept on disk, so that a run can begin before they have started.
//!
//! - A list is kept for one entry: whatever decides what is started or reached is in the name of its file.
//! - What is damaged, of another version or not to be read is as good as not there, and is written anew.
//! - A list appears whole or not at all, however many programs write it, and only the user can read it.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    RawTool,
    servers::{ServerEntry, Transport},
};
use crate::files;

/// Changes whenever what is kept, or how, does.
const VERSION: u32 = 1;
/// When a list that nobody writes anew is taken out.
const OLD: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Bytes of the longest list that is read.
const MAX_LIST: u64 = 64 << 20;

/// A folder of lists.
#[derive(Debug, Clone)]
pub struct Cache(PathBuf);

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    version: u32,
    tools: Cow<'a, [RawTool]>,
}

impl Cache {
    /// In this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// What the server of this entry listed last.
    pub fn get(&self, entry: &ServerEntry) -> Option<Vec<RawTool>> {
        let file = self.file(entry)?;
        if fs::metadata(&file).ok()?.len() > MAX_LIST {
            return None;
        }
        let kept: Kept<'_> = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        (kept.version == VERSION).then(|| kept.tools.into_owned())
    }

    /// Keeps what it listed.
    ///
    /// # Errors
    /// The system's; what was kept before is as it was.
    pub fn put(&self, entry: &ServerEntry, tools: &[RawTool]) -> io::Result<()> {
        let Some(path) = self.file(entry) else { return Ok(()) };
        let kept = Kept {
            version: VERSION,
            tools: Cow::Borrowed(tools),
        };
        files::replace(&path, &serde_json::to_vec(&kept)?)?;
        prune(&self.0);
        Ok(())
    }

    fn file(&self, entry: &ServerEntry) -> Option<PathBuf> {
        Some(self.0.join(file_name(entry)?))
    }
}

/// The file of what is kept of an entry; `None`: it starts within this program, so nothing is gained.
pub(super) fn file_name(entry: &ServerEntry) -> Option<String> {
    let what = match &entry.transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => serde_json::json!({ "command": command, "args": args, "env": env, "cwd": cwd }),
        Transport::Http { url, headers, oauth } => {
            serde_json::json!({ "url": url, "headers": headers, "client": oauth.id, "scopes": oauth.scopes })
        }
        Transport::Sse { url, headers } => serde_json::json!({ "sse": url, "headers": headers }),
        Transport::Workspace { .. } => return None,
    };
    Some(files::name_of(&what.to_string()) + ".json")
}

/// Takes out what was not written for long: entries change, and nobody comes for the old ones.
pub(super) fn prune(folder: &Path) {
    let old = |file: &fs::DirEntry| {
        let written = file.metadata().and_then(|metadata| metadata.modified());
        written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > OLD))
    };
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    // what cannot be taken out now is next time
    files.filter(old).for_each(|file| drop(fs::remove_file(file.path())));
}

/// What became of a server's tools, as one line; `None` where nothing that matters did.
pub fn difference(before: &[RawTool], after: &[RawTool]) -> Option<String> {
    let names = |tools: Vec<&RawTool>| {
        let names: Vec<_> = tools.iter().map(|tool| format!("`{}`", tool.name)).collect();
        names.join(", ")
    };
    let lacks = |tools: &[RawTool], wanted: &RawTool| tools.iter().all(|tool| tool.name != wanted.name);
    let gone: Vec<_> = before.iter().filter(|tool| lacks(after, tool)).collect();
    let new: Vec<_> = after.iter().filter(|tool| lacks(before, tool)).collect();
    let changed: Vec<_> = after
        .iter()
        .filter(|tool| {
            before
                .iter()
                .any(|old| old.name == tool.name && !old.is_called_like(tool))
        })
        .collect();
    let parts: Vec<String> = [("gone", gone), ("new", new), ("changed", changed)]
        .into_iter()
        .filter(|(_, tools)| !tools.is_empty())
        .map(|(what, tools)| format!("{what}: {}", names(tools)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
