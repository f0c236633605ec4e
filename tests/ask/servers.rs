//! Servers that do not start, are not trusted, or die.

use super::*;

/// The usual program with this configuration, not trusted.
fn untrusted(configuration: &str) -> (Endpoint, Program) {
    let endpoint = Endpoint::start([script("answer(toy.echo(text='trusted'))")]);
    let program = Program::new(["ask", "the task"]).model(&endpoint.base_url());
    (endpoint, program.file("mcp_servers.json", configuration))
}

#[test]
fn a_broken_configuration_is_shown_with_line_and_column() {
    let (endpoint, program) = untrusted("{\n  \"servers\": {\n    \"a\": oops\n  }\n}");
    let ended = program.run().expect(2);
    holds(&ended.stderr, &["mcp_servers.json:3:10: ", "mend the line"]);
    assert_eq!(ended.stdout, "");
    assert!(endpoint.requests().is_empty());
}

#[test]
fn an_untrusted_folder_ends_before_anything_runs_with_the_line_to_type() {
    let servers = json!({ "servers": { "toy": { "command": "touch", "args": ["started"] } } }).to_string();
    let (endpoint, program) = untrusted(&servers);
    let ended = program.run().expect(2);
    holds(&ended.stderr, &["not trusted", "touch started", "type: mcm trust"]);
    assert_eq!(ended.stdout, "");
    assert!(endpoint.requests().is_empty());
}

#[test]
fn trust_is_kept_for_this_configuration_until_it_changes() {
    let configuration = |modes| json!({ "servers": { "toy": toy(modes) } }).to_string();
    let (endpoint, program) = untrusted(&configuration(&[]));
    let again = |verb: &[&str]| program.again(verb).model(&endpoint.base_url()).run();
    holds(&again(&["trust"]).expect(0).stderr, &["trusted: toy"]);
    assert_eq!(again(&["ask", "the task"]).expect(0).stdout, "trusted\n");
    std::fs::write(program.folder().join("mcp_servers.json"), configuration(&["flood"])).expect("a file");
    holds(
        &again(&["ask", "the task"]).expect(2).stderr,
        &["not trusted", "mcm trust"],
    );
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn a_missing_command_is_reported_and_the_others_go_on() {
    let outcome = Case::script("answer(toy.echo(text='here'))")
        .servers(|_| json!({ "toy": toy(&[]), "gone": { "command": "no-such-program" } }))
        .run(0);
    assert_eq!(outcome.record["answer"], "here");
    holds(&outcome.ended.stderr, &["`gone`", "no-such-program"]);
}

/// No model is asked.
#[track_caller]
fn ends_before_the_model(servers: Value, words: &[&str]) {
    let case = Case::new([]).servers(|_| servers);
    let (endpoint, started) = case.start();
    holds(&started.wait().expect(3).stderr, words);
    assert!(endpoint.requests().is_empty());
}

#[test]
fn a_required_server_that_is_missing_ends_the_run() {
    let gone = json!({ "command": "no-such-program", "required": true });
    ends_before_the_model(
        json!({ "toy": toy(&[]), "gone": gone }),
        &["required server `gone`", "no-such-program"],
    );
}

#[test]
fn no_server_at_all_ends_the_run() {
    let gone = json!({ "command": "no-such-program" });
    ends_before_the_model(
        json!({ "gone": gone, "dies": toy(&["die-at-start"]) }),
        &[
            "`gone`",
            "`dies`",
            "cannot open the database",
            "no configured server could be used",
        ],
    );
}

#[test]
fn a_server_that_dies_in_mid_call_fails_the_call_with_its_last_words_and_the_run_goes_on() {
    let outcome = Case::script("toy.echo(text='a')\ntoy.die()").run(0);
    assert_eq!(outcome.record["answer"], "done");
    assert_eq!(outcome.diagnostics(0), [&json!("TOOL_ERROR"), &Value::Null, &json!(2)]);
    assert_eq!(outcome.calls(0), json!([["echo", "ok"], ["die", "error"]]));
    let error = outcome.execution(0)["calls"][1]["error"].as_str().expect("an error");
    holds(error, &["giving up"]);
    outcome.told(1, &["giving up", "toy.die"]);
}

#[test]
fn a_server_that_is_killed_in_mid_call_fails_the_call() {
    let code = "try:\n    toy.sleep(ms=100_000, mark='mark')\nexcept ToolError as e:\n    answer(e.tool)";
    let (endpoint, started) = Case::script(code).start();
    interrupts::kill(started.wait_for_file("mark").parse().expect("an id"));
    let outcome = Outcome::new(&endpoint, started.wait().expect(0));
    assert_eq!(outcome.record["answer"], "sleep");
    assert_eq!(outcome.calls(0), json!([["sleep", "error"]]));
}
