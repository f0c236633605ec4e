//! The built-in server `workspace`: files of one folder, in this process.
//!
//! It is an MCP server like any other, only that messages reach it as values in memory, so everything
//! above, limits and cancellation included, is shared with the servers that are programs.
//!
//! - The root is opened once, and every file is reached from that handle (`cap_std::fs::Dir`; on Linux
//!   `openat2` with `RESOLVE_BENEATH`). Nothing outside can be reached by `..`, absolute paths or links,
//!   however they are changed meanwhile.
//! - Folders are walked through that handle too. `ignore`'s own walker takes paths of the whole system, and
//!   would follow a folder that is replaced by a link between its check and its opening; of that crate only
//!   the meaning of `.gitignore` is used.
//! - Links are never followed on a walk. A path that a script gives may lead through links inside the root.
//! - Only regular files are opened, and without waiting: a FIFO blocks nobody.
//! - A call that is cancelled stops soon, and what one call reads, gives and visits is bounded.
//! - Without write access the writing tools are neither listed nor callable.

mod look;
mod memory;
mod offer;
mod read;
mod root;
mod search;
mod walk;
mod write;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, JsonObject,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub(super) use memory::ClientEnd;

use super::servers::Permission;
use root::Root;

/// Calls at work at the same time; others wait. Bounds threads and memory.
const MAX_AT_WORK: usize = 32;

/// Opens the root and starts the server, which ends when the client's end is dropped. A root `inside` a folder
/// is reached from that folder, and by no link out of it.
///
/// # Errors
/// The root cannot be opened, in words for the user.
pub(super) fn start(root: &Path, inside: Option<&Path>, permission: Permission) -> Result<ClientEnd, String> {
    let root = Root::open(root, inside)?;
    let workspace = Workspace {
        root: Arc::new(root),
        permission,
        at_work: Arc::new(Semaphore::new(MAX_AT_WORK)),
    };
    let (client, server) = memory::pair();
    tokio::spawn(async move {
        if let Ok(service) = workspace.serve(server).await {
            let _ = service.waiting().await; // the client's end was dropped, and nobody is left to be told
        }
    });
    Ok(client)
}

struct Workspace {
    root: Arc<Root>,
    permission: Permission,
    at_work: Arc<Semaphore>,
}

/// Tells blocking work that nobody waits for it any more.
#[derive(Debug, Clone, Default)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    /// An error when the work is to end.
    fn check(&self) -> Result<(), String> {
        if self.0.load(Ordering::Relaxed) {
            return Err("the call was cancelled".into());
        }
        Ok(())
    }
}

/// Stops the work when the future that waits for it is dropped.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl ServerHandler for Workspace {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("workspace", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(offer::tools(self.permission)))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let Ok(permit) = Arc::clone(&self.at_work).acquire_owned().await else {
            return Err(ErrorData::internal_error("the workspace has ended", None));
        };
        let (root, permission, stop) = (Arc::clone(&self.root), self.permission, Stop::default());
        let _stop = StopOnDrop(stop.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            call(&root, permission, &request.name, arguments, &stop)
        });
        let outcome = tokio::select! {
            outcome = work => outcome.unwrap_or_else(|_| Err("the workspace failed at this call".into())),
            () = context.ct.cancelled() => Err("the call was cancelled".into()),
        };
        let result = match outcome {
            Ok(value) => {
                let mut result = CallToolResult::success(Vec::new());
                // no text beside it: the only client reads this, and it would double what is moved
                result.structured_content = Some(value);
                result
            }
            Err(message) => CallToolResult::error(vec![ContentBlock::text(message)]),
        };
        Ok(result.into())
    }
}

fn call(root: &Root, permission: Permission, tool: &str, arguments: JsonObject, stop: &Stop) -> Result<Value, String> {
    if offer::writes(tool) && permission == Permission::Read {
        return Err(format!(
            "`{tool}` is not offered: this workspace is read-only, for its entry lacks `\"write\": true`"
        ));
    }
    match tool {
        "list" => look::list(root, &read_arguments(arguments)?, stop),
        "glob" => look::glob(root, &read_arguments(arguments)?, stop),
        "stat" => look::stat(root, &read_arguments(arguments)?),
        "read" => read::read(root, &read_arguments(arguments)?, stop),
        "search" => search::search(root, &read_arguments(arguments)?, stop),
        "write" => write::write(root, &read_arguments(arguments)?),
        "append" => write::append(root, &read_arguments(arguments)?),
        "move" => write::rename(root, &read_arguments(arguments)?),
        "remove" => write::remove(root, &read_arguments(arguments)?, stop),
        "make_folder" => write::make_folder(root, &read_arguments(arguments)?),
        _ => Err(format!("there is no tool `{tool}`")),
    }
}

fn read_arguments<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments)).map_err(|e| format!("the arguments do not fit: {e}"))
}

/// A result whose declared schema has one property of this name, under which scripts never see it.
fn only(value: impl Into<Value>) -> Value {
    json!({ "result": value.into() })
}
