//! `mcm tools`: what the servers offer, as the model will see it.

mod cost;
mod forget;

use serde_json::{Value, json};

use crate::{
    cli::{
        args::{Tools, ToolsCommand},
        failure::{Exit, Failure},
        launch::Lists,
        startup::{self, Which},
    },
    host::{access, policy::Access},
    tools::catalog::{Catalog, Server, Tool},
};

/// Lists, shows or prints the tools.
///
/// # Errors
/// What keeps the servers from being asked; a tool that does not exist.
pub async fn tools(args: &Tools) -> Result<Exit, Failure> {
    let startup = startup::begin(&args.flags())?;
    let configured = startup.configured()?;
    if let Some(ToolsCommand::Forget { name }) = &args.command {
        return forget::forget(&startup, &configured, name.as_deref()).await;
    }
    let lists = if args.refresh { Lists::Fresh } else { Lists::Kept };
    let servers = startup.start(&configured, &Which::All, lists).await?;
    let toolbox = startup.toolbox(servers, &configured)?;
    let catalog = toolbox.catalog();
    startup.close(&toolbox).await;
    startup.ui.finish();
    let written = match (
        args.command.as_ref().unwrap_or(&ToolsCommand::List),
        startup.settings.json.value,
    ) {
        (ToolsCommand::List, true) => startup.ui.answer(&all(catalog)),
        (ToolsCommand::List, false) => startup.ui.print(&table(catalog)),
        (ToolsCommand::Stubs, true) => startup.ui.answer(&Value::String(catalog.prompt_text())),
        (ToolsCommand::Stubs, false) => startup.ui.print(&catalog.prompt_text()),
        (ToolsCommand::Show { name }, json) => {
            let (server, tool) = find(catalog, name)?;
            if json {
                startup.ui.answer(&record(server, tool))
            } else {
                startup.ui.print(&page(catalog, server, tool))
            }
        }
        (ToolsCommand::Search { query, limit }, json) => {
            let query = query.join(" ");
            let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
            let found: Vec<_> = toolbox.search(&query, limit).collect();
            if json {
                startup
                    .ui
                    .answer(&found.iter().map(|(server, tool)| record(server, tool)).collect())
            } else {
                if found.is_empty() {
                    startup
                        .ui
                        .note(&format!("no tool fits `{query}`; `mcm tools list` names them all"));
                }
                startup.ui.print(&lines(&found))
            }
        }
        // it needed no servers
        (ToolsCommand::Forget { .. }, _) => Ok(()),
        (ToolsCommand::Cost { steps, model, .. }, json) => {
            let cost = cost::count(&startup, catalog, model.as_deref(), *steps)?;
            if json {
                startup.ui.answer(&cost.record())
            } else {
                startup.ui.print_tinted(&cost.table())
            }
        }
    };
    written.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
    Ok(Exit::Answered)
}

/// `server.tool  first sentence`
fn lines(found: &[(&Server, &Tool)]) -> String {
    let names = found
        .iter()
        .map(|(server, tool)| format!("{}.{}", server.name, tool.name));
    let width = names.clone().map(|name| name.chars().count()).max().unwrap_or_default();
    let line = |(name, (_, tool)): (String, &(&Server, &Tool))| {
        format!("{name:width$}  {}", tool.stub.doc).trim_end().to_owned() + "\n"
    };
    names.zip(found).map(line).collect()
}

fn find<'a>(catalog: &'a Catalog, name: &str) -> Result<(&'a Server, &'a Tool), Failure> {
    catalog.tool(name).map_err(|near| {
        let failure = Failure::usage(format!("there is no tool `{name}`"));
        match near.as_slice() {
            [] => failure.hint("`mcm tools list` names them all, as `server.tool`"),
            near => failure.hint(format!("did you mean `{}`", near.join("`, `"))),
        }
    })
}

fn table(catalog: &Catalog) -> String {
    let mut text = String::new();
    for server in &catalog.servers {
        let count = server.tools.len();
        let plural = if count == 1 { "" } else { "s" };
        text.push_str(&format!("{} ({count} tool{plural})\n", server.name));
        for tool in &server.tools {
            text.push_str(&format!("  {}  {}\n", tool.name, tool.stub.doc));
        }
    }
    text
}

fn page(catalog: &Catalog, server: &Server, tool: &Tool) -> String {
    let stub = catalog.prompt_text_of(|s, t| s.name == server.name && t.name == tool.name);
    let kind = match access(&tool.raw) {
        Access::Read => "reads only, as its server says",
        Access::Write => "may write",
    };
    let names = format!("server `{}`, tool `{}`: {kind}", server.raw, tool.raw.name);
    let observed = tool.stub.observed.as_ref();
    let observed = observed.map_or_else(String::new, |observed| format!("\n{}\n", observed.whole()));
    let schema = serde_json::to_string_pretty(&tool.raw.input_schema).expect("a JSON value is JSON");
    format!(
        "{names}\n\n{stub}\n{}\n{observed}\ninput schema:\n{schema}\n",
        tool.stub.description
    )
}

fn all(catalog: &Catalog) -> Value {
    catalog
        .servers
        .iter()
        .flat_map(|server| server.tools.iter().map(move |tool| record(server, tool)))
        .collect()
}

fn record(server: &Server, tool: &Tool) -> Value {
    json!({
        "server": server.name,
        "tool": tool.name,
        "raw_server": server.raw,
        "raw_tool": tool.raw.name,
        "description": tool.stub.description,
        "access": if access(&tool.raw) == Access::Read { "read" } else { "write" },
        "input_schema": tool.raw.input_schema,
        "output_schema": tool.raw.output_schema,
        "observed": tool.stub.observed.as_ref().map(|observed| {
            json!({ "results": observed.results, "shape": observed.shape.whole() })
        }),
    })
}
