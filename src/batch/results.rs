//! The file that results are appended to, a line each, in order of completion.
//!
//! - One batch at a time has the file: it is locked while it is open.
//! - A line is written at once and whole. After a kill at most the last line is torn, after a loss of
//!   power the last ones may be missing or zeros; both are mended when the batch is resumed.
//! - What is no remainder of a result is never touched: a wrong file is an error, and stays as it is.

mod scan;
mod writer;

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde_json::Value;

pub use writer::Writer;

use super::tasks::{Entry, Id};
use crate::agent::run::Status;
use scan::{Scan, Tail, scan};

/// What the name of the file ends with that keeps what is taken out of a results file.
pub const BESIDE: &str = ".failed";
/// How often a file that was replaced meanwhile is opened again.
const MAX_REOPENED: usize = 10;

/// What is to become of results that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// There must be none.
    New,
    /// They count, whatever came of their tasks.
    Resume,
    /// They count if they are answers; the others are moved to the file beside ([`BESIDE`]), and their tasks run again.
    RetryFailed,
}

/// The tasks that results may belong to.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// All of the batch.
    pub entries: &'a [Entry],
    /// Whether a result of this text, and perhaps this digest, is of the task.
    pub is_of: &'a (dyn Fn(&Entry, &str, Option<&str>) -> bool + Sync),
}

/// A results file, locked and whole, at whose end the next line goes.
#[derive(Debug)]
pub struct ResultsFile {
    path: PathBuf,
    file: Locked,
    length: u64,
}

/// A file that no other batch has, until this is dropped.
///
/// A descriptor that a process just forked off holds for a moment does not keep the lock.
#[derive(Debug)]
struct Locked(File);

/// A results file and what it holds.
#[derive(Debug)]
pub struct Opened {
    /// For [`Writer::to_file`].
    pub file: ResultsFile,
    /// How each task ended, in the order of [`Expected::entries`]; `None`: it is still to be done.
    pub done: Vec<Option<Status>>,
    /// Results of tasks that the batch does not have.
    pub strangers: usize,
    /// Lines that were torn or lost by a kill or a loss of power, and are gone now.
    pub mended: usize,
}

/// Why a results file cannot be used. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system's.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// Such as `open`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a folder, a pipe or a device.
    #[error("`{}` is no ordinary file", .0.display())]
    NoFile(PathBuf),
    /// Another batch holds the lock.
    #[error("another batch is writing to `{}`", .0.display())]
    Busy(PathBuf),
    /// It holds something, and was not to be resumed.
    #[error("`{}` is there already and not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A line is neither a result nor what is left of one.
    #[error("`{}` line {line} is no result of a batch", path.display())]
    NoResult {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
    },
    /// Two results have the same id.
    #[error("`{}` line {line}: there is a result `{id}` before it", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// Of both.
        id: String,
    },
    /// The task with this id is another one now.
    #[error("`{}` line {line}: the result `{id}` is of another task than `{id}` in the input", path.display())]
    OtherTask {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// Of the result.
        id: String,
    },
}

impl Error {
    /// What to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => None,
            Self::NoFile(_) => Some("name a file with `-o FILE`; without `-o` results go to stdout"),
            Self::Busy(_) => Some("wait for its end, or name another file"),
            Self::NotEmpty(_) => Some("`--resume` goes on with it, or name another file"),
            Self::NoResult { .. } => Some("nothing was changed; is it the right file?"),
            Self::Twice { .. } => Some("nothing was changed; take one of the two out"),
            Self::OtherTask { .. } => Some(
                "the input, or the program, has changed since: give tasks an `id` of their own, or name another file",
            ),
        }
    }
}

/// Opens the file, which is made where it is missing, and finds out what is still to be done.
///
/// # Errors
/// See [`Error`].
pub fn open(path: &Path, mode: Mode, expected: Expected<'_>) -> Result<Opened, Error> {
    let (real, mut file) = lock(path)?;
    let failed = |doing| failed(doing, path);
    let length = file.0.metadata().map_err(failed("look at"))?.len();
    if mode == Mode::New && length > 0 {
        return Err(Error::NotEmpty(path.to_owned()));
    }
    let Scan {
        done,
        strangers,
        dropped,
        failed: without_answer,
        tail,
        mended,
        whole,
    } = scan(&mut file.0, path, mode, expected)?;
    if !dropped.is_empty() {
        keep_beside(&file.0, &real, &without_answer).map_err(failed("keep what was taken out of"))?;
        file = rewrite(&file.0, &real, &dropped, whole).map_err(failed("rewrite"))?;
    } else if tail == Tail::Torn {
        file.0
            .set_len(whole)
            .and_then(|()| file.0.sync_all())
            .map_err(failed("mend"))?;
    }
    if tail == Tail::WithoutNewline {
        file.0.write_all(b"\n").map_err(failed("write"))?;
    }
    let length = file.0.metadata().map_err(failed("look at"))?.len();
    Ok(Opened {
        file: ResultsFile {
            path: real,
            file,
            length,
        },
        done,
        strangers,
        mended,
    })
}

/// A line of results: the id, what tells the task of a program from others, and the run's record.
pub fn line(id: &Id, digest: Option<&str>, record: &Value) -> Vec<u8> {
    let digest = digest.map_or(String::new(), |digest| format!("\"digest\":\"{digest}\","));
    let record = record.to_string();
    let rest = record.strip_prefix('{').expect("a record is an object");
    format!("{{\"id\":{},{digest}{rest}\n", id.json()).into_bytes()
}

impl ResultsFile {
    /// Where it is, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line, or nothing of it.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.0.write_all(line) {
            // a full disk has taken a part of it
            self.file.0.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

impl Locked {
    fn new(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // closing it gives the lock back in any case
        let _ = self.0.unlock();
    }
}

/// The file behind `path`, and nobody else's meanwhile.
fn lock(path: &Path) -> Result<(PathBuf, Locked), Error> {
    for _ in 0..MAX_REOPENED {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed("open", path))?;
        let opened = file.metadata().map_err(failed("look at", path))?;
        if !opened.is_file() {
            return Err(Error::NoFile(path.to_owned()));
        }
        let file = match Locked::new(file) {
            Ok(file) => file,
            Err(TryLockError::WouldBlock) => return Err(Error::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed("lock", path)(source)),
        };
        // the real path, for the folder that a replacement is made in
        let real = std::fs::canonicalize(path).map_err(failed("find", path))?;
        let there = std::fs::metadata(&real).map_err(failed("look at", path))?;
        if (there.dev(), there.ino()) == (opened.dev(), opened.ino()) {
            if opened.len() == 0 {
                sync_folder(&real).map_err(failed("write", path))?;
            }
            return Ok((real, file));
        }
        // another batch has put a rewritten one in its place between the two calls
    }
    Err(Error::Busy(path.to_owned()))
}

/// Adds results without an answer, which are taken out of a file, to another one beside it, so that none is lost.
fn keep_beside(file: &File, path: &Path, failed: &[(u64, u64)]) -> io::Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(BESIDE);
    let mut kept = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path.with_file_name(name))?;
    let mut old = file;
    for &(begin, end) in failed {
        old.seek(SeekFrom::Start(begin))?;
        io::copy(&mut old.take(end - begin), &mut kept)?;
    }
    kept.sync_all()
}

/// Puts in the file's place one without the `dropped` pieces and what follows `whole`; it is locked as well.
fn rewrite(file: &File, path: &Path, dropped: &[(u64, u64)], whole: u64) -> io::Result<Locked> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new()
        .prefix(".mcm-results-")
        .append(true)
        .tempfile_in(folder)?;
    let mut old = file;
    let mut at = 0;
    for &(begin, end) in dropped.iter().chain([&(whole, whole)]) {
        old.seek(SeekFrom::Start(at))?;
        io::copy(&mut old.take(begin - at), new.as_file_mut())?;
        at = end;
    }
    new.as_file().set_permissions(file.metadata()?.permissions())?;
    new.as_file().sync_all()?;
    let (new, temporary) = new.into_parts();
    let new = Locked::new(new)?;
    temporary.persist(path).map_err(|e| e.error)?;
    sync_folder(path)?;
    Ok(new)
}

/// Makes sure that the folder's entry for `path` survives a loss of power.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io {
        doing,
        path: path.clone(),
        source,
    }
}
