//! The root of the worker's process tree: a watcher, and the zygote that all sessions are forked from.
//!
//! ```text
//! mcm ── watcher ── zygote ── template ── script 1 of a session ── script 2 …
//! ```
//!
//! The watcher runs no script and builds no interpreter. It holds a socket to `mcm` on which nothing
//! is ever said, and when `mcm` is gone, however it went, it kills the process group that all share.
//!
//! - Nothing of the tree outlives `mcm`, a script in an endless loop included.
//! - Orphaned links are adopted and reaped by the watcher.
//! - What `mcm` itself inherited does not reach the tree.

use std::{
    io,
    os::fd::{AsFd, RawFd},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{
        Pid, Resource, Rlimit, Signal, getppid, kill_current_process_group, set_child_subreaper,
        set_parent_process_death_signal, setrlimit,
    },
};

use super::{confine, link};

/// Runs as the watcher, and as the zygote in its child. The zygote's socket to `mcm` is standard
/// input, the watcher's is standard output.
pub fn main() -> ! {
    // a panic's text is for developers; what a user sees is made of the wait status
    std::panic::set_hook(Box::new(|_| {}));
    close_inherited();
    // the kernel sends it to a group with stopped processes, as sessions are that rest, when whoever started it is gone
    // SAFETY: no handler is installed.
    unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    let watcher = rustix::process::getpid();
    // SAFETY: there is one thread, so the child may do whatever it likes.
    match unsafe { libc::fork() } {
        0 => zygote(watcher),
        -1 => link::exit(),
        _ => watch(),
    }
}

fn zygote(watcher: Pid) -> ! {
    give_up(libc::STDOUT_FILENO);
    let bound = set_parent_process_death_signal(Some(Signal::KILL));
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let undumped = setrlimit(Resource::Core, none);
    if bound.is_err() || undumped.is_err() || getppid() != Some(watcher) {
        link::exit()
    }

    link::serve_zygote(confine::withdraw())
}

fn watch() -> ! {
    give_up(libc::STDIN_FILENO);
    let adopted = set_child_subreaper(Some(rustix::process::getpid()));
    // SAFETY: no handler is installed; ignored children are reaped by the kernel.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    if adopted.is_ok() {
        wait_for_hang_up();
    }
    let _ = kill_current_process_group(Signal::KILL);
    link::exit()
}

fn wait_for_hang_up() {
    let socket = io::stdout();
    loop {
        let mut polled = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::RDHUP)];
        match poll(&mut polled, None) {
            Ok(_) => return,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Closes all but the standard streams: descriptors that whoever started `mcm` left open in it.
fn close_inherited() {
    // SAFETY: this is the first that the process does, so nothing of its own is open beyond them.
    if unsafe { libc::syscall(libc::SYS_close_range, libc::STDERR_FILENO + 1, libc::c_uint::MAX, 0) } != 0 {
        link::exit()
    }
}

/// Closes a socket that the other of the two processes uses, and leaves standard error in its place.
fn give_up(socket: RawFd) {
    // SAFETY: nothing here has read from or written to it.
    if unsafe { libc::dup2(libc::STDERR_FILENO, socket) } != socket {
        link::exit()
    }
}
