//! One request to a server: sent, waited for within its limits, cancelled when nobody waits any more.

use std::time::Duration;

use rmcp::{
    RoleClient,
    model::{CancelledNotification, CancelledNotificationParam, ClientRequest, CustomRequest, RequestId, ServerResult},
    service::{Peer, PeerRequestOptions, ServiceError},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    CallError, Connection, OnProgress, end_of,
    handler::Watch,
    pipe::TOO_LARGE,
    start::{refuses_one, root_cause, too_large},
};

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Without a sign of progress.
    pub idle: Duration,
    /// In all.
    pub total: Duration,
}

impl CallLimits {
    /// How much longer a call may take that keeps giving signs of progress.
    const PATIENCE: u32 = 10;

    /// For a call that may be `idle` without a sign of progress, and ten times as long with.
    pub fn new(idle: Duration) -> Self {
        Self {
            idle,
            total: idle.saturating_mul(Self::PATIENCE),
        }
    }

    /// For a request that must be answered within `limit`.
    pub fn within(limit: Duration) -> Self {
        Self {
            idle: limit,
            total: limit,
        }
    }
}

impl Connection {
    pub(super) async fn request(
        &self,
        method: &str,
        params: Value,
        limits: CallLimits,
        on_progress: Option<OnProgress>,
    ) -> Result<Value, CallError> {
        if self.is_closed() {
            return Err(self.closed("it is not running any more").await);
        }
        let request = ClientRequest::CustomRequest(CustomRequest::new(method, Some(params)));
        let sent = self
            .peer
            .send_cancellable_request(request, PeerRequestOptions::no_options());
        let handle = match timeout(limits.idle, sent).await {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => return Err(self.explain(error).await),
            Err(_) => return Err(CallError::TimedOut { limit: limits.idle }),
        };
        let watch = self.handler.watch(handle.progress_token.clone(), on_progress);
        let mut guard = CancelOnDrop {
            peer: self.peer.clone(),
            id: Some(handle.id.clone()),
        };
        let answer = tokio::select! {
            answer = handle.await_response() => answer,
            limit = over(limits, &watch) => return Err(CallError::TimedOut { limit }),
        };
        guard.id = None;
        match answer {
            Ok(ServerResult::CustomResult(result)) => self.within_limit(result.0),
            Ok(typed) => self.within_limit(serde_json::to_value(typed).unwrap_or_default()),
            Err(error) => Err(self.explain(error).await),
        }
    }

    async fn explain(&self, error: ServiceError) -> CallError {
        match error {
            ServiceError::McpError(error) if error.code.0 == TOO_LARGE => {
                let size = error.data.as_ref().and_then(|data| data.get("size"));
                CallError::TooLarge {
                    size: size.and_then(Value::as_u64),
                    limit: self.result_limit,
                }
            }
            ServiceError::McpError(error) => CallError::Protocol {
                code: error.code.0.into(),
                message: self.entry.mask(&error.message),
                data: error.data,
            },
            ServiceError::TransportSend(error) if too_large(error.error.as_ref()) => CallError::TooLarge {
                size: None,
                limit: self.result_limit,
            },
            ServiceError::TransportSend(error) if refuses_one(error.error.as_ref()) => CallError::Refused {
                message: self.entry.mask(&format!(
                    "server `{}`: {}",
                    self.entry.name,
                    root_cause(error.error.as_ref())
                )),
            },
            ServiceError::TransportSend(error) if self.process.is_none() => {
                self.closed(&root_cause(error.error.as_ref())).await
            }
            ServiceError::TransportSend(_) | ServiceError::TransportClosed => {
                self.closed("it closed the connection").await
            }
            other => self.closed(&other.to_string()).await,
        }
    }

    /// Over HTTP an event may be longer than the limit, see `http`; a pipe has held to it already.
    fn within_limit(&self, result: Value) -> Result<Value, CallError> {
        if self.process.is_some() {
            return Ok(result);
        }
        match result.to_string().len() {
            size if size > self.result_limit => Err(CallError::TooLarge {
                size: Some(size as u64),
                limit: self.result_limit,
            }),
            _ => Ok(result),
        }
    }

    async fn closed(&self, message: &str) -> CallError {
        let end = match &self.process {
            Some(process) => end_of(process).await,
            None => String::new(),
        };
        CallError::Closed {
            message: self
                .entry
                .mask(&format!("server `{}`: {message}{end}", self.entry.name)),
        }
    }
}

/// Waits until a call has taken too long; the limit that it reached. While the user thinks about a question of the
/// server's, its time stands still.
async fn over(limits: CallLimits, watch: &Watch) -> Duration {
    let mut questions = watch.questions();
    let mut end = Instant::now() + limits.total;
    loop {
        let paused = Instant::now();
        // an error would say that the connection is gone, whose end the answer tells
        let _ = questions.wait_for(|open| *open == 0).await;
        end += paused.elapsed();
        let idle = Instant::now() + limits.idle;
        tokio::select! {
            biased;
            Ok(_) = questions.wait_for(|open| *open > 0) => {}
            () = watch.sign.notified() => {}
            () = sleep_until(idle.min(end)) => return if end <= idle { limits.total } else { limits.idle },
        }
    }
}

/// Tells the server when nobody waits for an answer any more.
struct CancelOnDrop {
    peer: Peer<RoleClient>,
    id: Option<RequestId>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current()) {
            let peer = self.peer.clone();
            let params: Result<CancelledNotificationParam, _> =
                serde_json::from_value(json!({ "requestId": id, "reason": "nobody waits for it any more" }));
            if let Ok(params) = params {
                runtime.spawn(async move { peer.send_notification(CancelledNotification::new(params).into()).await });
            }
        }
    }
}
