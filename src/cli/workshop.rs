//! What tasks are done with, as the settings say: for every command that asks a model.

use std::sync::Arc;

use crate::{
    agent::{
        prompt::{Bounds, Context, Templates},
        signature::Signature,
        solve::Workshop,
    },
    cli::{failure::Failure, startup::Startup},
    host::{Toolbox, interface::interface},
    model::Model,
    sandbox::{Limits, Sandbox, Template},
    wire,
};

impl Startup {
    /// A workshop over servers that run.
    ///
    /// # Errors
    /// The worker does not take the tools.
    pub async fn workshop(
        &self,
        model: Model,
        templates: Templates,
        toolbox: Arc<Toolbox>,
        sandbox: Arc<Sandbox>,
    ) -> Result<Workshop, Failure> {
        let template = Template::new(Arc::clone(&sandbox), interface(toolbox.catalog())).await?;
        Ok(self.assemble(model, templates, toolbox, sandbox, Arc::new(template)))
    }

    /// A workshop of parts that are there.
    pub fn assemble(
        &self,
        model: Model,
        templates: Templates,
        toolbox: Arc<Toolbox>,
        sandbox: Arc<Sandbox>,
        template: Arc<Template>,
    ) -> Workshop {
        Workshop {
            model,
            templates,
            context: self.prompt_context(&toolbox),
            limits: self.limits(Limits::MODEL_SCRIPT),
            template,
            toolbox,
            sandbox,
        }
    }

    /// What the prompt says besides the run itself.
    pub fn prompt_context(&self, toolbox: &Toolbox) -> Context {
        self.prompt_context_of(toolbox.catalog().prompt_text())
    }

    /// The same for tools of which the model is told this.
    pub fn prompt_context_of(&self, catalog: String) -> Context {
        let settings = &self.settings;
        let gate = Limits::MODEL_SCRIPT;
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Context {
            signature: Signature::script(),
            catalog,
            modules: wire::MODULES.iter().map(|&name| name.to_owned()).collect(),
            bounds: Bounds {
                timeout_seconds: settings.timeout.value.as_secs(),
                max_calls: count(settings.max_calls.value),
                max_chars: gate.chars.unwrap_or(usize::MAX),
                max_lines: gate.lines.unwrap_or(usize::MAX),
            },
            max_output: count(settings.max_output.value),
        }
    }
}
