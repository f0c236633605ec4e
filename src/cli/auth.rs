//! `mcm auth`: logins at servers that ask for one.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    cli::{
        args::{Auth, AuthVerb},
        browser,
        failure::{Exit, Failure},
        settings::Flags,
        startup::{self, Configured, Startup, Which},
    },
    tools::{
        connection::oauth::{Login, LoginError, Logins},
        servers::{ServerEntry, Transport},
    },
};

/// How long the user may take in the browser.
const LOGIN_LIMIT: Duration = Duration::from_secs(300);

/// Logs in or out, or says where the user is logged in.
///
/// # Errors
/// There is no such server; the login did not come about.
pub async fn auth(args: &Auth) -> Result<Exit, Failure> {
    let flags = Flags {
        servers: args.servers.clone(),
        ..Flags::default()
    };
    let startup = startup::begin(&flags)?;
    let configured = startup.configured()?;
    let logins = startup.logins().ok_or_else(|| {
        Failure::usage("there is no folder for your settings").hint("set `HOME` or `XDG_CONFIG_HOME`")
    })?;
    match &args.verb {
        AuthVerb::Login(login) => {
            let entry = wanted(&startup, &configured, &login.server).await?;
            log_in(&startup, &logins, &entry, login.no_browser).await
        }
        AuthVerb::Logout { server } => {
            let entry = startup.entry(&configured, server)?;
            startup.ui.note(&match logins.log_out(entry)? {
                true => format!("logged out of `{}`", entry.name),
                false => format!("there was no login at `{}`", entry.name),
            });
            Ok(Exit::Answered)
        }
        AuthVerb::Status { server } => {
            let entries: Vec<&ServerEntry> = match server {
                Some(server) => vec![startup.entry(&configured, server)?],
                None => configured.entries.iter().filter(|entry| is_http(entry)).collect(),
            };
            if entries.is_empty() {
                startup.ui.note("no configured server is reached over HTTP");
            }
            for entry in entries {
                let said = match logins.status(entry)? {
                    Some(login) => words(&login),
                    None => "no login".to_owned(),
                };
                let printed = startup.ui.print(&format!("{}: {said}\n", entry.name));
                printed.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
            }
            Ok(Exit::Answered)
        }
    }
}

/// The entry of a trusted server, with what it needs from the user.
pub(super) async fn wanted(startup: &Startup, configured: &Configured, name: &str) -> Result<ServerEntry, Failure> {
    let mut known = configured.names.pairs.iter();
    let known = known.find(|(raw, python)| raw == name || python == name);
    // the error says which there are
    let Some((raw, python)) = known else {
        return startup.entry(configured, name).cloned();
    };
    let trusted = startup.trusted(configured, &Which::Named(vec![python.clone()])).await?;
    if !trusted.names(raw) {
        return Err(Failure::usage(format!(
            "server `{raw}` is not trusted, or its entry cannot be used"
        )));
    }
    let mut chosen = configured.of(&trusted).into_iter();
    chosen
        .find(|entry| entry.name == *raw)
        .ok_or_else(|| Failure::usage(format!("the entry of server `{raw}` cannot be used")))
}

async fn log_in(startup: &Startup, logins: &Logins, entry: &ServerEntry, no_browser: bool) -> Result<Exit, Failure> {
    let show = |url: &str| {
        let opened = !no_browser && browser::open(url).is_ok();
        startup.ui.tell(&match opened {
            true => format!(
                "your browser shows the login of `{}`; if it does not, open this address:\n{url}",
                entry.name
            ),
            false => format!(
                "to log in to `{}`, open this address in a browser on this machine:\n{url}",
                entry.name
            ),
        });
    };
    let login = logins.log_in(entry, LOGIN_LIMIT, show).await?;
    startup
        .ui
        .note(&format!("logged in to `{}`: {}", entry.name, words(&login)));
    Ok(Exit::Answered)
}

fn is_http(entry: &ServerEntry) -> bool {
    matches!(entry.transport, Transport::Http { .. })
}

/// `logged in (scopes: a, b; runs out in 12 minutes, renewed by itself)`
fn words(login: &Login) -> String {
    let mut notes = Vec::new();
    if !login.scopes.is_empty() {
        let scopes: BTreeSet<&str> = login.scopes.iter().map(String::as_str).collect();
        notes.push(format!("scopes: {}", scopes.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let renewed = if login.refreshable { ", renewed by itself" } else { "" };
    match login.expires {
        Some(expires) if expires <= now && login.refreshable => notes.push("renewed at the next use".to_owned()),
        Some(expires) if expires <= now => notes.push("run out: log in again".to_owned()),
        Some(expires) if expires - now < 120 => notes.push(format!("runs out in {} s{renewed}", expires - now)),
        Some(expires) => notes.push(format!("runs out in {} minutes{renewed}", (expires - now) / 60)),
        None => {}
    }
    match notes.is_empty() {
        true => "logged in".to_owned(),
        false => format!("logged in ({})", notes.join("; ")),
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let message = error.to_string();
        match error {
            LoginError::Kind { .. } | LoginError::Store { .. } => Self::usage(message),
            LoginError::Refused { .. } | LoginError::TimedOut { .. } => Self::unreachable(message),
        }
    }
}
