//! What can be typed: one struct per verb, made of groups of flags.
//!
//! - A flag that means nothing to a verb is not on it.
//! - Numbers, globs and inputs are checked here, so that a wrong one is wrong usage (exit code 2).

mod flags;
mod groups;
mod serving;
mod upkeep;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

pub use groups::{
    BatchLimits, BudgetFlags, InputFlags, ModelFlags, ModuleFlags, OutputFlags, PolicyFlags, ProgramFlags,
    ProgramSettings, RunLimits, ScriptLimits, ServerFlags, ToolFlags,
};

pub use serving::{McpClient, Serve};
pub use upkeep::{Auth, AuthVerb, Completions, Doctor, Init, Login, ProgramArgs, ProgramVerb, Tools, ToolsCommand};

const SERVERS: &str = "Servers";
const MODEL: &str = "Model";
const LIMITS: &str = "Limits";
const APPROVAL: &str = "Approval";
const OUTPUT: &str = "Output";
const BATCH: &str = "Batch";
const CHECKS: &str = "Checks";

/// Let a language model write one Python script over your MCP servers, run it confined, print the answer
#[derive(Debug, Parser)]
#[command(name = "mcm", version, arg_required_else_help = true, max_term_width = 110)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Do one task and print its answer
    Ask(Box<Ask>),
    /// Do one task after another; variables and the conversation stay
    Repl(Box<Repl>),
    /// Do many tasks, several at a time, and write a line of JSON for each
    Batch(Box<Batch>),
    /// Run a script of your own with the same tools, without a model
    Run(Box<RunScript>),
    /// Print the messages that `ask` would send, and send nothing
    Prompt(Box<PromptOnly>),
    /// Be an MCP server over stdin and stdout, in front of all configured servers
    Serve(Box<Serve>),
    /// Show what the servers offer, as the model sees it, and what it costs
    Tools(Box<Tools>),
    /// Write the first mcp_servers.json and .env of this folder
    Init(Init),
    /// Say what works, what does not, and how to mend it
    Doctor(Box<Doctor>),
    /// Write a first program, or say whether one can be used
    Program(ProgramArgs),
    /// Trust the servers that the current folder's configuration names
    Trust,
    /// Log in at a server that asks for it, log out, or say where you are logged in
    Auth(Auth),
    /// Show the whole walk on sample files, with recorded replies in place of a model
    Demo,
    /// Print a script that completes what is typed in a shell
    Completions(Completions),
}

/// `mcm ask`
#[derive(Debug, Args)]
pub struct Ask {
    /// The task; `-` reads it from stdin; may be left out where `--program` or the inputs of `--returns` say it
    pub task: Option<String>,
    /// What the task is more than a text.
    #[command(flatten)]
    pub program: ProgramFlags,
    /// What scripts find.
    #[command(flatten)]
    pub inputs: InputFlags,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model.
    #[command(flatten)]
    pub model: ModelFlags,
    /// How tasks are done.
    #[command(flatten)]
    pub module: ModuleFlags,
    /// Take templates in DIR instead of the built-in prompts
    #[arg(long, value_name = "DIR", help_heading = MODEL)]
    pub prompts: Option<PathBuf>,
    /// Write every request and reply to FILE, one JSON object a line
    #[arg(long, value_name = "FILE", help_heading = MODEL, conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Take the replies from FILE instead of asking a model
    #[arg(long, value_name = "FILE", help_heading = MODEL)]
    pub replay: Option<PathBuf>,
    /// How long a run may go on.
    #[command(flatten)]
    pub run: RunLimits,
    /// What it may use of the model.
    #[command(flatten)]
    pub budget: BudgetFlags,
    /// How much of the tools.
    #[command(flatten)]
    pub tools: ToolFlags,
    /// What a script may use.
    #[command(flatten)]
    pub script: ScriptLimits,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// Answer approval questions with yes; `--deny` and `--read-only` still hold
    #[arg(long, help_heading = APPROVAL)]
    pub yes: bool,
    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
    /// Show each script on stderr before it runs
    #[arg(long, help_heading = OUTPUT)]
    pub show_code: bool,
}

/// `mcm batch`
#[derive(Debug, Args)]
pub struct Batch {
    /// The tasks; `-` reads them from stdin. JSON Lines of {"id"?, "task", "inputs"?}, CSV with a column `task` and
    /// perhaps `id` (other columns are inputs), or a task a line; with `--program`, `task` may be missing
    pub tasks: PathBuf,
    /// What the tasks are more than texts.
    #[command(flatten)]
    pub program: ProgramFlags,
    /// Append the results to FILE, in order of completion [default: stdout]
    #[arg(short, long, value_name = "FILE", help_heading = BATCH)]
    pub output: Option<PathBuf>,
    /// How many tasks at a time.
    #[command(flatten)]
    pub limits: BatchLimits,
    /// Go on with FILE: do the tasks that have no result there, whatever ended the batch before
    #[arg(long, requires = "output", help_heading = BATCH)]
    pub resume: bool,
    /// The same, and do the tasks again that have a result without an answer
    #[arg(long, requires = "output", help_heading = BATCH)]
    pub retry_failed: bool,
    /// End with the first task that has no answer
    #[arg(long, help_heading = BATCH)]
    pub fail_fast: bool,
    /// Do only the first N of the tasks that are to be done
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = BATCH)]
    pub limit: Option<u64>,
    /// What scripts find.
    #[command(flatten)]
    pub inputs: InputFlags,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model.
    #[command(flatten)]
    pub model: ModelFlags,
    /// How tasks are done.
    #[command(flatten)]
    pub module: ModuleFlags,
    /// Take templates in DIR instead of the built-in prompts
    #[arg(long, value_name = "DIR", help_heading = MODEL)]
    pub prompts: Option<PathBuf>,
    /// How long a run may go on.
    #[command(flatten)]
    pub run: RunLimits,
    /// What it may use of the model.
    #[command(flatten)]
    pub budget: BudgetFlags,
    /// How much of the tools.
    #[command(flatten)]
    pub tools: ToolFlags,
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

/// `mcm repl`
#[derive(Debug, Args)]
pub struct Repl {
    /// What scripts find.
    #[command(flatten)]
    pub inputs: InputFlags,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model.
    #[command(flatten)]
    pub model: ModelFlags,
    /// Take templates in DIR instead of the built-in prompts
    #[arg(long, value_name = "DIR", help_heading = MODEL)]
    pub prompts: Option<PathBuf>,
    /// Write every request and reply to FILE, one JSON object a line
    #[arg(long, value_name = "FILE", help_heading = MODEL, conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Take the replies from FILE instead of asking a model
    #[arg(long, value_name = "FILE", help_heading = MODEL)]
    pub replay: Option<PathBuf>,
    /// How long a task may go on.
    #[command(flatten)]
    pub run: RunLimits,
    /// What it may use of the model.
    #[command(flatten)]
    pub budget: BudgetFlags,
    /// How much of the tools.
    #[command(flatten)]
    pub tools: ToolFlags,
    /// What a script may use.
    #[command(flatten)]
    pub script: ScriptLimits,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// Answer approval questions with yes; `--deny` and `--read-only` still hold
    #[arg(long, help_heading = APPROVAL)]
    pub yes: bool,
    /// Only warnings, errors and answers
    #[arg(long, help_heading = OUTPUT)]
    pub quiet: bool,
    /// What servers say of themselves on stderr, too
    #[arg(long, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub verbose: bool,
}

/// `mcm run`
#[derive(Debug, Args)]
pub struct RunScript {
    /// The script's file; `-` reads it from stdin
    #[arg(value_name = "SCRIPT.py", required_unless_present = "code", conflicts_with = "code")]
    pub script_file: Option<PathBuf>,
    /// Run CODE
    #[arg(short = 'c', long = "code", value_name = "CODE", allow_hyphen_values = true)]
    pub code: Option<String>,
    /// What the script finds.
    #[command(flatten)]
    pub inputs: InputFlags,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// Which model scripts ask by `llm_query`.
    #[command(flatten)]
    pub model: ModelFlags,
    /// What they may use of it.
    #[command(flatten)]
    pub budget: BudgetFlags,
    /// What the script may use.
    #[command(flatten)]
    pub script: ScriptLimits,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// Answer approval questions with yes; `--deny` and `--read-only` still hold
    #[arg(long, help_heading = APPROVAL)]
    pub yes: bool,
    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// `mcm prompt`
#[derive(Debug, Args)]
pub struct PromptOnly {
    /// The task; `-` reads it from stdin; may be left out where `--program` or the inputs of `--returns` say it
    pub task: Option<String>,
    /// What the task is more than a text.
    #[command(flatten)]
    pub program: ProgramFlags,
    /// What scripts find.
    #[command(flatten)]
    pub inputs: InputFlags,
    /// Which servers.
    #[command(flatten)]
    pub servers: ServerFlags,
    /// How tasks are done.
    #[command(flatten)]
    pub module: ModuleFlags,
    /// Take templates in DIR instead of the built-in prompts
    #[arg(long, value_name = "DIR", help_heading = MODEL)]
    pub prompts: Option<PathBuf>,
    /// How much of the tools.
    #[command(flatten)]
    pub tools: ToolFlags,
    /// Which tools.
    #[command(flatten)]
    pub policy: PolicyFlags,
    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// Where replies are kept, or taken from; at most one of them.
#[derive(Debug, Clone, Copy)]
pub struct Tape<'a> {
    /// `--record`
    pub record: Option<&'a Path>,
    /// `--replay`
    pub replay: Option<&'a Path>,
}
