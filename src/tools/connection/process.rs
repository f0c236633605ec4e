//! A server's process: started, watched, and ended together with everything it started.
//!
//! - It leads a process group of its own; whatever ends it ends the group.
//! - When this program is killed outright, the kernel ends the server, and the guardian its group.
//! - What it writes to standard error is always read; the last lines are kept.

use std::{
    collections::BTreeMap,
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak, atomic::AtomicU64, mpsc},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::watch,
    time::timeout,
};

use super::guardian;

const TAIL_BYTES: usize = 4096;
const TAIL_LINES: usize = 20;
const GRACE_AFTER_EOF: Duration = Duration::from_millis(800);
const GRACE_AFTER_TERM: Duration = Duration::from_millis(500);
const GRACE_AFTER_KILL: Duration = Duration::from_secs(1);

/// What to start.
pub(super) struct Program<'a> {
    pub command: &'a str,
    pub args: &'a [String],
    pub env: BTreeMap<String, String>,
    pub cwd: &'a Path,
}

/// A running server and its group.
pub(super) struct Process {
    group: Arc<Group>,
    exit: watch::Receiver<Option<ExitStatus>>,
    tail: Arc<Mutex<Vec<u8>>>,
    /// True once its standard error has ended.
    silent: watch::Receiver<bool>,
    /// Lines on its standard output that are no message.
    pub skipped: Arc<AtomicU64>,
}

impl Process {
    /// Starts it; must be called inside a tokio runtime.
    pub async fn start(program: Program<'_>) -> io::Result<(Self, ChildStdout, ChildStdin)> {
        let mut command = Command::new(program.command);
        command
            .args(program.args)
            .env_clear()
            .envs(program.env)
            .current_dir(program.cwd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        die_with_parent(&mut command);
        let mut child = spawn(command).await?.keep();
        let lost = || io::Error::other("the process has no pipes");
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).ok_or_else(lost)?;
        let group = Arc::new(Group {
            pid,
            alive: Mutex::new(true),
        });
        guardian::watch(pid);
        let mut known = groups();
        known.retain(|group| group.strong_count() > 0);
        known.push(Arc::downgrade(&group));
        drop(known);
        let (stdin, stdout) = (
            child.stdin.take().ok_or_else(lost)?,
            child.stdout.take().ok_or_else(lost)?,
        );
        let tail = Arc::new(Mutex::new(Vec::new()));
        let stderr = child.stderr.take().ok_or_else(lost)?;
        let (ends, silent) = watch::channel(false);
        let kept = tail.clone();
        tokio::spawn(async move {
            keep_tail(stderr, kept).await;
            ends.send_replace(true);
        });
        let (sender, exit) = watch::channel(None);
        tokio::spawn(reap(child, group.clone(), sender));
        let skipped = Arc::default();
        let process = Self {
            group,
            exit,
            tail,
            silent,
            skipped,
        };
        Ok((process, stdout, stdin))
    }

    /// How it ended, if it ends within this time.
    pub async fn ended(&self, within: Duration) -> Option<ExitStatus> {
        let mut exit = self.exit.clone();
        let seen = timeout(within, exit.wait_for(Option::is_some)).await;
        seen.ok().and_then(Result::ok).and_then(|status| *status)
    }

    /// Waits until all that it wrote to its standard error was read.
    pub async fn fell_silent(&self, within: Duration) {
        let mut silent = self.silent.clone();
        // who still holds it open after the end has nothing to do with how it ended
        let _ = timeout(within, silent.wait_for(|silent| *silent)).await;
    }

    /// The last lines of its standard error.
    pub fn tail(&self) -> String {
        let bytes = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }

    /// Waits for it to end by itself, its input being closed, then ends it.
    pub async fn stop(&self) {
        for (signal, grace) in [
            (None, GRACE_AFTER_EOF),
            (Some(libc::SIGTERM), GRACE_AFTER_TERM),
            (Some(libc::SIGKILL), GRACE_AFTER_KILL),
        ] {
            if let Some(signal) = signal {
                self.group.signal(signal);
            }
            if self.ended(grace).await.is_some() {
                return;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.signal(libc::SIGKILL);
    }
}

/// How a process ended, in words.
pub(super) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown status".into(),
    }
}

struct Group {
    pid: i32,
    /// False once the leader was reaped and its group ended: the number may then become another's.
    alive: Mutex<bool>,
}

impl Group {
    fn signal(&self, signal: i32) {
        if *self.alive.lock().unwrap_or_else(PoisonError::into_inner) {
            // SAFETY: kill takes two integers; while `alive`, the number is our group's.
            unsafe { libc::kill(-self.pid, signal) };
        }
    }
}

/// Kills every server at once, for a program that ends without dropping anything.
pub fn kill_all() {
    groups()
        .iter()
        .filter_map(Weak::upgrade)
        .for_each(|group| group.signal(libc::SIGKILL));
}

fn groups() -> MutexGuard<'static, Vec<Weak<Group>>> {
    static GROUPS: Mutex<Vec<Weak<Group>>> = Mutex::new(Vec::new());
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the leader and ends what it leaves behind.
async fn reap(mut child: Child, group: Arc<Group>, exit: watch::Sender<Option<ExitStatus>>) {
    /// Ends the group also when the runtime drops this task.
    struct EndOfGroup(Arc<Group>);
    impl Drop for EndOfGroup {
        fn drop(&mut self) {
            self.0.signal(libc::SIGKILL);
            *self.0.alive.lock().unwrap_or_else(PoisonError::into_inner) = false;
            guardian::forget(self.0.pid);
        }
    }
    let end = EndOfGroup(group);
    let status = child.wait().await;
    drop(end);
    exit.send_replace(status.ok());
}

async fn keep_tail(mut stderr: ChildStderr, tail: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = [0; 4096];
    while let Ok(n @ 1..) = stderr.read(&mut chunk).await {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(&chunk[..n]);
        let excess = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..excess);
    }
}

fn die_with_parent(command: &mut Command) {
    // SAFETY: getpid has no preconditions.
    let parent = unsafe { libc::getpid() };
    let before_exec = move || {
        // SAFETY: prctl and getppid are async-signal-safe and touch no memory of ours.
        let orphan = unsafe {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            libc::getppid() != parent
        };
        // the parent may have died before the signal was asked for
        if orphan {
            Err(io::ErrorKind::BrokenPipe.into())
        } else {
            Ok(())
        }
    };
    // SAFETY: the closure neither allocates nor takes a lock.
    unsafe { command.pre_exec(before_exec) };
}

/// Spawns on a thread that lives as long as the program: the kernel sends the death signal of a
/// parent when the spawning thread ends.
async fn spawn(mut command: Command) -> io::Result<Spawned> {
    type Job = Box<dyn FnOnce() + Send>;
    static SPAWNER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, jobs) = mpsc::channel::<Job>();
        std::thread::spawn(move || jobs.iter().for_each(|job| job()));
        sender
    });
    let runtime = tokio::runtime::Handle::current();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let job = Box::new(move || {
        let _runtime = runtime.enter();
        // if the receiver has gone, or goes before it has looked, the drop ends the child's group
        let _ = sender.send(command.spawn().map(|child| Spawned(Some(child))));
    });
    spawner
        .send(job)
        .map_err(|_| io::Error::other("the spawning thread has ended"))?;
    receiver
        .await
        .map_err(|_| io::Error::other("the spawning thread has ended"))?
}

/// A child that nobody has taken yet; its group ends with it.
struct Spawned(Option<Child>);

impl Spawned {
    fn keep(mut self) -> Child {
        self.0.take().expect("it is taken once")
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        let pid = self
            .0
            .as_ref()
            .and_then(Child::id)
            .and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid {
            // SAFETY: kill takes two integers; the child has not been reaped, so the number is its group's.
            unsafe { libc::kill(-pid, libc::SIGKILL) };
        }
    }
}
