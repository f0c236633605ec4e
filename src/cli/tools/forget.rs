//! `mcm tools forget`: drops what results of tools looked like in earlier runs.

use crate::cli::{
    auth::wanted,
    failure::{Exit, Failure},
    startup::{Configured, Startup},
};

/// Drops it for `server.tool`, for a server, or without a name for all.
///
/// # Errors
/// There is no such server; the system's.
pub(super) async fn forget(startup: &Startup, configured: &Configured, name: Option<&str>) -> Result<Exit, Failure> {
    let Some(archive) = startup.archive() else {
        return Err(Failure::usage("there is no folder for what is kept").hint("set `HOME` or `XDG_CACHE_HOME`"));
    };
    let forgotten = match name {
        None => archive.forget_all(),
        Some(name) => {
            let (server, tool) = parts(configured, name);
            let entry = match startup.entry(configured, server) {
                Ok(entry) => entry.clone(),
                // it may wait for an input; the error says which servers there are
                Err(_) => wanted(startup, configured, server).await?,
            };
            archive.forget(&entry, tool)
        }
    };
    let forgotten = forgotten.map_err(|e| Failure::usage(format!("cannot forget what results looked like: {e}")))?;
    let of = name.map_or_else(String::new, |name| format!(" for `{name}`"));
    startup.ui.note(&match forgotten {
        0 => format!("nothing is kept of results{of}"),
        1 => "forgot what results of one tool looked like".to_owned(),
        many => format!("forgot what results of {many} tools looked like"),
    });
    startup.ui.finish();
    Ok(Exit::Answered)
}

/// The server, and the tool if there is one; either name may hold a dot.
fn parts<'a>(configured: &Configured, name: &'a str) -> (&'a str, Option<&'a str>) {
    let is_server = |name: &str| {
        let mut known = configured.names.pairs.iter();
        known.any(|(raw, python)| raw == name || python == name)
    };
    if is_server(name) {
        return (name, None);
    }
    let mut splits = name.match_indices('.').map(|(at, _)| (&name[..at], &name[at + 1..]));
    splits
        .find(|(server, _)| is_server(server))
        .map_or((name, None), |(server, tool)| (server, Some(tool)))
}
