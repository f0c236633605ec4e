//! Endpoints that are away or refuse, and models that write no script.

use super::*;

fn with_model(endpoint: &Endpoint) -> Program {
    Program::new(["doctor", "--json"])
        .model(&endpoint.base_url())
        .env("MCM_MODEL", "test-model")
}

fn replies(text: &str) -> Endpoint {
    Endpoint::start([Reply::text(text).usage(1500, 40)])
}

#[test]
fn the_model_gets_the_real_prompt_and_its_script_is_run() {
    let endpoint = replies("Sure:\n```python\ntotal = sum(n ** 2 for n in range(21))\nanswer(total)\n```");
    let report = Report::of(with_model(&endpoint), 0);
    report.is_ok("model", "script", "(1500 + 40 tokens)");
    let requests = endpoint.requests();
    let [request] = requests.as_slice() else {
        panic!("{} requests", requests.len())
    };
    assert_eq!(request.body["model"], "test-model");
    let system = request.body["messages"][0]["content"].as_str().expect("a text");
    assert!(
        system.contains("answer(") && request.last_message().contains("squares"),
        "{system}"
    );
}

#[test]
fn a_model_that_writes_no_script_that_works_is_a_problem_with_another_model_as_the_fix() {
    for (reply, part) in [
        ("The sum is 2870.", "without a script"),
        ("", "its reply is empty"),
        ("```python\nanswer(41)\n```", "did not give 2870: it gave 41"),
        ("```python\nanswer(1 / 0)\n```", "ZeroDivisionError"),
        ("```python\nimport os\nanswer(os.getpid())\n```", "did not give 2870"),
        ("```python\nwhile True: pass\n```", "did not give 2870"),
    ] {
        let endpoint = replies(reply);
        let program = with_model(&endpoint).arg("--check-timeout").arg("60");
        let report = Report::of(program, 2);
        report.says("problem", "model", "script", part, "MCM_MODEL");
        report.is_ok("model", "endpoint", "answers");
    }
}

#[test]
fn a_script_that_only_prints_is_a_warning() {
    let endpoint = replies("```python\nprint(2870)\n```");
    Report::of(with_model(&endpoint), 0).says("warning", "model", "script", "did not call `answer`", "MCM_MODEL");
}

#[test]
fn a_dead_endpoint_is_unreachable_and_asked_once() {
    let program = Program::new(["doctor", "--json"]).model("http://127.0.0.1:1/v1");
    let report = Report::of(program, 3);
    report.says(
        "problem",
        "model",
        "endpoint",
        "cannot reach the model at `http://127.0.0.1:1/v1`",
        "base URL",
    );
}

#[test]
fn a_refused_key_and_a_missing_model_are_told_apart() {
    let endpoint = Endpoint::start([Reply::error(401, "bad key")]);
    let report = Report::of(with_model(&endpoint), 3);
    report.says(
        "problem",
        "model",
        "script",
        "refused the key (401): bad key",
        "OPENAI_API_KEY",
    );
    let endpoint = Endpoint::start([Reply::error(404, "no such model")]).with_models(&["one", "two"]);
    let report = Report::of(with_model(&endpoint), 3);
    report.says(
        "warning",
        "model",
        "model",
        "`test-model` is not in the endpoint's list",
        "check the name",
    );
    report.is_ok("model", "endpoint", "2 models: one, two");
    report.says("problem", "model", "script", "no model `test-model`", "--model");
}

#[test]
fn a_model_that_goes_silent_costs_its_limit_and_no_more() {
    let endpoint = Endpoint::start([Reply::text("```python\nanswer(2870)\n```").silent_after(1)]);
    let report = Report::of(with_model(&endpoint).arg("--check-timeout").arg("8"), 3);
    assert_eq!(report.finding("model", "script", "")["level"], "problem");
    endpoint.wait_for_hang_ups(1);
}

#[test]
fn an_endpoint_without_a_model_name_shows_what_it_has() {
    let endpoint = Endpoint::start([]).with_models(&["one", "two"]);
    let program = Program::new(["doctor", "--json"]).env("OPENAI_BASE_URL", endpoint.base_url());
    let report = Report::of(program, 2);
    report.is_ok("model", "endpoint", "2 models: one, two");
    report.says("problem", "model", "model", "no model was named", "MCM_MODEL");
    assert!(endpoint.requests().is_empty());
}

#[test]
fn without_any_model_the_ways_to_one_are_named() {
    let report = Report::of(Program::new(["doctor", "--json"]), 3);
    report.says(
        "problem",
        "model",
        "endpoint",
        "there is no model to ask",
        "OPENAI_API_KEY",
    );
    report.finding("model", "endpoint", "nothing on this machine");
}

#[test]
fn no_model_means_that_nothing_is_sent() {
    let endpoint = Endpoint::start([]);
    let report = Report::of(doctor().model(&endpoint.base_url()), 0);
    report.is_ok("model", "endpoint", "not looked at");
    assert!(endpoint.requests().is_empty());
}

#[test]
fn a_users_own_templates_are_what_the_model_gets() {
    let endpoint = replies("```python\nanswer(2870)\n```");
    let program = with_model(&endpoint)
        .file("mine/user.j2", "MY OWN WORDS: {{ task }}")
        .env("MCM_PROMPTS", "mine");
    Report::of(program, 0).is_ok("folders", "prompts", "templates in `mine`");
    assert!(endpoint.requests()[0].last_message().starts_with("MY OWN WORDS"));
}
