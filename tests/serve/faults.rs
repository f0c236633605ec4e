//! Clients and servers that go wrong: a clear answer, and nothing lost for the others.

use serde_json::{Value, json};

use super::{client, program};
use crate::support::{
    asked::holds,
    mcp::{Client, text},
    program::Program,
    servers::{toy, toy_path},
};

#[test]
fn what_is_no_message_is_passed_over() {
    let mut client = Client::start(program([]));
    client.line(b"\n\nthis is no JSON\n\xff\xfe\x00\n{\"jsonrpc\": \"2.0\"\n");
    client.line(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
    client.line(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n");
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": info});
    let hello = client.request("initialize", params);
    assert_eq!(hello["result"]["protocolVersion"], "2025-11-25");
    client.line(b"{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"no/such\"}\n[1, 2]\n{}\n\"text\"\n");
    assert_eq!(client.response(8)["error"]["code"], -32601);
    let long = vec![b'x'; 17 << 20];
    client.line(&long);
    client.line(b"\n");
    assert_eq!(client.run("1 + 1")["structuredContent"]["result"], 2);
    client.line(b"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/li");
    client.close().expect(0);
}

#[test]
fn a_server_that_dies_is_an_error_and_is_started_again() {
    let mut client = client();
    let first = client.run("toy.pid()");
    let died = client.run("toy.die()");
    assert_eq!(died["structuredContent"]["diagnostics"]["code"], "TOOL_ERROR");
    let second = client.run("toy.pid()");
    assert_eq!(second["isError"], false, "{second}");
    assert_ne!(
        first["structuredContent"]["result"],
        second["structuredContent"]["result"]
    );
    client.close().expect(0);
}

#[test]
fn a_client_is_answered_before_a_slow_server_is() {
    let servers = json!({"toy": toy(&[]), "quiet": toy(&["silent"])});
    let mut client = Client::connected(Program::new(["serve"]).servers(&servers));
    let listed = client.request("tools/list", json!({}));
    let description = listed["result"]["tools"][0]["description"].as_str().unwrap();
    holds(description, &["def echo", "Still starting: quiet"]);
    assert_eq!(client.run("toy.echo(text='x')")["structuredContent"]["result"], "x");
    client.close().expect(0);
}

#[test]
fn a_client_hears_of_a_server_that_comes_late() {
    let late = json!({"command": "sh", "args": ["-c", "sleep 7; exec \"$0\"", toy_path()]});
    let mut client = Client::connected(Program::new(["serve"]).servers(&json!({"toy": toy(&[]), "late": late})));
    let description = |client: &mut Client| {
        let listed = client.request("tools/list", json!({}));
        listed["result"]["tools"][0]["description"].as_str().unwrap().to_owned()
    };
    holds(&description(&mut client), &["Still starting: late"]);
    client.told("notifications/tools/list_changed");
    let now = description(&mut client);
    assert!(now.contains("class late:") && !now.contains("Still starting"), "{now}");
    client.close().expect(0);
}

#[test]
fn a_long_result_is_cut_and_its_writes_are_named_first() {
    let mut client = client();
    let told = client.run("answer(['x' * 100] * 5_000)");
    let result = told["structuredContent"]["result"].as_str().unwrap();
    assert!(result.len() < 11_000, "{}", result.len());
    holds(text(&told), &["longer than 10000 characters and is cut"]);
    let failed = client.run("for n in range(30): toy.echo(text=str(n))\ntoy.write()\n1 / 0");
    holds(text(&failed), &["toy.write {}: ok, gave", "and 11 more"]);
    client.close().expect(0);
}

#[test]
fn a_server_that_cannot_start_is_named() {
    let servers = json!({"toy": toy(&[]), "broken": toy(&["die-at-start"])});
    let mut client = Client::connected(Program::new(["serve"]).servers(&servers));
    let listed = client.request("tools/list", json!({}));
    let description = listed["result"]["tools"][0]["description"].as_str().unwrap();
    holds(description, &["def echo", "Not available: broken"]);
    let left = client.close().expect(0);
    holds(&left.stderr, &["broken", "cannot open the database"]);
}

#[test]
fn a_required_server_that_fails_ends_it() {
    let mut broken = toy(&["die-at-start"]);
    broken["required"] = json!(true);
    let servers = json!({"toy": toy(&[]), "broken": broken});
    let client = Client::start(Program::new(["serve"]).servers(&servers));
    let left = client.left().expect(3);
    holds(&left.stderr, &["required server `broken`"]);
}

#[test]
fn servers_that_nobody_trusts_end_it_with_what_to_type() {
    let text = json!({"servers": {"toy": toy(&[])}}).to_string();
    let client = Client::start(Program::new(["serve"]).file("mcp_servers.json", &text));
    let left = client.left().expect(2);
    holds(&left.stderr, &["not trusted", "mcm trust"]);
}

#[test]
fn secrets_do_not_reach_the_client() {
    let mut entry = toy(&["all-tools"]);
    entry["env"] = json!({"TOKEN": "very-secret-token"});
    let mut client = Client::connected(Program::new(["serve"]).servers(&json!({ "toy": entry })));
    let told = client.run("s = toy.variable(name='TOKEN')\nprint(s)\nanswer([len(s), s])");
    assert_eq!(told["structuredContent"]["result"][0], 17);
    assert!(!told.to_string().contains("very-secret-token"), "{told}");
    let failed = client.run("raise ValueError(toy.variable(name='TOKEN'))");
    assert!(!text(&failed).contains("very-secret-token"), "{failed}");
    assert_eq!(client.rest(), Vec::<Value>::new());
    client.close().expect(0);
}
