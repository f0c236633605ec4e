//! The functions `tools.search`, `tools.list` and `tools.describe` of scripts; `mcm tools search` finds the same.

use serde_json::{Map, Value, json};

use crate::tools::{
    catalog::{Catalog, Server, Tool},
    context::{Chooser, Context},
};

/// Tools that a search gives unless a script says otherwise.
const LIMIT: usize = 10;
/// Characters of a signature that is found; a longer one is folded.
const MAX_SIGNATURE: usize = 1_200;

/// What is found in one catalog.
#[derive(Default)]
pub struct Search(Chooser);

impl Search {
    /// What a model is told of the tools: all of them, or where they take more than `budget` tokens, those that fit.
    pub fn context(&self, catalog: &Catalog, task: Option<&str>, budget: usize) -> Context {
        self.0.context(catalog, task, budget)
    }

    /// The servers whose tools fit a task best, as the prompt ranks them.
    pub fn likely<'a>(&self, catalog: &'a Catalog, task: &str, limit: usize) -> impl Iterator<Item = &'a Server> {
        let hits = self.0.search(catalog).for_task(task, limit).into_iter();
        hits.filter_map(|hit| catalog.server(&hit.server))
    }

    /// The tools that fit `query` best: a list of `{"name", "signature", "doc"}`.
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
        self.0
            .search(catalog)
            .search(query, limit)
            .into_iter()
            .filter_map(|hit| {
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
    let call = tool.stub.call(&format!("{}.{}", server.name, tool.name));
    Ok(Value::String(format!("{call}\n\n{}", tool.stub.docstring())))
}

fn summary(server: &Server, tool: &Tool) -> Value {
    let name = format!("{}.{}", server.name, tool.name);
    let signature = tool.stub.folded(MAX_SIGNATURE).call(&name);
    json!({ "name": name, "signature": signature, "doc": tool.stub.doc })
}

/// An argument that must be there.
pub(super) fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("argument `{name}`: must be a str"))
}
