//! The ways in which a task can be done: by scripts, or by tools that the model calls itself.
//!
//! - A run is done by one module from its first step to its last.

mod auto;
pub mod chat;
mod scripts;

use std::borrow::Cow;

use super::{
    prompt::{self, Context, Fit},
    run::Run,
    solve::{Error, Surroundings, Workshop},
    step::{Due, Step},
    task::Task,
};
use crate::{
    model::{Completion, Prompt},
    sandbox::Session,
    tools::catalog::Catalog,
};
use chat::Tools;

/// A way to do a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Module {
    /// One script that does the whole task, repaired until it does.
    Code,
    /// Scripts that look, act and answer.
    #[default]
    Codeact,
    /// Plain tool calling through the model's API; a reply without calls is the answer.
    Chat,
}

/// What the user wants of modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Module(Module),
    /// The one that fits the task.
    Auto,
}

impl Module {
    /// As users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Codeact => "codeact",
            Self::Chat => "chat",
        }
    }
}

impl Wanted {
    /// What users may write.
    pub const NAMES: [&str; 4] = ["code", "codeact", "chat", "auto"];

    /// What one of these names means.
    pub fn named(name: &str) -> Option<Self> {
        if name == "auto" {
            return Some(Self::Auto);
        }
        let all = [Module::Code, Module::Codeact, Module::Chat];
        all.into_iter().find(|module| module.name() == name).map(Self::Module)
    }

    /// As users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Module(module) => module.name(),
            Self::Auto => "auto",
        }
    }

    /// The module for a task, the same for the same task and catalog.
    pub fn of(self, task: &Task, catalog: &Catalog) -> Module {
        match self {
            Self::Module(module) => module,
            Self::Auto => auto::choose(task, catalog),
        }
    }

    /// Whether a script may have to be run.
    pub fn runs_scripts(self) -> bool {
        self != Self::Module(Module::Chat)
    }
}

/// A module, and what it needs besides a workshop.
#[derive(Debug)]
pub enum Means<'a> {
    /// [`Module::Code`], whose scripts run in a session.
    Code(&'a mut Session),
    /// [`Module::Codeact`], whose scripts run in a session.
    Codeact(&'a mut Session),
    /// [`Module::Chat`], which runs nothing.
    Chat,
}

impl<'a> Means<'a> {
    /// A module with the session that was opened for it; without one no script can run.
    pub fn new(module: Module, session: Option<&'a mut Session>) -> Self {
        match (module, session) {
            (Module::Chat, _) | (_, None) => Self::Chat,
            (Module::Code, Some(session)) => Self::Code(session),
            (Module::Codeact, Some(session)) => Self::Codeact(session),
        }
    }
}

/// A module at work on a run.
pub(super) enum Work<'a> {
    Scripts {
        session: &'a mut Session,
        context: Cow<'a, Context>,
        due: Due,
    },
    Chat(Tools),
}

impl<'a> Work<'a> {
    pub(super) fn new(means: Means<'a>, run: &Run, workshop: &'a Workshop) -> Self {
        match means {
            Means::Code(session) => {
                let mut context = workshop.context(run);
                context.to_mut().module = Module::Code;
                let due = Due::Answer;
                Self::Scripts { session, context, due }
            }
            Means::Codeact(session) => Self::Scripts {
                session,
                context: workshop.context(run),
                due: Due::Success,
            },
            Means::Chat => Self::Chat(Tools::new(workshop.toolbox.catalog())),
        }
    }

    /// What is sent for the next step.
    pub(super) fn prompt(
        &self,
        run: &Run,
        workshop: &Workshop,
        around: &Surroundings<'_>,
        fit: Fit,
    ) -> Result<Prompt, prompt::Error> {
        let (templates, earlier) = (&workshop.templates, around.earlier);
        match self {
            Self::Scripts { context, .. } => prompt::render(templates, context, earlier, run, fit),
            Self::Chat(tools) => prompt::chat(templates, &workshop.context, tools, run, fit),
        }
    }

    /// Does what the reply wants; `None` if the run was stopped before anything of it was done.
    pub(super) async fn step(
        &mut self,
        completion: Completion,
        run: &Run,
        workshop: &Workshop,
        around: &Surroundings<'_>,
    ) -> Result<Option<Step>, Error> {
        match self {
            Self::Scripts { session, due, .. } => {
                let step = scripts::step(completion, session, run, workshop, around).await?;
                Ok(step.map(|step| Step { due: *due, ..step }))
            }
            Self::Chat(tools) => Ok(Some(
                chat::step(completion, (tools, run.task().answer.as_deref()), workshop, around).await,
            )),
        }
    }
}
