//! What was typed of the settings, for each verb.

use super::{
    Ask, Batch, Doctor, OutputFlags, PromptOnly, Repl, RunScript, Serve, Tape, ToolFlags, Tools, ToolsCommand,
};
use crate::cli::settings::Flags;

impl Ask {
    /// Where replies are kept, or taken from.
    pub fn tape(&self) -> Tape<'_> {
        Tape {
            record: self.record.as_deref(),
            replay: self.replay.as_deref(),
        }
    }

    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            run: self.run.clone(),
            budget: self.budget.clone(),
            module: self.module.clone(),
            tools: self.tools.clone(),
            script: self.script.clone(),
            policy: self.policy.clone(),
            yes: self.yes,
            output: self.output.clone(),
            show_code: self.show_code,
            prompts: self.prompts.clone(),
            ..Flags::default()
        }
    }
}

impl Batch {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            run: self.run.clone(),
            budget: self.budget.clone(),
            module: self.module.clone(),
            tools: self.tools.clone(),
            script: self.script.clone(),
            batch: self.limits.clone(),
            policy: self.policy.clone(),
            yes: self.yes,
            output: OutputFlags {
                quiet: self.quiet,
                verbose: self.verbose,
                ..OutputFlags::default()
            },
            prompts: self.prompts.clone(),
            ..Flags::default()
        }
    }
}

impl Repl {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            run: self.run.clone(),
            budget: self.budget.clone(),
            tools: self.tools.clone(),
            script: self.script.clone(),
            policy: self.policy.clone(),
            yes: self.yes,
            output: OutputFlags {
                json: false,
                quiet: self.quiet,
                verbose: self.verbose,
            },
            prompts: self.prompts.clone(),
            ..Flags::default()
        }
    }

    /// Where replies are kept, or taken from.
    pub fn tape(&self) -> Tape<'_> {
        Tape {
            record: self.record.as_deref(),
            replay: self.replay.as_deref(),
        }
    }
}

impl RunScript {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            budget: self.budget.clone(),
            script: self.script.clone(),
            policy: self.policy.clone(),
            yes: self.yes,
            output: self.output.clone(),
            ..Flags::default()
        }
    }
}

impl Serve {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            run: self.run.clone(),
            budget: self.budget.clone(),
            module: self.module.clone(),
            tools: ToolFlags {
                tool_budget: self.tool_budget,
            },
            script: self.script.clone(),
            policy: self.policy.clone(),
            yes: self.yes,
            output: OutputFlags {
                quiet: self.quiet,
                verbose: self.verbose,
                ..OutputFlags::default()
            },
            prompts: self.prompts.clone(),
            ..Flags::default()
        }
    }
}

impl PromptOnly {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            module: self.module.clone(),
            tools: self.tools.clone(),
            policy: self.policy.clone(),
            output: self.output.clone(),
            prompts: self.prompts.clone(),
            ..Flags::default()
        }
    }
}

impl Tools {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            tools: match &self.command {
                Some(ToolsCommand::Cost { tools, .. }) => tools.clone(),
                _ => ToolFlags::default(),
            },
            policy: self.policy.clone(),
            output: self.output.clone(),
            ..Flags::default()
        }
    }
}

impl Doctor {
    /// What was typed of the settings.
    pub fn flags(&self) -> Flags {
        Flags {
            servers: self.servers.clone(),
            model: self.model.clone(),
            output: OutputFlags {
                json: self.json,
                ..OutputFlags::default()
            },
            ..Flags::default()
        }
    }
}
