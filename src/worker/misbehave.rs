//! Does on order what a worker does that a script has taken over, so that tests can see how far it gets. In debug
//! builds only.
//!
//! The order is a script of comments: `# misbehave`, then lines of
//!
//! - `# call NUMBER ARGUMENT…`: a system call; an argument is a number, or a text in quotes, of which the address is
//!   given;
//! - `# thread NUMBER ARGUMENT…`: the same from another thread;
//! - `# send HEX`: bytes on the socket to `mcm`;
//! - `# lie PID` or `# lie parent`: to name this process as the next fork;
//! - `# clone FLAGS`: to make a process of one's own when the next fork is asked for.
//!
//! The result is the list of what the calls gave: what they returned, or the negated error.

use std::{
    ffi::CString,
    io::{self, Write},
    os::fd::AsFd,
    sync::atomic::{AtomicI32, AtomicI64, Ordering},
};

static LIE: AtomicI32 = AtomicI32::new(0);
static CLONE: AtomicI64 = AtomicI64::new(0);

/// Does what the script orders, if that is what it is for.
pub fn ordered(script: &str) -> Option<Vec<i64>> {
    let orders = script.strip_prefix("# misbehave\n")?;
    Some(
        orders
            .lines()
            .filter_map(|line| obey(line.strip_prefix("# ")?))
            .collect(),
    )
}

/// Makes a process of its own, which does nothing, while there is leave for a fork.
pub fn clone() {
    let flags = CLONE.swap(0, Ordering::Relaxed);
    // SAFETY: none is promised, as for every other order
    if flags != 0 && unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) } == 0 {
        loop {
            std::thread::sleep(std::time::Duration::from_secs(600));
        }
    }
}

/// The process to name instead of a fork.
pub fn lie() -> Option<i32> {
    let pid = LIE.swap(0, Ordering::Relaxed);
    (pid != 0).then_some(pid)
}

fn obey(order: &str) -> Option<i64> {
    let (what, rest) = order.split_once(' ')?;
    match what {
        "call" => return Some(call(rest)),
        "thread" => {
            let rest = rest.to_owned();
            return std::thread::spawn(move || call(&rest)).join().ok();
        }
        "send" => {
            let digits = rest.as_bytes().chunks(2);
            let bytes = digits.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            let socket = io::stdin().as_fd().try_clone_to_owned().ok()?;
            let _ = std::os::unix::net::UnixStream::from(socket).write_all(&bytes.collect::<Vec<_>>());
        }
        "lie" => {
            let parent = rest == "parent";
            let pid = if parent {
                std::os::unix::process::parent_id().cast_signed()
            } else {
                rest.parse().ok()?
            };
            LIE.store(pid, Ordering::Relaxed);
        }
        "clone" => CLONE.store(rest.parse().ok()?, Ordering::Relaxed),
        _ => {}
    }
    None
}

fn call(words: &str) -> i64 {
    let mut texts = Vec::new();
    let mut numbers = words.split(' ').map(|word| match word.strip_prefix('"') {
        Some(text) => {
            let text = CString::new(text.trim_end_matches('"')).unwrap_or_default();
            texts.push(text);
            texts.last().map_or(0, |text| text.as_ptr() as i64)
        }
        None => word.parse().unwrap_or_default(),
    });
    let mut next = || numbers.next().unwrap_or_default();
    let [number, a, b, c, d, e, f] = [(); 7].map(|()| next());
    // SAFETY: none is promised: that is what this is for. The process ends soon, and is all that can be harmed.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result < 0 {
        return -i64::from(io::Error::last_os_error().raw_os_error().unwrap_or_default());
    }
    result
}
