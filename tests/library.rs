//! The library as other programs use it: `examples/library.rs`, with a real endpoint, server and worker.

use serde_json::json;

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::{library_path, toy},
};

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

#[test]
fn a_program_of_ones_own_does_a_task_and_leaves_nothing_behind() {
    let endpoint = Endpoint::start([
        script("print(toy.echo(text='hello'))\nint('x')"),
        script("answer({'said': toy.echo(text='hello'), 'also': llm_query('one word?')})"),
        Reply::text("yes"),
    ]);
    let url = endpoint.base_url();
    let program = Program::of(library_path(), ["the task", &url, "test-model"]);
    let ended = program
        .file(
            "mcp_servers.json",
            &json!({ "servers": { "toy": toy(&["all-tools"]) } }).to_string(),
        )
        .run()
        .expect(0);
    assert_eq!(ended.json(), json!({ "said": "hello", "also": "yes" }));
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.leftovers, Vec::<String>::new());
    assert!(endpoint.requests()[1].last_message().contains("ValueError"));
}

#[test]
fn what_keeps_it_from_an_answer_comes_back_as_an_error() {
    let run = |servers: serde_json::Value, url: &str| {
        let program = Program::of(library_path(), ["the task", url, "m"]);
        let text = json!({ "servers": servers }).to_string();
        program.file("mcp_servers.json", &text).run().expect(1).stderr
    };
    let endpoint = Endpoint::start([]);
    let gone = run(
        json!({ "gone": { "command": "no-such-program" } }),
        &endpoint.base_url(),
    );
    assert!(gone.contains("gone") && gone.contains("no-such-program"), "{gone}");
    assert_eq!(endpoint.requests().len(), 0);
    let nobody = run(json!({}), "http://127.0.0.1:9/v1");
    assert!(nobody.contains("127.0.0.1:9"), "{nobody}");
}
