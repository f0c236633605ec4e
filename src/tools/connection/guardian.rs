//! A process that outlives this one by a moment and ends the servers' process groups, however this one ends.
//!
//! The kernel sends a server a signal when this program dies, but not to what the server has started, and a server
//! may be told not to mind. The guardian reads from a pipe which groups there are; when the pipe ends, this program
//! has ended, and it kills those that are left.
//!
//! - It is forked at the first server's start, runs nothing of this program's but the loop below, and holds no
//!   descriptor but its pipe.
//! - Where it cannot be made, servers run without it.

use std::{
    fs::File,
    io::Write,
    os::fd::{AsRawFd, FromRawFd},
    sync::{Mutex, OnceLock, PoisonError},
};

/// Groups that it can remember at a time.
const MAX_GROUPS: usize = 4096;

static PIPE: OnceLock<Option<Mutex<File>>> = OnceLock::new();

/// From now on `group` ends with this program.
pub(super) fn watch(group: i32) {
    tell(group);
}

/// `group` has ended; its number may become another's.
pub(super) fn forget(group: i32) {
    tell(-group);
}

fn tell(message: i32) {
    if let Some(pipe) = PIPE.get_or_init(start) {
        let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
        // a guardian that is gone guards nothing
        let _ = pipe.write_all(&message.to_ne_bytes());
    }
}

fn start() -> Option<Mutex<File>> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for both descriptors
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return None;
    }
    // SAFETY: both descriptors are new and nobody else's
    let [reading, writing] = ends.map(|end| unsafe { File::from_raw_fd(end) });
    // SAFETY: the child calls nothing that is not async-signal-safe, and never returns
    match unsafe { libc::fork() } {
        -1 => None,
        // SAFETY: this is the child
        0 => unsafe { guard(reading.as_raw_fd()) },
        _ => Some(Mutex::new(writing)),
    }
}

/// # Safety
/// For a forked child only: it closes every descriptor but `pipe`, and ends the process.
unsafe fn guard(pipe: i32) -> ! {
    // SAFETY: system calls only, on memory of this frame; the child has one thread
    unsafe {
        // signals of the terminal are not meant for it
        libc::setsid();
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
            libc::signal(signal, libc::SIG_IGN);
        }
        libc::prctl(libc::PR_SET_NAME, c"mcm-guardian".as_ptr());
        libc::dup2(pipe, 0);
        // with the writing end of its own pipe it would never end
        if libc::syscall(libc::SYS_close_range, 1, u32::MAX, 0) != 0 {
            libc::_exit(1);
        }
        let mut groups = [0_i32; MAX_GROUPS];
        let mut message = [0_u8; 4];
        let mut have = 0;
        loop {
            match libc::read(0, message.as_mut_ptr().add(have).cast(), message.len() - have) {
                -1 if *libc::__errno_location() == libc::EINTR => continue,
                ..=0 => break,
                read => have += read.unsigned_abs(),
            }
            if have < message.len() {
                continue;
            }
            have = 0;
            let group = i32::from_ne_bytes(message);
            let (old, new) = if group > 0 { (0, group) } else { (-group, 0) };
            if let Some(place) = groups.iter_mut().find(|place| **place == old) {
                *place = new;
            }
        }
        for group in groups.iter().filter(|group| **group > 1) {
            libc::kill(-group, libc::SIGKILL);
        }
        libc::_exit(0)
    }
}
