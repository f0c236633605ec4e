//! What `mcm serve` tells another program's model, from the templates in `prompts/`.

use serde::Serialize;

use super::{Bounds, Context, Error, Templates};

/// What there is to be told besides the tools.
#[derive(Debug, Clone, Copy, Default)]
pub struct Served<'a> {
    /// Names of servers that have not answered yet.
    pub starting: &'a [String],
    /// Names of servers that cannot be used.
    pub failed: &'a [String],
}

#[derive(Serialize)]
struct Variables<'a> {
    tool_context: &'a str,
    functions: usize,
    shown: usize,
    starting: &'a [String],
    failed: &'a [String],
    modules: &'a [String],
    bounds: Bounds,
    max_output: usize,
    task: &'a str,
}

/// The description of the tool `execute_code`.
///
/// # Errors
/// When the template asks for what it is not given.
pub fn execute_code(templates: &Templates, context: &Context, served: Served<'_>) -> Result<String, Error> {
    templates.render("execute_code.j2", Variables::new(context, served, ""))
}

/// The guide to the sandbox.
///
/// # Errors
/// When the template asks for what it is not given.
pub fn guide(templates: &Templates, context: &Context) -> Result<String, Error> {
    templates.render("guide.j2", Variables::new(context, Served::default(), ""))
}

/// How to use the tools well, for a task that may be empty.
///
/// # Errors
/// When the template asks for what it is not given.
pub fn use_tools(templates: &Templates, context: &Context, task: &str) -> Result<String, Error> {
    templates.render("use_tools.j2", Variables::new(context, Served::default(), task))
}

impl<'a> Variables<'a> {
    fn new(context: &'a Context, served: Served<'a>, task: &'a str) -> Self {
        Self {
            tool_context: context.tools.text.trim_end(),
            functions: context.tools.functions,
            shown: context.tools.shown,
            starting: served.starting,
            failed: served.failed,
            modules: &context.modules,
            bounds: context.bounds,
            max_output: context.max_output,
            task,
        }
    }
}
