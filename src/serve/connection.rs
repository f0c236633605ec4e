//! One client's side of the server.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorCode, GetPromptRequestParams,
        GetPromptResponse, Implementation, JsonObject, ListPromptsResult, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
        ServerCapabilities, ServerConfig, SubscriptionFilter,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    IDLE, SESSIONS, Shared, Stock, execute,
    offer::{self, DESCRIBE_TOOLS, EXECUTE_CODE, MAX_HITS, MAX_NAMES, SEARCH_TOOLS, SOLVE_TASK},
    resources::{self, TASK, USE_TOOLS},
    tools::Tools,
};

/// What clients are told at the beginning.
const INSTRUCTIONS: &str = "Tools of several servers as Python functions: write one script for `execute_code` instead of \
                            many calls. The resource `mcm://guide` has the rules of its sandbox.";
/// How often idle sessions are looked for.
const SWEEP: std::time::Duration = std::time::Duration::from_secs(60);

/// What the server is to one client.
pub struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) sessions: Arc<execute::Kept>,
    /// Ends sessions that nobody uses.
    _sweep: JoinSet<()>,
    /// Tells the client what has changed.
    telling: Mutex<JoinSet<()>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Describe {
    names: Vec<String>,
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let sessions = Arc::new(execute::Kept::new(SESSIONS, IDLE));
        let swept = Arc::clone(&sessions);
        let mut sweep = JoinSet::new();
        sweep.spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                swept.expire(Instant::now());
            }
        });
        Self {
            shared,
            sessions,
            _sweep: sweep,
            telling: Mutex::default(),
        }
    }

    async fn tools(&self) -> Result<Arc<Tools>, ErrorData> {
        let tools = self.shared.tools().await;
        tools.map_err(|message| ErrorData::internal_error(message, None))
    }

    async fn search(&self, given: JsonObject) -> Result<CallToolResult, String> {
        let Search { query, limit } = arguments(given)?;
        let limit = limit.unwrap_or(10);
        if !(1..=MAX_HITS).contains(&limit) {
            return Err(format!("`limit`: 1 to {MAX_HITS}"));
        }
        let asked = Map::from_iter([("query".to_owned(), json!(query)), ("limit".to_owned(), json!(limit))]);
        let found = self.shared.tools().await?.toolbox.look_up("search", &asked)?;
        let line = |tool: &Value| {
            let part = |name: &str| tool[name].as_str().unwrap_or_default().to_owned();
            format!("{}\n    {}", part("signature"), part("doc"))
        };
        let lines: Vec<_> = found.as_array().into_iter().flatten().map(line).collect();
        let text = if lines.is_empty() {
            "No function fits these words.".to_owned()
        } else {
            lines.join("\n")
        };
        Ok(execute::result(json!({ "tools": found }), text, true))
    }

    async fn describe(&self, given: JsonObject) -> Result<CallToolResult, String> {
        let Describe { names } = arguments(given)?;
        if !(1..=MAX_NAMES).contains(&names.len()) {
            return Err(format!("`names`: 1 to {MAX_NAMES} of them"));
        }
        let tools = self.shared.tools().await?;
        let mut texts = Vec::new();
        let described = names.into_iter().map(|name| {
            let asked = Map::from_iter([("name".to_owned(), json!(name))]);
            let (key, text) = match tools.toolbox.look_up("describe", &asked) {
                Ok(Value::String(text)) => ("text", text),
                Ok(other) => ("text", other.to_string()),
                Err(error) => ("error", error),
            };
            texts.push(text.clone());
            json!({"name": name, key: text})
        });
        let described: Vec<Value> = described.collect();
        let success = described.iter().any(|tool| tool.get("text").is_some());
        Ok(execute::result(
            json!({ "tools": described }),
            texts.join("\n\n"),
            success,
        ))
    }
}

impl ServerHandler for Connection {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_prompts()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("mcm", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.tools().await?;
        let setup = &self.shared.setup;
        let mut listed = vec![
            offer::execute_code(&tools.description, setup.limits.time, setup.max_time),
            offer::search_tools(),
            offer::describe_tools(),
        ];
        listed.extend(tools.workshop.is_some().then(offer::solve_task));
        Ok(ListToolsResult::with_all_items(listed))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        let done = match &*request.name {
            EXECUTE_CODE => self.execute(given, &context).await,
            SEARCH_TOOLS => self.search(given).await,
            DESCRIBE_TOOLS => self.describe(given).await,
            SOLVE_TASK => self.solve(given, &context).await,
            other => {
                let message = format!("there is no tool `{other}`");
                return Err(ErrorData::invalid_params(message, None));
            }
        };
        let failed = |message| CallToolResult::error(vec![ContentBlock::text(message)]);
        Ok(done.unwrap_or_else(failed).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let tools = self.tools().await?;
        Ok(ListResourcesResult::with_all_items(resources::list(&tools)))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let tools = self.tools().await?;
        let read = resources::read(&request.uri, &tools, &self.shared).map_err(broken)?;
        let contents = read.ok_or_else(|| {
            let message = format!("there is no resource `{}`", request.uri);
            ErrorData::new(ErrorCode::RESOURCE_NOT_FOUND, message, None)
        })?;
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(resources::prompts()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if request.name != USE_TOOLS {
            let message = format!("there is no prompt `{}`", request.name);
            return Err(ErrorData::invalid_params(message, None));
        }
        let task = request.arguments.as_ref().and_then(|given| given.get(TASK));
        let task = task.and_then(Value::as_str).unwrap_or_default();
        let tools = self.tools().await?;
        let prompt = resources::use_tools(task, &tools, &self.shared).map_err(broken)?;
        Ok(prompt.into())
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let (mut changes, peer) = (Changes::new(&self.shared), context.peer);
        let tell = async move {
            while changes.next().await {
                if peer.notify_tool_list_changed().await.is_err() || peer.notify_resource_list_changed().await.is_err()
                {
                    return;
                }
            }
        };
        let mut telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        // a client that says so again is told once all the same
        telling.abort_all();
        telling.spawn(tell);
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = SubscriptionFilter::new();
        accepted.tools_list_changed = requested.tools_list_changed;
        accepted.resources_list_changed = requested.resources_list_changed;
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = Changes::new(&self.shared);
        let telling = async {
            while changes.next().await {
                let accepted = context.accepted();
                if accepted.tools_list_changed == Some(true) && context.sink().notify_tool_list_changed().await.is_err()
                {
                    return;
                }
                if accepted.resources_list_changed == Some(true)
                    && context.sink().notify_resource_list_changed().await.is_err()
                {
                    return;
                }
            }
        };
        tokio::select! {
            () = telling => {}
            () = context.cancelled() => {}
        }
        Ok(())
    }
}

/// Changes of what can be called, as a client hears of them.
struct Changes {
    stock: watch::Receiver<Stock>,
    /// There was something before.
    had: bool,
}

impl Changes {
    fn new(shared: &Shared) -> Self {
        let mut stock = shared.stock.clone();
        let had = stock.borrow_and_update().is_some();
        Self { stock, had }
    }

    /// Waits for the next one; `false` where there will be none. What whoever asks still waits for is none.
    async fn next(&mut self) -> bool {
        while self.stock.changed().await.is_ok() {
            let has = self.stock.borrow_and_update().is_some();
            if std::mem::replace(&mut self.had, has) {
                return true;
            }
        }
        false
    }
}

/// The arguments of a call of ours.
///
/// # Errors
/// What is wrong with them, in words for the model.
pub(super) fn arguments<T: DeserializeOwned>(given: JsonObject) -> Result<T, String> {
    serde_json::from_value(Value::Object(given)).map_err(|e| format!("the arguments do not fit: {e}"))
}

fn broken(error: crate::agent::prompt::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
