//! What each entry of a configuration means: how its server is reached, its limits, and what has no effect.

use super::finding::{Area, Finding};
use crate::{
    cli::{launch::START_LIMIT, startup::Startup},
    model::masked_url,
    tools::servers::{Kind, Permission, RawEntry, RawOauth, Sampling, ServerEntry, Transport, canonical, inputs},
};

const AREA: Area = Area::Configuration;
/// Characters of a command line that are shown.
const MAX_COMMAND: usize = 100;
/// Keys by which clients let calls go unasked, in their canonical form.
const NOT_POLICY: [&str; 5] = ["autoapprove", "alwaysallow", "alwaysallowed", "autoallow", "trust"];

/// What an entry means, and what in it has no effect.
pub(super) fn explain(startup: &Startup, entry: &RawEntry, resolved: Option<&ServerEntry>, path: &str) -> Vec<Finding> {
    let place = format!("`{path}` line {}", entry.place.line);
    let mut findings = Vec::new();
    if entry.disabled {
        findings.push(Finding::ok(AREA, &entry.name, format!("{place}: disabled")));
    }
    if let Some(resolved) = resolved {
        let message = format!("{place}: {}; {}", means(resolved), limits(startup, resolved));
        findings.push(Finding::ok(AREA, &entry.name, message));
    }
    let remarks = entry.remarks.iter().map(String::as_str).chain(idle_parts(entry));
    findings.extend(remarks.map(|remark| Finding::ok(AREA, &entry.name, remark)));
    findings.extend(entry.unknown.iter().map(|unknown| {
        let (key, line, column) = (&unknown.key, unknown.place.line, unknown.place.column);
        let (message, fix) = if NOT_POLICY.contains(&canonical(key).as_str()) {
            (
                format!(
                    "`{key}` has no effect, for a file does not decide what is called unasked ({path}:{line}:{column})"
                ),
                "to have tools called unasked, give `--allow GLOB` or write it in your policy file".to_owned(),
            )
        } else {
            (
                format!("the key `{key}` means nothing here ({path}:{line}:{column})"),
                format!("check its spelling, or take it out of `{path}` line {line}"),
            )
        };
        Finding::warning(AREA, &entry.name, message, fix)
    }));
    findings
}

/// What is to be said of an entry whose inputs nobody has given.
pub(super) fn waits(entry: &RawEntry, path: &str) -> Finding {
    let ids = entry.inputs();
    let message = format!(
        "`{path}` line {}: asks for `{}` at the beginning of a run, and is not started here",
        entry.place.line,
        ids.join("`, `")
    );
    let variables: Vec<String> = ids.iter().map(|id| inputs::variable(id)).collect();
    let fix = format!("to give it beforehand, set `{}`", variables.join("`, `"));
    Finding::warning(AREA, &entry.name, message, fix)
}

/// How a server is reached.
fn means(entry: &ServerEntry) -> String {
    let text = match &entry.transport {
        Transport::Stdio { command, args, env, .. } => {
            let line = std::iter::once(command)
                .chain(args)
                .map(String::as_str)
                .collect::<Vec<_>>();
            let line = entry.mask(&line.join(" "));
            let mut shown: String = line.chars().take(MAX_COMMAND).collect();
            if shown.len() < line.len() {
                shown.push('…');
            }
            let variables = match env.len() {
                0 => String::new(),
                1 => " with 1 variable".into(),
                more => format!(" with {more} variables"),
            };
            format!("runs `{shown}`{variables}")
        }
        Transport::Http { url, .. } => format!("connects to `{}` by HTTP", masked_url(url)),
        Transport::Sse { url, .. } => format!("connects to `{}` by SSE", masked_url(url)),
        Transport::Workspace { root, permission, .. } => {
            let may = match permission {
                Permission::Read => "reads",
                Permission::Write => "reads and writes",
            };
            format!("{may} the files in `{}`", root.display())
        }
    };
    let mut parts = vec![text];
    if !entry.roots.is_empty() {
        let roots: Vec<String> = entry.roots.iter().map(|root| root.display().to_string()).collect();
        parts.push(format!("is told of `{}`", roots.join("`, `")));
    }
    if entry.sampling == Sampling::Allowed {
        parts.push("may have your model write for it".into());
    }
    if entry.filter.allow.is_some() || !entry.filter.deny.is_empty() {
        parts.push("shows some of its tools".into());
    }
    parts.join("; ")
}

fn limits(startup: &Startup, entry: &ServerEntry) -> String {
    let call = match entry.call_timeout {
        Some(limit) => format!("{} s", limit.as_secs_f64()),
        None => format!(
            "{} s (`--call-timeout`)",
            startup.settings.call_timeout.value.as_secs_f64()
        ),
    };
    let start = match entry.start_timeout {
        Some(limit) => format!("{} s", limit.as_secs_f64()),
        None => format!("{} s (the default)", START_LIMIT.as_secs_f64()),
    };
    match entry.transport {
        Transport::Workspace { .. } => format!("a call may take {call}"),
        _ => format!("its start may take {start}, a call {call}"),
    }
}

/// Parts that say nothing to a server of this kind.
fn idle_parts(entry: &RawEntry) -> Option<&'static str> {
    let of_programs = entry.command.is_some()
        || !entry.args.is_empty()
        || entry.cwd.is_some()
        || !entry.env.is_empty()
        || entry.env_file.is_some();
    let has_login = entry.oauth != RawOauth::default();
    let of_addresses = entry.url.is_some() || !entry.headers.is_empty() || has_login;
    match entry.kind {
        Kind::Http | Kind::Sse | Kind::Remote if of_programs => {
            Some("its command and variables have no effect, for it is reached by its address")
        }
        Kind::Sse if has_login => Some("its `oauth` has no effect, for there are no logins over SSE"),
        Kind::Workspace if of_programs || of_addresses => {
            Some("its command, variables, address and headers have no effect, for it is built in")
        }
        Kind::Stdio if of_addresses => Some("its address and headers have no effect, for it is a program"),
        _ => None,
    }
}
