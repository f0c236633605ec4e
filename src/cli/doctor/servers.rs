//! Each server, started and asked for its tools.

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::finding::{Area, Finding};
use crate::{
    agent::event::Event,
    cli::startup::Startup,
    host::interface::server_names,
    tools::{
        catalog::{Catalog, ListedServer},
        connection::{Connection, Counterpart, Launch},
        servers::{Filtered, ServerEntry, Transport},
    },
};

const AREA: Area = Area::Servers;

/// Starts them side by side, lists their tools and ends them.
pub(super) async fn check(startup: &Startup, entries: &[ServerEntry], limit: Duration) -> Vec<Finding> {
    let launch = startup.launch_of(limit);
    let checked = join_all(entries.iter().map(|entry| one(startup, entry, &launch, limit))).await;
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let (findings, listed): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
    let catalog = Catalog::named(listed.into_iter().flatten().collect(), &server_names(&names));
    let renamed = catalog.warnings.iter().map(|warning| {
        let fix = "nothing has to be done; `mcm tools list` shows the names that scripts use";
        Finding::warning(AREA, "names", warning, fix)
    });
    findings.into_iter().flatten().chain(renamed).collect()
}

/// What is to be said of a server, and its tools if it has listed them.
async fn one(
    startup: &Startup,
    entry: &ServerEntry,
    launch: &Launch,
    limit: Duration,
) -> (Vec<Finding>, Option<ListedServer>) {
    let (name, started) = (&entry.name, Instant::now());
    startup.ui.spin(&Event::ServerStarting { server: name.clone() });
    let outcome = match Connection::start(entry, launch, Counterpart::none()).await {
        Ok(connection) => listed(entry, &connection, limit, started).await,
        Err(error) => {
            let fix = error.hint.unwrap_or_else(|| what_to_look_at(entry).to_owned());
            let finding = Finding::unreachable(AREA, name, error.message, fix);
            (vec![finding.took(started.elapsed())], None)
        }
    };
    let (server, tools, elapsed) = (name.clone(), 0, started.elapsed());
    startup.ui.spin(&Event::ServerReady { server, tools, elapsed });
    outcome
}

fn what_to_look_at(entry: &ServerEntry) -> &'static str {
    if matches!(entry.transport, Transport::Http { .. } | Transport::Sse { .. }) {
        "check the address, and that the server runs there; or give the entry `\"disabled\": true`"
    } else if matches!(entry.transport, Transport::Stdio { .. }) {
        "start it by hand and see what it says, or give the entry `\"disabled\": true`"
    } else {
        "correct the entry, or give it `\"disabled\": true`"
    }
}

async fn listed(
    entry: &ServerEntry,
    connection: &Connection,
    limit: Duration,
    started: Instant,
) -> (Vec<Finding>, Option<ListedServer>) {
    let name = &entry.name;
    let listed = connection.list_tools(limit.saturating_sub(started.elapsed())).await;
    let took = started.elapsed();
    let skipped = connection.skipped_lines();
    connection.close().await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            let fix = "look at the server's own log, or give the entry `\"disabled\": true`";
            let message = entry.mask(&format!("it started, and did not list its tools: {error}"));
            return (vec![Finding::unreachable(AREA, name, message, fix).took(took)], None);
        }
    };
    let filtered = entry.filter.apply(listed.tools);
    let mut findings = vec![counted(name, &filtered).took(took)];
    findings.extend(filtered.idle.iter().map(|glob| {
        let fix = "`mcm tools list` without that filter names its tools";
        Finding::warning(
            AREA,
            name,
            format!("the filter `{glob}` matches none of its tools"),
            fix,
        )
    }));
    findings.extend(listed.warnings.iter().map(|warning| {
        let fix = "the other tools work; tell the server's authors";
        Finding::warning(AREA, name, entry.mask(warning), fix)
    }));
    if skipped > 0 {
        let lines = if skipped == 1 {
            "a line".to_owned()
        } else {
            format!("{skipped} lines")
        };
        findings.push(Finding::warning(
            AREA,
            name,
            format!("it wrote {lines} to its standard output that are no messages of MCP, and were skipped"),
            "have it write its log to standard error",
        ));
    }
    let tools = ListedServer {
        raw: name.clone(),
        description: entry.description.clone(),
        tools: filtered.tools,
    };
    (findings, Some(tools))
}

/// How many tools there are, and how many of them the entry hides.
fn counted(name: &str, filtered: &Filtered) -> Finding {
    let plural = |count: usize| format!("{count} tool{}", if count == 1 { "" } else { "s" });
    let hidden = filtered.hidden.len();
    match (filtered.tools.len(), hidden) {
        (0, 0) => {
            let fix = "check its arguments, or take the entry out";
            Finding::warning(AREA, name, "it started, and offers no tools", fix)
        }
        (0, _) => {
            let fix = "correct the filters of its entry, or take the entry out";
            Finding::warning(
                AREA,
                name,
                format!("its entry hides all of its {}", plural(hidden)),
                fix,
            )
        }
        (count, 0) => Finding::ok(AREA, name, plural(count)),
        (count, _) => Finding::ok(
            AREA,
            name,
            format!("{}, and {hidden} that its entry hides", plural(count)),
        ),
    }
}
