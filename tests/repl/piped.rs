//! Tasks that come from a pipe, one a line.

use serde_json::json;

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::toy,
};

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

fn repl(endpoint: &Endpoint, typed: &str) -> Program {
    Program::new(["repl"])
        .model(&endpoint.base_url())
        .servers(&json!({ "toy": toy(&[]) }))
        .stdin(typed)
}

#[test]
fn answers_and_nothing_else_go_to_stdout() {
    let endpoint = Endpoint::start([script("x = 1\nanswer({'x': x})"), script("answer(f'{x + 1} now')")]);
    let typed = "first\n\n!for n in range(2):\n    print(n)\n\nsecond \\\nof two lines\n/vars\n";
    let ended = repl(&endpoint, typed).run().expect(0);
    assert_eq!(ended.stdout, "{\"x\":1}\n0\n1\n2 now\nx  int    1\nn  int    1\n");
    assert!(
        !ended.stderr.contains("mcm> ") && !ended.stderr.contains('\x1b'),
        "{}",
        ended.stderr
    );
    assert!(endpoint.requests()[1].last_message().contains("second \nof two lines"));
}

#[test]
fn a_task_that_fails_shows_in_the_exit_code_and_the_next_is_done() {
    let endpoint = Endpoint::start([Reply::error(401, "no"), script("answer('next')")]);
    let ended = repl(&endpoint, "first\nsecond\n").run().expect(1);
    assert_eq!(ended.stdout, "next\n");
    assert!(ended.stderr.contains("401"), "{}", ended.stderr);
}

#[test]
fn the_last_line_needs_no_end_and_quit_leaves_the_rest() {
    let endpoint = Endpoint::start([]);
    let ended = repl(&endpoint, "!print(1)\n!print(2)").run().expect(0);
    assert_eq!(ended.stdout, "1\n2\n");
    let ended = repl(&endpoint, "!print(1)\n/q\n!print(2)\n").run().expect(0);
    assert_eq!(ended.stdout, "1\n");
}

#[test]
fn an_interrupt_ends_all_of_it() {
    let endpoint = Endpoint::start([]);
    let started = repl(&endpoint, "!toy.sleep(ms=100_000, mark='mark')\n!print('never')\n")
        .file(
            "mcp_servers.json",
            &json!({ "servers": { "toy": toy(&["all-tools"]) } }).to_string(),
        )
        .start();
    started.wait_for_file("mark");
    started.signal(libc::SIGINT);
    let ended = started.wait().expect(130);
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_server_that_is_needed_and_fails_ends_it() {
    let endpoint = Endpoint::start([]);
    let ended = repl(&endpoint, "!print(1)\n")
        .file(
            "mcp_servers.json",
            r#"{"servers": {"gone": {"command": "false", "required": true}}}"#,
        )
        .run()
        .expect(3);
    assert!(ended.stderr.contains("required server `gone`"), "{}", ended.stderr);
}
