//! Answers the kernel for a session's processes: it asks before each fork, and at each system call that only an
//! attacker makes.
//!
//! - A fork goes on only where this side has asked for one; one leave is good for one fork.
//! - Whoever tries anything else is killed before the call is made, and the call is kept to be named.
//! - When nobody listens any more, none of these calls can be made.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process},
};
use tokio::{io::unix::AsyncFd, task::JoinHandle};

use crate::worker::confine::name_of_call;

/// The flags with which the C library forks; leave is for no other kind of process.
const FORK: u64 = (libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID | libc::SIGCHLD) as u64;

/// Listens for one session, as long as it lives.
#[derive(Debug)]
pub struct Guard {
    state: Arc<State>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    leaves: AtomicU32,
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

    /// Gives leave for one fork.
    pub fn grant(&self) {
        self.state.leaves.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes back all leave but for so many forks.
    pub fn at_most(&self, forks: u32) {
        self.state.leaves.fetch_min(forks, Ordering::SeqCst);
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
        // a register's value, which nobody can change meanwhile
        let forks = number == libc::SYS_clone && call.data.args[0] == FORK;
        if forks && self.take_leave() {
            go_on(listener, call.id);
            return;
        }
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = Some(name_of_call(number));
        // whoever made the call waits for an answer, so the number is still its own; that of a thread stands for all
        if let Some(pid) = i32::try_from(call.pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    fn take_leave(&self) -> bool {
        let taken = self
            .leaves
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |leaves| leaves.checked_sub(1));
        taken.is_ok()
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
