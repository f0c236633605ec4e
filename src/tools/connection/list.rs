//! Lists that come in pages: tools, resources, resource templates and prompts.
//!
//! - A list that repeats a page, never ends or holds odd parts gives what could be read, and warnings.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{CallError, CallLimits, Connection, lenient};
use crate::tools::RawTool;

const MAX_PAGES: usize = 200;
const MAX_ITEMS: usize = 10_000;
/// Bytes of all pages but the first together, as JSON.
const MAX_BYTES: usize = 256 << 20;
const METHOD_NOT_FOUND: i64 = -32_601;

/// The tools of a server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolList {
    /// In the server's order.
    pub tools: Vec<RawTool>,
    /// What was left out, and why.
    pub warnings: Vec<String>,
}

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// `resources/list`
    Resources,
    /// `resources/templates/list`
    Templates,
    /// `prompts/list`
    Prompts,
}

impl Connection {
    /// Asks for all tools; `limit` bounds all pages together. A server without tools has none.
    ///
    /// # Errors
    /// A page could not be had. Tools that cannot be read are warnings.
    pub async fn list_tools(&self, limit: Duration) -> Result<ToolList, CallError> {
        let (items, of_list) = self.all("tools/list", "tools", limit).await?;
        let (mut tools, mut names, mut warnings) = (Vec::new(), HashSet::new(), Vec::new());
        for item in &items {
            match lenient::tool(item) {
                Ok(tool) if names.insert(tool.name.clone()) => tools.push(tool),
                Ok(tool) => warnings.push(format!("the tool `{}` is listed twice; the first counts", tool.name)),
                Err(warning) => warnings.push(warning),
            }
        }
        warnings.extend(of_list);
        Ok(ToolList { tools, warnings })
    }

    /// Asks for everything of a kind, as the server describes it; a server without any gives an empty list.
    ///
    /// # Errors
    /// A page could not be had.
    pub async fn list(&self, listing: Listing, limit: Duration) -> Result<Vec<Value>, CallError> {
        let (method, key) = match listing {
            Listing::Resources => ("resources/list", "resources"),
            Listing::Templates => ("resources/templates/list", "resourceTemplates"),
            Listing::Prompts => ("prompts/list", "prompts"),
        };
        let (mut items, _) = self.all(method, key, limit).await?;
        items.retain(Value::is_object);
        Ok(items)
    }

    async fn all(&self, method: &str, key: &str, limit: Duration) -> Result<(Vec<Value>, Vec<String>), CallError> {
        timeout(limit, self.pages(method, key, limit))
            .await
            .unwrap_or(Err(CallError::TimedOut { limit }))
    }

    async fn pages(&self, method: &str, key: &str, limit: Duration) -> Result<(Vec<Value>, Vec<String>), CallError> {
        let (mut items, mut bytes) = (Vec::new(), 0);
        let mut cursors = HashSet::new();
        let mut cursor: Option<String> = None;
        let warn = |items, warning: String| Ok((items, vec![warning]));
        for _ in 0..MAX_PAGES {
            let params = match &cursor {
                Some(cursor) => json!({ "cursor": cursor }),
                None => json!({}),
            };
            let mut page = match self.request(method, params, CallLimits::within(limit), None).await {
                Err(CallError::Protocol {
                    code: METHOD_NOT_FOUND, ..
                }) => return Ok((items, Vec::new())),
                page => page?,
            };
            let Some(Value::Array(more)) = page.get_mut(key).map(Value::take) else {
                return warn(items, format!("an answer to `{method}` holds no `{key}`"));
            };
            // one page is held to the limit of every answer
            if cursor.is_some() {
                bytes += more.iter().map(|item: &Value| item.to_string().len()).sum::<usize>();
            }
            items.extend(more);
            if bytes > MAX_BYTES {
                return warn(
                    items,
                    format!("{key} after the first {} MiB are left out", MAX_BYTES >> 20),
                );
            }
            if items.len() > MAX_ITEMS {
                items.truncate(MAX_ITEMS);
                return warn(items, format!("{key} after the first {MAX_ITEMS} are left out"));
            }
            cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_owned);
            match &cursor {
                None => return Ok((items, Vec::new())),
                Some(next) if !cursors.insert(next.clone()) => {
                    return warn(items, format!("the list of {key} repeats a page; the rest is left out"));
                }
                Some(_) => {}
            }
        }
        warn(items, format!("{key} after the first {MAX_PAGES} pages are left out"))
    }
}
