//! HTTP with server-sent events, as servers spoke it until 2024-11-05: events come over one long answer, messages
//! go to the address that the first event names.
//!
//! - Messages go to the host of the configured address only, since the headers go with them.
//! - Results are passed on as plain JSON, as from a pipe.

use std::{io, time::Duration};

use futures::StreamExt;
use reqwest::{Client, Response, Url, header};
use rmcp::{
    RoleClient,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use sse_stream::{Sse, SseStream};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::{
    http,
    pipe::message,
    start::{Failure, root_cause},
};

/// Messages that wait to be taken.
const ROOM: usize = 64;
/// How long the server may take to accept a message; the answer comes by the events.
const SEND_LIMIT: Duration = Duration::from_secs(30);

pub(super) struct Events {
    client: Client,
    endpoint: Url,
    messages: mpsc::Receiver<RxJsonRpcMessage<RoleClient>>,
    reader: JoinHandle<()>,
}

/// Connects, and waits for the address that messages go to. `limit`: bytes of the longest event.
pub(super) async fn connect(url: &str, headers: &[(String, String)], limit: usize) -> Result<Events, Failure> {
    let client = http::client(headers)?;
    let url = Url::parse(url).map_err(|e| format!("its address is none: {e}"))?;
    let request = client.get(url.clone()).header(header::ACCEPT, "text/event-stream");
    let answer = request.send().await.map_err(|e| cannot_reach(&e))?;
    let answer = accepted(answer)?;
    let mut size = EventSize::default();
    let bytes = answer.bytes_stream().map(move |chunk| {
        let chunk = chunk.map_err(|e| io::Error::other(root_cause(&e)))?;
        match size.after(&chunk) {
            size if size > limit => Err(io::Error::other("an event is over the limit")),
            _ => Ok(chunk),
        }
    });
    let mut events = SseStream::from_bytes_stream(bytes);
    let endpoint = loop {
        let event = events
            .next()
            .await
            .ok_or("it ended before it named an address for messages")?;
        let event = event.map_err(|e| format!("its events cannot be read: {e}"))?;
        if let Sse {
            event: Some(kind),
            data: Some(data),
            ..
        } = event
            && kind == "endpoint"
        {
            break url
                .join(data.trim())
                .map_err(|_| "it names an address for messages that is none")?;
        }
    };
    if endpoint.origin() != url.origin() {
        return Err("it names an address for messages on another host".to_owned().into());
    }
    let (sender, messages) = mpsc::channel(ROOM);
    let reader = tokio::spawn(async move {
        while let Some(Ok(event)) = events.next().await {
            let is_message = event.event.as_deref().is_none_or(|kind| kind == "message");
            let message = event
                .data
                .filter(|_| is_message)
                .and_then(|data| message(data.as_bytes()));
            if let Some(message) = message
                && sender.send(message).await.is_err()
            {
                return;
            }
        }
    });
    Ok(Events {
        client,
        endpoint,
        messages,
        reader,
    })
}

impl Transport<RoleClient> for Events {
    type Error = io::Error;

    fn send(&mut self, item: TxJsonRpcMessage<RoleClient>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let request = self.client.post(self.endpoint.clone()).json(&item);
        async move {
            let answer = timeout(SEND_LIMIT, request.send())
                .await
                .map_err(|_| io::Error::other("it does not take messages"))?
                .map_err(|e| io::Error::other(root_cause(&e)))?;
            accepted(answer)
                .map(drop)
                .map_err(|failure| io::Error::other(failure.message))
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        self.messages.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.reader.abort();
        self.messages.close();
        Ok(())
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Bytes of the event that is being read; a blank line ends it.
#[derive(Default)]
struct EventSize {
    bytes: usize,
    at_line_start: bool,
}

impl EventSize {
    /// The most that it comes to within `chunk`.
    fn after(&mut self, chunk: &[u8]) -> usize {
        let mut most = self.bytes;
        for byte in chunk {
            self.bytes += 1;
            match byte {
                b'\n' if self.at_line_start => self.bytes = 0,
                b'\n' => self.at_line_start = true,
                b'\r' => {}
                _ => self.at_line_start = false,
            }
            most = most.max(self.bytes);
        }
        most
    }
}

fn accepted(answer: Response) -> Result<Response, Failure> {
    match answer.status() {
        status if status.is_success() => Ok(answer),
        status => Err(format!("it answered with the HTTP status {status}").into()),
    }
}

fn cannot_reach(error: &reqwest::Error) -> Failure {
    format!("it cannot be reached: {}", root_cause(error)).into()
}
