//! `mcm doctor`: what works, what does not, and how to mend it.
//!
//! - It goes on after whatever fails: a fault is a finding, and each one that matters comes with what to type or edit.
//! - No check takes longer than its limit; those that wait for others run side by side.
//! - A server that nobody trusts is not started, and no secret is in a finding.

mod configuration;
mod entries;
mod finding;
mod folders;
mod model;
mod report;
mod sandbox;
mod servers;
mod settings;

use std::{collections::BTreeSet, time::Duration};

use crate::cli::{
    args::Doctor,
    failure::{Exit, Failure},
    startup::{self, Startup},
};
use finding::Finding;

/// How long a check may take unless the user says otherwise.
const LIMIT: Duration = Duration::from_secs(30);

/// Checks everything, and prints what it finds.
///
/// # Errors
/// stdout cannot be written; a setting typed on the command line makes no sense.
pub async fn doctor(args: &Doctor) -> Result<Exit, Failure> {
    let (startup, errors) = startup::begin_anyway(&args.flags())?;
    let limit = args.check_timeout.unwrap_or(LIMIT);
    let (sandbox, no_sandbox) = match startup.start_sandbox() {
        Ok(sandbox) => (Some(sandbox), None),
        Err(failure) => (None, Some(sandbox::cannot_start(&failure))),
    };
    let mut findings = settings::check(&startup, &errors);
    findings.extend(folders::check(&startup, &errors));
    let configured = configuration::check(&startup);
    let of_servers = servers::check(&startup, &configured.startable, limit);
    let of_sandbox = async {
        match &sandbox {
            Some(sandbox) => sandbox::check(sandbox, limit).await,
            None => Vec::new(),
        }
    };
    let of_model = async {
        if args.no_model {
            vec![model::left_out()]
        } else {
            model::check(&startup, sandbox.as_ref(), limit).await
        }
    };
    let (of_servers, of_sandbox, of_model) = tokio::join!(of_servers, of_sandbox, of_model);
    let masker = startup.ui.masker();
    masker.hide(of_variables(&startup, &configured.expanded));
    findings.extend(configured.findings);
    findings.extend(
        of_servers
            .into_iter()
            .chain(no_sandbox)
            .chain(of_sandbox)
            .chain(of_model),
    );
    let findings: Vec<Finding> = findings.into_iter().map(|finding| finding.masked(masker)).collect();
    startup.ui.finish();
    let printed = if startup.settings.json.value {
        startup.ui.answer(&report::record(&findings))
    } else {
        startup.ui.print_tinted(&report::text(&startup.ui, &findings))
    };
    printed.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
    Ok(finding::exit(&findings))
}

/// What the configuration takes from variables, except plain paths: reports are shown to others.
fn of_variables(startup: &Startup, expanded: &BTreeSet<String>) -> Vec<String> {
    let values = expanded.iter().filter_map(|name| startup.settings.variable(name));
    let is_path = |value: &&str| ["/", "./", "../", "~/"].iter().any(|start| value.starts_with(start));
    values.filter(|value| !is_path(value)).map(str::to_owned).collect()
}
