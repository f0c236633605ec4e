//! Asks the client's user about a call, where the client can.
//!
//! - The question shows the real call, secrets masked. No answer is no leave.
//! - A call that is given up takes its question with it.
//! - Clients of the protocol 2026-07-28 are not asked: a question there ends the request that it belongs to.

use futures::FutureExt as _;
use rmcp::{
    RoleServer,
    model::{
        CancelledNotificationParam, ClientResult, ElicitRequest, ElicitRequestParams, ElicitationAction,
        ElicitationSchema, RequestId, ServerRequest,
    },
    service::{Peer, PeerRequestOptions, RequestContext},
};
use serde_json::{Value, json};

use crate::host::{Approval, Ask, Question};

/// Characters of a call's arguments that are shown.
const MAX_ARGUMENTS: usize = 2_000;
/// Answers, as they are sent and shown.
const ONCE: &str = "once";
const SESSION: &str = "session";
const NEVER: &str = "no";

/// How to ask whoever sits at this client; `None` where it cannot.
pub(super) fn of(context: &RequestContext<RoleServer>) -> Option<Ask> {
    let can_ask = context
        .protocol_version()
        .is_none_or(|version| version.has_initialize())
        && context
            .client_capabilities()
            .and_then(|capabilities| capabilities.elicitation)
            .is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none());
    let peer = context.peer.clone();
    can_ask.then(|| -> Ask { std::sync::Arc::new(move |question| ask(peer.clone(), question).boxed()) })
}

async fn ask(peer: Peer<RoleServer>, question: Question) -> Option<Approval> {
    let arguments = question.arguments.to_string();
    let (arguments, cut) = match arguments.char_indices().nth(MAX_ARGUMENTS) {
        Some((end, _)) => (&arguments[..end], " … (cut)"),
        None => (&arguments[..], ""),
    };
    let Question { server, tool, .. } = &question;
    let params = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: format!("A script wants to call `{server}.{tool}` with {arguments}{cut}. May it?"),
        requested_schema: schema(),
    };
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
    let sent = peer.send_cancellable_request(request, PeerRequestOptions::no_options());
    let asked = sent.await.ok()?;
    let mut open = Open {
        peer: peer.clone(),
        id: Some(asked.id.clone()),
    };
    let answered = asked.await_response().await;
    open.id = None;
    let Ok(ClientResult::ElicitResult(answer)) = answered else {
        return None;
    };
    let said = answer.content.as_ref().and_then(|content| content.get("answer"));
    match (answer.action, said.and_then(Value::as_str)) {
        (ElicitationAction::Accept, Some(ONCE)) => Some(Approval::Call),
        (ElicitationAction::Accept, Some(SESSION)) => Some(Approval::Run),
        (ElicitationAction::Accept, Some(NEVER)) | (ElicitationAction::Decline, _) => Some(Approval::Never),
        _ => None,
    }
}

/// A question that waits for its answer; who gives up the call withdraws it.
struct Open {
    peer: Peer<RoleServer>,
    id: Option<RequestId>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        let (peer, reason) = (self.peer.clone(), "the script has ended".to_owned());
        tokio::spawn(async move {
            // a client that is gone shows no question
            let _ = peer
                .notify_cancelled(CancelledNotificationParam::new(Some(id), Some(reason)))
                .await;
        });
    }
}

fn schema() -> ElicitationSchema {
    let schema = json!({
        "type": "object",
        "properties": {"answer": {
            "type": "string",
            "title": "Answer",
            "enum": [ONCE, SESSION, NEVER],
            "enumNames": ["this call", "this tool, until the script or its session ends", "no"],
        }},
        "required": ["answer"],
    });
    serde_json::from_value(schema).expect("it is such a schema")
}
