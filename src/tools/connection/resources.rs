//! What a server offers besides tools: the contents of resources, prompts, and completions of their arguments.

use serde_json::{Map, Value, json};

use super::{CallError, CallLimits, Connection, lenient};
use crate::tools::Content;

/// What an argument belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completable<'a> {
    /// A prompt of this name.
    Prompt(&'a str),
    /// A resource template of this address.
    Template(&'a str),
}

impl Connection {
    /// The contents of a resource, one for each part that the server gives.
    ///
    /// # Errors
    /// There is none, or the request failed on the way.
    pub async fn read_resource(&self, uri: &str, limits: CallLimits) -> Result<Vec<Content>, CallError> {
        let mut result = self.ask("resources/read", json!({ "uri": uri }), limits, None).await?;
        let parts = match result.get_mut("contents").map(Value::take) {
            Some(Value::Array(parts)) => parts,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        Ok(parts.into_iter().map(lenient::resource).collect())
    }

    /// A prompt filled in: `{"description", "messages": [{"role", "content"}]}`.
    ///
    /// # Errors
    /// There is none, an argument is missing, or the request failed on the way.
    pub async fn prompt(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        limits: CallLimits,
    ) -> Result<Value, CallError> {
        let params = json!({ "name": name, "arguments": arguments });
        self.ask("prompts/get", params, limits, None).await
    }

    /// Values that an argument could have which begin with `typed`.
    ///
    /// # Errors
    /// The server completes nothing, or the request failed on the way.
    pub async fn complete(
        &self,
        of: Completable<'_>,
        argument: &str,
        typed: &str,
        limits: CallLimits,
    ) -> Result<Vec<String>, CallError> {
        let reference = match of {
            Completable::Prompt(name) => json!({ "type": "ref/prompt", "name": name }),
            Completable::Template(uri) => json!({ "type": "ref/resource", "uri": uri }),
        };
        let params = json!({ "ref": reference, "argument": { "name": argument, "value": typed } });
        let result = self.request("completion/complete", params, limits, None).await?;
        let values = result.pointer("/completion/values").and_then(Value::as_array);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    }
}
