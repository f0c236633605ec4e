//! Asks the client's user about a call, where the client can.
//!
//! - The question shows the real call, secrets masked. No answer is no leave.
//! - Clients of the protocol 2026-07-28 are not asked: a question there ends the request that it belongs to.

use futures::FutureExt as _;
use rmcp::{
    RoleServer,
    model::{ElicitRequestParams, ElicitationAction, ElicitationSchema},
    service::{Peer, RequestContext},
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
    let answer = peer.create_elicitation(params).await.ok()?;
    let said = answer.content.as_ref().and_then(|content| content.get("answer"));
    match (answer.action, said.and_then(Value::as_str)) {
        (ElicitationAction::Accept, Some(ONCE)) => Some(Approval::Call),
        (ElicitationAction::Accept, Some(SESSION)) => Some(Approval::Run),
        (ElicitationAction::Accept, Some(NEVER)) | (ElicitationAction::Decline, _) => Some(Approval::Never),
        _ => None,
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
