//! The wall: what a process can do after a script could have taken it over.
//!
//! The zygote goes into namespaces of its own, where the system permits that. The root of each session is then
//! confined, once and before it is sent any byte of a script; its forks inherit all of it, and none can lift it.
//!
//! - Nothing here is needed for a script to fail cleanly: the interpreter is built without an operating system.
//! - What is missing on a system is reported, never passed over.

mod calls;
mod filter;

use std::{
    io,
    os::fd::{BorrowedFd, RawFd},
};

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};

pub use calls::name as name_of_call;
pub use filter::{FORK, Filters};

use crate::wire::{Layer, LayerKind};

/// The newest rules that this version knows; an older kernel applies those that it has.
const LANDLOCK: ABI = ABI::V6;

/// Puts this process, which has one thread, into a user and a network namespace of its own and gives up all
/// capabilities: what of it the system permitted.
pub fn withdraw() -> Vec<Layer> {
    // SAFETY: neither call has preconditions.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    let own_user = unshare(libc::CLONE_NEWUSER).and_then(|()| {
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
    });
    let own_network = unshare(libc::CLONE_NEWNET | libc::CLONE_NEWIPC);
    vec![
        layer(LayerKind::UserNamespace, own_user),
        layer(LayerKind::NetworkNamespace, own_network),
        layer(LayerKind::Privileges, no_privileges()),
    ]
}

/// Confines this process, which keeps its standard streams and `socket`, for ever. `report` is given what holds,
/// and the descriptor by which `mcm` answers for it; after that nothing can be sent but plain bytes.
pub fn confine(
    filters: &Filters,
    socket: RawFd,
    mut layers: Vec<Layer>,
    report: impl FnOnce(Vec<Layer>, Option<BorrowedFd<'_>>),
) -> io::Result<()> {
    use std::os::fd::AsFd;
    close_all_but(socket)?;
    let files = no_files();
    let partial = matches!(files, Ok(RulesetStatus::PartiallyEnforced));
    layers.push(Layer {
        partial,
        ..layer(LayerKind::Files, files.map(drop))
    });
    match filters.ask() {
        Ok(listener) => {
            layers.push(layer(LayerKind::SystemCalls, Ok(())));
            layers.push(layer(LayerKind::Forks, Ok(())));
            report(layers, Some(listener.as_fd()));
            drop(listener);
            // it was reported, so it must hold
            filters.close()
        }
        Err(e) => {
            layers.push(layer(LayerKind::SystemCalls, filters.close_alone()));
            layers.push(layer(LayerKind::Forks, Err(e)));
            report(layers, None);
            Ok(())
        }
    }
}

fn layer(kind: LayerKind, held: io::Result<()>) -> Layer {
    Layer {
        kind,
        missing: held.err().map(|e| e.to_string()),
        partial: false,
    }
}

fn unshare(what: i32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { libc::unshare(what) }.into())
}

/// Nothing that this process or a child of it runs can gain a right, and it has none.
fn no_privileges() -> io::Result<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into())?;
    // version 3 of the interface, this process; no capability of any kind
    let header = [0x2008_0522_u32, 0];
    let none = [0_u32; 6];
    // SAFETY: the header and both halves of the sets are as long as version 3 has them.
    checked(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) })
}

/// Landlock without a single rule: no path, no port, no signal to or socket of a process outside; of these, what the
/// kernel knows.
fn no_files() -> io::Result<RulesetStatus> {
    let applied = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    match applied {
        Ok(status) if status.ruleset == RulesetStatus::NotEnforced => Err(io::ErrorKind::Unsupported.into()),
        Ok(status) => Ok(status.ruleset),
        Err(e) => Err(io::Error::other(e)),
    }
}

fn close_all_but(socket: RawFd) -> io::Result<()> {
    let first = libc::STDERR_FILENO + 1;
    if socket > first {
        close_range(first, socket - 1)?;
    }
    close_range(socket + 1, i32::MAX)
}

fn close_range(first: RawFd, last: RawFd) -> io::Result<()> {
    // SAFETY: what is open there belongs to nobody who still uses it.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) })
}

fn checked(result: libc::c_long) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
