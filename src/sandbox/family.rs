//! The processes of one worker's tree: those that are known, and the end of those that are not.
//!
//! - A process is taken for one of the tree only if it is in the tree's process group, which no script can change.
//! - What a script forked and nobody came for ends soon after the link that it was forked off.
//! - Nothing is killed but a process of this tree: its watcher is not reaped before [`Family::end`], so the number of
//!   the group is its own.

use std::{
    collections::HashSet,
    io,
    os::fd::OwnedFd,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal},
};

use super::link::unexpected;

/// How long a process that was killed may take to be gone: the kernel has much memory to take back.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where forks are free, what is killed may have forked once more.
const ROUNDS: usize = 100;

/// The processes of one tree.
#[derive(Debug)]
pub struct Family {
    /// The watcher's number, too. It adopts whose parent has ended.
    group: Pid,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    ended: bool,
    known: HashSet<i32>,
}

impl Family {
    /// That of a watcher which has just been started.
    pub fn new(watcher: Pid) -> Self {
        Self {
            group: watcher,
            state: Mutex::default(),
        }
    }

    /// Kills all of it. To be called before the watcher is reaped.
    pub fn end(&self) {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.ended, true) {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
    }

    /// A handle to a process that one of the tree named as its fork, and what it was really forked off, which must be
    /// `parent` where that is known.
    pub fn adopt(&self, pid: Pid, parent: Option<i32>) -> io::Result<(OwnedFd, i32)> {
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        let (its_parent, its_group) = parent_and_group(pid)?;
        if its_group != number(self.group) || parent.is_some_and(|parent| parent != its_parent) {
            return Err(io::Error::other("named a process that is not its own"));
        }
        self.lock().known.insert(number(pid));
        Ok((process, its_parent))
    }

    /// Takes note of a process that no link is made of: the zygote.
    pub fn know(&self, number: i32) {
        self.lock().known.insert(number);
    }

    /// A process has ended, or will.
    pub fn forget(&self, number: i32) {
        self.lock().known.remove(&number);
    }

    /// Kills what lost its parent and is not known. Waits until it is gone.
    pub async fn sweep(&self) {
        for _ in 0..ROUNDS {
            let strays = self.kill_strays();
            if strays.is_empty() {
                return;
            }
            for stray in strays {
                ended(&stray).await;
            }
        }
    }

    /// The children of a process of the tree that no link has come for.
    pub fn unknown_children(&self, parent: i32) -> Vec<OwnedFd> {
        let state = self.lock();
        if state.ended {
            return Vec::new();
        }
        let unknown = children(parent).into_iter().filter_map(|pid| {
            if state.known.contains(&number(pid)) {
                return None;
            }
            let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
            // looked at after it is held, so that it cannot be another one
            let is_child = parent_and_group(pid).ok()? == (parent, number(self.group));
            is_child.then_some(process)
        });
        unknown.collect()
    }

    fn kill_strays(&self) -> Vec<OwnedFd> {
        let strays = self.unknown_children(number(self.group)).into_iter();
        strays
            .filter(|stray| pidfd_send_signal(stray, Signal::KILL).is_ok())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a process runs; its handle can be read when it has ended.
pub fn lives(process: &OwnedFd) -> bool {
    let mut polled = [PollFd::new(process, PollFlags::IN)];
    poll(&mut polled, Some(&Timespec::default())) == Ok(0)
}

/// Waits for the end of a process that was killed.
pub async fn ended(process: &OwnedFd) {
    let wait = async {
        while lives(process) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    // one that the kernel cannot end is no reason to wait on
    let _ = tokio::time::timeout(PATIENCE, wait).await;
}

/// Processes among which are all children of a process.
fn children(parent: i32) -> Vec<Pid> {
    let text = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let numbers: Vec<i32> = match text {
        Ok(text) => text.split_whitespace().filter_map(|n| n.parse().ok()).collect(),
        // not every kernel has the list
        Err(_) => std::fs::read_dir("/proc").map_or_else(
            |_| Vec::new(),
            |entries| {
                let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
                names.filter_map(|name| name.parse().ok()).collect()
            },
        ),
    };
    numbers.into_iter().filter_map(Pid::from_raw).collect()
}

/// The process that a process was forked off, and its group.
fn parent_and_group(pid: Pid) -> io::Result<(i32, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", number(pid)))?;
    // the name of the program may hold anything
    let (_, fields) = text.rsplit_once(')').ok_or_else(unexpected)?;
    let mut numbers = fields.split_whitespace().skip(1).map_while(|field| field.parse().ok());
    numbers.next().zip(numbers.next()).ok_or_else(unexpected)
}

fn number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}
