//! JSON-RPC over a process's standard input and output.
//!
//! - A line over the limit is dropped as it is read, and the call it answers fails at once.
//! - Lines that are no JSON-RPC are skipped and counted.
//! - Results are passed on as plain JSON, so that one odd part does not lose the rest.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use rmcp::{
    RoleClient,
    model::{CustomResult, ErrorCode, ErrorData, JsonRpcMessage, RequestId, ServerResult},
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::Mutex,
};

use super::lenient::STRUCTURED_TEXT;

/// Marks the error that stands for an answer over the limit.
pub(super) const TOO_LARGE: i32 = -32_098;
/// A line beyond this is given room for the longest one.
const LONG: usize = 1 << 20;
/// What of an overlong line is kept at either end, to find its id.
const EDGE: usize = 512;

pub(super) struct Pipe {
    reader: BufReader<ChildStdout>,
    writer: Arc<Mutex<Option<ChildStdin>>>,
    limit: usize,
    line: Vec<u8>,
    overlong: Option<Overlong>,
    skipped: Arc<AtomicU64>,
}

struct Overlong {
    head: Vec<u8>,
    tail: Vec<u8>,
    size: usize,
}

impl Pipe {
    /// `limit`: bytes of the longest line that is read; `skipped` counts lines that are no message.
    pub fn new(stdout: ChildStdout, stdin: ChildStdin, limit: usize, skipped: Arc<AtomicU64>) -> Self {
        let reader = BufReader::with_capacity(64 << 10, stdout);
        Self {
            reader,
            writer: Arc::new(Mutex::new(Some(stdin))),
            limit,
            line: Vec::new(),
            overlong: None,
            skipped,
        }
    }

    /// Takes what is there; true at the end of a line. Nothing is lost if the future is dropped.
    async fn fill(&mut self) -> io::Result<bool> {
        let available = self.reader.fill_buf().await?;
        if available.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = available.iter().position(|b| *b == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        match &mut self.overlong {
            Some(overlong) => overlong.push(part),
            None if self.line.len() + part.len() > self.limit => {
                let mut overlong = Overlong {
                    head: Vec::new(),
                    tail: Vec::new(),
                    size: 0,
                };
                overlong.push(&self.line);
                overlong.push(part);
                self.line = Vec::new();
                self.overlong = Some(overlong);
            }
            None => {
                if self.line.len() + part.len() > LONG {
                    // room for the longest: it takes memory as it is filled, and nothing is copied to grow. What
                    // cannot be had at once is tried again in smaller pieces.
                    let _ = self.line.try_reserve_exact(self.limit - self.line.len());
                }
                self.line.extend_from_slice(part);
            }
        }
        let used = part.len() + usize::from(end.is_some());
        self.reader.consume(used);
        Ok(end.is_some())
    }
}

impl Transport<RoleClient> for Pipe {
    type Error = io::Error;

    fn send(&mut self, item: TxJsonRpcMessage<RoleClient>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let writer = self.writer.clone();
        async move {
            let mut line = serde_json::to_vec(&item)?;
            line.push(b'\n');
            let mut writer = writer.lock().await;
            let stdin = writer.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            stdin.write_all(&line).await?;
            stdin.flush().await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            if !self.fill().await.ok()? {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let message = match self.overlong.take() {
                Some(overlong) => overlong.message(),
                None => structured(&line).or_else(|| message(&line)),
            };
            if message.is_some() {
                return message;
            }
            if !line.trim_ascii().is_empty() {
                self.skipped.fetch_add(1, Relaxed);
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.writer.lock().await.take();
        Ok(())
    }
}

impl Overlong {
    fn push(&mut self, part: &[u8]) {
        self.size += part.len();
        let room = EDGE.saturating_sub(self.head.len()).min(part.len());
        self.head.extend_from_slice(&part[..room]);
        self.tail.extend_from_slice(&part[part.len().saturating_sub(EDGE)..]);
        let excess = self.tail.len().saturating_sub(EDGE);
        self.tail.drain(..excess);
    }

    /// An error for the call that waits for this line.
    fn message(&self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let error = ErrorData {
            code: ErrorCode(TOO_LARGE),
            message: "the answer is over the limit".into(),
            data: Some(json!({ "size": self.size })),
        };
        Some(JsonRpcMessage::error(error, Some(self.id()?)))
    }

    /// The id stands before the result or, with the TypeScript SDK, behind it. Only the outermost
    /// object can be completed by adding (or taking away) exactly one brace.
    fn id(&self) -> Option<RequestId> {
        let id =
            |object: &str| serde_json::from_value(serde_json::from_str::<Value>(object).ok()?.get("id")?.clone()).ok();
        let head = String::from_utf8_lossy(&self.head);
        let before = head
            .find("\"result\"")
            .map(|end| head[..end].trim_end().trim_end_matches(',').to_owned() + "}");
        let tail = String::from_utf8_lossy(&self.tail);
        let behind = || {
            tail.match_indices(',')
                .rev()
                .find_map(|(at, _)| id(&format!("{{{}", &tail[at + 1..])))
        };
        before.and_then(|object| id(&object)).or_else(behind)
    }
}

/// An answer of which only the id is read.
#[derive(Deserialize)]
struct Answer<'a> {
    id: RequestId,
    #[serde(borrow)]
    result: &'a RawValue,
    method: Option<serde::de::IgnoredAny>,
    error: Option<serde::de::IgnoredAny>,
}

/// A result of which only the outermost shape is read.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow, rename = "structuredContent")]
    structured: &'a RawValue,
    #[serde(rename = "isError", default)]
    is_error: bool,
}

/// A successful result with structured content, whose text is passed on unread: it may be large, and as values it
/// would be many times as large. The other content says the same in another form.
fn structured(line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
    let answer: Answer<'_> = serde_json::from_slice(line).ok()?;
    if answer.method.is_some() || answer.error.is_some() {
        return None;
    }
    let outline: Outline<'_> = serde_json::from_str(answer.result.get()).ok()?;
    let text = outline.structured.get();
    if outline.is_error || text == "null" {
        return None;
    }
    let result = json!({ STRUCTURED_TEXT: text });
    let result = ServerResult::CustomResult(CustomResult(result));
    Some(JsonRpcMessage::response(result, answer.id))
}

/// A message of which only what is needed is typed.
pub(super) fn message(line: &[u8]) -> Option<RxJsonRpcMessage<RoleClient>> {
    let mut value: Value = serde_json::from_slice(line).ok()?;
    let object = value.as_object_mut()?;
    let is_answer = !object.contains_key("method");
    let id = object
        .get("id")
        .and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
    if is_answer
        && let (Some(result), Some(id)) = (object.get_mut("result"), &id)
        // the handshake alone needs its result typed
        && ["protocolVersion", "supportedVersions"].iter().all(|key| result.get(key).is_none())
    {
        let result = ServerResult::CustomResult(CustomResult(result.take()));
        return Some(JsonRpcMessage::response(result, id.clone()));
    }
    if is_answer && let (Some(error), Some(id)) = (object.get("error"), &id) {
        return Some(JsonRpcMessage::error(lenient_error(error), Some(id.clone())));
    }
    serde_json::from_value(value).ok()
}

fn lenient_error(error: &Value) -> ErrorData {
    let code = error
        .get("code")
        .and_then(Value::as_i64)
        .and_then(|code| i32::try_from(code).ok());
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .map_or_else(|| error.to_string(), str::to_owned);
    ErrorData {
        code: ErrorCode(code.unwrap_or(ErrorCode::INTERNAL_ERROR.0)),
        message: message.into(),
        data: error.get("data").filter(|data| !data.is_null()).cloned(),
    }
}
