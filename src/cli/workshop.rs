//! What tasks are done with, as the settings say: for every command that asks a model.

use std::sync::Arc;

use crate::{
    agent::{
        module::{Module, Wanted},
        prompt::{Context, Templates},
        solve::{Told, Workshop},
    },
    cli::{failure::Failure, model::Chosen, startup::Startup},
    host::{Toolbox, interface::interface},
    sandbox::{Limits, Sandbox, Template},
    tools,
};

/// Where sessions with these tools are forked from; `None` without a sandbox.
///
/// # Errors
/// The worker does not take the tools.
pub async fn template(toolbox: &Toolbox, sandbox: Option<Arc<Sandbox>>) -> Result<Option<Arc<Template>>, Failure> {
    let Some(sandbox) = sandbox else { return Ok(None) };
    Ok(Some(Arc::new(
        Template::new(sandbox, interface(toolbox.catalog())).await?,
    )))
}

impl Startup {
    /// A workshop over servers that run, for tasks that have nothing to do with each other. Without a template there is
    /// plain tool calling only.
    pub fn workshop(
        &self,
        chosen: Chosen,
        templates: Arc<Templates>,
        toolbox: Arc<Toolbox>,
        template: Option<Arc<Template>>,
    ) -> Workshop {
        Workshop {
            model: chosen.model,
            queries: Arc::new(chosen.queries),
            templates,
            context: self.prompt_context_of(tools::context::Context::default()),
            told: Told::Task {
                budget: self.tool_budget(),
            },
            limits: self.limits(Limits::MODEL_SCRIPT),
            module: self.settings.module.value,
            template,
            toolbox,
        }
    }

    /// A workshop of parts that are there, for one session: what the model is told of tools is the same for all of its
    /// tasks.
    pub fn assemble(
        &self,
        chosen: Chosen,
        templates: Arc<Templates>,
        toolbox: Arc<Toolbox>,
        template: Arc<Template>,
    ) -> Workshop {
        Workshop {
            model: chosen.model,
            queries: Arc::new(chosen.queries),
            templates,
            context: self.prompt_context(&toolbox, None),
            told: Told::Session,
            limits: self.limits(Limits::MODEL_SCRIPT),
            module: Wanted::Module(Module::Codeact),
            template: Some(template),
            toolbox,
        }
    }

    /// What the prompt says besides the run itself.
    pub fn prompt_context(&self, toolbox: &Toolbox, task: Option<&str>) -> Context {
        self.prompt_context_of(toolbox.context(task, self.tool_budget()))
    }

    /// Tokens of a prompt for signatures of tools.
    pub fn tool_budget(&self) -> usize {
        usize::try_from(self.settings.tool_budget.value).unwrap_or(usize::MAX)
    }

    /// What the prompt says where the model is told this of tools.
    pub fn prompt_context_of(&self, tools: tools::context::Context) -> Context {
        let max_output = usize::try_from(self.settings.max_output.value).unwrap_or(usize::MAX);
        Context::of_scripts(tools, &self.limits(Limits::MODEL_SCRIPT), max_output)
    }
}
