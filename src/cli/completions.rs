//! `mcm completions`: the script that a shell reads to complete what is typed.
//!
//! - No settings and no servers are looked at: a shell may run this whenever it starts.

use clap::CommandFactory;

use crate::cli::{
    args::{Cli, Completions},
    failure::{Exit, Failure},
    ui::{Look, Ui},
};

/// Prints the script.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mcm", &mut script);
    Ui::new(Look::PLAIN)
        .print(&String::from_utf8_lossy(&script))
        .map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
    Ok(Exit::Answered)
}
