//! What a model and its endpoint do wrong.

use super::*;

fn looks() -> Reply {
    script("print('looked')")
}

#[test]
fn a_model_that_says_nothing_is_asked_again_until_its_retries_are_used_up() {
    let outcome = Case::new([Reply::text(""), Reply::text("I would rather talk"), Reply::text("")]).run(1);
    outcome.failed("gave_up", &["3 steps failed in a row", "the reply was empty"]);
    for step in 0..3 {
        assert_eq!(outcome.diagnostics(step)[0], "NO_CODE");
        assert_eq!(outcome.record["steps"][step]["script"], Value::Null);
    }
    outcome.told(1, &["marked `python`"]);
    assert_eq!(outcome.requests.len(), 3);
}

#[test]
fn a_refusal_is_no_answer() {
    let refusal = json!({ "choices": [{
        "index": 0, "finish_reason": "stop",
        "message": { "role": "assistant", "content": null, "refusal": "I cannot help with that" },
    }] });
    let outcome = Case::new([Reply::json(200, &refusal)])
        .args(["--max-retries", "1"])
        .run(1);
    outcome.failed("gave_up", &["1 step failed"]);
    assert_eq!(outcome.diagnostics(0)[0], "NO_CODE");
    assert_eq!(outcome.record["steps"][0]["reply"], "I cannot help with that");
}

#[test]
fn too_many_requests_are_waited_for() {
    let busy = || Reply::error(429, "slow down").header("retry-after-ms", "10");
    let outcome = Case::new([busy(), busy(), script("answer(1)")]).run(0);
    assert_eq!(outcome.record["answer"], 1);
    assert_eq!(outcome.record["usage"]["model_calls"], 1);
    assert_eq!(outcome.requests.len(), 3);
    holds(&outcome.ended.stderr, &["slow down"]);
}

#[test]
fn a_reply_that_is_cut_is_asked_for_again() {
    let outcome = Case::new([script("answer('cut')").cut_after(2), script("answer('whole')")]).run(0);
    assert_eq!(outcome.record["answer"], "whole");
    assert_eq!(outcome.record["steps"].as_array().expect("steps").len(), 1);
}

#[test]
fn without_any_model_three_lines_say_what_to_do() {
    let program = Program::new(["ask", "the task"]).servers(&json!({ "toy": toy(&[]) }));
    let ended = program.run().expect(3);
    assert_eq!(ended.stdout, "");
    holds(
        &ended.stderr,
        &[
            "there is no model to ask",
            "OPENAI_API_KEY",
            "mcm run -c CODE",
            "Ollama",
        ],
    );
    let after = ended.stderr.split("there is no model").nth(1).expect("the error");
    assert_eq!(after.trim().lines().count(), 4, "{}", ended.stderr);
}

#[test]
fn a_refused_key_is_shown_nowhere() {
    let words = "Incorrect API key provided: sk-test-key-of-nobody";
    let outcome = Case::new([Reply::error(401, words)]).run(3);
    outcome.failed("failed", &["refused the key (401)", "Incorrect API key"]);
    holds(&outcome.ended.stderr, &["set `OPENAI_API_KEY`"]);
    assert_eq!(outcome.requests.len(), 1);
    for text in [&outcome.ended.stdout, &outcome.ended.stderr] {
        assert!(!text.contains("sk-test-key-of-nobody"), "{text}");
    }
}

#[test]
fn a_prompt_that_is_too_long_is_sent_again_shortened() {
    let too_long = json!({ "error": { "message": "This model's maximum context length is 100 tokens",
        "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded" } });
    let outcome = Case::new([
        script("print('x' * 5_000)"),
        Reply::json(400, &too_long),
        script("answer('fits')"),
    ])
    .run(0);
    assert_eq!(outcome.record["answer"], "fits");
    let sizes = [1, 2].map(|n| outcome.requests[n].body["messages"].to_string().len());
    assert!(sizes[1] < sizes[0], "{sizes:?}");
}

#[test]
fn a_text_after_a_successful_look_is_the_answer() {
    let outcome = Case::new([looks(), Reply::text("It is **blue**.")]).run(0);
    assert_eq!(outcome.record["answer"], "It is **blue**.");
    assert_eq!(outcome.record["steps"][1]["execution"], Value::Null);
    assert_eq!(outcome.record["steps"][1]["script"], Value::Null);
}

#[test]
fn used_up_steps_end_the_run() {
    let outcome = Case::new([looks(), looks()]).args(["--max-steps", "2"]).run(1);
    outcome.failed("gave_up", &["no answer after 2 steps"]);
    assert_eq!(outcome.requests.len(), 2);
}

#[test]
fn a_recorded_run_is_replayed_without_an_endpoint() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let replies = [script("n = 20\nprint(n)"), script("answer(n + 1)")];
    let first = Case::new(replies)
        .args(["--record", &file.path().to_string_lossy()])
        .run(0);
    let replayed = Program::new(["ask", "the task", "--json", "--replay"]).arg(file.path());
    let second = replayed
        .servers(&json!({ "toy": toy(&["all-tools"]) }))
        .run()
        .expect(0)
        .json();
    for member in ["answer", "status", "usage"] {
        assert_eq!(second[member], first.record[member]);
    }
    assert_eq!(second["answer"], 21);
}
