//! An entry of the built-in server `workspace`, and where its root lies.

use std::path::{Component, Path, PathBuf};

use super::{
    Text,
    expand::names_variable,
    tree::{File, Found, Node, excerpt},
};

/// What an entry says of a workspace; variables are not expanded.
#[derive(Debug, Clone)]
pub struct RawWorkspace {
    /// Its folder; a relative one is meant from the folder of the file.
    pub root: Text,
    /// What it may do.
    pub permission: Permission,
    /// Where the root lies.
    pub reach: Reach,
}

/// What a workspace may do with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Look at them.
    Read,
    /// Change them, too.
    Write,
}

/// Where a workspace's root lies; judged once, so that trust and start go by the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Inside the folder of the file, links resolved. It is opened from there, whatever links are made later.
    Inside {
        /// The folder of the file.
        folder: PathBuf,
        /// The root, relative to it.
        root: PathBuf,
    },
    /// Somewhere else, or not known before its variables are expanded.
    Anywhere,
}

impl File<'_> {
    /// What is said of a workspace, where the entry has a `builtin`; else `root` and `write` are nobody's keys.
    pub(super) fn workspace(&self, entry: &Node) -> Found<Option<RawWorkspace>> {
        let Some(builtin) = entry.get("builtin") else {
            return Ok(None);
        };
        let name = self.string("builtin", builtin)?.value;
        if name != "workspace" {
            let message = format!("`builtin` is `{}`; known is `workspace`", excerpt(&name));
            return Err((builtin.at, message));
        }
        let missing = || (entry.at, "a workspace needs a `root`, such as \".\"".to_owned());
        let root = entry.get("root").ok_or_else(missing)?;
        if root.text() == Some("") {
            return Err((root.at, "`root` is empty; the folder of this file is \".\"".into()));
        }
        let root = self.string("root", root)?;
        let write = entry
            .get("write")
            .map(|value| self.switch("write", value))
            .transpose()?;
        Ok(Some(RawWorkspace {
            reach: Reach::of(&root.value, self.path),
            permission: if write == Some(true) {
                Permission::Write
            } else {
                Permission::Read
            },
            root,
        }))
    }
}

impl Reach {
    /// Where `root` lies, as typed in the file `path`.
    fn of(root: &str, path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        if names_variable(root) {
            return Self::Anywhere;
        }
        let inside = match (folder.canonicalize(), folder.join(root).canonicalize()) {
            (Ok(real_folder), Ok(real_root)) => real_root.strip_prefix(&real_folder).map(Path::to_owned).ok(),
            // what is not there yet can be judged by its name alone, and is not reached through a link later
            _ => is_plain(root).then(|| PathBuf::from(root)),
        };
        match inside {
            Some(root) => Self::Inside {
                folder: folder.into(),
                root: if root.as_os_str().is_empty() { ".".into() } else { root },
            },
            None => Self::Anywhere,
        }
    }
}

/// Whether a path goes down only.
fn is_plain(path: &str) -> bool {
    let down = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    Path::new(path).components().all(down)
}
