//! Answers the kernel for a session's processes: it asks before each fork, and at each system call that only an
//! attacker makes.
//!
//! - A fork goes on only where this side has asked its process for one; one leave is good for one fork of that process.
//! - Whoever tries anything else is killed before the call is made, and the call is kept to be named.
//! - When nobody listens any more, none of these calls can be made.

use std::{
    collections::HashMap,
    io,
    os::fd::{AsRawFd, OwnedFd},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process},
};
use tokio::{io::unix::AsyncFd, task::JoinHandle};

use crate::worker::confine::{FORK, name_of_call};

/// Listens for one session, as long as it lives.
#[derive(Debug)]
pub struct Guard {
    state: Arc<State>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Forks that each process may make.
    leaves: Mutex<HashMap<i32, u32>>,
    tried: Mutex<Option<String>>,
}

impl Guard {
    /// Listens where a session's root said; within a tokio runtime.
    ///
    /// # Errors
    /// The descriptor cannot be waited for.
    pub fn listen(listener: OwnedFd) -> io::Result<Self> {
        // SAFETY: an owned descriptor stays the same and open as long as the `AsyncFd` has it.
        let listener = unsafe { AsyncFd::register(listener) }?;
        let state = Arc::<State>::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&state)));
        Ok(Self { state, listening })
    }

    /// Gives a process leave for one fork.
    pub fn grant(&self, process: i32) {
        *self.state.leaves().entry(process).or_default() += 1;
    }

    /// Takes back all of its leave but for so many forks.
    pub fn at_most(&self, process: i32, forks: u32) {
        let mut leaves = self.state.leaves();
        if let Some(left) = leaves.get_mut(&process) {
            *left = forks.min(*left);
        }
        leaves.retain(|_, left| *left > 0);
    }

    /// The forbidden call that a process of the session tried since this was last asked.
    pub fn take_tried(&self) -> Option<String> {
        self.state.tried.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: AsyncFd<OwnedFd>, state: Arc<State>) {
    while let Ok(mut ready) = listener.readable().await {
        match waiting(&listener) {
            Ok(Waiting::Call) => {
                if let Some(call) = receive(&listener) {
                    state.judge(&listener, &call);
                }
            }
            Ok(Waiting::Nothing) => ready.clear_ready(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Ok(Waiting::Ended) | Err(_) => return,
        }
    }
}

enum Waiting {
    Call,
    Nothing,
    /// All processes have.
    Ended,
}

/// To be asked before [`receive`], which would wait for ever where nothing is to be had.
fn waiting(listener: &AsyncFd<OwnedFd>) -> io::Result<Waiting> {
    let mut polled = [PollFd::new(listener.get_ref(), PollFlags::IN)];
    poll(&mut polled, Some(&Timespec::default()))?;
    let events = polled[0].revents();
    Ok(if events.contains(PollFlags::IN) {
        Waiting::Call
    } else if events.is_empty() {
        Waiting::Nothing
    } else {
        Waiting::Ended
    })
}

impl State {
    fn judge(&self, listener: &AsyncFd<OwnedFd>, call: &libc::seccomp_notif) {
        let number = libc::c_long::from(call.data.nr);
        // a process that may fork has one thread, whose number is its own
        let caller = i32::try_from(call.pid).unwrap_or_default();
        // a register's value, which nobody can change meanwhile
        let forks = number == libc::SYS_clone && call.data.args[0] == u64::from(FORK);
        if forks && self.take_leave(caller) {
            go_on(listener, call.id);
            return;
        }
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(name_of_call(number));
        // as long as it waits for an answer the number is still its own; that of a thread stands for all
        if let Some(pid) = Pid::from_raw(caller)
            && waits(listener, call.id)
        {
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    fn take_leave(&self, process: i32) -> bool {
        let mut leaves = self.leaves();
        let left = leaves.get_mut(&process).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }

    fn leaves(&self) -> MutexGuard<'_, HashMap<i32, u32>> {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` where the caller has ended meanwhile.
fn receive(listener: &AsyncFd<OwnedFd>) -> Option<libc::seccomp_notif> {
    // SAFETY: a structure of numbers, of which the kernel wants all to be zero.
    let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes one such structure, as the number of the request says.
    let got = unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut call) };
    (got == 0).then_some(call)
}

/// Whether the caller still waits for an answer.
fn waits(listener: &AsyncFd<OwnedFd>, id: u64) -> bool {
    // SAFETY: the kernel reads one number.
    unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw const id) == 0 }
}

fn go_on(listener: &AsyncFd<OwnedFd>, id: u64) {
    let response = libc::seccomp_notif_resp {
        id,
        val: 0,
        error: 0,
        flags: u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).expect("a flag of 32 bits"),
    };
    // SAFETY: the kernel reads one such structure. Where the caller has ended there is nothing to answer.
    unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SEND,
            &raw const response,
        )
    };
}
