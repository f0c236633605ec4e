//! The file of servers: whether it can be read, what is wrong in it, and which servers may be started.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::finding::{Area, Finding};
use crate::{
    cli::{
        settings::{self, CONFIGURATION, DOTENV},
        startup::{Resolved, Startup},
        trust::STORE,
    },
    host::trust::{self, Question, Store},
    tools::servers::{Config, RawEntry, ServerEntry},
};

/// What was found, and what may be started.
#[derive(Default)]
pub(super) struct Configuration {
    /// In the areas of configuration and trust.
    pub(super) findings: Vec<Finding>,
    /// All that can be read.
    pub(super) entries: Vec<ServerEntry>,
    /// Those that may be started.
    pub(super) startable: Vec<ServerEntry>,
    /// Names of the variables that were asked for.
    pub(super) expanded: BTreeSet<String>,
}

/// Reads the file and judges its entries; starts nothing.
pub(super) fn check(startup: &Startup) -> Configuration {
    let Some(place) = &startup.settings.configuration else {
        let elsewhere = startup.settings.user_directory();
        let elsewhere = elsewhere.map_or(String::new(), |folder| format!(" or in `{}`", folder.display()));
        let message = format!("there is no `{CONFIGURATION}` here{elsewhere}, so scripts have no tools");
        let mut findings = vec![Finding::warning(Area::Configuration, "file", message, "type: mcm init")];
        findings.extend(unused(startup, &BTreeSet::new()));
        return Configuration {
            findings,
            ..Configuration::default()
        };
    };
    let config = match startup.read(&place.path) {
        Ok(config) => config,
        Err(failure) => {
            let mut fix = failure.hints.join("; ");
            if fix.is_empty() {
                fix = format!("see that `{}` is there and that you may read it", place.path.display());
            }
            return Configuration {
                findings: vec![Finding::problem(Area::Configuration, "file", failure.message, fix)],
                ..Configuration::default()
            };
        }
    };
    let Resolved {
        entries,
        faults,
        expanded,
    } = startup.resolved(&config);
    let path = shown(&config.path, &startup.folder);
    let mut findings = vec![Finding::ok(Area::Configuration, "file", summary(&config, &path))];
    findings.extend(
        config
            .notes
            .iter()
            .map(|note| Finding::warning(Area::Configuration, "file", note, "take that entry out of the file")),
    );
    // those of the file itself come first, then those of what its variables hold
    findings.extend(faults.iter().enumerate().map(|(at, fault)| {
        let edit = format!("edit `{path}` line {}", fault.place.line);
        let fix = match at < config.faults.len() {
            true => edit,
            false => format!("set the variable in the environment or in `{DOTENV}`, or {edit}"),
        };
        Finding::problem(Area::Configuration, &fault.server, &fault.message, fix)
    }));
    findings.extend(config.entries.iter().flat_map(|entry| oddities(entry, &path)));
    findings.extend(unused(startup, &expanded));
    let (of_trust, untrusted) = trusted(startup, place, &config);
    findings.extend(of_trust);
    let startable = entries.iter().filter(|entry| !untrusted.contains(&entry.name));
    Configuration {
        findings,
        startable: startable.cloned().collect(),
        entries,
        expanded,
    }
}

/// The path as a user would type it.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

fn summary(config: &Config, path: &str) -> String {
    let count = config.entries.len() + config.faults.len();
    let plural = if count == 1 { "" } else { "s" };
    format!("`{path}`, {count} server{plural}")
}

/// What is no fault, and still worth knowing.
fn oddities(entry: &RawEntry, path: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if entry.disabled {
        findings.push(Finding::ok(Area::Configuration, &entry.name, "disabled"));
    }
    findings.extend(entry.unknown.iter().map(|unknown| {
        let (key, line, column) = (&unknown.key, unknown.place.line, unknown.place.column);
        Finding::warning(
            Area::Configuration,
            &entry.name,
            format!("the key `{key}` means nothing here ({path}:{line}:{column})"),
            format!("check its spelling, or take it out of `{path}` line {line}"),
        )
    }));
    findings
}

/// Variables of `.env` that have no effect.
fn unused(startup: &Startup, expanded: &BTreeSet<String>) -> Vec<Finding> {
    let warnings = startup.settings.unused_variables(expanded).into_iter();
    warnings
        .map(|warning| {
            let fix = "check its spelling, set it in the environment, or take it out of the file";
            Finding::warning(Area::Settings, DOTENV, warning, fix)
        })
        .collect()
}

/// What is to be said of trust, and the names of those that lack it.
fn trusted(startup: &Startup, place: &settings::Configuration, config: &Config) -> (Vec<Finding>, BTreeSet<String>) {
    let none = BTreeSet::new();
    let enough = |message: &str| (vec![Finding::ok(Area::Trust, "file", message)], none.clone());
    if startup.settings.trust.value {
        return enough("all servers are trusted this once (`--trust`)");
    }
    if !place.needs_trust(&startup.folder) {
        return enough("named by `--config`, or your own, which is trust enough");
    }
    let store = startup
        .settings
        .user_directory()
        .map(|folder| trust::load(&folder.join(STORE)));
    // a store that is at fault is a finding among the folders
    let store = store.and_then(Result::ok).unwrap_or_default();
    let by_name = |questions: Vec<Question>| -> BTreeMap<String, String> {
        questions
            .into_iter()
            .map(|question| (question.server, question.text))
            .collect()
    };
    let (missing, all) = (
        by_name(trust::needs(config, &store)),
        by_name(trust::needs(config, &Store::default())),
    );
    let of_entry = |entry: &RawEntry| match (missing.get(&entry.name), all.contains_key(&entry.name)) {
        (Some(text), _) => Finding::problem(
            Area::Trust,
            &entry.name,
            format!("not trusted yet, and so not started: it {}", text.replace('\n', " ")),
            "if you want that, type: mcm trust",
        ),
        (None, true) => Finding::ok(Area::Trust, &entry.name, "trusted"),
        (None, false) => Finding::ok(Area::Trust, &entry.name, "needs none"),
    };
    let enabled = config.entries.iter().filter(|entry| !entry.disabled);
    (enabled.map(of_entry).collect(), missing.into_keys().collect())
}
