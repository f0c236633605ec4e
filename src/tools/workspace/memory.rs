//! The way between client and server: messages as values, through two channels.

use std::io;

use rmcp::{
    RoleClient, RoleServer,
    model::{
        CallToolRequest, CallToolRequestParams, CallToolResult, ClientJsonRpcMessage, ClientRequest, CustomRequest,
        CustomResult, JsonRpcMessage, ListToolsRequest, ServerJsonRpcMessage, ServerResult,
    },
    transport::Transport,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

/// Messages that wait in one direction before the sender does.
const WAITING: usize = 64;

/// The client's end.
pub(in crate::tools) struct ClientEnd {
    to_server: Option<mpsc::Sender<ClientJsonRpcMessage>>,
    from_server: mpsc::Receiver<ServerJsonRpcMessage>,
}

/// The server's end.
pub(super) struct ServerEnd {
    to_client: Option<mpsc::Sender<ServerJsonRpcMessage>>,
    from_client: mpsc::Receiver<ClientJsonRpcMessage>,
}

/// Two ends of one way.
pub(super) fn pair() -> (ClientEnd, ServerEnd) {
    let (to_server, from_client) = mpsc::channel(WAITING);
    let (to_client, from_server) = mpsc::channel(WAITING);
    let client = ClientEnd {
        to_server: Some(to_server),
        from_server,
    };
    let server = ServerEnd {
        to_client: Some(to_client),
        from_client,
    };
    (client, server)
}

impl Transport<RoleClient> for ClientEnd {
    type Error = io::Error;

    fn send(&mut self, message: ClientJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        send(self.to_server.clone(), message)
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        self.from_server.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.to_server = None;
        Ok(())
    }
}

impl Transport<RoleServer> for ServerEnd {
    type Error = io::Error;

    fn send(&mut self, message: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        send(self.to_client.clone(), plain(message))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.from_client.recv().await.map(typed)
    }

    async fn close(&mut self) -> io::Result<()> {
        self.to_client = None;
        Ok(())
    }
}

async fn send<T>(channel: Option<mpsc::Sender<T>>, message: T) -> io::Result<()> {
    let closed = || io::Error::from(io::ErrorKind::NotConnected);
    channel.ok_or_else(closed)?.send(message).await.map_err(|_| closed())
}

/// The client's own requests are plain JSON, which a server would read as these when they came over a pipe.
fn typed(message: ClientJsonRpcMessage) -> ClientJsonRpcMessage {
    match message {
        JsonRpcMessage::Request(mut message) => {
            message.request = match message.request {
                ClientRequest::CustomRequest(request) => typed_request(request),
                other => other,
            };
            JsonRpcMessage::Request(message)
        }
        other => other,
    }
}

fn typed_request(mut request: CustomRequest) -> ClientRequest {
    match (request.method.as_str(), request.params.take()) {
        ("tools/list", _) => ClientRequest::ListToolsRequest(ListToolsRequest {
            method: Default::default(),
            params: None,
            extensions: request.extensions,
        }),
        ("tools/call", Some(Value::Object(mut params))) => {
            let name = params
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let arguments = match params.get_mut("arguments").map(Value::take) {
                Some(Value::Object(arguments)) => arguments,
                _ => Map::new(),
            };
            let mut call = CallToolRequest::new(CallToolRequestParams::new(name).with_arguments(arguments));
            call.extensions = request.extensions;
            ClientRequest::CallToolRequest(call)
        }
        (_, params) => ClientRequest::CustomRequest(CustomRequest { params, ..request }),
    }
}

/// Results of tools go as plain JSON, without a copy of what they hold.
fn plain(message: ServerJsonRpcMessage) -> ServerJsonRpcMessage {
    match message {
        JsonRpcMessage::Response(mut message) => {
            message.result = match message.result {
                ServerResult::CallToolResult(result) => ServerResult::CustomResult(CustomResult(plain_result(result))),
                other => other,
            };
            JsonRpcMessage::Response(message)
        }
        other => other,
    }
}

fn plain_result(mut result: CallToolResult) -> Value {
    let structured = result.structured_content.take();
    let mut plain = serde_json::to_value(result).unwrap_or_default();
    if let (Some(structured), Some(object)) = (structured, plain.as_object_mut()) {
        object.insert("structuredContent".into(), structured);
    }
    plain
}
