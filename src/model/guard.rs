//! Stands between async-openai and the network and sees to what that crate does not: refusals with their headers,
//! time limits, size limits, and replies that are no event stream though one was asked for.
//!
//! - No wait for bytes is longer than the idle limit, and no line and no reply longer than the caps here.
//! - What goes wrong is a [`Failure`], which a stream's error text could not carry.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::stream;
use reqwest::{Client, Request, Response};
use serde_json::value::RawValue;

use super::{
    refusal::{Meaning, Refusal, one_line},
    retry,
};

/// Longest line of an event stream, in bytes.
pub const MAX_LINE: usize = 1 << 20;
/// Longest reply in one piece, in bytes.
const MAX_WHOLE: usize = 16 << 20;
/// Longest event stream with its wrapping, in bytes.
const MAX_STREAM: usize = 64 << 20;
/// How much of a refusal is read, in bytes.
const MAX_REFUSAL: usize = 64 << 10;

/// Why one try gave no completion.
#[derive(Debug)]
pub enum Failure {
    /// No connection.
    Unreachable(String),
    /// The endpoint said no.
    Refused(Refusal, Option<Duration>),
    /// The connection was lost, fell silent, or brought nonsense.
    Broken(String),
    /// More came than is taken; the next reply would be no shorter.
    TooLong(String),
}

impl Failure {
    /// Whether the same request may be served later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(refusal, _) => matches!(refusal.meaning(), Meaning::RateLimited | Meaning::Overloaded),
            Self::Broken(_) => true,
            Self::Unreachable(_) | Self::TooLong(_) => false,
        }
    }

    /// What happened, on one line.
    pub fn reason(&self) -> String {
        match self {
            Self::Refused(refusal, _) => format!("status {}: {}", refusal.status, refusal.message),
            Self::Unreachable(reason) | Self::Broken(reason) | Self::TooLong(reason) => reason.clone(),
        }
    }
}

/// Where the failure of one try is left.
#[derive(Debug, Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Failure>>>);

impl Slot {
    /// Leaves it here.
    pub fn put(&self, failure: Failure) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }

    /// Takes it out.
    pub fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How long to wait for bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until the first.
    pub first: Duration,
    /// Between two.
    pub idle: Duration,
}

/// Sends `request`. A success comes back as an event stream whatever it was; a failure is put into `slot` too when it
/// happens later, while the reply is read.
pub async fn send(
    http: &Client,
    request: Request,
    limits: Limits,
    slot: Slot,
    mask: &(dyn Fn(&str) -> String + Send + Sync),
) -> Result<Response, Failure> {
    let response = match tokio::time::timeout(limits.first, http.execute(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) if error.is_connect() => return Err(Failure::Unreachable(innermost(error))),
        Ok(Err(error)) => return Err(Failure::Broken(innermost(error))),
        Err(_) => return Err(silent(limits.first)),
    };
    let status = response.status().as_u16();
    let asked = retry::asked(response.headers());
    let succeeded = response.status().is_success();
    let mut body = Body {
        response,
        idle: limits.idle,
        seen: 0,
        line: 0,
        ended: false,
    };
    if !succeeded {
        let text = body.read(MAX_REFUSAL).await;
        return Err(Failure::Refused(Refusal::from_body(status, &text, &mask), asked));
    }
    let mut first = Vec::new();
    while first.trim_ascii_start().is_empty() {
        match body.next().await? {
            Some(bytes) => first = bytes,
            None => break,
        }
    }
    let events = match first.trim_ascii_start().first() {
        Some(b'<') => return Err(Failure::Refused(Refusal::from_body(200, &first, &mask), None)),
        Some(b'{' | b'[') => {
            while let Some(more) = body.next().await? {
                first.extend_from_slice(&more);
                if first.len() > MAX_WHOLE {
                    return Err(Failure::TooLong(format!(
                        "the reply is larger than {} MiB",
                        MAX_WHOLE >> 20
                    )));
                }
            }
            body.ended = true;
            as_events(&first)
        }
        _ => {
            body.lines(&first)?;
            first
        }
    };
    Ok(with_body(events, body, slot))
}

/// A response whose body is `events` and then what `body` still brings.
fn with_body(events: Vec<u8>, body: Body, slot: Slot) -> Response {
    let stream = stream::try_unfold((Some(events), body, slot), |(events, mut body, slot)| async move {
        if let Some(events) = events {
            return Ok(Some((events, (None, body, slot))));
        }
        match body.next_events().await {
            Ok(next) => Ok(next.map(|bytes| (bytes, (None, body, slot)))),
            Err(failure) => {
                let reason = std::io::Error::other(failure.reason());
                slot.put(failure);
                Err(reason)
            }
        }
    });
    http::Response::new(reqwest::Body::wrap_stream(stream)).into()
}

/// A body, read under limits.
struct Body {
    response: Response,
    idle: Duration,
    seen: usize,
    line: usize,
    ended: bool,
}

impl Body {
    /// The next bytes.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        match tokio::time::timeout(self.idle, self.response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes.map(Vec::from)),
            Ok(Err(error)) => Err(Failure::Broken(format!("the connection broke: {}", innermost(error)))),
            Err(_) => Err(silent(self.idle)),
        }
    }

    /// The next bytes of an event stream. Its end is marked, as not every endpoint ends its last event.
    async fn next_events(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.ended {
            return Ok(None);
        }
        let Some(bytes) = self.next().await? else {
            self.ended = true;
            return Ok(Some(b"\n\n".to_vec()));
        };
        self.lines(&bytes)?;
        Ok(Some(bytes))
    }

    /// Holds lines and stream to their caps.
    fn lines(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.seen += bytes.len();
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line += piece.len();
            if self.line > MAX_LINE {
                return Err(Failure::TooLong(format!(
                    "a line of the reply is longer than {} MiB",
                    MAX_LINE >> 20
                )));
            }
            if matches!(piece.last(), Some(b'\n' | b'\r')) {
                self.line = 0;
            }
        }
        if self.seen > MAX_STREAM {
            return Err(Failure::TooLong(format!(
                "the reply is larger than {} MiB",
                MAX_STREAM >> 20
            )));
        }
        Ok(())
    }

    /// What comes within the limits, at most `cap` bytes.
    async fn read(&mut self, cap: usize) -> Vec<u8> {
        let mut text = Vec::new();
        while text.len() < cap
            && let Ok(Some(bytes)) = self.next().await
        {
            text.extend_from_slice(&bytes);
        }
        text.truncate(cap);
        text
    }
}

/// One JSON text as one event, several lines of JSON as one each.
fn as_events(body: &[u8]) -> Vec<u8> {
    let whole = serde_json::from_slice::<&RawValue>(body).is_ok();
    let pieces = body
        .split(|byte| !whole && *byte == b'\n')
        .filter(|piece| !piece.trim_ascii().is_empty());
    let mut events = Vec::with_capacity(body.len() + 16);
    for piece in pieces {
        events.extend_from_slice(b"data: ");
        events.extend(
            piece
                .iter()
                .map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }),
        );
        events.extend_from_slice(b"\n\n");
    }
    events
}

fn silent(limit: Duration) -> Failure {
    Failure::Broken(format!("nothing came for {limit:?}"))
}

/// The cause below reqwest's own words, which say little.
fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    one_line(&cause.to_string())
}
