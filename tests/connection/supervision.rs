//! Servers that end, and what becomes of them.

use mcm::tools::connection::{ToolList, counterpart::Notice};
use std::sync::Mutex;

use super::*;

async fn call_of(client: &Client, tool: &str, arguments: Value) -> Result<CallResult, CallError> {
    let arguments = arguments.as_object().unwrap().clone();
    client
        .on(async |server| server.call(tool, arguments, CallLimits::new(LIMIT), None).await)
        .await
}

fn said(result: Result<CallResult, CallError>) -> String {
    match result.unwrap().content.as_slice() {
        [Content::Text(text)] => text.clone(),
        other => panic!("not one text: {other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_died_is_started_again_by_the_next_call() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let counterpart = Counterpart {
        hear: Arc::new(move |_, notice| hears.lock().unwrap().push(notice)),
        ..Counterpart::none()
    };
    let client = Client::new(stdio("toy", toy_path(), &["child"]), launch(), counterpart);
    let first = said(call_of(&client, "pid", json!({})).await);
    let child = said(call_of(&client, "child", json!({})).await);
    let died = call_of(&client, "die", json!({})).await.unwrap_err().to_string();
    assert!(died.contains("exit code 7"), "{died}");
    // however many calls come, it is started once
    let calls = join_all((0..8).map(|_| call_of(&client, "pid", json!({})))).await;
    let again: Vec<String> = calls.into_iter().map(said).collect();
    assert!(again.iter().all(|pid| *pid == again[0] && *pid != first), "{again:?}");
    gone(&child).await;
    let heard = heard.lock().unwrap();
    let [Notice::Restarting { message }] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!(message, "it ended (exit code 7); it wrote:\ngiving up");
}

#[tokio::test]
async fn a_server_that_is_killed_between_calls_is_started_again() {
    let client = Client::new(stdio("toy", toy_path(), &[]), launch(), Counterpart::none());
    let pid = said(call_of(&client, "pid", json!({})).await);
    // SAFETY: kill takes two integers
    unsafe { libc::kill(pid.parse().unwrap(), libc::SIGKILL) };
    gone(&pid).await;
    // whether the client has noticed by now or not, the next call but one reaches a living one
    let _ = call_of(&client, "pid", json!({})).await;
    assert_ne!(said(call_of(&client, "pid", json!({})).await), pid);
}

#[tokio::test]
async fn a_server_that_could_not_be_started_is_tried_again_by_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let entry = stdio("toy", toy_path(), &["die-once", mark.to_str().unwrap()]);
    let client = Client::new(entry, launch(), Counterpart::none());
    let error = client.start().await.unwrap_err().to_string();
    assert!(
        error.contains("exit code 4") && error.contains("it is too early"),
        "{error}"
    );
    assert_eq!(said(call_of(&client, "echo", json!({"text": "now"})).await), "now");
}

#[tokio::test]
async fn after_its_end_nothing_is_started_any_more_and_a_start_under_way_is_given_up() {
    let client = Client::new(stdio("toy", toy_path(), &["silent"]), launch(), Counterpart::none());
    let (started, ()) = tokio::join!(client.start(), async {
        tokio::task::yield_now().await;
        client.close().await;
    });
    assert_eq!(started.unwrap_err().message, "it has been ended");
    let error = call_of(&client, "echo", json!({"text": ""})).await.unwrap_err();
    assert_eq!(error.to_string(), "server `toy`: it has been ended");
}

#[tokio::test]
async fn a_server_that_takes_no_more_requests_is_given_up_in_time() {
    let client = Client::new(stdio("toy", toy_path(), &["deaf"]), launch(), Counterpart::none());
    client.start().await.unwrap();
    let much = json!({"text": "x".repeat(MIB)}).as_object().unwrap().clone();
    let limits = CallLimits::within(Duration::from_millis(300));
    let error = client
        .on(async |server| server.call("echo", much, limits, None).await)
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    client.close().await;
}

#[test]
fn a_stubborn_server_and_its_children_are_ended_by_every_way_out() {
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGINT] {
        let program = Program::new(["run", "-c", "toy.echo(text='a')\nwhile True: pass", "--timeout", "600"])
            .servers(&json!({ "toy": { "command": toy_path(), "args": ["stubborn"] } }))
            .start();
        program.wait_for_process("stubborn_child");
        program.signal(signal);
        assert_eq!(program.wait().leftovers, Vec::<String>::new(), "signal {signal}");
    }
}

#[tokio::test]
async fn calls_that_wait_for_a_server_that_cannot_start_fail_together() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let command = format!("echo >>'{}'; exit 5", started.display());
    let entry = stdio("toy", Path::new("sh"), &["-c", &command]);
    let client = Client::new(entry, launch(), Counterpart::none());
    let calls = join_all((0..20).map(|_| call_of(&client, "echo", json!({})))).await;
    assert!(calls.iter().all(Result::is_err));
    assert_eq!(std::fs::read_to_string(&started).unwrap().lines().count(), 1);
    // it is tried again, until the pause between is longer than a call waits
    let mut last = String::new();
    for _ in 0..6 {
        last = call_of(&client, "echo", json!({})).await.unwrap_err().to_string();
        if last.contains("it can be started again in") {
            break;
        }
    }
    assert!(
        last.contains("exit code 5") && last.contains("it can be started again in"),
        "{last}"
    );
}

#[tokio::test]
async fn a_server_that_says_its_tools_have_changed_is_asked_for_them() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let heard = Arc::new(move |list: ToolList| tell.send(list.tools.len()).unwrap());
    let client = Client::hearing(stdio("toy", toy_path(), &[]), launch(), Counterpart::none(), heard);
    said(call_of(&client, "change", json!({})).await);
    assert_eq!(told.recv().await, Some(3));
    client.close().await;
}
