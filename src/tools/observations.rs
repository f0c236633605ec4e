//! What the results of tools looked like, kept on disk from run to run.
//!
//! - It is kept for one entry, one version of its server, and each tool by its schema: what has changed begins anew.
//! - What is damaged, of another version or not to be read is as good as not there, and is written anew.
//! - Programs that end at once add to each other; only the user can read what is kept.
//! - What a run has seen is not shown in it, and is kept when it ends.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    RawTool, cache, names,
    servers::{Results, ServerEntry},
    shape::{Observed, Shape},
};
use crate::{files, mask::Masker};

/// Changes whenever what is kept, or how, does.
const VERSION: u32 = 1;
/// Bytes of the longest file that is read or written.
const MAX_FILE: u64 = 16 << 20;
/// How long others may write.
const LOCK_LIMIT: Duration = Duration::from_secs(2);

/// A folder of what is kept.
#[derive(Debug, Clone)]
pub struct Archive(PathBuf);

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// The server's version, where it is known.
    server: Option<String>,
    tools: BTreeMap<String, KeptTool>,
}

#[derive(Serialize, Deserialize)]
struct KeptTool {
    /// Stands for what decides what results look like.
    schema: String,
    results: u64,
    shape: Shape,
}

impl Archive {
    /// In this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Forgets one tool of an entry, or all of them; how many that were.
    ///
    /// # Errors
    /// The system's.
    pub fn forget(&self, entry: &ServerEntry, tool: Option<&str>) -> io::Result<usize> {
        let Some(path) = self.file(entry).filter(|path| path.exists()) else {
            return Ok(0);
        };
        let _lock = lock(&self.0)?;
        let mut kept = read(&path).unwrap_or_default();
        let before = kept.tools.len();
        let is_meant = |name: &str| tool.is_none_or(|tool| name == tool || names::identifier(name) == tool);
        kept.tools.retain(|name, _| !is_meant(name));
        let forgotten = before - kept.tools.len();
        if kept.tools.is_empty() {
            remove(&path)?;
        } else if forgotten > 0 {
            write(&path, &kept)?;
        }
        Ok(forgotten)
    }

    /// Forgets all tools of all entries, those of other configurations, too; how many that were.
    ///
    /// # Errors
    /// The system's.
    pub fn forget_all(&self) -> io::Result<usize> {
        if !self.0.exists() {
            return Ok(0);
        }
        let _lock = lock(&self.0)?;
        let mut forgotten = 0;
        for file in fs::read_dir(&self.0)? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                forgotten += read(&path).map_or(0, |kept| kept.tools.len());
                remove(&path)?;
            }
        }
        Ok(forgotten)
    }

    fn file(&self, entry: &ServerEntry) -> Option<PathBuf> {
        Some(self.0.join(cache::file_name(entry)?))
    }
}

/// What is known of the results of one server's tools.
pub struct Observations {
    /// `None`: nothing is kept.
    file: Option<PathBuf>,
    results: Results,
    masker: Masker,
    /// What stands for the schema of each tool that is kept, as it is now; `None` where it is gone.
    schemas: BTreeMap<String, Option<String>>,
    before: BTreeMap<String, Observed>,
    seen: Mutex<Seen>,
}

/// What was seen since.
#[derive(Default)]
struct Seen {
    server: Option<String>,
    /// Each with what stands for its schema.
    tools: BTreeMap<String, (String, Observed)>,
}

impl Observations {
    /// Of the server of this entry, which lists `tools`, and is of this `version` if that is known. No secret that the
    /// masker knows is kept or shown.
    pub fn open(
        archive: Option<&Archive>,
        entry: &ServerEntry,
        tools: &[RawTool],
        version: Option<&str>,
        masker: Masker,
    ) -> Self {
        let file = archive.and_then(|archive| archive.file(entry));
        let mut this = Self {
            results: entry.results.clone(),
            masker,
            schemas: BTreeMap::new(),
            before: BTreeMap::new(),
            seen: Mutex::default(),
            file,
        };
        let Some(kept) = this.file.as_deref().and_then(read) else {
            return this;
        };
        // to stand for all schemas takes longer than a start may
        this.schemas = kept.tools.keys().map(|name| (name.clone(), None)).collect();
        for tool in tools.iter().filter(|tool| tool.declared_result().is_none()) {
            if let Some(schema) = this.schemas.get_mut(&tool.name) {
                *schema = Some(schema_of(tool, &this.results));
            }
        }
        this.before = this.current(kept, version).map(observed).collect();
        this
    }

    /// What is known from earlier runs, by the tool's raw name.
    pub fn before(&self) -> &BTreeMap<String, Observed> {
        &self.before
    }

    /// Whether results of this tool are of interest.
    pub fn wants(&self, tool: &RawTool) -> bool {
        self.file.is_some() && tool.declared_result().is_none()
    }

    /// Adds a good result of this tool, from a server of this version.
    pub fn see(&self, tool: &RawTool, version: Option<String>, shape: Shape) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if differ(seen.server.as_deref(), version.as_deref()) {
            seen.tools.clear();
        }
        if version.is_some() {
            seen.server = version;
        }
        let one = Observed::one(shape);
        let all = match seen.tools.remove(&tool.name) {
            Some((schema, known)) => (schema, known.join(one)),
            None => (schema_of(tool, &self.results), one),
        };
        seen.tools.insert(tool.name.clone(), all);
    }

    /// Adds what was seen to what is kept, by now perhaps by others. `version` is the server's, if it has started.
    ///
    /// # Errors
    /// The system's; what was kept before is as it was.
    pub fn keep(&self, version: Option<String>) -> io::Result<()> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(path) = &self.file else { return Ok(()) };
        let server = seen.server.or(version);
        let is_new = |new: &str| read(path).is_some_and(|kept| differ(kept.server.as_deref(), Some(new)));
        if seen.tools.is_empty() && !server.as_deref().is_some_and(is_new) {
            return Ok(());
        }
        let folder = path.parent().expect("it is in a folder");
        let _lock = lock(folder)?;
        let kept = read(path).unwrap_or_default();
        let known = kept.server.clone();
        let mut tools: BTreeMap<String, KeptTool> = self.current(kept, server.as_deref()).collect();
        for (name, (schema, seen)) in seen.tools {
            let before = tools.remove_entry(&name).filter(|(_, kept)| kept.schema == schema);
            let Observed { results, shape } = match before.map(observed) {
                Some((_, before)) => before.join(seen),
                None => seen,
            };
            let shape = self.safe(shape);
            tools.insert(name, KeptTool { schema, results, shape });
        }
        let kept = Kept {
            version: VERSION,
            server: server.or(known),
            tools,
        };
        write(path, &kept)?;
        cache::prune(folder);
        Ok(())
    }

    /// What is kept of the tools as they are now, as far as that is known.
    fn current(&self, kept: Kept, version: Option<&str>) -> impl Iterator<Item = (String, KeptTool)> {
        let tools = match differ(kept.server.as_deref(), version) {
            true => BTreeMap::new(),
            false => kept.tools,
        };
        let is_current = |(name, tool): &(String, KeptTool)| match self.schemas.get(name) {
            Some(schema) => schema.as_ref() == Some(&tool.schema),
            // others have added it since
            None => true,
        };
        tools.into_iter().filter(is_current).map(|(name, tool)| {
            let shape = self.safe(tool.shape);
            (name, KeptTool { shape, ..tool })
        })
    }

    fn safe(&self, shape: Shape) -> Shape {
        shape.safe(&|key| self.masker.text(key) != key)
    }
}

fn observed((name, KeptTool { results, shape, .. }): (String, KeptTool)) -> (String, Observed) {
    (name, Observed { results, shape })
}

/// Stands for what decides what results of a tool look like.
fn schema_of(tool: &RawTool, results: &Results) -> String {
    files::name_of(&json!([tool.input_schema, results.is_text(&tool.name)]).to_string())
}

/// Whether both versions are known and not the same.
fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

fn read(path: &Path) -> Option<Kept> {
    if fs::metadata(path).ok()?.len() > MAX_FILE {
        return None;
    }
    let kept: Kept = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (kept.version == VERSION).then_some(kept)
}

fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let bytes = serde_json::to_vec(kept)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::other(format!("it is over {} MiB", MAX_FILE >> 20)));
    }
    files::replace(path, &bytes)
}

/// Another may have been first.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Held by whoever writes into this folder.
fn lock(folder: &Path) -> io::Result<File> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // beside the folder, where nothing is taken out
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.with_extension("lock"))?;
    let end = Instant::now() + LOCK_LIMIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(Duration::from_millis(5)),
            Err(error) => return Err(error.into()),
        }
    }
}
