//! What servers say and ask by themselves, and what they offer besides tools.

use std::{path::PathBuf, sync::Mutex};

use futures::FutureExt;
use mcm::tools::{
    connection::{
        Completable, Listing, OnProgress,
        counterpart::{Elicited, Notice, Sampled, Wanted},
    },
    servers::Sampling,
};

use super::*;
use crate::support::servers;

/// What was heard, and a counterpart that hears it and answers everything.
fn attentive() -> (Arc<Mutex<Vec<Notice>>>, Counterpart) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let counterpart = Counterpart {
        hear: Arc::new(move |server, notice| {
            assert_eq!(server, "toy");
            hears.lock().unwrap().push(notice);
        }),
        elicit: Some(Arc::new(|question| {
            async move {
                match question.wanted {
                    Wanted::Form(_) => {
                        Elicited::Accepted(json!({"said": question.message}).as_object().unwrap().clone())
                    }
                    Wanted::Visit(_) => Elicited::Declined,
                }
            }
            .boxed()
        })),
        write: Some(Arc::new(|sample| {
            async move {
                Ok(Sampled {
                    model: "m".into(),
                    text: format!("{:?} {:?}", sample.system, sample.messages),
                })
            }
            .boxed()
        })),
    };
    (heard, counterpart)
}

fn asked(method: &str, params: Value) -> Value {
    json!({"method": method, "params": params})
}

fn form() -> Value {
    asked(
        "elicitation/create",
        json!({"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}}),
    )
}

fn sampling() -> Value {
    let message = json!({"role": "user", "content": {"type": "text", "text": "Write."}});
    asked(
        "sampling/createMessage",
        json!({"messages": [message], "systemPrompt": "Short.", "maxTokens": 9}),
    )
}

#[tokio::test]
async fn what_a_server_asks_is_answered_as_its_entry_allows() {
    let (heard, counterpart) = attentive();
    let mut entry = stdio("toy", toy_path(), &[]);
    entry.roots = vec![PathBuf::from("/a folder/ä")];
    let refused = Connection::start(&entry, &launch(), counterpart.clone()).await.unwrap();
    let mut answers = Vec::new();
    for question in [
        form(),
        asked(
            "elicitation/create",
            json!({"message": "Pay", "mode": "url", "url": "https://pay.example"}),
        ),
        asked("roots/list", json!({})),
        asked("ping", json!({})),
        sampling(),
        asked("tools/list", json!({})),
    ] {
        answers.push(text(&refused, "ask", question).await);
    }
    // the newer way to ask
    answers.push(text(&refused, "ask_first", form()).await);
    entry.sampling = Sampling::Allowed;
    let allowed = Connection::start(&entry, &launch(), counterpart).await.unwrap();
    answers.push(text(&allowed, "ask", sampling()).await);
    answers.push(
        text(
            &allowed,
            "ask",
            asked("sampling/createMessage", json!({"messages": "odd"})),
        )
        .await,
    );
    insta::assert_snapshot!(answers.join("\n"));
    insta::assert_debug_snapshot!(heard.lock().unwrap());
}

#[tokio::test]
async fn without_anybody_to_ask_a_question_is_declined() {
    let (heard, mut counterpart) = attentive();
    (counterpart.elicit, counterpart.write) = (None, None);
    let server = Connection::start(&stdio("toy", toy_path(), &[]), &launch(), counterpart)
        .await
        .unwrap();
    assert_eq!(text(&server, "ask", form()).await, r#"{"action":"decline"}"#);
    let declined = Notice::Declined {
        message: "Who?".into(),
        reason: "there is no terminal to ask on",
    };
    assert_eq!(*heard.lock().unwrap(), [declined]);
}

#[tokio::test]
async fn logs_and_changes_are_heard_and_progress_by_the_call_it_belongs_to() {
    let (heard, counterpart) = attentive();
    let server = Connection::start(&stdio("toy", toy_path(), &[]), &launch(), counterpart)
        .await
        .unwrap();
    text(&server, "log", json!({"text": "disk almost full"})).await;
    text(&server, "change", json!({})).await;
    let signs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&signs);
    let on_progress: OnProgress = Arc::new(move |progress| seen.lock().unwrap().push(progress));
    let limits = CallLimits::new(LIMIT);
    server
        .call("progress", Default::default(), limits, Some(on_progress))
        .await
        .unwrap();
    text(&server, "progress", json!({})).await;
    insta::assert_debug_snapshot!((&*heard.lock().unwrap(), &*signs.lock().unwrap()));
}

#[tokio::test]
async fn signs_of_progress_give_a_call_more_time_but_not_for_ever() {
    let server = toy(&[]).await;
    let limits = CallLimits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(60),
    };
    let arguments = json!({"signs": 6, "ms": 500}).as_object().unwrap().clone();
    let result = server.call("steady", arguments.clone(), limits, None).await.unwrap();
    assert_eq!(result.content, [Content::Text("done".into())]);
    let impatient = CallLimits {
        idle: LIMIT,
        total: Duration::from_millis(700),
    };
    let error = server.call("steady", arguments, impatient, None).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn resources_prompts_and_completions_are_there_besides_tools() {
    let server = toy(&[]).await;
    let limits = CallLimits::new(LIMIT);
    let list = async |listing| server.list(listing, LIMIT).await.unwrap();
    let lists = (
        list(Listing::Resources).await,
        list(Listing::Templates).await,
        list(Listing::Prompts).await,
    );
    let who = json!({"who": "Ada"}).as_object().unwrap().clone();
    insta::assert_debug_snapshot!((
        lists,
        server.read_resource("toy://both", limits).await,
        server.read_resource("toy://empty", limits).await,
        server.prompt("greet", &who, limits).await,
        server.complete(Completable::Prompt("greet"), "who", "a", limits).await,
    ));
}

#[tokio::test]
async fn servers_of_the_oldest_and_of_the_newest_protocol_are_spoken_to() {
    for mode in ["old", "new"] {
        let server = toy(&[mode]).await;
        assert_eq!(text(&server, "echo", json!({"text": mode})).await, mode);
    }
}

#[test]
fn scripts_reach_what_servers_offer_besides_tools() {
    let script = r#"
import asyncio
both = tools.read_resource("toy", "toy://both")
answer({
    "resources": [r.get("uri") or r["uriTemplate"] for r in tools.resources("toy")],
    "json": tools.read_resource("toy", "toy://a")["of"],
    "blob": (both[1].mime, both[1].size),
    "prompts": [p["name"] for p in tools.prompts("toy")],
    "prompt": tools.prompt("toy", "greet", who="Ada"),
    "complete": asyncio.run(tools.complete.aio("toy", "greet", "who", "al")),
})
"#;
    let run = Program::new(["run", "-c", script])
        .servers(&json!({ "toy": servers::toy(&[]) }))
        .run();
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn what_scripts_ask_for_besides_tools_must_be_there_and_may_be_denied() {
    for (script, says) in [
        (r#"tools.resources("toyy")"#, "there is no server `toyy` (servers: toy)"),
        (r#"tools.read_resource("toy", 3)"#, "argument `uri`: must be a str"),
        (r#"tools.read_resource("toy", "toy://empty")"#, "the resource is empty"),
    ] {
        let run = Program::new(["run", "-c", script])
            .servers(&json!({ "toy": servers::toy(&[]) }))
            .run();
        assert!(run.stderr.contains(says), "{script}: {}", run.stderr);
    }
    let script = r#"tools.read_resource("toy", "toy://a")"#;
    let run = Program::new(["run", "--deny", "toy.read_resource", "-c", script])
        .servers(&json!({ "toy": servers::toy(&[]) }))
        .run();
    assert!(run.stderr.contains("ToolDenied"), "{}", run.stderr);
}

#[tokio::test]
async fn the_users_time_to_think_is_not_the_servers() {
    let (_, mut counterpart) = attentive();
    counterpart.elicit = Some(Arc::new(|_| {
        async {
            tokio::time::sleep(Duration::from_secs(6)).await;
            Elicited::Declined
        }
        .boxed()
    }));
    let server = Connection::start(&stdio("toy", toy_path(), &[]), &launch(), counterpart)
        .await
        .unwrap();
    let arguments = form().as_object().unwrap().clone();
    let limits = CallLimits::within(Duration::from_secs(4));
    let result = server.call("ask", arguments, limits, None).await.unwrap();
    assert_eq!(result.content, [Content::Text(r#"{"action":"decline"}"#.into())]);
}

#[tokio::test]
async fn an_address_that_is_none_of_the_web_is_shown_to_nobody() {
    let (heard, counterpart) = attentive();
    let server = Connection::start(&stdio("toy", toy_path(), &[]), &launch(), counterpart)
        .await
        .unwrap();
    let question = asked(
        "elicitation/create",
        json!({"message": "Look", "mode": "url", "url": "file:///tmp/x.desktop"}),
    );
    assert_eq!(text(&server, "ask", question).await, r#"{"action":"decline"}"#);
    let reason = "its address is none of the web";
    let declined = Notice::Declined {
        message: "Look".into(),
        reason,
    };
    assert_eq!(*heard.lock().unwrap(), [declined]);
}
