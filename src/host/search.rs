//! The functions `tools.search`, `tools.list` and `tools.describe` of scripts; `mcm tools search` finds the same.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::tools::{
    catalog::{Catalog, Server, Tool},
    context::Context,
    search::Index,
};

/// Tools that a search gives unless a script says otherwise.
const LIMIT: usize = 10;
/// Tools from which those that a prompt shows are taken.
const RANKED: usize = 200;
/// Characters of a signature that is found; a longer one is folded.
const MAX_SIGNATURE: usize = 1_200;

/// The index over one catalog, made when it is first needed.
#[derive(Default)]
pub struct Search(OnceLock<Index>);

impl Search {
    fn index(&self, catalog: &Catalog) -> &Index {
        self.0.get_or_init(|| Index::new(catalog))
    }

    /// What a model is told of the tools: all of them, or where they take more than `budget` tokens, those that fit.
    pub fn context(&self, catalog: &Catalog, task: Option<&str>, budget: usize) -> Context {
        Context::whole_within(catalog, budget).unwrap_or_else(|| {
            let ranked = task.map(|task| self.index(catalog).for_task(task, RANKED));
            Context::part(catalog, budget, &ranked.unwrap_or_default())
        })
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
        self.index(catalog).search(query, limit).into_iter().filter_map(|hit| {
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

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("argument `{name}`: must be a str"))
}
