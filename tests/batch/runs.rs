//! What a batch does with its tasks, as a user starts it.

use super::*;
use crate::support::endpoint::Gate;

#[test]
fn tasks_are_done_side_by_side_and_each_has_one_result() {
    let gate = Gate::default();
    let held = gate.clone();
    let case = Case::new(&numbered(40), move |request| echo(request).after(&held));
    let started = case.batch("tasks.jsonl -o results.jsonl -j 16").start();
    case.endpoint.wait_for_requests(16);
    assert_eq!(case.endpoint.requests().len(), 16, "no more than 16 at a time");
    gate.open();
    let ended = started.wait().expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(40));
    assert_eq!(ended.stdout, "");
    holds(
        &ended.stderr,
        &[
            "40 of 40 tasks to be done (JSON Lines)",
            "40 tasks in ",
            " tokens: 40 answered",
            "results: results.jsonl",
        ],
    );
}

#[test]
fn a_result_is_the_record_of_a_run_behind_its_id() {
    let case = Case::new("{\"task\": \"task 1.\", \"id\": 0.5}\n", echo);
    case.batch("tasks.jsonl -o results.jsonl").run().expect(0);
    let text = case.text("results.jsonl");
    assert!(text.starts_with("{\"id\":0.5,\"run_id\":\""), "{text}");
    let result = &case.results()[0];
    let keys: Vec<&str> = result.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "run_id",
            "task",
            "status",
            "answer",
            "error",
            "steps",
            "usage",
            "duration_ms"
        ]
    );
    assert_eq!(
        (&result["task"], &result["usage"]["tool_calls"]),
        (&json!("task 1."), &json!(1))
    );
}

#[test]
fn without_a_file_results_go_to_stdout_and_tasks_may_come_from_stdin() {
    for arguments in ["- -j 2", "- -j 2 -o -"] {
        let case = Case::new("", echo);
        let ended = case.batch(arguments).stdin("task 1.\n\ntask 2.\n").run().expect(0);
        let expected =
            [(1, 1), (3, 2)].map(|(id, n): (usize, usize)| (id.to_string(), "answered".to_owned(), json!(n)));
        assert_eq!(outcomes(&records(&ended.stdout)), expected);
        holds(&ended.stderr, &["2 of 2 tasks to be done (a task a line)"]);
        assert!(!ended.stderr.contains("results:"), "{}", ended.stderr);
    }
}

#[test]
fn each_task_has_inputs_of_its_own_and_those_that_all_have() {
    let tasks = "{\"task\": \"task 1.\", \"inputs\": {\"n\": [1, null]}}\n{\"task\": \"task 2.\", \"inputs\": {\"n\": \"x\"}}\n";
    let case = Case::new(tasks, |_| script("answer([n, common])"));
    case.batch("tasks.jsonl -o results.jsonl --input common=c")
        .run()
        .expect(0);
    let answers: Vec<Value> = outcomes(&case.results())
        .into_iter()
        .map(|(.., answer)| answer)
        .collect();
    assert_eq!(answers, [json!([[1, null], "c"]), json!(["x", "c"])]);
    let table = case
        .home
        .again(["batch", "table.csv"])
        .file("table.csv", "city,task\nRome,task 1.\n");
    let ended = table.model(&case.endpoint.base_url()).arg("--input=common=c").run();
    // the folder's servers are not trusted here
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let ended = case.batch("table.csv --input common=c --input n=2").run().expect(0);
    assert_eq!(records(&ended.stdout)[0]["answer"], json!(["2", "c"]));
}

#[test]
fn a_task_that_hangs_and_one_that_crashes_do_not_disturb_the_others() {
    let case = Case::new(&numbered(12), |request| match number(request) {
        3 => script("while True:\n    pass"),
        5 => {
            script("import itertools\nx = iter([])\nfor _ in range(200_000):\n    x = itertools.chain(x, [1])\nlist(x)")
        }
        7 => script("toy.sleep(ms=100_000)"),
        _ => echo(request),
    });
    let ended = case
        .batch("tasks.jsonl -o results.jsonl -j 6 --max-time 12 --max-retries 1")
        .run()
        .expect(1);
    let results = case.results();
    let mut expected = all_answered(12);
    for (n, status) in [(3, "budget"), (5, "gave_up"), (7, "budget")] {
        expected[n - 1] = (format!("t{n}"), status.to_owned(), Value::Null);
    }
    assert_eq!(outcomes(&results), expected);
    let crashed = results.iter().find(|result| result["id"] == "t5").unwrap();
    assert_eq!(crashed["steps"][0]["execution"]["diagnostics"]["code"], "CRASHED");
    holds(
        &ended.stderr,
        &[
            "warning: task `t3` over budget: stopped after 12 s (`--max-time`)",
            "warning: task `t5` gave up: 1 step failed in a row; last: the script ended the interpreter",
            ": 9 answered, 1 gave up, 2 over budget",
        ],
    );
}

#[test]
fn a_server_that_dies_fails_the_task_at_work_and_is_there_again_for_the_next() {
    let case = Case::new(&numbered(6), |request| match number(request) {
        2 => script("toy.die()"),
        4 | 6 => echo(request),
        n => script(&format!("answer({n})")),
    });
    case.batch("tasks.jsonl -o results.jsonl -j 1 --max-retries 1")
        .run()
        .expect(1);
    let mut expected = all_answered(6);
    expected[1] = ("t2".to_owned(), "gave_up".to_owned(), Value::Null);
    assert_eq!(outcomes(&case.results()), expected);
}

#[test]
fn a_rate_is_kept_by_all_tasks_together() {
    let case = Case::new(&numbered(5), echo);
    let ended = case
        .batch("tasks.jsonl -o results.jsonl -j 5 --rpm 120")
        .run()
        .expect(0);
    // two at once, and one more each half second
    assert!(ended.elapsed.as_secs_f64() >= 1.5, "{:?}", ended.elapsed);
}

#[test]
fn secrets_are_in_no_result() {
    let case = Case::new("{\"task\": \"task 1. sk-test-key-of-nobody\"}\n", |_| {
        script("answer('sk-test-' + 'key-of-nobody')")
    });
    case.batch("tasks.jsonl -o results.jsonl").run().expect(0);
    assert!(!case.text("results.jsonl").contains("sk-test-key-of-nobody"));
    // and a task is known again by its text without them
    let again = case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(0);
    holds(&again.stderr, &["nothing is left to be done"]);
}

#[test]
fn sessions_of_one_program_have_random_numbers_of_their_own() {
    let code = "import random, uuid\nanswer([random.random(), random.Random().random(), str(uuid.uuid4())])";
    let case = Case::new(&numbered(20), move |_| script(code));
    case.batch("tasks.jsonl -o results.jsonl -j 2").run().expect(0);
    let mut seen = std::collections::BTreeSet::new();
    for result in case.results() {
        for number in result["answer"].as_array().expect("a list") {
            assert!(seen.insert(number.to_string()), "{number} came twice");
        }
    }
    assert_eq!(seen.len(), 60);
}
