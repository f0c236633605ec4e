//! What scripts can ask of a server besides tools: `tools.resources`, `tools.read_resource`, `tools.prompts`,
//! `tools.prompt` and `tools.complete`.
//!
//! - They go through the policy as reading tools named `server.resources`, `server.read_resource` and so on.

use serde_json::{Map, Value, json};

use super::{
    policy::Access,
    results::TextResults,
    search,
    toolbox::{OfRun, Outcome, Refusal, Toolbox},
};
use crate::{
    tools::{
        CallResult,
        connection::{CallLimits, Completable, Connection, Listing},
    },
    wire::ValueKind,
};

/// The functions, as scripts call them.
pub(super) const FUNCTIONS: &[&str] = &["resources", "read_resource", "prompts", "prompt", "complete"];

impl Toolbox {
    /// Answers one of [`FUNCTIONS`], whose argument `server` names the server.
    pub(super) async fn offer(&self, function: &str, arguments: &Map<String, Value>, run: &OfRun) -> Outcome {
        let text = |name: &str| search::text(arguments, name).map_err(Refusal::failed);
        let server = text("server")?;
        let name = self
            .catalog()
            .server(server)
            .map_or(server, |known| known.name.as_str());
        let running = self.running(name).ok_or_else(|| {
            let known = self.catalog().servers.iter().map(|server| server.name.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            Refusal::failed(format!("there is no server `{server}` (servers: {known})"))
        })?;
        let shown = format!("tools.{function}");
        self.permit(running, (name, function), (Access::Read, &shown), arguments, &run.said)
            .await?;
        let limits = CallLimits::new(running.call_timeout);
        let client = &running.client;
        let list = async |listing| client.on(async |server| server.list(listing, limits.idle).await).await;
        let value = match function {
            "read_resource" => {
                let uri = text("uri")?;
                let content = client
                    .on(async |server| server.read_resource(uri, limits).await)
                    .await?;
                if content.is_empty() {
                    return Err(Refusal::failed("the resource is empty"));
                }
                let result = CallResult {
                    is_error: false,
                    structured: None,
                    content,
                };
                let (kind, body) = self.value(result, None, TextResults::Parse, run)?;
                return Ok((kind, body, Access::Read));
            }
            "resources" => {
                let mut all = list(Listing::Resources).await?;
                all.extend(list(Listing::Templates).await?);
                Value::Array(all)
            }
            "prompts" => Value::Array(list(Listing::Prompts).await?),
            "prompt" => {
                let given = arguments.get("arguments").and_then(Value::as_object);
                let given = given.cloned().unwrap_or_default();
                let name = text("name")?;
                messages(
                    client
                        .on(async |server| server.prompt(name, &given, limits).await)
                        .await?,
                )
            }
            _ => {
                let of = text("of")?;
                // a template has an address, a prompt a name
                let of = if of.contains("://") {
                    Completable::Template(of)
                } else {
                    Completable::Prompt(of)
                };
                let typed = arguments.get("value").and_then(Value::as_str).unwrap_or_default();
                let argument = text("argument")?;
                let complete = async |server: &Connection| server.complete(of, argument, typed, limits).await;
                json!(client.on(complete).await?)
            }
        };
        let body = serde_json::to_vec(&value).expect("a JSON value is JSON");
        self.within_limit(&body)?;
        Ok((ValueKind::ToolJson, body, Access::Read))
    }
}

/// A prompt's messages, `content` being the text itself where it is text.
fn messages(mut prompt: Value) -> Value {
    let mut messages = prompt.get_mut("messages").map(Value::take).unwrap_or_default();
    for message in messages.as_array_mut().into_iter().flatten() {
        let text = message
            .pointer("/content/text")
            .filter(|text| text.is_string())
            .cloned();
        if let (Some(text), Some(content)) = (text, message.get_mut("content")) {
            *content = text;
        }
    }
    messages
}
