//! How it ends, and what a client is told to start it by.

use std::time::Duration;

use serde_json::{Value, json};

use super::{program, sleeping};
use crate::support::{
    asked::holds,
    mcp::{Client, text},
    program::Program,
};

#[test]
fn a_client_that_goes_in_mid_call_leaves_nothing_behind() {
    let program = program([]);
    let folder = program.folder();
    let mut client = Client::connected(program);
    sleeping(&mut client, &folder, "a");
    let left = client.close().expect(0);
    // five seconds for the script, and some for the servers
    assert!(left.elapsed < Duration::from_secs(30), "{:?}", left.elapsed);
}

#[test]
fn what_runs_when_the_input_ends_is_answered() {
    let mut client = Client::connected(program([]));
    let id = client.begin("execute_code", &json!({"code": "toy.sleep(ms=300)\n'done'"}));
    // so that it has begun
    client.run("toy.echo(text='x')");
    client.hang_up();
    assert_eq!(client.result(id)["structuredContent"]["result"], "done");
    client.left().expect(0);
}

#[test]
fn a_signal_lets_what_runs_end() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let program = program([]);
        let folder = program.folder();
        let mut client = Client::connected(program);
        let code = "toy.sleep(ms=1_000, mark='mark')\n'done'";
        let id = client.begin("execute_code", &json!({ "code": code }));
        while !folder.join("mark").exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        client.signal(signal);
        let result = client.result(id);
        assert_eq!(result["structuredContent"]["result"], "done", "{}", text(&result));
        client.left().expect(130);
    }
}

#[test]
fn a_killed_one_leaves_nothing_behind() {
    let program = program([]);
    let folder = program.folder();
    let mut client = Client::connected(program);
    sleeping(&mut client, &folder, "a");
    client.signal(libc::SIGKILL);
    assert_eq!(client.left().processes, Vec::<String>::new());
}

#[test]
fn a_configuration_is_printed_with_whole_paths_and_all_other_flags() {
    let print = |client: &str| {
        let arguments = [
            "serve",
            "--config",
            "a.json",
            "--print-config",
            client,
            "--read-only",
            "--deny=x.*",
        ];
        let program = Program::new(arguments).file("a.json", "{\"servers\": {}}");
        let folder = program.folder();
        (program.run().expect(0).json(), folder)
    };
    let entry = |folder: &std::path::Path| {
        let config = folder.join("a.json");
        json!({
            "command": env!("CARGO_BIN_EXE_mcm"),
            "args": ["serve", "--config", config, "--read-only", "--deny=x.*"],
        })
    };
    for client in ["claude", "cursor"] {
        let (printed, folder) = print(client);
        assert_eq!(printed, json!({"mcpServers": {"mcm": entry(&folder)}}));
    }
    let (printed, folder) = print("vscode");
    let mut entry: Value = entry(&folder);
    entry["type"] = json!("stdio");
    assert_eq!(printed, json!({"servers": {"mcm": entry}}));
    let ended = Program::new(["serve", "--print-config", "claude"]).run().expect(0);
    holds(&ended.stderr, &["without `--config FILE`"]);
}
