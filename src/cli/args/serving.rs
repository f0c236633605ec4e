//! What can be typed after `mcm serve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    APPROVAL, BudgetFlags, LIMITS, MODEL, ModelFlags, ModuleFlags, OUTPUT, PolicyFlags, RunLimits, ScriptLimits,
    ServerFlags,
};
use crate::cli::settings::limits;

/// A client whose configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpClient {
    /// Claude Code and Claude Desktop.
    Claude,
    /// VS Code.
    Vscode,
    /// Cursor.
    Cursor,
}

/// `mcm serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Print what CLIENT's configuration takes to start this server, with all other flags, and end
    #[arg(long, value_name = "CLIENT")]
    pub print_config: Option<McpClient>,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model does tasks.
    #[command(flatten)]
    pub model: ModelFlags,
    /// How tasks are done.
    #[command(flatten)]
    pub module: ModuleFlags,
    /// Take templates in DIR instead of the built-in prompts
    #[arg(long, value_name = "DIR", help_heading = MODEL)]
    pub prompts: Option<PathBuf>,
    /// How long a task may go on.
    #[command(flatten)]
    pub run: RunLimits,
    /// What it may use of the model.
    #[command(flatten)]
    pub budget: BudgetFlags,
    /// Tokens of the description of `execute_code` for signatures of tools; if all take more, it has an index of the
    /// servers [env: MCM_TOOL_BUDGET] [default: 1500]
    #[arg(long, value_name = "TOKENS", value_parser = |s: &str| limits::TOOL_BUDGET.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub tool_budget: Option<u64>,
    /// What a script may use.
    #[command(flatten)]
    pub script: ScriptLimits,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// Answer approval questions with yes; `--deny` and `--read-only` still hold
    #[arg(long, help_heading = APPROVAL)]
    pub yes: bool,
    /// Only warnings and errors on stderr
    #[arg(long, help_heading = OUTPUT)]
    pub quiet: bool,
    /// What servers say of themselves on stderr, too
    #[arg(long, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub verbose: bool,
}
