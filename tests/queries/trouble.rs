//! Queries that fail, take long, or are given up.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn without_a_model_a_query_fails_and_says_what_to_set() {
    for program in [
        Program::new(["run", "-c", "llm_query('a')"]),
        Program::new(["run", "-c", "llm_query('a')"]).env("MCM_MODEL", "x"),
        Program::new(["run", "-c", "llm_query('a')"]).env("OPENAI_API_KEY", "sk-of-nobody"),
    ] {
        let ended = program.run().expect(1);
        let said = "ToolError: llm.query: there is no model to ask: the user can set `OPENAI_API_KEY` and `MCM_MODEL`";
        holds(&ended.stderr, &[said]);
    }
}

#[test]
fn an_endpoint_that_fails_is_a_failure_of_the_call_and_not_of_the_run() {
    let code = "try:\n    llm_query('a')\nexcept ToolError as e:\n    answer(e.message)";
    for (reply, said) in [
        (
            Reply::error(400, "no such thing"),
            "refused the request (400): no such thing",
        ),
        (Reply::bytes(200, "<html>"), "refused"),
        (
            Reply::json(200, &json!({ "error": { "message": "broken inside" } })),
            "broken inside",
        ),
        (
            Reply::json(
                400,
                &json!({ "error": { "message": "maximum context length is 10 tokens", "code": "context_length_exceeded" } }),
            ),
            "the prompt is too long for the model: maximum context length is 10 tokens; ask about shorter pieces",
        ),
    ] {
        let endpoint = endpoint(code, move |_| reply.clone());
        let record = ask(&endpoint).run().expect(0).json();
        holds(record["answer"].as_str().unwrap(), &[said]);
        assert_eq!(record["steps"][0]["execution"]["calls"][0]["status"], "error");
        assert_eq!(record["usage"]["model_calls"], 1);
    }
}

#[test]
fn the_first_failure_of_a_list_gives_up_the_others() {
    let gate = Gate::default();
    let held = gate.clone();
    let endpoint = Endpoint::answering(move |request| match request.last_message() {
        "2" => Reply::error(400, "not this one"),
        _ => echo(request).after(&held),
    });
    for asking in [
        "llm_query(list('0123456789'))",
        "await llm_query.aio(list('0123456789'))",
    ] {
        let code = format!("try:\n    {asking}\nexcept ToolError as e:\n    answer(e.message)");
        let ended = Program::new(["run", "--json", "-c", &code])
            .model(&endpoint.base_url())
            .run()
            .expect(0);
        let record = ended.json();
        holds(record["result"].as_str().unwrap(), &["not this one"]);
        let statuses: Vec<&str> = record["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["status"].as_str().unwrap())
            .collect();
        assert_eq!(
            statuses.iter().filter(|status| **status == "error").count(),
            1,
            "{statuses:?}"
        );
        assert_eq!(
            statuses.iter().filter(|status| **status == "cancelled").count(),
            statuses.len() - 1,
            "{statuses:?}"
        );
    }
    gate.open();
}

#[test]
fn an_interrupt_in_mid_query_ends_its_request() {
    let endpoint = endpoint("answer(llm_query('a'))", |_| Reply::text("never").silent_after(1));
    let started = ask(&endpoint).start();
    endpoint.wait_for_requests(2);
    let asked = Instant::now();
    started.signal(libc::SIGINT);
    let record = started.wait().expect(130).json();
    assert!(asked.elapsed() < Duration::from_secs(20));
    endpoint.wait_for_hang_ups(1);
    assert_eq!(record["status"], "cancelled");
    assert_eq!(record["steps"][0]["execution"]["calls"][0]["status"], "unknown");
}

#[test]
fn a_script_that_ends_or_gives_up_ends_its_requests() {
    let code = r#"
import asyncio
try:
    async with asyncio.timeout(0.2):
        await llm_query.aio("a")
except TimeoutError:
    print("given up")
waiting = asyncio.ensure_future(llm_query.aio("b"))
await asyncio.sleep(0.5)
answer("done")"#;
    let endpoint = Endpoint::answering(|_| Reply::text("never").silent_after(1));
    let ended = run(&endpoint, code).expect(0);
    holds(&ended.stdout, &["given up", "done"]);
    endpoint.wait_for_requests(2);
    endpoint.wait_for_hang_ups(2);
}

#[test]
fn the_clock_of_a_script_stands_still_while_it_waits_for_the_model() {
    let gate = Gate::default();
    let held = gate.clone();
    let endpoint = endpoint("answer(llm_query('a'))", move |request| echo(request).after(&held));
    let started = ask(&endpoint).arg("--timeout=1").start();
    endpoint.wait_for_requests(2);
    std::thread::sleep(Duration::from_millis(1_500));
    gate.open();
    assert_eq!(started.wait().expect(0).json()["answer"], "re: a");
}

#[test]
fn the_time_of_a_run_ends_its_queries() {
    let endpoint = endpoint("answer(llm_query('a'))", |_| Reply::text("never").silent_after(1));
    let record = ask(&endpoint).arg("--max-time=3").run().expect(4).json();
    assert_eq!(record["status"], "budget");
    endpoint.wait_for_hang_ups(1);
}

#[test]
fn calls_of_a_script_are_bounded_with_its_queries() {
    let endpoint = Endpoint::answering(echo);
    let ended = Program::new(["run", "--max-calls=20", "-c", "llm_query(['a'] * 30)"])
        .model(&endpoint.base_url())
        .run()
        .expect(1);
    holds(&ended.stderr, &["the script made more than 20 tool calls"]);
    assert!(endpoint.requests().len() <= 20);
}
