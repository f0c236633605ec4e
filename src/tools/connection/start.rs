//! Brings a server up: its process or its address, and the handshake.

use std::{io, path::Path};

use rmcp::{
    RoleClient,
    model::{ErrorCode, ProtocolVersion},
    service::{ClientInitializeError, ClientLifecycleMode, RunningService, serve_client_with_lifecycle},
    transport::streamable_http_client::StreamableHttpError,
};

use super::{
    Launch,
    handler::Handler,
    http, oauth,
    pipe::Pipe,
    process::{Process, Program},
    sse,
};
use crate::tools::{
    servers::{ServerEntry, Transport},
    workspace,
};

/// What an answer may hold beyond the result itself.
const LINE_SLACK: usize = 64 << 10;
const ENDED_EARLY: &str = "it ended before it answered `initialize`";

/// Why it could not be started.
pub(super) struct Failure {
    pub message: String,
    pub hint: Option<String>,
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}

/// Starts or reaches the server and shakes hands; a started process is left in `process` in any case.
pub(super) async fn open(
    entry: &ServerEntry,
    launch: &Launch,
    client: Handler,
    process: &mut Option<Process>,
) -> Result<RunningService<RoleClient, Handler>, Failure> {
    let (first, second) = ways(&entry.transport);
    let error = match handshake(entry, launch, client.clone(), process, first).await {
        Ok(service) => return Ok(service),
        Err(Trouble::Reach(failure)) => return Err(failure),
        Err(Trouble::Shake(error)) => *error,
    };
    if error.is_authorization_required() {
        return Err(Failure {
            message: "it wants a login".into(),
            hint: Some(format!("type: mcm auth login {}", entry.name)),
        });
    }
    if may_speak_otherwise(&error, process.is_some())
        && let Ok(service) = handshake(entry, launch, client, process, second).await
    {
        return Ok(service);
    }
    Err(match error {
        ClientInitializeError::TransportError { .. } if process.is_some() => ENDED_EARLY.into(),
        error => explain(error).into(),
    })
}

/// The ways to begin, the likelier first. Whoever has a handshake answers it sooner than the question for the newest
/// protocol, which some older programs leave unanswered; over HTTP all answer, and newer servers mind the handshake.
fn ways(transport: &Transport) -> (ClientLifecycleMode, ClientLifecycleMode) {
    let newest = vec![ProtocolVersion::V_2026_07_28];
    match transport {
        Transport::Http { .. } => (
            ClientLifecycleMode::Auto {
                preferred_versions: newest,
                legacy_version: None,
            },
            ClientLifecycleMode::Initialize,
        ),
        Transport::Stdio { .. } | Transport::Sse { .. } | Transport::Workspace { .. } => (
            ClientLifecycleMode::Initialize,
            ClientLifecycleMode::Discover {
                preferred_versions: newest,
            },
        ),
    }
}

fn may_speak_otherwise(error: &ClientInitializeError, is_process: bool) -> bool {
    match error {
        ClientInitializeError::JsonRpcError(error) => {
            [ErrorCode::METHOD_NOT_FOUND, ErrorCode::UNSUPPORTED_PROTOCOL_VERSION].contains(&error.code)
        }
        // a server may refuse with an HTTP status what it does not know
        ClientInitializeError::TransportError { error, .. } => !is_process && refused(error.error.as_ref()),
        _ => !is_process,
    }
}

/// What keeps a server from being spoken to.
enum Trouble {
    Reach(Failure),
    Shake(Box<ClientInitializeError>),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Reach(failure)
    }
}

impl From<ClientInitializeError> for Trouble {
    fn from(error: ClientInitializeError) -> Self {
        Self::Shake(Box::new(error))
    }
}

async fn handshake(
    entry: &ServerEntry,
    launch: &Launch,
    client: Handler,
    process: &mut Option<Process>,
    mode: ClientLifecycleMode,
) -> Result<RunningService<RoleClient, Handler>, Trouble> {
    let line_limit = launch.result_limit.saturating_add(LINE_SLACK);
    Ok(match &entry.transport {
        Transport::Stdio {
            command,
            args,
            env,
            cwd,
        } => {
            let inherited = launch.inherited.iter().filter(|(name, _)| is_inherited(name));
            let env = inherited
                .chain(env)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let started = Process::start(Program {
                command,
                args,
                env,
                cwd,
            })
            .await;
            let (started, stdout, stdin) = started.map_err(|e| cannot_start(command, cwd, &e))?;
            let skipped = started.skipped.clone();
            *process = Some(started);
            let pipe = Pipe::new(stdout, stdin, line_limit, skipped);
            serve_client_with_lifecycle(client, pipe, mode).await?
        }
        Transport::Http { url, headers, oauth } => {
            let plain = http::client(headers)?;
            let own = headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            let login = match &launch.logins {
                Some(logins) if !own => oauth::logged_in(logins, url, oauth, plain.clone()).await?,
                _ => None,
            };
            match login {
                Some(login) => {
                    let end = http::streamable(login, url, line_limit);
                    serve_client_with_lifecycle(client, end, mode).await?
                }
                None => {
                    let end = http::streamable(plain, url, line_limit);
                    serve_client_with_lifecycle(client, end, mode).await?
                }
            }
        }
        Transport::Sse { url, headers } => {
            let end = sse::connect(url, headers, line_limit).await?;
            serve_client_with_lifecycle(client, end, mode).await?
        }
        Transport::Workspace {
            root,
            inside,
            permission,
        } => {
            let end = workspace::start(root, inside.as_deref(), *permission).map_err(Failure::from)?;
            serve_client_with_lifecycle(client, end, mode).await?
        }
    })
}

fn is_inherited(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "HOME",
        "PATH",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "TERM",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "PIP_CERT",
        "AWS_CA_BUNDLE",
    ];
    const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
    NAMES.contains(&name)
        || name.starts_with("LC_")
        || name.starts_with("XDG_")
        || PROXIES.contains(&name.to_ascii_lowercase().as_str())
}

fn cannot_start(command: &str, cwd: &Path, error: &io::Error) -> Failure {
    if !cwd.is_dir() {
        return format!("its folder `{}` does not exist", cwd.display()).into();
    }
    match error.kind() {
        io::ErrorKind::NotFound => Failure {
            message: format!("the command `{command}` was not found"),
            hint: Some(match command {
                "npx" | "node" => "install Node.js, or write the full path of the command".into(),
                "uvx" | "uv" => "install uv, or write the full path of the command".into(),
                _ => "install it, or write its full path".into(),
            }),
        },
        io::ErrorKind::PermissionDenied => format!("the command `{command}` may not be executed").into(),
        _ => format!("the command `{command}` cannot be started: {error}").into(),
    }
}

fn explain(error: ClientInitializeError) -> String {
    match error {
        ClientInitializeError::JsonRpcError(error) => format!("it refused `initialize`: {}", error.message),
        ClientInitializeError::ConnectionClosed(_) => ENDED_EARLY.into(),
        ClientInitializeError::TransportError { error, .. } => {
            format!("it cannot be reached: {}", root_cause(error.error.as_ref()))
        }
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            "it speaks no version of MCP that is known here".into()
        }
        _ => "its answer to `initialize` cannot be understood".into(),
    }
}

/// The innermost cause; outer ones repeat addresses, which may hold a secret.
pub(super) fn root_cause(mut error: &(dyn std::error::Error + 'static)) -> String {
    loop {
        let client = match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(StreamableHttpError::Client(client)) => Some(client as &(dyn std::error::Error + 'static)),
            _ => None,
        };
        match client.or_else(|| error.source()) {
            Some(cause) => error = cause,
            None => return error.to_string().chars().take(500).collect(),
        }
    }
}

/// Whether it was reached, and answered with an error of HTTP.
fn refused(mut error: &(dyn std::error::Error + 'static)) -> bool {
    loop {
        if let Some(error) = error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            return !matches!(error, StreamableHttpError::Client(error) if error.status().is_none());
        }
        match error.source() {
            Some(cause) => error = cause,
            None => return false,
        }
    }
}

/// Whether the server refused one request by an HTTP status and is there for others. One that knows nothing of the
/// session says 400 or 404.
pub(super) fn refuses_one(mut error: &(dyn std::error::Error + 'static)) -> bool {
    loop {
        let status = match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(StreamableHttpError::HttpStatus(error)) => Some(error.status),
            Some(StreamableHttpError::Client(error)) => error.status().map(|status| status.as_u16()),
            _ => None,
        };
        if let Some(status) = status {
            return status == 429 || status >= 500;
        }
        match error.source() {
            Some(cause) => error = cause,
            None => return false,
        }
    }
}

/// Whether the client gave up on an answer for its length.
pub(super) fn too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let message = root_cause(error).to_ascii_lowercase();
    message.contains("exceed") && (message.contains("size") || message.contains("limit"))
}
