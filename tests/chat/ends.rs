//! How a run of plain tool calling ends, and what of it stays.

use super::*;

const SLEEP: &str = r#"{"ms": 100000, "mark": "one"}"#;

#[test]
fn an_interrupt_in_mid_call_ends_all_calls_and_the_run_with_its_record() {
    let both = [
        ("toy__sleep", SLEEP),
        ("toy__sleep", r#"{"ms": 100000, "mark": "two"}"#),
    ];
    let case = chat([calls(&[("toy__echo", r#"{"text": "a"}"#)]), calls(&both)]);
    let (endpoint, started) = case.start();
    for mark in ["one", "two"] {
        started.wait_for_file(mark);
    }
    started.signal(libc::SIGINT);
    let outcome = Outcome::new(&endpoint, started.wait().expect(130));
    assert_eq!(outcome.record["status"], "cancelled");
    assert_eq!(outcome.called(0), json!([["toy", "echo", "ok"]]));
    assert_eq!(
        outcome.called(1),
        json!([["toy", "sleep", "unknown"], ["toy", "sleep", "unknown"]])
    );
    assert_eq!(outcome.execution(1)["diagnostics"]["code"], "CANCELLED");
    assert_eq!(outcome.ended.leftovers, Vec::<String>::new());
}

#[test]
fn a_run_that_takes_too_long_ends_as_over_its_budget() {
    let outcome = chat([calls(&[("toy__sleep", SLEEP)])]).args(["--max-time", "2"]).run(4);
    assert_eq!(outcome.record["status"], "budget");
    assert_eq!(outcome.called(0), json!([["toy", "sleep", "unknown"]]));
    assert_eq!(outcome.execution(0)["diagnostics"]["code"], "TIMEOUT");
}

#[test]
fn a_call_that_takes_too_long_fails_alone() {
    let both = [("toy__sleep", SLEEP), ("toy__echo", r#"{"text": "a"}"#)];
    let outcome = chat([calls(&both), Reply::text("done")])
        .args(["--call-timeout", "0.5"])
        .run(0);
    assert_eq!(
        outcome.called(0),
        json!([["toy", "sleep", "error"], ["toy", "echo", "ok"]])
    );
    holds(outcome.results(1)[0], &["Error: ", "0.5 s"]);
}

#[test]
fn what_a_reply_holds_counts_whatever_its_finish_reason_says() {
    let echo = [("toy__echo", r#"{"text": "a"}"#)];
    let outcome = chat([
        calls(&echo).finish("stop"),
        calls(&echo).finish(Value::Null),
        Reply::text("the answer").finish("tool_calls"),
    ])
    .run(0);
    assert_eq!(outcome.record["answer"], "the answer");
    assert_eq!(outcome.record["usage"]["tool_calls"], 2);
}

#[test]
fn a_reply_with_nothing_in_it_or_without_its_end_is_no_answer() {
    let outcome = chat([
        Reply::text("<think>hm</think>"),
        Reply::text("It is a long").finish("length"),
        Reply::text("short"),
    ])
    .run(0);
    assert_eq!(outcome.record["answer"], "short");
    for (step, message) in [
        (0, "the reply was empty"),
        (1, "the reply was cut off at its greatest length"),
    ] {
        let diagnostics = &outcome.execution(step)["diagnostics"];
        assert_eq!(diagnostics["code"], "NO_CODE");
        assert_eq!(diagnostics["message"], message);
        holds(
            outcome.requests[step + 1].last_message(),
            &[message, "reply with the answer"],
        );
    }
    assert_eq!(
        outcome.messages(1, 2)[0],
        json!({"role": "assistant", "content": "(empty reply)"})
    );
}

#[test]
fn a_call_that_is_cut_off_is_not_made_and_the_model_is_told() {
    let echo = ("toy__echo", r#"{"text": "a"}"#);
    let outcome = chat([
        calls(&[echo, ("toy__write", "")]).finish("length"),
        calls(&[echo, ("toy__write", "{\"x")]).finish("length"),
        calls(&[echo, ("toy__write", "{}")]).finish("length"),
        Reply::text("done"),
    ])
    .run(0);
    let [echo, write] = ["echo", "write"].map(|tool| move |status| json!(["toy", tool, status]));
    for (step, status) in [(0, "error"), (1, "error"), (2, "ok")] {
        assert_eq!(outcome.called(step), json!([echo("ok"), write(status)]), "{step}");
        holds(
            outcome.requests[step + 1].last_message(),
            &["cut off at its greatest length", "fewer calls"],
        );
    }
    assert_eq!(
        outcome.results(1)[1],
        "Error: the reply was cut off before the call's arguments"
    );
}

#[test]
fn steps_fail_where_all_their_calls_do_and_the_run_gives_up() {
    let fails = calls(&[("toy__error", "{}"), ("toy__nothing", "{}")]);
    let partly = calls(&[("toy__error", "{}"), ("toy__pid", "{}")]);
    let outcome = chat([fails.clone(), partly, fails.clone(), fails])
        .args(["--max-retries", "2"])
        .run(1);
    assert_eq!(outcome.record["status"], "gave_up");
    let error = outcome.record["error"].as_str().expect("an error");
    holds(error, &["2 steps failed in a row", "toy.error: it went wrong"]);
    assert_eq!(outcome.requests.len(), 4);
}

#[test]
fn the_last_reply_is_asked_for_the_answer_and_steps_are_limited() {
    let pid = calls(&[("toy__pid", "{}")]);
    let outcome = chat([pid.clone(), pid]).args(["--max-steps", "2"]).run(1);
    holds(outcome.requests[1].last_message(), &["last reply"]);
    holds(
        outcome.record["error"].as_str().expect("an error"),
        &["no answer after 2 steps"],
    );
}

#[test]
fn an_endpoint_that_takes_no_tools_is_told_with_what_to_do() {
    let refusals = [
        Reply::error(400, "registry.example/gemma does not support tools"),
        Reply::error(404, "No endpoints found that support tool use."),
        Reply::error(500, "tools param requires --jinja flag"),
        Reply::error(400, "\"auto\" tool choice requires --enable-auto-tool-choice"),
        Reply::json(
            400,
            &json!({ "error": { "message": "Array too long", "param": "tools" } }),
        ),
    ];
    for refusal in refusals {
        let outcome = chat([refusal, Reply::text("never asked")]).run(3);
        assert_eq!(outcome.record["status"], "failed");
        holds(&outcome.ended.stderr, &["refused the request", "`--module codeact`"]);
        assert_eq!(outcome.requests.len(), 1);
    }
}

#[test]
fn a_prompt_that_is_too_long_is_sent_again_with_less_of_older_results() {
    let long = json!({ "text": "x".repeat(5000) }).to_string();
    let outcome = chat([
        calls(&[("toy__echo", &long)]),
        Reply::error(400, "prompt is too long: 9 tokens > 5 maximum"),
        Reply::text("done"),
    ])
    .run(0);
    assert_eq!(outcome.results(1)[0].len(), 5000);
    assert!(outcome.results(2)[0].len() < 500);
}

#[test]
fn no_script_can_run_and_no_sandbox_is_needed() {
    let without = |program: Program| {
        program
            .arg("--require-isolation")
            .on_a_system_without(libc::SYS_landlock_create_ruleset, 0, libc::ENOSYS)
    };
    let outcome = chat([script("answer(1)")]).program(without).run(0);
    assert_eq!(outcome.record["answer"], "```python\nanswer(1)\n```");
    let ended = Case::new([script("answer(1)")]).program(without).program.run();
    ended.expect(2);
}

#[test]
fn a_recording_holds_calls_and_plays_again() {
    let replies = [
        calls(&[("toy__echo", r#"{"text": "hello"}"#)]),
        Reply::text("It says hello."),
    ];
    let Case { endpoint, program } = chat(replies);
    let again = program.again([
        "ask", "the task", "--json", "--trust", "--module", "chat", "--replay", "r.jsonl",
    ]);
    let first = Outcome::new(&endpoint, program.arg("--record").arg("r.jsonl").run().expect(0));
    let second = Outcome::new(&endpoint, again.run().expect(0));
    assert_eq!(second.requests.len(), 2, "nothing more was sent");
    assert_eq!(second.record["answer"], first.record["answer"]);
    assert_eq!(second.called(0), first.called(0));
    assert_eq!(second.record["usage"], first.record["usage"]);
}

#[test]
fn a_batch_does_its_tasks_by_plain_tool_calling() {
    let endpoint = Endpoint::answering(|request| {
        let messages = request.body["messages"].to_string();
        let numbered = |text: &str| text.split_once('.')?.0.parse::<u32>().ok();
        let number = messages
            .split("task ")
            .find_map(numbered)
            .expect("a numbered task")
            .to_string();
        match messages.contains("\"tool\"") {
            false => calls(&[("toy__echo", &json!({ "text": number }).to_string())]),
            true => Reply::text(format!("it is {}", request.last_message())),
        }
    });
    let tasks: String = (1..=20).map(|n| format!("task {n}.\n")).collect();
    let program = Program::new([
        "batch",
        "tasks.txt",
        "-o",
        "results.jsonl",
        "--module",
        "chat",
        "-j",
        "8",
    ])
    .model(&endpoint.base_url())
    .servers(&json!({ "toy": toy(&[]) }))
    .file("tasks.txt", &tasks);
    let home = program.again([""; 0]);
    program.run().expect(0);
    let text = std::fs::read_to_string(home.folder().join("results.jsonl")).expect("results");
    let mut answers: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["answer"].to_string())
        .collect();
    answers.sort();
    let mut expected: Vec<String> = (1..=20).map(|n| format!("\"it is {n}\"")).collect();
    expected.sort();
    assert_eq!(answers, expected);
}

#[test]
fn a_batch_ends_at_once_where_no_task_could_call_tools() {
    let endpoint = Endpoint::answering(|_| Reply::error(400, "this model does not support tools"));
    let program = Program::new([
        "batch",
        "tasks.txt",
        "-o",
        "results.jsonl",
        "--module",
        "chat",
        "-j",
        "1",
    ])
    .model(&endpoint.base_url())
    .servers(&json!({ "toy": toy(&[]) }))
    .file("tasks.txt", "one\ntwo\nthree\n");
    let ended = program.run().expect(3);
    holds(&ended.stderr, &["does not support tools", "`--module codeact`"]);
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn a_server_that_dies_in_mid_call_fails_that_call_and_is_started_again() {
    let outcome = chat([
        calls(&[("toy__die", "{}")]),
        calls(&[("toy__echo", r#"{"text": "alive"}"#)]),
        Reply::text("done"),
    ])
    .run(0);
    assert_eq!(outcome.called(0), json!([["toy", "die", "error"]]));
    assert_eq!(outcome.results(2)[1], "alive");
}

#[test]
fn an_answer_of_a_type_is_json_and_wrong_ones_are_mended() {
    let replies = ["It is 5.", "{\"n\": \"5\"}", "```json\n{\"n\": 5}\n```"].map(Reply::text);
    let outcome = chat(replies).args(["--returns", "n: int # how many"]).run(0);
    assert_eq!(outcome.record["answer"], json!({ "n": 5 }));
    let asked = outcome.requests[0].last_message();
    holds(
        asked,
        &["## answer", r#""n":{"type":"integer","description":"how many"}"#],
    );
    holds(outcome.requests[1].last_message(), &["expected one JSON value, found"]);
    holds(
        outcome.requests[2].last_message(),
        &["That is no answer: the answer does not fit: at `answer[\"n\"]`: expected int, found str"],
    );
    let text = chat([Reply::text("in words")]).args(["--returns", "str"]).run(0);
    assert_eq!(text.record["answer"], "in words");
}
