//! The numbers that bound a run: one table for flags, variables, help and defaults.
//!
//! - A limit reads the same from a flag, the environment and `.env`, and fails with the same words.

use std::time::Duration;

use crate::model::Cost;

/// A number that a user may set.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    /// `--max-steps`
    pub flag: &'static str,
    /// `MCM_MAX_STEPS`
    pub variable: &'static str,
    /// In the unit that [`Limit::help`] names; 0 where there is none.
    pub default: u64,
    /// Largest sensible value; the smallest is one, for seconds a thousandth.
    pub max: u64,
    /// One line, with the unit.
    about: &'static str,
}

/// Prompts of one run.
pub const MAX_STEPS: Limit = Limit {
    flag: "--max-steps",
    variable: "MCM_MAX_STEPS",
    default: 8,
    max: 1_000,
    about: "Give up after N steps; a step is one reply of the model and its script",
};
/// Errors in a row.
pub const MAX_RETRIES: Limit = Limit {
    flag: "--max-retries",
    variable: "MCM_MAX_RETRIES",
    default: 3,
    max: 1_000,
    about: "Give up after N failed steps in a row",
};
/// A script's own time.
pub const TIMEOUT: Limit = Limit {
    flag: "--timeout",
    variable: "MCM_TIMEOUT",
    default: 30,
    max: 86_400,
    about: "Seconds that a script may run, waiting for tools not counted",
};
/// One tool call.
pub const CALL_TIMEOUT: Limit = Limit {
    flag: "--call-timeout",
    variable: "MCM_CALL_TIMEOUT",
    default: 60,
    max: 86_400,
    about: "Seconds that one tool call may take",
};
/// A whole run.
pub const MAX_TIME: Limit = Limit {
    flag: "--max-time",
    variable: "MCM_MAX_TIME",
    default: 900,
    max: 604_800,
    about: "Seconds that everything together may take; in a batch, each task",
};
/// A script's memory.
pub const MEMORY: Limit = Limit {
    flag: "--memory",
    variable: "MCM_MEMORY",
    default: 256,
    max: 65_536,
    about: "MiB of memory that a script may use",
};
/// Tool calls.
pub const MAX_CALLS: Limit = Limit {
    flag: "--max-calls",
    variable: "MCM_MAX_CALLS",
    default: 1_000,
    max: 1_000_000,
    about: "Tool calls that one script may make",
};
/// Output that the model sees.
pub const MAX_OUTPUT: Limit = Limit {
    flag: "--max-output",
    variable: "MCM_MAX_OUTPUT",
    default: 10_000,
    max: 10_000_000,
    about: "Characters of a script's output that the model is shown",
};
/// One tool result.
pub const MAX_RESULT: Limit = Limit {
    flag: "--max-result",
    variable: "MCM_MAX_RESULT",
    default: 32,
    max: 1_024,
    about: "MiB that one tool result may hold",
};

/// Signatures of tools in a prompt.
pub const TOOL_BUDGET: Limit = Limit {
    flag: "--tool-budget",
    variable: "MCM_TOOL_BUDGET",
    default: 4_000,
    max: 1_000_000,
    about: "Tokens of a prompt for signatures of tools; if all take more, those that fit the task are shown",
};

/// Tokens of a run.
pub const MAX_TOKENS: Limit = Limit {
    flag: "--max-tokens",
    variable: "MCM_MAX_TOKENS",
    default: 0,
    max: 1_000_000_000_000,
    about: "Stop after N tokens of prompts and replies; in a batch, each task",
};
/// Money of a run.
pub const MAX_COST: Limit = Limit {
    flag: "--max-cost",
    variable: "MCM_MAX_COST",
    default: 0,
    max: 1_000_000,
    about: "Stop at this cost, by MCM_PRICE_PROMPT and MCM_PRICE_COMPLETION (for a million tokens) or the endpoint's own word; in a batch, each task",
};
/// Completions of a run.
pub const MAX_MODEL_CALLS: Limit = Limit {
    flag: "--max-model-calls",
    variable: "MCM_MAX_MODEL_CALLS",
    default: 0,
    max: 1_000_000,
    about: "Stop after N requests to the model, those of `llm_query` included; in a batch, each task",
};

/// Tasks of a batch at a time.
pub const JOBS: Limit = Limit {
    flag: "--jobs",
    variable: "MCM_JOBS",
    default: 4,
    max: 256,
    about: "Tasks that are done at a time",
};
/// Requests of a batch.
pub const RPM: Limit = Limit {
    flag: "--rpm",
    variable: "MCM_RPM",
    default: 0,
    max: 1_000_000,
    about: "Requests to the model in a minute, of all tasks together",
};
/// Tokens of a batch.
pub const TPM: Limit = Limit {
    flag: "--tpm",
    variable: "MCM_TPM",
    default: 0,
    max: 1_000_000_000,
    about: "Tokens in a minute, of all tasks together; prompts are estimated before they are sent",
};

/// All of them.
pub const ALL: [&Limit; 16] = [
    &MAX_STEPS,
    &MAX_RETRIES,
    &TIMEOUT,
    &CALL_TIMEOUT,
    &MAX_TIME,
    &MEMORY,
    &MAX_CALLS,
    &MAX_OUTPUT,
    &MAX_RESULT,
    &TOOL_BUDGET,
    &MAX_TOKENS,
    &MAX_COST,
    &MAX_MODEL_CALLS,
    &JOBS,
    &RPM,
    &TPM,
];

impl Limit {
    /// One line for `--help`, with unit and default.
    pub fn help(&self) -> String {
        if self.default == 0 {
            return format!("{} [default: no limit]", self.about);
        }
        format!("{} [default: {}]", self.about, self.default)
    }

    /// A whole number.
    ///
    /// # Errors
    /// What it must be, without what it is.
    pub fn count(&self, text: &str) -> Result<u64, String> {
        match text.trim().parse() {
            Ok(n) if (1..=self.max).contains(&n) => Ok(n),
            _ => Err(format!("must be a whole number from 1 to {}", self.max)),
        }
    }

    /// Money, with or without decimals.
    ///
    /// # Errors
    /// What it must be, without what it is.
    pub fn amount(&self, text: &str) -> Result<Cost, String> {
        let cost = amount(text).filter(|cost| (0.000_001..=self.max as f64).contains(&cost.amount()));
        cost.ok_or_else(|| format!("must be an amount from 0.000001 to {}", self.max))
    }

    /// Seconds, with or without decimals.
    ///
    /// # Errors
    /// What it must be, without what it is.
    pub fn seconds(&self, text: &str) -> Result<Duration, String> {
        match text.trim().parse::<f64>() {
            Ok(n) if n >= 0.001 && n <= self.max as f64 => Ok(Duration::from_secs_f64(n)),
            _ => Err(format!("must be a number of seconds from 0.001 to {}", self.max)),
        }
    }
}

/// An amount of money, such as `0.15`.
pub fn amount(text: &str) -> Option<Cost> {
    text.trim().parse().ok().and_then(Cost::new)
}
