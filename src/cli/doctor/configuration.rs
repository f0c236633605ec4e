//! The files of servers: whether they can be read, what is wrong in them, and which servers may be started.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    entries,
    finding::{Area, Finding, Level},
};
use crate::{
    cli::{
        settings::{self, CONFIGURATION, DOTENV},
        startup::{Resolved, Startup},
        trust::STORE,
    },
    host::trust::{self, Question, Store},
    tools::servers::{self, Config, RawEntry, ServerEntry},
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

/// Reads the files and judges their entries; starts nothing.
pub(super) fn check(startup: &Startup) -> Configuration {
    let mut done = Configuration::default();
    let places = &startup.settings.configurations;
    let (mut used, mut files) = (Vec::new(), Vec::new());
    for place in places {
        match startup.read(&place.path) {
            Ok(config) => {
                used.push(place);
                files.push(config);
            }
            Err(failure) => {
                let mut fix = failure.hints.join("; ");
                if fix.is_empty() {
                    fix = format!("see that `{}` is there and that you may read it", place.path.display());
                }
                done.findings
                    .push(Finding::problem(Area::Configuration, "file", failure.message, fix));
            }
        }
    }
    if places.is_empty() {
        let elsewhere = startup.settings.user_directory();
        let elsewhere = elsewhere.map_or(String::new(), |folder| format!(" or in `{}`", folder.display()));
        let message = format!("there is no `{CONFIGURATION}` here{elsewhere}, so scripts have no tools");
        done.findings
            .push(Finding::warning(Area::Configuration, "file", message, "type: mcm init"));
    }
    let typed: Vec<Vec<(String, usize)>> = files.iter().map(names).collect();
    for ((place, config), typed) in used.into_iter().zip(servers::merge(files)).zip(typed) {
        one(startup, place, &config, &typed, &mut done);
    }
    if files_are_whole(&done) {
        let unused = unused(startup, &done.expanded);
        done.findings.extend(unused);
    }
    done
}

/// Names of a file's entries, and their lines.
fn names(config: &Config) -> Vec<(String, usize)> {
    let entries = config
        .entries
        .iter()
        .map(|entry| (entry.name.clone(), entry.place.line));
    entries.collect()
}

/// What a file names that could not be read is not known to be unused.
fn files_are_whole(done: &Configuration) -> bool {
    !done
        .findings
        .iter()
        .any(|finding| finding.name == "file" && finding.level == Level::Problem)
}

/// What is to be said of one file, and of its entries that no later file replaces.
fn one(
    startup: &Startup,
    place: &settings::Configuration,
    config: &Config,
    typed: &[(String, usize)],
    done: &mut Configuration,
) {
    let Resolved {
        entries,
        waiting,
        faults,
        expanded,
    } = startup.resolved(place, config);
    let path = shown(&config.path, &startup.folder);
    let findings = &mut done.findings;
    findings.push(Finding::ok(Area::Configuration, "file", summary(config, &path)));
    let notes = config.notes.iter();
    findings.extend(
        notes.map(|note| Finding::warning(Area::Configuration, "file", note, "take that entry out of the file")),
    );
    for (name, line) in typed {
        if !config.entries.iter().any(|entry| entry.name == *name) {
            let message = format!("`{path}` line {line}: a later file has another entry of this name, which counts");
            findings.push(Finding::ok(Area::Configuration, name, message));
        }
    }
    // those of the file itself come first, then those of what its variables hold
    findings.extend(faults.iter().enumerate().map(|(at, fault)| {
        let edit = format!("edit `{path}` line {}", fault.place.line);
        let fix = match at < config.faults.len() {
            true => edit,
            false => format!("set the variable in the environment or in `{DOTENV}`, or {edit}"),
        };
        Finding::problem(Area::Configuration, &fault.server, &fault.message, fix)
    }));
    for entry in &config.entries {
        let resolved = entries.iter().find(|resolved| resolved.name == entry.name);
        findings.extend(entries::explain(startup, entry, resolved, &path));
    }
    let asking = waiting.iter().filter(|entry| !entry.inputs().is_empty());
    findings.extend(asking.map(|entry| entries::waits(entry, &path)));
    let (of_trust, untrusted) = trusted(startup, place, config);
    findings.extend(of_trust);
    let startable = entries.iter().filter(|entry| !untrusted.contains(&entry.name));
    done.startable.extend(startable.cloned());
    done.entries.extend(entries);
    done.expanded.extend(expanded);
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
