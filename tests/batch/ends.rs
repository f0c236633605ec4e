//! How a batch ends, and how it goes on.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::*;
use crate::support::endpoint::Gate;

#[test]
fn faults_of_the_input_are_told_before_anything_is_sent() {
    let case = Case::new(
        "{\"task\": \"a\", \"inputs\": {\"toy\": 1}}\n{\"tsk\": \"b\"}\n{\"task\": \"c\", \"inputs\": {\"common\": 1}}",
        echo,
    );
    let ended = case
        .batch("tasks.jsonl -o results.jsonl --input common=c")
        .run()
        .expect(2);
    holds(
        &ended.stderr,
        &[
            "mcm: `tasks.jsonl` has 4 faults; no task was done\n",
            "\n  line 1, column 25: input `toy`: a server has that name\n",
            "\n  line 2, column 9: unknown key `tsk`; did you mean `task`?\n",
            "\n  line 2: there is no `task`\n",
            "\n  line 3, column 25: input `common`: `--input` gives it to all tasks already\n",
        ],
    );
    for (arguments, words) in [
        ("missing.jsonl", "mcm: cannot read `missing.jsonl`: "),
        (".", "mcm: cannot read `.`: "),
        ("tasks.jsonl --resume", "--output <FILE>"),
        ("tasks.jsonl -o - --resume --input common=c", "has 4 faults"),
        ("- --input x=@-", "stdin is wanted for the tasks and for `--input x=@-`"),
        ("tasks.jsonl -j 257", "must be a whole number from 1 to 256"),
        ("tasks.jsonl --limit 0", "invalid value '0'"),
    ] {
        holds(&case.batch(arguments).run().expect(2).stderr, &[words]);
    }
    assert_eq!(
        (case.endpoint.requests().len(), case.text("results.jsonl")),
        (0, String::new())
    );
}

#[test]
fn a_file_with_results_is_gone_on_with_only_if_that_is_wanted() {
    let case = Case::new(&numbered(6), echo);
    case.batch("tasks.jsonl -o results.jsonl --limit 2").run().expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(2));
    let refused = case.batch("tasks.jsonl -o results.jsonl").run().expect(2);
    holds(
        &refused.stderr,
        &[
            "mcm: `results.jsonl` is there already and not empty",
            "`--resume` goes on with it",
        ],
    );
    let ended = case
        .batch("tasks.jsonl -o results.jsonl --resume --limit 3")
        .run()
        .expect(0);
    holds(
        &ended.stderr,
        &[
            "3 of 6 tasks to be done",
            "done before: 2 answered",
            "still to be done: 1",
        ],
    );
    assert_eq!(outcomes(&case.results()), all_answered(5));
    case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(0);
    let before = case.text("results.jsonl");
    let ended = case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(0);
    holds(&ended.stderr, &["nothing is left to be done"]);
    assert_eq!(
        (outcomes(&case.results()), case.text("results.jsonl")),
        (all_answered(6), before)
    );
    assert_eq!(case.endpoint.requests().len(), 6, "no task was sent twice");
    let stdout = case.batch("tasks.jsonl -o - --resume").run().expect(2);
    holds(
        &stdout.stderr,
        &["mcm: what went to stdout cannot be gone on with", "`-o FILE`"],
    );
    let changed = case.batch("other.jsonl -o results.jsonl --resume");
    let changed = changed
        .file("other.jsonl", "{\"id\": \"t2\", \"task\": \"another\"}\n")
        .run()
        .expect(2);
    holds(
        &changed.stderr,
        &[
            "the result `t2` is of another task",
            "has changed since: give tasks an `id`",
        ],
    );
}

#[test]
fn tasks_that_failed_are_tried_again_if_that_is_wanted() {
    let mended = Gate::default();
    let opened = mended.clone();
    let case = Case::new(&numbered(5), move |request| match number(request) {
        2 | 4 if !opened.is_open() => script("1/0"),
        _ => echo(request),
    });
    let ended = case
        .batch("tasks.jsonl -o results.jsonl --max-retries 1")
        .run()
        .expect(1);
    holds(
        &ended.stderr,
        &["warning: task `t2` gave up: 1 step failed in a row; last: ZeroDivisionError"],
    );
    mended.open();
    let ended = case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(1);
    holds(&ended.stderr, &["nothing is left to be done", "done before: 5"]);
    let ended = case
        .batch("tasks.jsonl -o results.jsonl --retry-failed")
        .run()
        .expect(0);
    holds(&ended.stderr, &["2 of 5 tasks to be done", "done before: 3 answered"]);
    assert_eq!(outcomes(&case.results()), all_answered(5));
}

#[test]
fn with_fail_fast_the_first_failure_ends_it_and_what_ran_can_be_done_later() {
    let gate = Gate::default();
    let held = gate.clone();
    let case = Case::new(&numbered(20), move |request| match number(request) {
        3 => script("1/0"),
        n if n > 3 && !held.is_open() => echo(request).after(&held),
        _ => echo(request),
    });
    let ended = case
        .batch("tasks.jsonl -o results.jsonl -j 4 --max-retries 1 --fail-fast")
        .run()
        .expect(1);
    gate.open();
    let results = outcomes(&case.results());
    assert!(
        results.len() <= 3 && results.iter().any(|(id, status, _)| id == "t3" && status == "gave_up"),
        "{results:?}"
    );
    holds(&ended.stderr, &["still to be done: "]);
    case.batch("tasks.jsonl -o results.jsonl --resume --max-retries 1")
        .run()
        .expect(1);
    let mut expected = all_answered(20);
    expected[2] = ("t3".to_owned(), "gave_up".to_owned(), Value::Null);
    assert_eq!(outcomes(&case.results()), expected);
}

#[test]
fn what_no_task_can_escape_ends_it_at_once_and_it_can_go_on_later() {
    let key = Gate::default();
    let renewed = key.clone();
    let case = Case::new(&numbered(30), move |request| match number(request) {
        1..=5 => echo(request),
        _ if renewed.is_open() => echo(request),
        _ => Reply::error(401, "your key has expired"),
    });
    let ended = case.batch("tasks.jsonl -o results.jsonl -j 2").run().expect(3);
    let done = case.results().len();
    assert!((4..=5).contains(&done) && case.endpoint.requests().len() <= 8, "{done}");
    holds(
        &ended.stderr,
        &[
            "refused the key (401): your key has expired",
            &format!("{done} of 30 tasks are done; the same with `--resume` goes on"),
        ],
    );
    key.open();
    case.batch("tasks.jsonl -o results.jsonl -j 8 --resume").run().expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(30));
}

#[test]
fn what_only_one_task_meets_is_its_result() {
    let case = Case::new(&numbered(4), |request| match number(request) {
        2 => Reply::error(400, "this task is not to my taste"),
        _ => echo(request),
    });
    let ended = case.batch("tasks.jsonl -o results.jsonl").run().expect(1);
    let results = case.results();
    let refused = results.iter().find(|result| result["id"] == "t2").unwrap();
    assert_eq!(refused["status"], "failed");
    holds(
        refused["error"].as_str().unwrap(),
        &["refused the request (400): this task is not to my taste"],
    );
    holds(&ended.stderr, &[": 3 answered, 1 failed"]);
}

#[test]
fn an_endpoint_that_is_not_there_is_told_before_the_first_result() {
    let case = Case::new(&numbered(3), echo);
    let nobody = case
        .batch("tasks.jsonl -o results.jsonl")
        .model("http://127.0.0.1:1/v1");
    holds(
        &nobody.run().expect(3).stderr,
        &["cannot reach the model", "0 of 3 tasks are done"],
    );
}

#[test]
fn an_interrupt_lets_running_tasks_end_and_begins_no_more() {
    let gate = Gate::default();
    let held = gate.clone();
    let case = Case::new(&numbered(10), move |request| echo(request).after(&held));
    let started = case.batch("tasks.jsonl -o results.jsonl -j 3").start();
    case.endpoint.wait_for_requests(3);
    started.signal(libc::SIGINT);
    started.wait_for_stderr("finishing 3 running tasks; Ctrl-C again stops them");
    gate.open();
    let ended = started.wait().expect(130);
    assert_eq!(outcomes(&case.results()), all_answered(3));
    holds(
        &ended.stderr,
        &["mcm: interrupted\n  3 of 10 tasks are done; the same with `--resume` goes on"],
    );
    case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(10));
}

#[test]
fn a_second_interrupt_or_another_signal_stops_running_tasks_without_results() {
    for signals in [&[libc::SIGINT, libc::SIGINT][..], &[libc::SIGTERM], &[libc::SIGHUP]] {
        let case = Case::new(&numbered(6), |request| match number(request) {
            1 => echo(request),
            2 => script("toy.sleep(ms=100_000, mark='mark')"),
            _ => script("while True:\n    pass"),
        });
        let started = case.batch("tasks.jsonl -o results.jsonl -j 3").start();
        started.wait_for_file("mark");
        case.endpoint.wait_for_requests(4);
        for (at, signal) in signals.iter().enumerate() {
            if at > 0 {
                started.wait_for_stderr("finishing");
            }
            started.signal(*signal);
        }
        started.wait().expect(130);
        assert_eq!(outcomes(&case.results()), all_answered(1));
    }
}

#[test]
fn two_batches_never_write_to_one_file() {
    let gate = Gate::default();
    let held = gate.clone();
    let case = Case::new(&numbered(2), move |request| echo(request).after(&held));
    let started = case.batch("tasks.jsonl -o results.jsonl").start();
    case.endpoint.wait_for_requests(2);
    for more in ["", "--resume", "--retry-failed"] {
        let second = case
            .batch(&format!("tasks.jsonl -o results.jsonl {more}"))
            .run()
            .expect(2);
        holds(&second.stderr, &["another batch is writing to `results.jsonl`"]);
    }
    gate.open();
    started.wait().expect(0);
    assert_eq!(outcomes(&case.results()), all_answered(2));
}

#[test]
fn when_nobody_reads_stdout_any_more_no_more_tasks_are_done() {
    let case = Case::new(&numbered(500), echo);
    let mut mcm = Command::new(env!("CARGO_BIN_EXE_mcm"))
        .args(["batch", "--trust", "tasks.jsonl", "-j", "2"])
        .current_dir(case.home.folder())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", case.home.folder())
        .env("OPENAI_BASE_URL", case.endpoint.base_url())
        .env("MCM_MODEL", "m")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(mcm.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert_eq!(records(&first)[0]["status"], "answered");
    let ended = mcm.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    holds(
        &String::from_utf8_lossy(&ended.stderr),
        &["mcm: nobody reads the results any more"],
    );
    assert!(case.endpoint.requests().len() < 500);
}

#[test]
fn a_torn_line_is_said_to_be_mended() {
    let case = Case::new(&numbered(3), echo);
    case.batch("tasks.jsonl -o results.jsonl --limit 2").run().expect(0);
    let text = case.text("results.jsonl");
    std::fs::write(case.home.folder().join("results.jsonl"), &text[..text.len() - 9]).unwrap();
    let ended = case.batch("tasks.jsonl -o results.jsonl --resume").run().expect(0);
    holds(
        &ended.stderr,
        &["`results.jsonl` was not written to its end", "2 of 3 tasks to be done"],
    );
    assert_eq!(outcomes(&case.results()), all_answered(3));
}
