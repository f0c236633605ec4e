//! Answers what a server asks of this side, and passes on what it says.
//!
//! - A server gets no more than its entry allows: roots as configured, the model only where sampling is allowed.
//! - At most [`MAX_QUESTIONS`] questions of a server wait at a time; further ones are declined.
//! - Requests and notifications are read as plain JSON, so that an odd one is answered all the same.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use rmcp::{
    RoleClient, Service,
    model::{
        ClientCapabilities, ClientConfig, ClientResult, CustomResult, ErrorCode, ErrorData, Implementation,
        ProgressToken, ServerNotification, ServerRequest,
    },
    service::{NotificationContext, RequestContext},
};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::{
    OnProgress,
    counterpart::{Counterpart, Elicitation, Elicited, Notice, Progress, Sample, Sampled, Wanted},
};
use crate::{
    mask::Masker,
    tools::servers::{Sampling, ServerEntry},
};

const MAX_QUESTIONS: usize = 8;
/// How often a server may have the model write for it, until nobody waits for it any more.
const MAX_SAMPLES: usize = 100;
/// Characters of a log line, a question or a progress message.
const MAX_WORDS: usize = 4_000;

/// This side of a connection.
#[derive(Clone)]
pub(super) struct Handler(Arc<Inner>);

type Progresses = HashMap<ProgressToken, (Option<OnProgress>, Arc<Notify>)>;

struct Inner {
    entry: ServerEntry,
    masker: Masker,
    counterpart: Counterpart,
    /// Of calls under way: who hears of their progress, and a sign that there was some.
    progress: Mutex<Progresses>,
    /// How many requests are under way.
    calls: watch::Sender<usize>,
    /// How many of its questions wait for an answer.
    questions: watch::Sender<usize>,
    samples: AtomicUsize,
}

/// A request under way, until dropped.
pub(super) struct Watch {
    handler: Handler,
    token: ProgressToken,
    /// A sign of progress came.
    pub sign: Arc<Notify>,
    _engaged: Engaged,
}

/// Somebody waits for an answer of the server's, until dropped.
pub(super) struct Engaged(Handler);

impl Drop for Engaged {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.calls.send_modify(|calls| {
            *calls -= 1;
            if *calls == 0 {
                inner.samples.store(0, Relaxed);
            }
        });
    }
}

impl Watch {
    /// How many questions of the server's wait for an answer.
    pub fn questions(&self) -> watch::Receiver<usize> {
        self.handler.0.questions.subscribe()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.handler.progress().remove(&self.token);
    }
}

impl Handler {
    pub fn new(entry: &ServerEntry, counterpart: Counterpart) -> Self {
        Self(Arc::new(Inner {
            entry: entry.clone(),
            masker: Masker::new(entry.secrets().iter().cloned()),
            counterpart,
            progress: Mutex::default(),
            calls: watch::Sender::new(0),
            questions: watch::Sender::new(0),
            samples: AtomicUsize::new(0),
        }))
    }

    /// Has `on_progress` hear of the request with this token.
    pub fn watch(&self, token: ProgressToken, on_progress: Option<OnProgress>) -> Watch {
        let sign = Arc::new(Notify::new());
        self.progress().insert(token.clone(), (on_progress, Arc::clone(&sign)));
        Watch {
            handler: self.clone(),
            token,
            sign,
            _engaged: self.engage(),
        }
    }

    /// From now on the server may ask the user something.
    pub fn engage(&self) -> Engaged {
        self.0.calls.send_modify(|calls| *calls += 1);
        Engaged(self.clone())
    }

    /// Answers a request of the server's.
    pub async fn answer(&self, method: &str, params: Value) -> Result<Value, ErrorData> {
        match method {
            "ping" => Ok(json!({})),
            "roots/list" => Ok(self.roots()),
            "elicitation/create" => Ok(self.elicit(&params).await),
            "sampling/createMessage" => self.sample(&params).await,
            _ => Err(error(
                ErrorCode::METHOD_NOT_FOUND,
                "this client does not know that method",
            )),
        }
    }

    fn roots(&self) -> Value {
        let root = |root: &std::path::PathBuf| {
            let name = root.file_name().map(|name| name.to_string_lossy().into_owned());
            json!({ "uri": file_uri(root), "name": name.unwrap_or_else(|| "/".into()) })
        };
        json!({ "roots": self.0.entry.roots.iter().map(root).collect::<Vec<_>>() })
    }

    async fn elicit(&self, params: &Value) -> Value {
        let message = self.words(params.get("message").and_then(Value::as_str).unwrap_or_default());
        let wanted = match params.get("url").and_then(Value::as_str) {
            Some(url) => Wanted::Visit(self.words(url)),
            None => Wanted::Form(params.get("requestedSchema").cloned().unwrap_or_else(|| json!({}))),
        };
        let declined = |reason| {
            let message = message.clone();
            self.hear(Notice::Declined { message, reason });
            json!({ "action": "decline" })
        };
        let Some(elicit) = &self.0.counterpart.elicit else {
            return declined("there is no terminal to ask on");
        };
        if let Wanted::Visit(url) = &wanted
            && !["http://", "https://"]
                .iter()
                .any(|scheme| url.to_ascii_lowercase().starts_with(scheme))
        {
            return declined("its address is none of the web");
        }
        if *self.0.calls.borrow() == 0 {
            return declined("nobody called it");
        }
        let Some(_turn) = self.turn() else {
            return declined("it asks too many questions at a time");
        };
        let question = Elicitation {
            server: self.0.entry.name.clone(),
            message: message.clone(),
            wanted,
        };
        let mut calls = self.0.calls.subscribe();
        let said = tokio::select! {
            said = elicit(question) => said,
            // whoever called it has given up
            _ = calls.wait_for(|calls| *calls == 0) => Elicited::Cancelled,
        };
        match said {
            Elicited::Accepted(_) if params.get("url").is_some() => json!({ "action": "accept" }),
            Elicited::Accepted(values) => json!({ "action": "accept", "content": values }),
            Elicited::Declined => json!({ "action": "decline" }),
            Elicited::Cancelled => json!({ "action": "cancel" }),
        }
    }

    async fn sample(&self, params: &Value) -> Result<Value, ErrorData> {
        let refuse = |reason: &'static str| {
            let message = "that the model writes for it".to_owned();
            self.hear(Notice::Declined { message, reason });
            // the code of the specification for "user rejected"
            error(ErrorCode(-1), reason)
        };
        if self.0.entry.sampling == Sampling::Refused {
            return Err(refuse("its entry does not say `\"sampling\": true`"));
        }
        let Some(write) = &self.0.counterpart.write else {
            return Err(refuse("there is no model here"));
        };
        let Some(_turn) = self.turn() else {
            return Err(refuse("it asks too much at a time"));
        };
        if self.0.samples.fetch_add(1, Relaxed) >= MAX_SAMPLES {
            return Err(refuse("it has had the model write for it often enough"));
        }
        let sample = sample(&self.0.entry.name, params)
            .ok_or_else(|| error(ErrorCode::INVALID_PARAMS, "only messages of text can be answered here"))?;
        let Sampled { model, text } = write(sample)
            .await
            .map_err(|message| error(ErrorCode::INTERNAL_ERROR, &message))?;
        Ok(json!({
            "role": "assistant",
            "content": { "type": "text", "text": text },
            "model": model,
            "stopReason": "endTurn",
        }))
    }

    fn hear(&self, notice: Notice) {
        (self.0.counterpart.hear)(&self.0.entry.name, notice);
    }

    /// What the server says, cut and without its secrets.
    fn words(&self, text: &str) -> String {
        // a secret may lie across the cut
        let text: String = text.chars().take(2 * MAX_WORDS).collect();
        self.0.masker.text(&text).chars().take(MAX_WORDS).collect()
    }

    fn turn(&self) -> Option<Turn> {
        let is_free = self.0.questions.send_if_modified(|open| {
            let is_free = *open < MAX_QUESTIONS;
            *open += usize::from(is_free);
            is_free
        });
        is_free.then(|| Turn(self.clone()))
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progresses> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notified(&self, notification: ServerNotification) {
        match notification {
            ServerNotification::ProgressNotification(progress) => {
                let progress = progress.params;
                let Some((listener, sign)) = self.progress().get(&progress.progress_token).cloned() else {
                    return;
                };
                sign.notify_one();
                if let Some(listener) = listener {
                    listener(Progress {
                        done: progress.progress,
                        total: progress.total,
                        message: progress.message.map(|message| self.words(&message)),
                    });
                }
            }
            ServerNotification::LoggingMessageNotification(log) => {
                let log = serde_json::to_value(&log).unwrap_or_default();
                let of = |key: &str| log.pointer(&format!("/params/{key}"));
                let text = |key: &str| of(key).and_then(Value::as_str).map(|text| self.words(text));
                self.hear(Notice::Log {
                    level: text("level").unwrap_or_default(),
                    logger: text("logger"),
                    text: text("data").unwrap_or_else(|| self.words(&of("data").unwrap_or(&Value::Null).to_string())),
                });
            }
            ServerNotification::ToolListChangedNotification(_) => self.hear(Notice::ToolsChanged),
            _ => {}
        }
    }
}

impl Service<RoleClient> for Handler {
    async fn handle_request(
        &self,
        request: ServerRequest,
        context: RequestContext<RoleClient>,
    ) -> Result<ClientResult, ErrorData> {
        let request = serde_json::to_value(&request)
            .map_err(|_| error(ErrorCode::INVALID_REQUEST, "the request cannot be understood"))?;
        let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
        let params = request.get("params").cloned().unwrap_or_default();
        tokio::select! {
            answer = self.answer(method, params) => answer.map(|value| ClientResult::CustomResult(CustomResult(value))),
            () = context.ct.cancelled() => Err(error(ErrorCode::INTERNAL_ERROR, "the server gave it up")),
        }
    }

    async fn handle_notification(
        &self,
        notification: ServerNotification,
        _: NotificationContext<RoleClient>,
    ) -> Result<(), ErrorData> {
        self.notified(notification);
        Ok(())
    }

    fn get_info(&self) -> ClientConfig {
        let mut can = json!({});
        if self.0.counterpart.elicit.is_some() {
            can["elicitation"] = json!({ "form": {}, "url": {} });
        }
        if !self.0.entry.roots.is_empty() {
            can["roots"] = json!({});
        }
        if self.0.entry.sampling == Sampling::Allowed && self.0.counterpart.write.is_some() {
            can["sampling"] = json!({});
        }
        let can: ClientCapabilities = serde_json::from_value(can).unwrap_or_default();
        ClientConfig::new(can, Implementation::new("mcm", env!("CARGO_PKG_VERSION")))
    }
}

/// A question that waits for its answer.
struct Turn(Handler);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.questions.send_modify(|open| *open -= 1);
    }
}

fn sample(server: &str, params: &Value) -> Option<Sample> {
    let message = |message: &Value| {
        let content = message.get("content")?;
        let one = |block: &Value| block.get("text").and_then(Value::as_str).map(str::to_owned);
        let text = match content {
            Value::Array(blocks) => blocks.iter().map(one).collect::<Option<Vec<_>>>()?.join("\n"),
            block => one(block)?,
        };
        Some((message.get("role")?.as_str()?.to_owned(), text))
    };
    Some(Sample {
        server: server.to_owned(),
        system: params.get("systemPrompt").and_then(Value::as_str).map(str::to_owned),
        messages: params
            .get("messages")?
            .as_array()?
            .iter()
            .map(message)
            .collect::<Option<_>>()?,
        max_tokens: params.get("maxTokens").and_then(Value::as_u64),
    })
}

/// The path as a `file:` address.
fn file_uri(path: &Path) -> String {
    use std::{fmt::Write, os::unix::ffi::OsStrExt};
    path.as_os_str()
        .as_bytes()
        .iter()
        .fold("file://".to_owned(), |mut uri, byte| {
            match byte {
                byte if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) => uri.push(char::from(*byte)),
                byte => write!(uri, "%{byte:02X}").expect("writing to a string cannot fail"),
            }
            uri
        })
}

fn error(code: ErrorCode, message: &str) -> ErrorData {
    ErrorData::new(code, message.to_owned(), None)
}
