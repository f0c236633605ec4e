//! What can be read besides the tools: stubs, the guide to the sandbox, and how to use it well.

use rmcp::model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Resource, ResourceContents, Role};

use super::{Shared, tools::Tools};
use crate::{agent::prompt, tools::catalog::Server};

/// The guide to the sandbox.
const GUIDE: &str = "mcm://guide";
/// Each server's stubs, by its Python name.
const STUBS: &str = "mcm://stubs/";
/// The only prompt.
pub(super) const USE_TOOLS: &str = "use_tools";
/// Its only argument.
pub(super) const TASK: &str = "task";

/// All that can be read.
pub(super) fn list(tools: &Tools) -> Vec<Resource> {
    let guide = Resource::new(GUIDE, "guide")
        .with_title("Guide to the sandbox")
        .with_description("What scripts of `execute_code` can do, and how they fail")
        .with_mime_type("text/markdown");
    let stubs = tools.toolbox.catalog().servers.iter().map(|server| {
        Resource::new(format!("{STUBS}{}", server.name), server.name.clone())
            .with_title(format!("Functions of `{}`", server.name))
            .with_description(description(server))
            .with_mime_type("text/x-python")
    });
    std::iter::once(guide).chain(stubs).collect()
}

/// One of them; `None` where there is none of this address.
///
/// # Errors
/// A template that the user has broken.
pub(super) fn read(uri: &str, tools: &Tools, shared: &Shared) -> Result<Option<ResourceContents>, prompt::Error> {
    if uri == GUIDE {
        let text = prompt::guide(&shared.setup.templates, &tools.context)?;
        return Ok(Some(ResourceContents::text(text, uri).with_mime_type("text/markdown")));
    }
    let catalog = tools.toolbox.catalog();
    let name = uri.strip_prefix(STUBS).and_then(|name| catalog.server(name));
    Ok(name.map(|server| {
        let text = catalog.prompt_text_of(|of, _| of.name == server.name);
        ResourceContents::text(text, uri).with_mime_type("text/x-python")
    }))
}

/// All prompts.
pub(super) fn prompts() -> Vec<Prompt> {
    let task = PromptArgument::new(TASK)
        .with_description("What is to be done")
        .with_required(false);
    let about = "How to do a task well with scripts over the servers' functions";
    vec![Prompt::new(USE_TOOLS, Some(about), Some(vec![task])).with_title("Use the tools")]
}

/// The prompt, for a task that may be empty.
///
/// # Errors
/// A template that the user has broken.
pub(super) fn use_tools(task: &str, tools: &Tools, shared: &Shared) -> Result<GetPromptResult, prompt::Error> {
    let text = prompt::use_tools(&shared.setup.templates, &tools.context, task)?;
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]))
}

fn description(server: &Server) -> String {
    let count = format!("{} functions", server.tools.len());
    if server.description.is_empty() {
        count
    } else {
        format!("{count}: {}", server.description)
    }
}
