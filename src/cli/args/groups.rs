//! Groups of flags that several verbs share.

use std::{path::PathBuf, time::Duration};

use clap::{
    Args, Parser,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{APPROVAL, BATCH, LIMITS, MODEL, OUTPUT, SERVERS};
use crate::{
    agent::module::Wanted,
    cli::{
        inputs::InputSpec,
        settings::{self, limits},
    },
    model::Cost,
};

/// `--input`
#[derive(Debug, Clone, Default, Args)]
pub struct InputFlags {
    /// Give scripts a variable: NAME=VALUE, NAME=@FILE (parsed if it ends in .json), NAME=@- for stdin; repeatable
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = InputSpec::parse)]
    pub inputs: Vec<InputSpec>,
}

/// What a task is more than a text.
#[derive(Debug, Clone, Default, Args)]
pub struct ProgramFlags {
    /// Do what FILE says: its signature, servers, tools, limits, demonstrations and instructions (`mcm program new`)
    #[arg(long, value_name = "FILE", conflicts_with = "returns")]
    pub program: Option<PathBuf>,
    /// The type of the answer, and perhaps the inputs before `->`: 'count: int, files: list[str]', or a JSON Schema's
    /// file; the answer on stdout is then JSON of that type
    #[arg(long, value_name = "SIGNATURE|SCHEMA.json", value_parser = not_empty)]
    pub returns: Option<String>,
}

/// Flags that a program's file may set.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, disable_version_flag = true)]
pub struct ProgramSettings {
    #[command(flatten)]
    model: ModelFlags,
    #[command(flatten)]
    module: ModuleFlags,
    #[command(flatten)]
    run: RunLimits,
    #[command(flatten)]
    budget: BudgetFlags,
    #[command(flatten)]
    script: ScriptLimits,
    #[command(flatten)]
    tools: ToolFlags,
}

impl ProgramSettings {
    /// Sets what was not typed.
    pub fn fill(self, flags: &mut settings::Flags) {
        fn fill<T>(typed: &mut Option<T>, given: Option<T>) {
            *typed = typed.take().or(given);
        }
        let Self {
            model,
            module,
            run,
            budget,
            script,
            tools,
        } = self;
        fill(&mut flags.model.model, model.model);
        fill(&mut flags.model.sub_model, model.sub_model);
        fill(&mut flags.module.module, module.module);
        fill(&mut flags.run.max_steps, run.max_steps);
        fill(&mut flags.run.max_retries, run.max_retries);
        fill(&mut flags.run.max_output, run.max_output);
        fill(&mut flags.budget.max_tokens, budget.max_tokens);
        fill(&mut flags.budget.max_cost, budget.max_cost);
        fill(&mut flags.budget.max_model_calls, budget.max_model_calls);
        fill(&mut flags.script.timeout, script.timeout);
        fill(&mut flags.script.call_timeout, script.call_timeout);
        fill(&mut flags.script.max_time, script.max_time);
        fill(&mut flags.script.memory, script.memory);
        fill(&mut flags.script.max_calls, script.max_calls);
        fill(&mut flags.script.max_result, script.max_result);
        fill(&mut flags.tools.tool_budget, tools.tool_budget);
    }
}

/// Which servers.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerFlags {
    /// The servers' configuration, JSON or TOML, also another client's; repeatable, later ones win by server name
    /// [default: ./mcp_servers.json, then the user's configuration directory]
    #[arg(long, value_name = "FILE", global = true, help_heading = SERVERS)]
    pub config: Vec<PathBuf>,
    /// Trust the programs and addresses that the configuration names, this once
    #[arg(long, global = true, help_heading = SERVERS)]
    pub trust: bool,
}

/// Which model.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelFlags {
    /// The model's name [env: MCM_MODEL]
    #[arg(long, value_name = "NAME", value_parser = not_empty, help_heading = MODEL)]
    pub model: Option<String>,
    /// The model that scripts ask by `llm_query` [env: MCM_SUB_MODEL] [default: the same]
    #[arg(long, value_name = "NAME", value_parser = not_empty, help_heading = MODEL)]
    pub sub_model: Option<String>,
    /// Address of an OpenAI-compatible endpoint [env: OPENAI_BASE_URL] [default: https://api.openai.com/v1]
    #[arg(long, value_name = "URL", value_parser = base_url, help_heading = MODEL)]
    pub base_url: Option<String>,
}

/// How tasks are done.
#[derive(Debug, Clone, Default, Args)]
pub struct ModuleFlags {
    /// How the model does a task: `codeact` by scripts that look, act and answer, `code` by one script that is repaired
    /// until it answers, `chat` by plain tool calling, `auto` by `chat` for a single obvious call [env: MCM_MODULE]
    /// [default: codeact]
    #[arg(long, value_name = "NAME", value_parser = module(), hide_possible_values = true, help_heading = MODEL)]
    pub module: Option<Wanted>,
}

/// How long a run may go on.
#[derive(Debug, Clone, Default, Args)]
pub struct RunLimits {
    /// Prompts of one run.
    #[arg(long, value_name = "N", help = limits::MAX_STEPS.help(), value_parser = |s: &str| limits::MAX_STEPS.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_steps: Option<u64>,
    /// Errors in a row.
    #[arg(long, value_name = "N", help = limits::MAX_RETRIES.help(), value_parser = |s: &str| limits::MAX_RETRIES.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_retries: Option<u64>,
    /// Characters of output that the model is shown.
    #[arg(long, value_name = "CHARS", help = limits::MAX_OUTPUT.help(), value_parser = |s: &str| limits::MAX_OUTPUT.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_output: Option<u64>,
}

/// What a run may use of the model.
#[derive(Debug, Clone, Default, Args)]
pub struct BudgetFlags {
    /// Tokens.
    #[arg(long, value_name = "N", help = limits::MAX_TOKENS.help(), value_parser = |s: &str| limits::MAX_TOKENS.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_tokens: Option<u64>,
    /// Money.
    #[arg(long, value_name = "AMOUNT", help = limits::MAX_COST.help(), value_parser = |s: &str| limits::MAX_COST.amount(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_cost: Option<Cost>,
    /// Completions.
    #[arg(long, value_name = "N", help = limits::MAX_MODEL_CALLS.help(), value_parser = |s: &str| limits::MAX_MODEL_CALLS.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_model_calls: Option<u64>,
}

/// How much the model is told of the tools.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ToolFlags {
    /// Tokens for signatures.
    #[arg(long, value_name = "TOKENS", help = limits::TOOL_BUDGET.help(), value_parser = |s: &str| limits::TOOL_BUDGET.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub tool_budget: Option<u64>,
}

/// How many tasks at a time.
#[derive(Debug, Clone, Default, Args)]
pub struct BatchLimits {
    /// Tasks at a time.
    #[arg(short, long, value_name = "N", help = limits::JOBS.help(), value_parser = |s: &str| limits::JOBS.count(s), allow_negative_numbers = true, help_heading = BATCH)]
    pub jobs: Option<u64>,
    /// Requests in a minute.
    #[arg(long, value_name = "N", help = limits::RPM.help(), value_parser = |s: &str| limits::RPM.count(s), allow_negative_numbers = true, help_heading = BATCH)]
    pub rpm: Option<u64>,
    /// Tokens in a minute.
    #[arg(long, value_name = "N", help = limits::TPM.help(), value_parser = |s: &str| limits::TPM.count(s), allow_negative_numbers = true, help_heading = BATCH)]
    pub tpm: Option<u64>,
}

/// What a script may use.
#[derive(Debug, Clone, Default, Args)]
pub struct ScriptLimits {
    /// A script's own time.
    #[arg(long, value_name = "SECS", help = limits::TIMEOUT.help(), value_parser = |s: &str| limits::TIMEOUT.seconds(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub timeout: Option<Duration>,
    /// One tool call.
    #[arg(long, value_name = "SECS", help = limits::CALL_TIMEOUT.help(), value_parser = |s: &str| limits::CALL_TIMEOUT.seconds(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub call_timeout: Option<Duration>,
    /// Everything together.
    #[arg(long, value_name = "SECS", help = limits::MAX_TIME.help(), value_parser = |s: &str| limits::MAX_TIME.seconds(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_time: Option<Duration>,
    /// MiB of a script.
    #[arg(long, value_name = "MIB", help = limits::MEMORY.help(), value_parser = |s: &str| limits::MEMORY.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub memory: Option<u64>,
    /// Tool calls of a script.
    #[arg(long, value_name = "N", help = limits::MAX_CALLS.help(), value_parser = |s: &str| limits::MAX_CALLS.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_calls: Option<u64>,
    /// MiB of one tool result.
    #[arg(long, value_name = "MIB", help = limits::MAX_RESULT.help(), value_parser = |s: &str| limits::MAX_RESULT.count(s), allow_negative_numbers = true, help_heading = LIMITS)]
    pub max_result: Option<u64>,
    /// Run no script where a layer of the sandbox's wall is missing (`mcm doctor` lists them)
    #[arg(long, help_heading = LIMITS)]
    pub require_isolation: bool,
}

/// Which tools.
#[derive(Debug, Clone, Default, Args)]
pub struct PolicyFlags {
    /// Deny every tool that its server does not call read-only
    #[arg(long, global = true, help_heading = APPROVAL)]
    pub read_only: bool,
    /// Call these tools without a question, a glob such as `files.*`; repeatable
    #[arg(long, value_name = "GLOB", value_parser = settings::glob, global = true, help_heading = APPROVAL)]
    pub allow: Vec<String>,
    /// Ask before each of these tools is called; wins over `--allow`; repeatable
    #[arg(long, value_name = "GLOB", value_parser = settings::glob, global = true, help_heading = APPROVAL)]
    pub ask: Vec<String>,
    /// Leave these tools out; wins over `--allow` and `--ask`; repeatable
    #[arg(long, value_name = "GLOB", value_parser = settings::glob, global = true, help_heading = APPROVAL)]
    pub deny: Vec<String>,
}

/// What is printed.
#[derive(Debug, Clone, Default, Args)]
pub struct OutputFlags {
    /// Print one JSON record on stdout
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub json: bool,
    /// Only warnings and errors on stderr
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub quiet: bool,
    /// What servers say of themselves on stderr, too
    #[arg(long, global = true, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub verbose: bool,
}

fn module() -> impl TypedValueParser<Value = Wanted> {
    PossibleValuesParser::new(Wanted::NAMES).map(|name| Wanted::named(&name).expect("it is one of these names"))
}

pub(super) fn not_empty(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        Err("must not be empty")
    } else {
        Ok(text.trim().to_owned())
    }
}

fn base_url(text: &str) -> Result<String, &'static str> {
    settings::base_url_problem(text).map_or_else(|| Ok(text.to_owned()), Err)
}
