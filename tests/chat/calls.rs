//! What is sent, what is called, and what the model is told of it.

use std::path::Path;

use super::*;

#[test]
fn a_call_has_its_result_in_the_next_request_and_a_reply_without_calls_is_the_answer() {
    let outcome = chat([
        Reply::text("I look.")
            .calling(&[("toy__echo", r#"{"text": "hello"}"#)])
            .usage(100, 10),
        Reply::text("It says hello.").usage(120, 5),
    ])
    .run(0);
    let sent = &outcome.requests[0].body;
    let names: Vec<&Value> = sent["tools"].as_array().expect("tools").iter().collect();
    assert!(names.iter().all(|tool| tool["type"] == "function"), "{names:?}");
    assert_eq!(
        *names[0],
        json!({"type": "function", "function": {"name": "toy__echo", "description": "Gives the text back",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}})
    );
    assert_eq!(
        names[1]["function"],
        json!({"name": "toy__write", "parameters": {"type": "object", "properties": {}}})
    );
    assert_eq!(sent["messages"].as_array().expect("messages").len(), 2);
    let expected = json!([
        {"role": "assistant", "content": "I look.", "tool_calls": [
            {"id": "call_0", "type": "function", "function": {"name": "toy__echo", "arguments": r#"{"text":"hello"}"#}}]},
        {"role": "tool", "content": "hello", "tool_call_id": "call_0"},
    ]);
    assert_eq!(json!(outcome.messages(1, 2)), expected);
    assert_eq!(outcome.requests[1].body["tools"], sent["tools"]);

    let record = &outcome.record;
    assert_eq!(
        (&record["status"], &record["answer"]),
        (&json!("answered"), &json!("It says hello."))
    );
    let usage =
        json!({"prompt_tokens": 220, "completion_tokens": 15, "total_tokens": 235, "model_calls": 2, "tool_calls": 1});
    assert_eq!(record["usage"], usage);
    let [first, last] = record["steps"].as_array().expect("steps").as_slice() else {
        panic!("two steps: {record:#}");
    };
    assert_eq!((&first["script"], &first["reply"]), (&Value::Null, &json!("I look.")));
    assert_eq!((&last["script"], &last["execution"]), (&Value::Null, &Value::Null));
    assert_eq!(outcome.called(0), json!([["toy", "echo", "ok"]]));
    let execution = outcome.execution(0);
    assert_eq!(execution["success"], true);
    assert_eq!(
        (&execution["answered"], &execution["diagnostics"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn calls_of_one_reply_are_made_side_by_side_and_chains_go_on_from_results() {
    let folder = |folder: &Path| json!({ "filesystem": filesystem(folder), "memory": memory(&folder.join("memory.jsonl")), "everything": everything() });
    let entity = r#"{"entities": [{"name": "sum", "entityType": "number", "observations": ["5"]}]}"#;
    let outcome = chat([
        calls(&[
            ("filesystem__read_text_file", r#"{"path": "a.txt"}"#),
            ("filesystem__read_text_file", r#"{"path": "b.txt"}"#),
            ("everything__get-sum", r#"{"a": 2, "b": 3}"#),
        ]),
        calls(&[("memory__create_entities", entity)]),
        calls(&[("memory__search_nodes", r#"{"query": "sum"}"#)]),
        Reply::text("5"),
    ])
    .servers(folder)
    .program(|program| program.file("a.txt", "two").file("b.txt", "three"))
    .run(0);
    assert_eq!(outcome.record["answer"], "5");
    let results = outcome.results(1);
    assert_eq!(&results[..2], ["two", "three"]);
    holds(results[2], &["5"]);
    holds(outcome.results(3)[4], &["observations", "sum"]);
    assert_eq!(outcome.record["usage"]["tool_calls"], 5);
    let written = &outcome.execution(1)["calls"][0]["result"];
    holds(written.as_str().expect("a write's result is kept"), &["sum"]);
}

#[test]
fn whatever_is_wrong_with_a_call_the_model_is_told_and_the_others_are_made() {
    let outcome = chat([
        calls(&[
            ("toy__ecko", r#"{"text": "a"}"#),
            ("echo", r#"{"text": "a"}"#),
            ("no such tool!", "{}"),
            ("toy__echo", r#"{"text": "#),
            ("toy__echo", "[1]"),
            ("toy__echo", r#"{"txt": "a"}"#),
            ("toy__error", "{}"),
            ("toy__pid", ""),
            ("toy__echo", r#""{\"text\": \"twice\"}""#),
        ]),
        Reply::text("done"),
    ])
    .run(0);
    let results = outcome.results(1);
    let expected: [&[&str]; 9] = [
        &["Error: ", "no tool `ecko`", "toy.echo"],
        &["Error: ", "no tool `echo`; did you mean `toy__echo`"],
        &["Error: there is no tool `no such tool!`"],
        &["Error: the arguments are no JSON object (EOF", r#"{"text":"#],
        &["Error: the arguments are no JSON object (a list)"],
        &["Error: ", r#""text" is a required"#],
        &["Error: it went wrong"],
        &[],
        &["twice"],
    ];
    assert_eq!(results.len(), expected.len());
    for (result, parts) in results.iter().zip(expected) {
        holds(result, parts);
    }
    results[7].parse::<u32>().expect("a call without arguments is made");
    let sent = &outcome.messages(1, 2)[0]["tool_calls"];
    assert_eq!(sent[2]["function"]["name"], "no_such_tool_");
    assert_eq!(sent[3]["function"]["arguments"], "{}");
    assert_eq!(
        outcome.called(0),
        json!([
            ["toy", "ecko", "error"],
            ["", "echo", "error"],
            ["", "no such tool!", "error"],
            ["toy", "echo", "error"],
            ["toy", "echo", "error"],
            ["toy", "echo", "error"],
            ["toy", "error", "error"],
            ["toy", "pid", "ok"],
            ["toy", "echo", "ok"]
        ])
    );
    assert_eq!(outcome.execution(0)["calls"][3]["arguments"], r#"{"text": "#);
    assert_eq!(outcome.execution(0)["success"], true);
}

#[test]
fn calls_over_the_limit_of_a_reply_are_not_made() {
    let echo = ("toy__echo", r#"{"text": "a"}"#);
    let outcome = chat([calls(&[echo, echo, echo]), Reply::text("done")])
        .args(["--max-calls", "2"])
        .run(0);
    assert_eq!(
        outcome.results(1),
        ["a", "a", "Error: a reply may make 2 calls (`--max-calls`)"]
    );
    let echo = |status| json!(["toy", "echo", status]);
    assert_eq!(outcome.called(0), json!([echo("ok"), echo("ok"), echo("error")]));
}

#[test]
fn a_denied_tool_is_not_told_of_and_its_call_is_refused() {
    for arguments in [
        ["--deny", "toy.write"],
        ["--read-only", "--yes"],
        ["--ask", "toy.write"],
    ] {
        let outcome = chat([calls(&[("toy__write", "{}")]), Reply::text("not allowed")])
            .args(arguments)
            .run(0);
        let told = outcome.requests[0].body["tools"].to_string().contains("toy__write");
        assert_eq!(told, arguments[0] == "--ask", "{arguments:?}");
        holds(outcome.results(1)[0], &["Denied: `toy.write`", "Do not try it again"]);
        assert_eq!(outcome.called(0), json!([["toy", "write", "denied"]]));
        assert_eq!(outcome.execution(0)["diagnostics"]["code"], "TOOL_ERROR");
    }
}

#[test]
fn secrets_are_masked_in_prompts_tools_and_records() {
    let secret = "leak/of the+server=1";
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/leaky.py");
    let tell = |form: &str| format!(r#"{{"form": "{form}"}}"#);
    let case = chat([
        calls(&[
            ("leaky__tell", &tell("plain")),
            ("leaky__tell", &tell("base64")),
            ("leaky__fail", "{}"),
            ("leaky__tell", &format!(r#"{{"form": "{secret}"}}"#)),
        ]),
        Reply::text("done"),
    ])
    .servers(|_| json!({ "leaky": { "command": "python3", "args": [server], "env": { "LEAK": secret } } }))
    .args(["--record", "record.jsonl"]);
    let home = case.program.again([""; 0]);
    let outcome = case.run(0);
    assert_eq!(outcome.results(1).len(), 4);
    let recorded = std::fs::read_to_string(home.folder().join("record.jsonl")).expect("a recording");
    let requests = outcome.requests.iter().map(|request| request.body.to_string());
    let others = [recorded, outcome.ended.stdout.clone(), outcome.ended.stderr.clone()];
    for text in requests.chain(others) {
        for form in [secret, "leak%2Fof%20the%2Bserver%3D1", "bGVhay9vZiB0aGUrc2VydmVyPT"] {
            assert!(!text.contains(form), "{form} is in:\n{text}");
        }
    }
}

#[test]
fn inputs_and_results_are_shown_in_full_up_to_the_limit_of_output() {
    let long = format!("begin{}end", "x".repeat(5000));
    let outcome = chat([
        calls(&[("toy__echo", &json!({ "text": long }).to_string())]),
        Reply::text("done"),
    ])
    .args([
        "--max-output",
        "1000",
        "--input",
        "n={\"a\": 1}",
        "--input",
        &format!("long={long}"),
    ])
    .run(0);
    let first = outcome.messages(0, 0)[1]["content"].as_str().expect("text");
    holds(
        first,
        &["`n`", "{\"a\": 1}", "`long`", "4,008 characters cut", "the task"],
    );
    holds(outcome.results(1)[0], &["begin", "4,008 characters cut", "end"]);
}

#[test]
fn all_tools_are_sent_whatever_the_budget_of_signatures_is() {
    let outcome = chat([Reply::text("done")]).args(["--tool-budget", "1"]).run(0);
    assert_eq!(outcome.requests[0].body["tools"].as_array().expect("tools").len(), 12);
    holds(
        outcome.messages(0, 0)[0]["content"].as_str().expect("text"),
        &["calling tools"],
    );
}

#[test]
fn a_tool_whose_name_is_a_secret_too_can_be_called_again_and_again() {
    let servers = json!({
        "inventory": toy(&["all-tools"]),
        "other": { "command": "sh", "args": ["-c", "exit 1"], "env": { "PROJECT_TOKEN": "inventory" } },
    });
    let echo = [("inventory__echo", r#"{"text": "a"}"#)];
    let outcome = chat([calls(&echo), calls(&echo), Reply::text("done")])
        .servers(|_| servers)
        .run(0);
    let sent = outcome.requests[2].body["messages"].to_string();
    assert!(sent.matches(r#""name":"inventory__echo""#).count() == 2, "{sent}");
}
