//! What the kernel tells of processes and their memory, in bytes.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

/// Memory that the process shares with no other and has written to.
pub fn private(process: u32) -> u64 {
    field(&format!("/proc/{process}/smaps_rollup"), "Private_Dirty:")
}

/// Its share of the memory that it uses.
pub fn share(process: u32) -> u64 {
    field(&format!("/proc/{process}/smaps_rollup"), "Pss:")
}

/// What this process has in memory.
pub fn own() -> u64 {
    field("/proc/self/status", "VmRSS:")
}

/// The most that it had in memory since [`forget_peak`].
pub fn own_peak() -> u64 {
    field("/proc/self/status", "VmHWM:")
}

pub fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn field(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let kilobytes = text.lines().find_map(|line| line.strip_prefix(name));
    kilobytes
        .and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        << 10
}

/// All processes that this one has started, and those that they have.
pub fn descendants() -> BTreeSet<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(&entry.path()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut found, mut open) = (BTreeSet::new(), vec![std::process::id()]);
    while let Some(process) = open.pop() {
        for child in children.get(&process).into_iter().flatten() {
            if found.insert(*child) {
                open.push(*child);
            }
        }
    }
    found
}

fn parent(process: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
