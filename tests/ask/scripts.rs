//! What the model writes wrong: each is told with its reason, and the run goes on.

use super::*;

/// The first script fails so; the second is told and answers.
#[track_caller]
fn fails(case: Case, [code, rule]: [&str; 2], line: impl Into<Value>, told: &[&str]) -> Outcome {
    let outcome = case.run(0);
    assert_eq!(outcome.record["answer"], "done");
    let rule = if rule.is_empty() { Value::Null } else { json!(rule) };
    assert_eq!(
        outcome.diagnostics(0),
        [&json!(code), &rule, &line.into()],
        "{}",
        outcome.execution(0)
    );
    assert_eq!(outcome.execution(0)["success"], false);
    outcome.told(1, told);
    outcome
}

#[test]
fn an_unknown_tool_runs_nothing_and_names_the_near_one() {
    let case = Case::script("toy.write()\ntoy.ecko(text='a')");
    let outcome = fails(
        case,
        ["POLICY_VIOLATION", "unknown-tool"],
        2,
        &["`toy` has no tool `ecko`", "toy.echo"],
    );
    assert_eq!(outcome.calls(0), json!([]));
}

#[test]
fn an_unknown_argument_names_the_right_ones() {
    let case = Case::script("filesystem.read_text_file(pth='a')")
        .servers(|folder| json!({ "filesystem": filesystem(folder) }));
    fails(
        case,
        ["POLICY_VIOLATION", "unknown-argument"],
        1,
        &["no argument `pth`", "did you mean `path`"],
    );
}

#[test]
fn a_forbidden_import_says_what_there_is_instead() {
    let case = Case::script("x = 1\nimport requests");
    fails(
        case,
        ["POLICY_VIOLATION", "import"],
        2,
        &["`requests` cannot be imported", "call the servers' tools"],
    );
}

#[test]
fn a_syntax_error_shows_its_line() {
    let case = Case::script("toy.write()\nif x\n    y = 1");
    let outcome = fails(case, ["SYNTAX_ERROR", ""], 2, &["if x", "expected ':'"]);
    assert_eq!(outcome.calls(0), json!([]));
}

#[test]
fn an_endless_loop_ends_at_its_time_limit() {
    let case = Case::script("toy.write()\nwhile True: pass").args(["--timeout", "1"]);
    let outcome = fails(case, ["TIMEOUT", ""], 2, &["1 s"]);
    assert_eq!(outcome.calls(0), json!([["write", "ok"]]));
    outcome.told(1, &["toy.write", "written"]);
}

#[test]
fn a_giant_string_is_over_the_memory_limit() {
    fails(
        Case::script("x = 'x' * 10**10"),
        ["MEMORY_LIMIT", ""],
        1,
        &["MemoryError", "keep less in memory"],
    );
}

#[test]
fn a_million_nested_maps_end_the_script_and_not_the_run() {
    let case = Case::script("x = iter([1])\nfor _ in range(10**6):\n    x = map(str, x)\nnext(x)");
    let outcome = case.run(0);
    assert_eq!(outcome.record["answer"], "done");
    assert_eq!(outcome.execution(0)["success"], false);
    assert_ne!(outcome.execution(0)["diagnostics"]["message"], "");
}

#[test]
fn a_flood_of_prints_ends_the_script() {
    let case = Case::script("line = 'x' * 2**20\nfor _ in range(70): print(line)\n");
    let outcome = fails(case, ["OUTPUT_LIMIT", ""], 2, &["64 MiB"]);
    let kept = outcome.execution(0)["stdout"].as_str().expect("a text").len();
    assert!(kept < (1 << 20) + 200, "{kept} bytes are kept");
    assert!(outcome.requests[1].last_message().len() < 30_000);
}

#[test]
fn a_tool_that_fails_can_be_caught() {
    let code = "try:\n    toy.error()\nexcept ToolError as e:\n    answer([e.server, e.tool, e.message])";
    let outcome = Case::script(code).run(0);
    assert_eq!(outcome.record["answer"], json!(["toy", "error", "it went wrong"]));
    assert_eq!(outcome.calls(0), json!([["error", "error"]]));
    assert_eq!(outcome.execution(0)["diagnostics"], Value::Null);
}

#[test]
fn a_tool_that_fails_uncaught_fails_the_script() {
    let case = Case::script("print('before')\ntoy.error()");
    let outcome = fails(case, ["TOOL_ERROR", ""], 2, &["it went wrong", "toy.error", "before"]);
    assert_eq!(outcome.execution(0)["calls"][0]["error"], "it went wrong");
}

#[test]
fn a_failed_script_changes_nothing_and_a_successful_one_stays() {
    let outcome = Case::new([
        script("kept = [1]\nprint('looked')"),
        script("kept.append(2)\nlost = 3\n1 / 0"),
        script("answer([kept, 'lost' in globals()])"),
    ])
    .run(0);
    assert_eq!(outcome.record["answer"], json!([[1], false]));
    outcome.told(1, &["looked"]);
    outcome.told(2, &["ZeroDivisionError"]);
}

#[test]
fn calls_beyond_the_limit_end_the_script() {
    let case = Case::script("for n in range(5):\n    toy.echo(text='a')").args(["--max-calls", "3"]);
    let outcome = fails(case, ["CALL_LIMIT", ""], 2, &["more than 3 tool calls", "3 ok"]);
    assert_eq!(
        outcome.calls(0),
        json!([["echo", "ok"], ["echo", "ok"], ["echo", "ok"]])
    );
}

#[test]
fn a_call_that_takes_too_long_is_a_failed_call() {
    let case = Case::script("toy.sleep(ms=100_000)").args(["--call-timeout", "1"]);
    fails(case, ["TOOL_ERROR", ""], 1, &["no answer within 1 s"]);
}

#[test]
fn a_result_that_is_too_large_fails_its_call_and_the_server_stays_usable() {
    let code =
        "try:\n    toy.echo(text='x' * 2**21)\nexcept ToolError as e:\n    answer([e.message, toy.echo(text='b')])";
    let outcome = Case::script(code).args(["--max-result", "1"]).run(0);
    let answer = &outcome.record["answer"];
    assert_eq!(answer[1], "b");
    holds(
        answer[0].as_str().expect("a message"),
        &["over the limit of 1048576 bytes"],
    );
    assert_eq!(outcome.calls(0), json!([["echo", "error"], ["echo", "ok"]]));
}

#[test]
fn a_seed_holds_between_scripts_of_a_run_while_ids_are_always_fresh() {
    let ids = "[str(uuid.uuid4()), secrets.token_hex(), os.urandom(8).hex()]";
    let begin = format!(
        "import random, secrets, sys, uuid\nos = sys.modules['os']\nrandom.seed(42)\na = [random.random(), {ids}]"
    );
    let outcome = Case::new([script(&begin), script(&format!("answer([*a, random.random(), {ids}])"))]).run(0);
    let answer = &outcome.record["answer"];
    assert_eq!(
        [&answer[0], &answer[2]],
        [&json!(0.6394267984578837), &json!(0.025010755222666936)]
    );
    for id in 0..3 {
        assert_ne!(answer[1][id], answer[3][id]);
    }
}
