//! Tokens, money and requests that a run may use.

use super::*;

/// Never answers, and asks once in each script.
fn endless() -> Endpoint {
    Endpoint::answering(|request| match is_query(request) {
        true => echo(request),
        false => script("print(llm_query('a'))"),
    })
}

/// A reply with its cost in the endpoint's own words.
fn priced(text: &str, cost: f64) -> Reply {
    let choice = json!({ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" });
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "cost": cost });
    Reply::json(200, &json!({ "choices": [choice], "usage": usage }))
}

#[test]
fn a_budget_that_is_used_up_ends_the_run_with_all_that_was_done() {
    let prices = [("MCM_PRICE_PROMPT", "2"), ("MCM_PRICE_COMPLETION", "10")];
    for (flag, error, calls) in [
        // a step takes 110 tokens, its query 10
        ("--max-tokens=200", "stopped after 230 tokens (`--max-tokens 200`)", 3),
        (
            "--max-model-calls=4",
            "stopped after 4 model calls (`--max-model-calls 4`)",
            4,
        ),
        // a step costs 0.0003, its query 0.000044
        (
            "--max-cost=0.0006",
            "stopped at a cost of 0.000644 (`--max-cost 0.0006`)",
            3,
        ),
    ] {
        let endpoint = endless();
        let program = prices
            .iter()
            .fold(ask(&endpoint), |program, (name, value)| program.env(name, value));
        let ended = program.arg(flag).run().expect(4);
        let record = ended.json();
        assert_eq!(
            (&record["status"], &record["answer"], &record["error"]),
            (&json!("budget"), &Value::Null, &json!(error)),
        );
        assert_eq!(record["usage"]["model_calls"], calls, "{flag}");
        assert_eq!(endpoint.requests().len() as u64, calls);
        assert_eq!(record["steps"].as_array().unwrap().len(), 2);
        holds(&ended.stderr, &[&format!("mcm: {error}")]);
    }
}

#[test]
fn a_query_beyond_the_budget_fails_and_the_run_ends_after_its_script() {
    let code = r#"
import asyncio
said = await asyncio.gather(*(llm_query.aio(str(n)) for n in range(20)), return_exceptions=True)
print(sum(isinstance(one, str) for one in said), {str(one) for one in said if not isinstance(one, str)})"#;
    let endpoint = endpoint(code, echo);
    let record = ask(&endpoint).arg("--max-model-calls=5").run().expect(4).json();
    assert_eq!(record["status"], "budget");
    assert_eq!(endpoint.requests().len(), 5);
    let stdout = record["steps"][0]["execution"]["stdout"].as_str().unwrap();
    let said = "the run may ask no model any more: stopped after 5 model calls (`--max-model-calls 5`)";
    assert_eq!(stdout, format!("4 {{'llm.query: {said}'}}\n"));
}

#[test]
fn an_answer_counts_though_the_budget_is_used_up() {
    let code = "try:\n    llm_query('a')\nexcept ToolError:\n    answer('without it')";
    let endpoint = endpoint(code, echo);
    let record = ask(&endpoint).arg("--max-model-calls=1").run().expect(0).json();
    assert_eq!(
        (&record["status"], &record["answer"]),
        (&json!("answered"), &json!("without it"))
    );
}

#[test]
fn a_failed_script_that_used_up_the_budget_ends_the_run_as_that() {
    let endpoint = endpoint("llm_query('a')", echo);
    let record = ask(&endpoint)
        .arg("--max-model-calls=1")
        .arg("--max-retries=1")
        .run()
        .expect(4)
        .json();
    assert_eq!(record["status"], "budget");
    assert_eq!(record["steps"][0]["execution"]["diagnostics"]["code"], "TOOL_ERROR");
}

#[test]
fn money_is_counted_by_the_endpoints_own_word_and_by_prices_before_that() {
    let code = "```python\nanswer(llm_query('a'))\n```";
    let endpoint = Endpoint::answering(move |request| match is_query(request) {
        true => priced("fine", 0.25),
        false => priced(code, 0.5),
    });
    let record = ask(&endpoint).arg("--max-cost=5").run().expect(0).json();
    assert_eq!(record["usage"]["cost"], 0.75);
    assert_eq!(record["steps"][0]["usage"]["cost"], 0.75);
    let program = ask(&endpoint)
        .env("MCM_PRICE_PROMPT", "1000")
        .env("MCM_PRICE_COMPLETION", "0");
    assert_eq!(program.run().expect(0).json()["usage"]["cost"], 0.2);
}

#[test]
fn a_limit_of_money_without_prices_is_wrong_usage_at_the_first_reply() {
    let endpoint = endless();
    let ended = ask(&endpoint).arg("--max-cost=1").run().expect(2);
    holds(
        &ended.stderr,
        &[
            "mcm: `--max-cost` needs prices, and the model's endpoint does not say what a reply cost",
            "set `MCM_PRICE_PROMPT` and `MCM_PRICE_COMPLETION`, each for a million tokens",
        ],
    );
    assert_eq!(endpoint.requests().len(), 1);
    assert_eq!(ended.json()["status"], "failed");
    let ended = ask(&endpoint).env("MCM_PRICE_PROMPT", "1").run().expect(2);
    holds(
        &ended.stderr,
        &["`MCM_PRICE_PROMPT` in the environment: needs `MCM_PRICE_COMPLETION`, too"],
    );
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn an_endpoint_that_counts_no_tokens_is_held_to_an_estimate() {
    let endpoint = Endpoint::answering(|_| Reply::text("```python\nprint(1)\n```").without_usage());
    let record = ask(&endpoint).arg("--max-tokens=3000").run().expect(4).json();
    assert_eq!(record["status"], "budget");
    assert_eq!(record["usage"]["total_tokens"], 0);
    assert!(endpoint.requests().len() < 8);
}

#[test]
fn budgets_hold_for_a_script_of_the_users_own_and_come_from_the_environment() {
    let endpoint = Endpoint::answering(echo);
    let code = "while True:\n    print(llm_query('a'))";
    let ended = Program::new(["run", "-c", code])
        .model(&endpoint.base_url())
        .env("MCM_MAX_TOKENS", "25")
        .run()
        .expect(4);
    assert_eq!(ended.stdout, "re: a\n".repeat(3));
    holds(&ended.stderr, &["stopped after 30 tokens (`--max-tokens 25`)"]);
}

#[test]
fn each_task_of_a_batch_has_a_budget_of_its_own() {
    let endpoint = Endpoint::answering(|request| {
        let messages = request.body["messages"].to_string();
        match (messages.contains("## task"), messages.contains("costly")) {
            (false, _) => echo(request),
            (true, true) => script("print(llm_query(['a', 'b', 'c']))"),
            (true, false) => script("answer(llm_query('a'))"),
        }
    });
    let home = Program::new(["batch"]);
    let ended = home
        .again([
            "batch",
            "tasks.txt",
            "-o",
            "results.jsonl",
            "--max-model-calls=3",
            "--rpm=6000",
        ])
        .model(&endpoint.base_url())
        .file("tasks.txt", "cheap one\ncostly one\ncheap two\n")
        .run()
        .expect(1);
    let written = std::fs::read_to_string(home.folder().join("results.jsonl")).unwrap();
    let mut results: Vec<(u64, String)> = written
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|result| {
            (
                result["id"].as_u64().unwrap_or_default(),
                result["status"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    results.sort();
    let statuses: Vec<&str> = results.iter().map(|(_, status)| status.as_str()).collect();
    assert_eq!(statuses, ["answered", "budget", "answered"], "{written}");
    holds(&ended.stderr, &["2 answered, 1 over budget"]);
}

#[test]
fn what_is_given_up_in_mid_query_uses_up_the_budget_too() {
    let gate = Gate::default();
    let code = r#"
import asyncio
for n in range(3):
    try:
        async with asyncio.timeout(0.3):
            await llm_query.aio(str(n) * 2_000)
    except TimeoutError:
        print("gave up")
llm_query("x")"#;
    let closed = gate.clone();
    let endpoint = endpoint(code, move |request| echo(request).after(&closed));
    let record = ask(&endpoint).arg("--max-tokens=700").run().expect(4).json();
    gate.open();
    assert_eq!(record["status"], "budget");
    // 500 tokens a piece: after two of them nothing is sent any more
    let queries = endpoint.requests().iter().filter(|request| is_query(request)).count();
    assert_eq!(queries, 2, "{record}");
}

#[test]
fn a_budget_that_is_met_at_the_shorter_try_of_a_long_prompt_is_a_budget() {
    let endpoint = Endpoint::start([
        script("print('x' * 9_000)"),
        Reply::error(400, "This model's maximum context length is 10 tokens")
            .header("x-code", "context_length_exceeded"),
    ]);
    let record = ask(&endpoint).arg("--max-model-calls=2").run().expect(4).json();
    assert_eq!(record["status"], "budget", "{record}");
    assert_eq!(record["steps"].as_array().unwrap().len(), 1);
}
