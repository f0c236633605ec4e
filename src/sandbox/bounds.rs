//! What the kernel holds a script's process to, behind the limits that are held from here.

use std::{io, time::Duration};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use super::link::unexpected;

/// Bounds the address space, in bytes beyond what the link has now, and the processor time from its beginning.
pub fn bound(pid: Pid, memory: u64, cpu: Duration) -> io::Result<()> {
    let now = address_space(pid)?;
    let set = |resource, value: u64| {
        // the parent's own limit, if it has one, is the most that can be had
        let maximum = getrlimit(resource).maximum;
        let value = maximum.map_or(value, |most| value.min(most));
        prlimit(
            Some(pid),
            resource,
            Rlimit {
                current: Some(value),
                maximum,
            },
        )
    };
    set(Resource::As, now.saturating_add(memory))?;
    // rounded up to whole seconds, as the kernel counts
    set(Resource::Cpu, cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0))?;
    Ok(())
}

/// Bytes of address space that a process has.
fn address_space(pid: Pid) -> io::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero()))?;
    let pages: u64 = text
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .ok_or_else(unexpected)?;
    Ok(pages * rustix::param::page_size() as u64)
}
