//! Several files as one configuration.

use super::Config;

/// Takes out of each file what a later one says, too, be it a fault or that the server is disabled.
pub fn merge(mut files: Vec<Config>) -> Vec<Config> {
    let mut later: Vec<String> = Vec::new();
    for file in files.iter_mut().rev() {
        file.entries.retain(|entry| !later.contains(&entry.name));
        file.faults.retain(|fault| !later.contains(&fault.server));
        later.extend(file.entries.iter().map(|entry| entry.name.clone()));
        // an entry without a name replaces none
        let named = file.faults.iter().filter(|fault| !fault.server.starts_with('#'));
        later.extend(named.map(|fault| fault.server.clone()));
    }
    files
}
