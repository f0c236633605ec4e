//! What can be called, as it stands between two changes.

use std::sync::Arc;

use crate::{
    agent::{
        prompt::{self, Context, Error, Served, Templates},
        solve::Workshop,
    },
    host::Toolbox,
    sandbox::Template,
    tools::{catalog::Catalog, context},
};

/// Tokens of the servers' index, where not all signatures are told.
const INDEX: usize = 350;

/// The servers as scripts see them, and what clients are told of them.
pub struct Tools {
    /// The way to them.
    pub toolbox: Arc<Toolbox>,
    /// Where sessions are forked from.
    pub template: Arc<Template>,
    /// What tasks are done with, where there is a model.
    pub workshop: Option<Workshop>,
    /// The description of `execute_code`.
    pub(super) description: String,
    /// What other texts are rendered from.
    pub(super) context: Context,
}

/// What [`Tools`] are made of.
pub struct Parts<'a> {
    /// The way to the servers.
    pub toolbox: Arc<Toolbox>,
    /// Where sessions are forked from.
    pub template: Arc<Template>,
    /// What tasks are done with, where there is a model.
    pub workshop: Option<Workshop>,
    /// What is said besides the tools, which are not looked at.
    pub context: Context,
    /// Tokens for signatures: all of them, or an index.
    pub budget: usize,
    /// Servers that are not among the tools.
    pub served: Served<'a>,
}

impl Tools {
    /// Renders what clients are told.
    ///
    /// # Errors
    /// A broken template.
    pub fn new(parts: Parts<'_>, templates: &Templates) -> Result<Self, Error> {
        let context = Context {
            tools: told(parts.toolbox.catalog(), parts.budget),
            ..parts.context
        };
        Ok(Self {
            description: prompt::execute_code(templates, &context, parts.served)?,
            toolbox: parts.toolbox,
            template: parts.template,
            workshop: parts.workshop,
            context,
        })
    }
}

/// All signatures, or the servers and the names of their functions.
fn told(catalog: &Catalog, budget: usize) -> context::Context {
    context::Context::whole_within(catalog, budget).unwrap_or_else(|| context::Context::index(catalog, INDEX))
}
