//! The functions `tools.search`, `tools.list` and `tools.describe` of scripts; `mcm tools search` finds the same.

use serde_json::{Map, Value, json};

use crate::tools::{
    catalog::{Catalog, Server, Tool},
    search::Index,
    stub::ShownClasses,
};

/// Tools that a search gives unless a script says otherwise.
const LIMIT: usize = 10;

/// The index over a catalog.
pub struct Search(Index);

impl Search {
    /// Indexes all tools.
    pub fn new(catalog: &Catalog) -> Self {
        Self(Index::new(catalog))
    }

    /// The tools that fit `query` best: a list of `{"name", "stub"}`.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    pub fn search(&self, catalog: &Catalog, arguments: &Map<String, Value>) -> Result<Value, String> {
        let query = text(arguments, "query")?;
        let limit = arguments
            .get("limit")
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok());
        let hits = self.hits(catalog, query, limit.unwrap_or(LIMIT));
        Ok(hits.map(|(server, tool)| summary(server, tool)).collect())
    }

    /// At most `limit` tools that fit `query`, the best first.
    pub fn hits<'a>(
        &self,
        catalog: &'a Catalog,
        query: &str,
        limit: usize,
    ) -> impl Iterator<Item = (&'a Server, &'a Tool)> {
        self.0.search(query, limit).into_iter().filter_map(|hit| {
            let server = catalog.server(&hit.server)?;
            Some((server, server.tool(&hit.tool)?))
        })
    }
}

/// All tools, as a search gives them.
pub fn list(catalog: &Catalog) -> Value {
    let all = catalog
        .servers
        .iter()
        .flat_map(|server| server.tools.iter().map(move |tool| summary(server, tool)));
    all.collect()
}

/// Everything about one tool, as text.
///
/// # Errors
/// There is no such tool; near ones are named.
pub fn describe(catalog: &Catalog, arguments: &Map<String, Value>) -> Result<Value, String> {
    let name = text(arguments, "name")?;
    let (server, tool) = catalog.tool(name).map_err(|near| {
        let hint = if near.is_empty() {
            String::new()
        } else {
            format!("; did you mean `{}`", near.join("`, `"))
        };
        format!("there is no tool `{name}`{hint}")
    })?;
    Ok(Value::String(format!(
        "{}\n\n{}",
        stub(server, tool),
        tool.stub.docstring()
    )))
}

fn summary(server: &Server, tool: &Tool) -> Value {
    json!({ "name": format!("{}.{}", server.name, tool.name), "stub": stub(server, tool) })
}

/// What the prompt would say of the tool.
fn stub(server: &Server, tool: &Tool) -> String {
    let lines = tool.stub.prompt(&mut ShownClasses::default());
    format!("class {}:\n    {}", server.name, lines.join("\n    "))
}

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("argument `{name}`: must be a str"))
}
