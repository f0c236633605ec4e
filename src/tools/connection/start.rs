//! Brings a server up: its process or its address, and the handshake.

use std::{io, path::Path, time::Duration};

use rmcp::{
    RoleClient, ServiceExt,
    model::{ClientCapabilities, ClientConfig, Implementation},
    service::{ClientInitializeError, RunningService},
    transport::{
        StreamableHttpClientTransport,
        streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError},
    },
};

use super::{
    Launch,
    pipe::Pipe,
    process::{Process, Program},
};
use crate::tools::{
    servers::{ServerEntry, Transport},
    workspace,
};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// What an answer may hold beyond the result itself.
const LINE_SLACK: usize = 64 << 10;
/// An event over the client's limit closes the connection, so a merely long one is let in and
/// refused later.
const EVENT_FACTOR: usize = 4;
const ENDED_EARLY: &str = "it ended before it answered `initialize`";

/// Why it could not be started.
pub(super) struct Failure {
    pub message: String,
    pub hint: Option<String>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}

/// Starts or reaches the server and shakes hands; a started process is left in `process` in any case.
pub(super) async fn open(
    entry: &ServerEntry,
    launch: Launch<'_>,
    process: &mut Option<Process>,
) -> Result<RunningService<RoleClient, ClientConfig>, Failure> {
    let client = ClientConfig::new(
        ClientCapabilities::default(),
        Implementation::new("mcm", env!("CARGO_PKG_VERSION")),
    );
    let line_limit = launch.result_limit.saturating_add(LINE_SLACK);
    let service = match &entry.transport {
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
            let service = client.serve(Pipe::new(stdout, stdin, line_limit, skipped)).await;
            service.map_err(|e| match e {
                ClientInitializeError::TransportError { .. } => ENDED_EARLY.into(),
                other => explain(other),
            })
        }
        Transport::Http { url, headers, .. } => client.serve(http(url, headers, line_limit)?).await.map_err(explain),
        Transport::Sse { .. } => return Err("its transport `sse` is not spoken here".to_owned().into()),
        Transport::Workspace {
            root,
            inside,
            permission,
        } => {
            let end = workspace::start(root, inside.as_deref(), *permission)?;
            client.serve(end).await.map_err(explain)
        }
    };
    Ok(service?)
}

fn http(
    url: &str,
    headers: &[(String, String)],
    limit: usize,
) -> Result<StreamableHttpClientTransport<reqwest::Client>, Failure> {
    let mut map = reqwest::header::HeaderMap::new();
    for (name, value) in headers {
        let wrong = || format!("the header `{name}` cannot be sent");
        let key = reqwest::header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = reqwest::header::HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .default_headers(map)
        // a redirect would carry the headers to another host
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| root_cause(&e))?;
    let config = StreamableHttpClientTransportConfig::with_uri(url)
        .max_sse_event_size(limit.saturating_mul(EVENT_FACTOR))
        .max_json_response_size(limit);
    Ok(StreamableHttpClientTransport::with_client(client, config))
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

/// Whether the client gave up on an answer for its length.
pub(super) fn too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let message = root_cause(error).to_ascii_lowercase();
    message.contains("exceed") && (message.contains("size") || message.contains("limit"))
}
