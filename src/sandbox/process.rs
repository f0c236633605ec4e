//! The worker's process tree: started beside everything else, started again when it died, and ended
//! to the last child.
//!
//! - All of the tree is in one process group, which is killed when the [`Sandbox`] is dropped. When
//!   `mcm` dies without dropping anything, the tree's watcher sees a socket close and does the same.

use std::{
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
    process::Stdio,
    sync::Arc,
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    process::Pid,
};
use tokio::sync::Mutex;

use super::{
    Error, Inspection, Script,
    family::Family,
    isolation::{Isolation, Layer, Watch},
    link::{Link, is_refused},
};
use crate::{
    wire::{FromWorker, ToWorker},
    worker,
};

/// Bytes kept of what a worker writes to its stderr.
const STDERR_KEPT: usize = 4 << 10;

/// Which program to start as the worker.
#[derive(Debug, Clone)]
pub enum WorkerProgram {
    /// This very program; its `main` calls [`worker::run_if_asked`] first.
    SelfExe,
    /// Another one that does.
    Path(PathBuf),
}

/// The worker, from which sessions are forked.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    watch: Watch,
    tree: Mutex<Option<Tree>>,
}

#[derive(Debug)]
struct Tree {
    zygote: Link,
    family: Arc<Family>,
    process: std::process::Child,
    /// Nothing is said on it; that it closes tells the watcher that `mcm` is gone.
    _lifeline: OwnedFd,
    stderr: std::process::ChildStderr,
}

impl Sandbox {
    /// Starts the worker and comes back at once, while its interpreter is being built. To be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Start`].
    pub fn start(program: &WorkerProgram, isolation: Isolation) -> Result<Self, Error> {
        let program = match program {
            WorkerProgram::SelfExe => PathBuf::from("/proc/self/exe"),
            WorkerProgram::Path(path) => path.clone(),
        };
        let tree = Tree::start(&program)?;
        Ok(Self {
            program,
            watch: Watch::new(isolation),
            tree: Mutex::new(Some(tree)),
        })
    }

    /// Reads what a script would need, without running it; `servers` are all Python names there are.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn inspect(&self, script: &Script, servers: Vec<String>) -> Result<Inspection, Error> {
        let mut fork = self.fork().await?;
        self.confine(&mut fork).await?;
        Ok(
            match fork.request(&ToWorker::Inspect { servers }, script.0.as_bytes()).await {
                Ok((FromWorker::Inspected { servers, all, parses }, _)) => Inspection { servers, all, parses },
                // its parser did not survive the text
                _ => Inspection {
                    servers: Vec::new(),
                    all: false,
                    parses: false,
                },
            },
        )
    }

    /// The layers of the wall that sessions have on this system.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn layers(&self) -> Result<Vec<Layer>, Error> {
        let mut fork = self.fork().await?;
        begin(&mut fork).await
    }

    /// Has a link become the root of a session, whose wall is judged.
    pub(super) async fn confine(&self, link: &mut Link) -> Result<(), Error> {
        let layers = begin(link).await?;
        self.watch.judge(&layers)
    }

    /// Forks a link off the zygote, which is started again if it has died.
    pub(super) async fn fork(&self) -> Result<Link, Error> {
        let mut tree = self.tree.lock().await;
        if let Some(living) = tree.as_mut() {
            match living.zygote.fork(None).await {
                Ok(root) => return Ok(root),
                // to start it again would end all sessions, and would need a process, too
                Err(e) if is_refused(&e) => return Err(no_room()),
                Err(_) => *tree = None,
            }
        }
        let started = tree.insert(Tree::start(&self.program)?);
        match started.zygote.fork(None).await {
            Ok(root) => Ok(root),
            Err(e) => {
                let what = format!("did not come up: {e}\n{}", complaint(&mut started.stderr));
                *tree = None;
                Err(Error::Worker {
                    what: what.trim_end().to_owned(),
                })
            }
        }
    }
}

/// The system has no room for one more process.
pub(super) fn no_room() -> Error {
    Error::Worker {
        what: "cannot fork now: the system lets it have no further process, or no memory for one".to_owned(),
    }
}

async fn begin(link: &mut Link) -> Result<Vec<Layer>, Error> {
    link.begin().await.map_err(|e| Error::Worker {
        what: format!("could not be confined: {e}"),
    })
}

impl Tree {
    fn start(program: &PathBuf) -> Result<Self, Error> {
        let failed = |source| Error::Start {
            program: program.clone(),
            source,
        };
        let (mut zygote, theirs) = Link::pair().map_err(failed)?;
        let (lifeline, watched) = UnixStream::pair().map_err(failed)?;
        let mut process = spawn(program, theirs, watched.into()).map_err(failed)?;
        let stderr = process.stderr.take().expect("stderr is piped");
        unblocked(&stderr).map_err(failed)?;
        let family = Arc::new(Family::new(Pid::from_child(&process)));
        zygote.belong(Arc::clone(&family));
        Ok(Self {
            zygote,
            family,
            process,
            _lifeline: lifeline.into(),
            stderr,
        })
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.family.end();
        let _ = self.process.wait();
    }
}

/// Makes reading end where nothing more has been written yet.
pub(super) fn unblocked(stream: &impl AsFd) -> io::Result<()> {
    let flags = fcntl_getfl(stream)?;
    Ok(fcntl_setfl(stream, flags | OFlags::NONBLOCK)?)
}

/// What processes of a worker wrote to this stream since it was last read; the last 4 KiB.
pub(super) fn complaint(stderr: &mut impl Read) -> String {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    // as much as a pipe holds: who writes on and on is not read on and on
    for _ in 0..16 {
        let Ok(n @ 1..) = stderr.read(&mut chunk) else { break };
        text.extend_from_slice(&chunk[..n]);
        let surplus = text.len().saturating_sub(STDERR_KEPT);
        text.drain(..surplus);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn spawn(program: &PathBuf, socket: OwnedFd, watched: OwnedFd) -> io::Result<std::process::Child> {
    use std::os::unix::process::CommandExt;
    std::process::Command::new(program)
        .arg(worker::ARGUMENT)
        .env_clear()
        // else the allocator takes a GiB of address space at its start, and the limit would bound nothing; without
        // any reserve it takes hundreds of small pieces, and a fork copies the list of them
        .env("MIMALLOC_ARENA_RESERVE", "32MiB")
        // likewise 64 MiB for each thread, by the C library
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::from(watched))
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}
