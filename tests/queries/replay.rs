//! Queries in records, and replayed by what they asked.

use super::*;

/// Asks twice the same and gets different replies, and much side by side.
const CODE: &str = r#"
import asyncio
twice = [llm_query("again"), llm_query("again")]
many = await asyncio.gather(*(llm_query.aio(f"piece {n}") for n in range(20)))
answer([twice, many, llm_query("typed", schema="n: int")])"#;

#[test]
fn a_recorded_run_is_replayed_without_the_endpoint() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let endpoint = endpoint(CODE, move |request| match request.last_message() {
        text if text.starts_with("typed") => Reply::text("{\"n\": \"x\"}"),
        text if text.contains("does not fit") => Reply::text("{\"n\": 4}"),
        text => {
            let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Reply::text(format!("{text}, reply {count}")).usage(7, 3)
        }
    });
    let program = ask(&endpoint);
    let again = || program.again(["ask", TASK, "--json"]);
    let recorded = again()
        .model(&endpoint.base_url())
        .arg("--record=run.jsonl")
        .run()
        .expect(0)
        .json();
    let asked = endpoint.requests().len();
    let replayed = again().arg("--replay=run.jsonl").run().expect(0).json();
    assert_eq!(endpoint.requests().len(), asked);
    for field in ["answer", "usage", "status"] {
        assert_eq!(replayed[field], recorded[field], "{field}");
    }
    assert_eq!(recorded["answer"][0], json!(["again, reply 0", "again, reply 1"]));
    assert_eq!(recorded["answer"][2], json!({ "n": 4 }));

    let written = std::fs::read_to_string(program.folder().join("run.jsonl")).unwrap();
    let kinds: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "completion").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| **kind == "query").count(), 24);
}

#[test]
fn a_query_that_was_not_recorded_fails_the_call() {
    let code = "try:\n    llm_query('a')\nexcept ToolError as e:\n    answer(e.message)";
    let line = json!({ "type": "completion", "completion": {
        "text": format!("```python\n{code}\n```"), "reasoning": null, "finish_reason": "stop",
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 }
    } });
    let ended = Program::new(["ask", TASK, "--replay=run.jsonl"])
        .file("run.jsonl", &format!("{line}\n"))
        .run()
        .expect(0);
    holds(
        &ended.stdout,
        &[
            "cannot replay `run.jsonl`",
            "no reply to what the script asks by `llm_query`",
        ],
    );
}
