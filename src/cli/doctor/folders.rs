//! The user's own files: the folder of settings, the policy, the store of trust, the templates of prompts.

use std::path::Path;

use super::{
    finding::{Area, Finding},
    settings::{is_of_policy_file, told},
};
use crate::{
    agent::prompt::Templates,
    cli::{
        failure::Failure,
        settings::{Error, POLICY},
        startup::Startup,
        trust::STORE,
    },
    host::trust,
};

const AREA: Area = Area::Folders;

/// Whether they can be read.
pub(super) fn check(startup: &Startup, errors: &[Error]) -> Vec<Finding> {
    let mut findings = match startup.settings.user_directory() {
        Some(folder) => vec![
            user_directory(folder),
            policy(&folder.join(POLICY), errors),
            store(&folder.join(STORE)),
        ],
        None => vec![Finding::warning(
            AREA,
            "your folder",
            "there is no folder for your settings, so trust cannot be kept",
            "set `HOME` or `XDG_CONFIG_HOME`",
        )],
    };
    findings.push(templates(startup));
    findings
}

fn user_directory(folder: &Path) -> Finding {
    let name = "your folder";
    let shown = folder.display();
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => Finding::ok(AREA, name, format!("`{shown}`")),
        Ok(_) => Finding::problem(
            AREA,
            name,
            format!("`{shown}` is no folder"),
            format!("move `{shown}` away"),
        ),
        Err(_) => Finding::ok(AREA, name, format!("`{shown}`, not there yet")),
    }
}

fn policy(file: &Path, errors: &[Error]) -> Finding {
    let name = "policy file";
    if let Some(error) = errors.iter().find(|error| is_of_policy_file(error)) {
        let (message, fix) = told(error);
        return Finding::problem(AREA, name, message, fix);
    }
    let is_there = file.is_file();
    Finding::ok(
        AREA,
        name,
        if is_there {
            format!("`{}`", file.display())
        } else {
            "none".to_owned()
        },
    )
}

fn store(file: &Path) -> Finding {
    let name = "trust store";
    match trust::load(file) {
        Ok(_) if file.is_file() => Finding::ok(AREA, name, format!("`{}`", file.display())),
        Ok(_) => Finding::ok(AREA, name, "none yet"),
        Err(error) => Finding::problem(AREA, name, error.to_string(), error.hint()),
    }
}

fn templates(startup: &Startup) -> Finding {
    let name = "prompts";
    match (Templates::new(startup.templates()), startup.templates()) {
        (Ok(_), Some(folder)) => Finding::ok(AREA, name, format!("templates in `{}`", folder.display())),
        (Ok(_), None) => Finding::ok(AREA, name, "the built-in ones"),
        (Err(error), _) => {
            let failure = Failure::from(error);
            let mut fix = failure.hints.join("; ");
            if fix.is_empty() {
                fix = "edit that line, or unset `MCM_PROMPTS`".to_owned();
            }
            Finding::problem(AREA, name, failure.message, fix)
        }
    }
}
