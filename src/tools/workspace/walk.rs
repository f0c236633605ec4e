//! Visits the files below a folder, folder by folder in order of names.
//!
//! - Each folder is opened from the root by its path, so its depth holds no handles open.
//! - Links are passed over. A folder that becomes a link meanwhile is not entered.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Read},
    ops::ControlFlow,
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{
    Stop,
    root::{Root, join},
};

/// Entries that one walk looks at.
const MAX_VISITS: usize = 1_000_000;
/// Bytes of a file of ignore rules that are read.
const MAX_RULES: u64 = 1 << 20;
/// Files of ignore rules; in one folder the later ones win.
const RULE_FILES: [&str; 2] = [".gitignore", ".ignore"];

/// What is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// Nothing.
    Nothing,
    /// What is ignored.
    Ignored,
    /// What is ignored, and names that begin with a dot.
    IgnoredAndHidden,
}

/// Something that a walk comes upon.
pub(super) enum Seen<'a> {
    /// Its path, and the part of it below the start.
    File(&'a Path, &'a Path),
    /// A folder that cannot be read.
    Unreadable(&'a Path, &'a io::Error),
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All was seen that there is, or the visitor had enough.
    Through,
    /// There is more than one walk looks at.
    Limit,
}

pub(super) struct Walk<'a> {
    pub root: &'a Root,
    pub filter: Filter,
    /// Levels of folders that are entered; 1 is the first folder alone.
    pub depth: usize,
    pub stop: &'a Stop,
}

/// A folder that is to be read.
struct Pending {
    path: PathBuf,
    level: usize,
    rules: Option<Rc<Rules>>,
}

/// The ignore rules of a folder and of those above it.
struct Rules {
    folder: PathBuf,
    own: Gitignore,
    above: Option<Rc<Rules>>,
}

#[derive(PartialEq)]
enum Kind {
    File,
    Folder,
    Other,
}

impl Walk<'_> {
    /// Visits every file below `start` that is not passed over.
    ///
    /// # Errors
    /// `start` is no folder that can be read; the walk was stopped; the visitor's.
    pub fn files(
        &self,
        start: &Path,
        visit: &mut dyn FnMut(Seen<'_>) -> Result<ControlFlow<()>, String>,
    ) -> Result<End, String> {
        let start = self.plain(start)?;
        let mut pending = vec![Pending {
            rules: self.rules_above(&start),
            path: start.clone(),
            level: 1,
        }];
        let mut visits = 0;
        while let Some(folder) = pending.pop() {
            let entries = match self.entries(&folder, folder.path == start, &mut visits) {
                Ok(entries) => entries,
                Err(e) if folder.path == start => return Err(self.root.explain(&start, &e)),
                Err(e) => {
                    if visit(Seen::Unreadable(&folder.path, &e))?.is_break() {
                        return Ok(End::Through);
                    }
                    continue;
                }
            };
            self.stop.check()?;
            if visits == 0 {
                self.root.check()?;
            }
            let rules = self.rules_of(&folder, &entries);
            let mut below = Vec::new();
            for (name, kind) in entries {
                let path = join(&folder.path, &name);
                if kind == Kind::Other || self.passes_over(&path, &name, &kind, rules.as_deref()) {
                    continue;
                }
                if kind == Kind::Folder {
                    below.push(path);
                } else if visit(Seen::File(&path, path.strip_prefix(&start).unwrap_or(&path)))?.is_break() {
                    return Ok(End::Through);
                }
            }
            if visits >= MAX_VISITS {
                return Ok(End::Limit);
            }
            if folder.level < self.depth {
                pending.extend(below.into_iter().rev().map(|path| Pending {
                    path,
                    level: folder.level + 1,
                    rules: rules.clone(),
                }));
            }
        }
        Ok(End::Through)
    }

    /// The path without `..`, so that the folders above it are known.
    fn plain(&self, start: &Path) -> Result<PathBuf, String> {
        if !start.components().any(|part| part == Component::ParentDir) {
            return Ok(start.to_owned());
        }
        let plain = self.root.dir().canonicalize(start);
        plain.map_err(|e| self.root.explain(start, &e)).map(|path| {
            if path.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                path
            }
        })
    }

    /// What a folder holds, in order of names. Names are counted as they are read.
    fn entries(&self, folder: &Pending, first: bool, visits: &mut usize) -> io::Result<Vec<(OsString, Kind)>> {
        let dir = if first {
            self.root.dir().open_dir(&folder.path)?
        } else {
            open_walked(self.root.dir(), &folder.path)?
        };
        let mut entries = Vec::new();
        for entry in dir.entries()? {
            *visits += 1;
            if *visits >= MAX_VISITS || self.stop.check().is_err() {
                break;
            }
            let entry = entry?;
            let mut kind = entry.file_type()?;
            if !kind.is_file() && !kind.is_dir() && !kind.is_symlink() {
                // some file systems do not say it beside the name
                match entry.metadata() {
                    Ok(found) => kind = found.file_type(),
                    Err(_) => continue,
                }
            }
            let kind = if kind.is_file() {
                Kind::File
            } else if kind.is_dir() {
                Kind::Folder
            } else {
                Kind::Other
            };
            entries.push((entry.file_name(), kind));
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(entries)
    }

    fn passes_over(&self, path: &Path, name: &OsStr, kind: &Kind, rules: Option<&Rules>) -> bool {
        match self.filter {
            Filter::Nothing => return false,
            Filter::IgnoredAndHidden if name.as_encoded_bytes().starts_with(b".") => return true,
            Filter::Ignored if name == ".git" => return true,
            Filter::Ignored | Filter::IgnoredAndHidden => {}
        }
        let mut next = rules;
        while let Some(rules) = next {
            let below = path.strip_prefix(&rules.folder).unwrap_or(path);
            match rules.own.matched(below, *kind == Kind::Folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => next = rules.above.as_deref(),
            }
        }
        false
    }

    fn rules_of(&self, folder: &Pending, entries: &[(OsString, Kind)]) -> Option<Rc<Rules>> {
        let has_rules = |file: &str| entries.iter().any(|(name, _)| name.as_os_str() == OsStr::new(file));
        if self.filter == Filter::Nothing || !RULE_FILES.iter().any(|file| has_rules(file)) {
            return folder.rules.clone();
        }
        Some(self.read_rules(&folder.path, folder.rules.clone()))
    }

    fn rules_above(&self, start: &Path) -> Option<Rc<Rules>> {
        if self.filter == Filter::Nothing || start == Path::new(".") {
            return None;
        }
        let above: Vec<&Path> = start.ancestors().skip(1).collect();
        above.into_iter().rev().fold(None, |rules, folder| {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            Some(self.read_rules(folder, rules))
        })
    }

    /// Rules that cannot be read or understood do not count.
    fn read_rules(&self, folder: &Path, above: Option<Rc<Rules>>) -> Rc<Rules> {
        let mut builder = GitignoreBuilder::new("");
        for name in RULE_FILES {
            let mut text = Vec::new();
            let file = self.root.walked_file(&join(folder, OsStr::new(name)));
            if file.is_ok_and(|file| file.take(MAX_RULES).read_to_end(&mut text).is_ok()) {
                for line in String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').lines() {
                    let _ = builder.add_line(None, line); // git passes over a line that is no pattern, too
                }
            }
        }
        Rc::new(Rules {
            folder: if folder == Path::new(".") {
                PathBuf::new()
            } else {
                folder.into()
            },
            own: builder.build().unwrap_or_else(|_| Gitignore::empty()),
            above,
        })
    }
}

/// A folder that was found as one, and is not entered if it is a link by now.
pub(super) fn open_walked(dir: &Dir, path: &Path) -> io::Result<Dir> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW);
    Ok(Dir::from_std_file(dir.open_with(path, &options)?.into_std()))
}
