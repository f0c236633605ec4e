//! What can be typed of the verbs that do no task.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, value_parser};
use clap_complete::Shell;

use super::{CHECKS, ModelFlags, OUTPUT, OutputFlags, PolicyFlags, SERVERS, ServerFlags, ToolFlags, groups::not_empty};
use crate::cli::settings::limits;

/// `mcm tools`
#[derive(Debug, Args)]
pub struct Tools {
    /// What to show; `list` if left out
    #[command(subcommand)]
    pub command: Option<ToolsCommand>,
    /// Start every server and ask it anew, whatever is kept from earlier runs
    #[arg(long, global = true, help_heading = SERVERS)]
    pub refresh: bool,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// `mcm auth`
#[derive(Debug, Args)]
pub struct Auth {
    /// What to do.
    #[command(subcommand)]
    pub verb: AuthVerb,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
}

/// What `mcm auth` does.
#[derive(Debug, Subcommand)]
pub enum AuthVerb {
    /// Log in with a browser
    Login(Login),
    /// Forget a login
    Logout {
        /// The server's name in the configuration
        server: String,
    },
    /// Say where you are logged in
    Status {
        /// The server's name in the configuration; all of them if left out
        server: Option<String>,
    },
}

/// `mcm auth login`
#[derive(Debug, Args)]
pub struct Login {
    /// The server's name in the configuration
    pub server: String,
    /// Print the address, and start no browser
    #[arg(long)]
    pub no_browser: bool,
}

/// What `mcm tools` shows.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ToolsCommand {
    /// One line for each tool
    List,
    /// The tools that fit a few words best, as scripts find them
    Search {
        /// Words of the task, or of a tool's name or description
        #[arg(required = true, num_args = 1..)]
        query: Vec<String>,
        /// Show at most N tools
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// One tool in full
    Show {
        /// `server.tool`, as in Python or as the server calls it
        name: String,
    },
    /// The Python signatures of all tools
    Stubs,
    /// Forget what results of tools without an output schema looked like in earlier runs
    Forget {
        /// `server.tool`, or a server; those of all configurations if left out
        name: Option<String>,
    },
    /// Tokens of each server and tool, and of the same tools in plain tool calling
    Cost {
        /// Add up a run of N requests
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u64).range(1..=1_000))]
        steps: u64,
        /// Count as this model does [env: MCM_MODEL]
        #[arg(long, value_name = "NAME", value_parser = not_empty)]
        model: Option<String>,
        /// How much of the tools.
        #[command(flatten)]
        tools: ToolFlags,
    },
}

/// `mcm init`
#[derive(Debug, Args)]
pub struct Init {
    /// Ask nothing and take what is found
    #[arg(long)]
    pub yes: bool,
    /// Take over the servers of other clients that are found: Claude Desktop and Code, VS Code, Cursor, Cline, Windsurf,
    /// Zed, Codex, Gemini CLI, mcphost
    #[arg(long)]
    pub import: bool,
}

/// `mcm doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Send the model nothing; without this it is asked for one short script, of some 1,500 tokens in all
    #[arg(long, help_heading = CHECKS)]
    pub no_model: bool,
    /// Seconds that each check may take [default: 30]
    #[arg(long, value_name = "SECS", value_parser = |s: &str| limits::CALL_TIMEOUT.seconds(s), allow_negative_numbers = true, help_heading = CHECKS)]
    pub check_timeout: Option<Duration>,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model.
    #[command(flatten)]
    pub model: ModelFlags,
    /// Print one JSON record on stdout
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}

/// `mcm program`
#[derive(Debug, Args)]
pub struct ProgramArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: ProgramVerb,
}

/// What `mcm program` does.
#[derive(Debug, Subcommand)]
pub enum ProgramVerb {
    /// Say whether a program can be used, and what it is given and answers
    Check {
        /// The program's file
        file: PathBuf,
    },
    /// Write NAME.program.md, a program to begin with
    New {
        /// The program's name
        name: String,
    },
}

/// `mcm completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}
