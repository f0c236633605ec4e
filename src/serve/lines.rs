//! A client at the other end of two streams, a message a line.
//!
//! - What is no message is passed over; a line has at most 16 MiB.
//! - When the input ends, or the server is told to close, what runs may end within five seconds, and is answered.

use rmcp::{
    RoleServer, ServiceExt,
    model::{ClientJsonRpcMessage, JsonRpcMessage, ServerJsonRpcMessage},
    service::ServerInitializeError,
    transport::{Transport, async_rw::AsyncRwTransport},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

use super::Connection;

/// How a client's connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By its end, or because the server was told to.
    Closed,
    /// They never agreed on a protocol.
    Refused(String),
}

/// Serves a client until its input ends, or `closing` says so.
pub async fn over_lines(
    connection: Connection,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    closing: watch::Receiver<bool>,
) -> Ended {
    let lines = Lines {
        inner: AsyncRwTransport::new_server(input, output),
        closing,
        begun: false,
    };
    match connection.serve(lines).await {
        Ok(service) => {
            // it drains what runs, for five seconds at most
            let _ = service.waiting().await;
            Ended::Closed
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ended::Closed,
        Err(error) => Ended::Refused(error.to_string()),
    }
}

struct Lines<R: AsyncRead, W: AsyncWrite> {
    inner: AsyncRwTransport<RoleServer, R, W>,
    closing: watch::Receiver<bool>,
    /// A request has come.
    begun: bool,
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = std::io::Error;

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let message = tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => return None,
                message = self.inner.receive() => message?,
            };
            self.begun |= matches!(message, JsonRpcMessage::Request(_));
            // rmcp gives up on a client that begins with anything else
            if self.begun {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
