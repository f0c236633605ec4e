//! State between calls, who waits for whom, and who is asked.

use std::time::Duration;

use mcm::serve::{Crowded, Full, Queue, Sessions};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{client, program, sleeping};
use crate::{
    support::asked::holds,
    support::mcp::{Client, text},
};

#[test]
fn variables_stay_in_a_session_and_nowhere_else() {
    let mut client = client();
    let begun = client.run_in("a", "x = toy.echo(text='kept')\nx");
    holds(text(&begun), &["Session `a` began with this script."]);
    let later = client.run_in("a", "x");
    assert_eq!(later["structuredContent"]["result"], "kept");
    assert_eq!(text(&later), "Result:\nkept");
    assert_eq!(
        client.run_in("b", "x")["structuredContent"]["diagnostics"]["code"],
        "RUNTIME_ERROR"
    );
    assert_eq!(
        client.run("x")["structuredContent"]["diagnostics"]["code"],
        "RUNTIME_ERROR"
    );
    client.close().expect(0);
}

#[test]
fn a_script_that_fails_in_any_way_leaves_its_session_as_it_was() {
    let mut client = client();
    client.run_in("a", "x = [1]");
    let scripts = [
        ("x.append(2)\n1 / 0", "RUNTIME_ERROR"),
        ("x.append(3)\nwhile True: pass", "TIMEOUT"),
        ("x.append(4)\nb = bytearray(400 << 20)", "MEMORY_LIMIT"),
    ];
    for (code, ends) in scripts {
        let failed = client.call("execute_code", &json!({"code": code, "session": "a", "timeout": 2}));
        assert_eq!(failed["structuredContent"]["diagnostics"]["code"], ends, "{failed}");
        assert_eq!(client.run_in("a", "x")["structuredContent"]["result"], json!([1]));
    }
    client.close().expect(0);
}

#[test]
fn a_cancelled_script_ends_at_once_and_is_not_answered() {
    let program = program([]);
    let folder = program.folder();
    let mut client = Client::connected(program);
    client.run_in("a", "x = 1");
    let id = sleeping(&mut client, &folder, "a");
    let waiting = client.begin("execute_code", &json!({"code": "x = 2", "session": "a"}));
    for id in [waiting, id] {
        let params = json!({"requestId": id, "reason": "enough"});
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    }
    assert_eq!(client.run_in("a", "x")["structuredContent"]["result"], 1);
    assert_eq!(client.run("toy.echo(text='on')")["structuredContent"]["result"], "on");
    assert_eq!(client.rest(), Vec::<Value>::new());
    client.close().expect(0);
}

#[test]
fn twenty_scripts_at_a_time_do_not_mix() {
    let mut client = client();
    let ids: Vec<_> = (0..20)
        .map(|n| {
            let code = format!("parts = [toy.echo(text=f'{n}-{{i}}') for i in range(5)]\nprint({n})\nanswer(parts)");
            let arguments = if n % 2 == 0 {
                json!({ "code": code })
            } else {
                json!({"code": code, "session": format!("s{n}")})
            };
            client.begin("execute_code", &arguments)
        })
        .collect();
    for (n, id) in ids.into_iter().enumerate() {
        let record = client.result(id)["structuredContent"].take();
        let parts: Vec<_> = (0..5).map(|i| format!("{n}-{i}")).collect();
        assert_eq!(record["result"], json!(parts));
        assert_eq!(record["stdout"], format!("{n}\n"));
        assert_eq!(record["calls"].as_array().unwrap().len(), 5);
    }
    client.close().expect(0);
}

#[test]
fn eight_run_at_a_time_and_sixty_four_wait() {
    let mut client = client();
    for _ in 0..73 {
        client.begin("execute_code", &json!({"code": "toy.sleep(ms=100_000)"}));
    }
    let refused = client.message(|message| message.get("result").is_some());
    assert_eq!(refused["result"]["isError"], true);
    holds(text(&refused["result"]), &["64 calls wait already"]);
    client.close().expect(0);
}

#[tokio::test]
async fn a_place_is_given_back_and_nobody_is_refused_who_need_not_wait() {
    let queue = Queue::new(1, 0);
    let (said, place) = queue.enter(async { "in" }).await.unwrap();
    assert_eq!(said, "in");
    assert_eq!(queue.enter(async {}).await.err(), Some(Full { waiting: 0 }));
    drop(place);
    queue.idle().await;
    assert!(queue.enter(async {}).await.is_ok());
}

#[test]
fn the_session_that_is_idle_longest_makes_room_and_one_in_use_never_does() {
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let sessions: Sessions<u32> = Sessions::new(2, 60 * second);
    let used = sessions.named("used", start).unwrap();
    drop(sessions.named("idle", start + second).unwrap());
    drop(sessions.named("third", start + 2 * second).unwrap());
    *used.try_lock().unwrap() = Some(1);
    let again = sessions.named("idle", start + 3 * second).unwrap();
    assert_eq!(*again.try_lock().unwrap(), None, "it was forgotten");
    assert_eq!(
        sessions.named("fourth", start + 4 * second).err(),
        Some(Crowded { most: 2 })
    );
    drop((used, again));
    sessions.used("used", start + 50 * second);
    sessions.expire(start + 70 * second);
    let [used, idle] = ["used", "idle"].map(|name| sessions.named(name, start + 80 * second).unwrap());
    assert_eq!(*used.try_lock().unwrap(), Some(1));
    assert_eq!(*idle.try_lock().unwrap(), None);
}

#[test]
fn a_call_that_needs_approval_says_how_to_allow_it_where_nobody_can_be_asked() {
    let mut client = Client::connected(program(["--ask", "toy.write"]));
    let denied = client.run("try:\n    toy.write()\nexcept ToolDenied as e:\n    answer(e.message)");
    holds(
        denied["structuredContent"]["result"].as_str().unwrap(),
        &["approval", "`--yes`"],
    );
    assert_eq!(denied["structuredContent"]["calls"][0]["status"], "denied");
    client.close().expect(0);
}

#[test]
fn the_clients_user_is_asked_where_the_client_can_ask() {
    let mut client = Client::able_to(&json!({"elicitation": {}}), program(["--ask", "toy.write"]));
    let mut asked = |session: &str, answer: Value| {
        let code = "try:\n    r = toy.write(a=1)\nexcept ToolDenied as e:\n    r = 'denied'\nr";
        let id = client.begin("execute_code", &json!({"code": code, "session": session}));
        let question = client.told("elicitation/create");
        holds(
            question["params"]["message"].as_str().unwrap(),
            &["`toy.write`", "{\"a\":1}"],
        );
        client.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": answer}));
        client.result(id)["structuredContent"]["result"].clone()
    };
    let said = |answer: &str| json!({"action": "accept", "content": {"answer": answer}});
    assert_eq!(asked("once", said("once")), "written");
    assert_eq!(asked("once", json!({"action": "cancel"})), "denied");
    assert_eq!(asked("once", said("session")), "written");
    assert_eq!(asked("no", json!({"action": "decline"})), "denied");
    assert_eq!(
        client.run_in("once", "toy.write()")["structuredContent"]["result"],
        "written"
    );
    assert_eq!(
        client.run_in("no", "toy.write()")["structuredContent"]["calls"][0]["status"],
        "denied"
    );
    assert_eq!(client.rest(), Vec::<Value>::new(), "both were settled");
    let id = client.begin("execute_code", &json!({"code": "toy.write()"}));
    let question = client.told("elicitation/create");
    let params = json!({ "requestId": id });
    client.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    let withdrawn = client.told("notifications/cancelled");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    client.close().expect(0);
}
