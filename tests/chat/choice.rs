//! Which module does a task, and what `code` makes of scripts.

use mcm::{
    agent::{
        module::{Module, Wanted},
        task::{Input, InputValue, Task},
    },
    tools::catalog::Catalog,
};

use super::*;
use crate::support::lists::{listed, split};

fn auto(task: &str, catalog: &Catalog) -> Module {
    Wanted::Auto.of(&Task::new(task), catalog)
}

#[test]
fn a_short_task_with_one_obvious_tool_among_few_is_done_by_chat_and_any_other_by_scripts() {
    let few = Catalog::new(vec![listed("time")], &[]);
    for task in [
        "Convert 14:30 from Berlin time to Tokyo time.",
        "convert the time 9:00 from UTC to New York",
    ] {
        assert_eq!(auto(task, &few), Module::Chat, "{task}");
    }
    let long = format!("Convert the time {}", "x ".repeat(100));
    for task in [
        "Convert 14:30 to each time zone of Europe.",
        "Convert 14:30 to Tokyo time and add an hour",
        "Convert 14:30. Then say hello.",
        "Convert this:\n14:30",
        "What is the meaning of life?",
        "",
        &long,
    ] {
        assert_eq!(auto(task, &few), Module::Codeact, "{task}");
    }
    let many = Catalog::new(split("livemcpbench"), &[]);
    assert_eq!(
        auto("Convert 14:30 from Berlin time to Tokyo time.", &many),
        Module::Codeact
    );
    assert_eq!(auto("hello", &Catalog::default()), Module::Codeact);
    let task = Task {
        inputs: vec![Input::new("zone", InputValue::Text("UTC".to_owned()))],
        ..Task::new("Convert 14:30 from Berlin time to Tokyo time.")
    };
    assert_eq!(Wanted::Auto.of(&task, &few), Module::Codeact);
}

#[test]
fn the_choice_is_shown_and_nothing_else_changes() {
    let run = |task: &str, replies: Vec<Reply>| {
        let endpoint = Endpoint::start(replies);
        let ended = Program::new(["ask", task, "--module", "auto"])
            .model(&endpoint.base_url())
            .servers(&json!({ "toy": toy(&[]) }))
            .run()
            .expect(0);
        (ended, endpoint.requests())
    };
    let (ended, requests) = run(
        "Echo hello",
        vec![calls(&[("toy__echo", r#"{"text": "hello"}"#)]), Reply::text("hello")],
    );
    holds(&ended.stderr, &["module `chat` fits the task"]);
    assert_eq!((ended.stdout.as_str(), requests.len()), ("hello\n", 2));
    let (ended, requests) = run("Echo all of it", vec![script("answer(toy.echo(text='it'))")]);
    holds(&ended.stderr, &["module `codeact` fits the task"]);
    assert_eq!((ended.stdout.as_str(), requests[0].body.get("tools")), ("it\n", None));
    let replies = vec![script("answer(1)")];
    assert!(!run("Echo all of it", replies).0.stdout.contains("module"));
}

#[test]
fn in_code_a_script_without_an_answer_counts_as_failed_and_its_variables_stay() {
    let outcome = Case::new([
        script("x = 40\nprint('looking')"),
        script("answer(x + y)"),
        script("answer(x + 2)"),
    ])
    .args(["--module", "code"])
    .run(0);
    assert_eq!(outcome.record["answer"], 42);
    assert_eq!(outcome.execution(0)["success"], true);
    let told = outcome.requests[1].last_message();
    holds(
        told,
        &[
            "Step 1 failed",
            "did not call `answer`",
            "variables are still there",
            "looking",
            "whole task",
        ],
    );
    holds(
        outcome.requests[2].last_message(),
        &["NameError", "One more try is left"],
    );
    let rules = outcome.messages(0, 0)[0]["content"].as_str().expect("text");
    holds(rules, &["one script that ends in `answer(value)`"]);
    assert!(!rules.contains("look first"), "{rules}");
}

#[test]
fn in_code_scripts_that_never_answer_use_up_the_retries_and_words_are_no_answer() {
    let outcome = Case::new([script("x = 1"), Reply::text("It is 1."), script("y = 2")])
        .args(["--module", "code"])
        .run(1);
    assert_eq!(outcome.record["status"], "gave_up");
    let error = outcome.record["error"].as_str().expect("an error");
    holds(
        error,
        &["3 steps failed in a row", "last: the script did not call `answer`"],
    );
    assert_eq!(outcome.execution(1)["diagnostics"]["code"], "NO_CODE");
}

#[test]
fn the_prompt_verb_shows_the_messages_and_tools_of_chat() {
    let prompt = |arguments: &[&str]| {
        let all = ["prompt", "Echo hello"].iter().chain(arguments);
        Program::new(all).servers(&json!({ "toy": toy(&[]) })).run().expect(0)
    };
    let record = prompt(&["--module", "chat", "--json"]).json();
    let names = record["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .map(|tool| &tool["function"]["name"]);
    assert_eq!(
        json!(names.collect::<Vec<_>>()),
        json!(["toy__echo", "toy__write", "toy__structured"])
    );
    assert_eq!(record["messages"].as_array().expect("messages").len(), 2);
    let with_tools = record["tokens"].as_u64().expect("a number");
    let text = prompt(&["--module", "chat"]).stdout;
    holds(&text, &["# system", "# user", "# tools", "\"name\": \"toy__echo\""]);
    let auto = prompt(&["--module", "auto"]);
    holds(&auto.stderr, &["module `chat` fits the task"]);
    assert_eq!(auto.stdout, text);
    let fewer = prompt(&["--module", "chat", "--json", "--deny", "*"]).json();
    assert!(
        fewer["tokens"].as_u64().expect("a number") + 50 < with_tools,
        "{fewer:#}"
    );
    let code = prompt(&["--module", "code"]).stdout;
    assert!(code.contains("class toy:") && !code.contains("look first"), "{code}");
    let codeact = prompt(&["--json"]).json();
    assert_eq!(
        (&codeact["tools"], codeact["messages"][0]["role"].as_str()),
        (&Value::Null, Some("system"))
    );
}

#[test]
fn the_module_is_a_flag_or_a_variable_of_the_real_environment() {
    let prompt = |arguments: &[&str], change: fn(Program) -> Program| {
        let all = ["prompt", "Echo hello"].iter().chain(arguments);
        change(Program::new(all).servers(&json!({ "toy": toy(&[]) }))).run()
    };
    let chat = |program: Program| program.env("MCM_MODULE", "chat");
    holds(&prompt(&[], chat).expect(0).stdout, &["# tools"]);
    assert!(
        !prompt(&["--module", "codeact"], chat)
            .expect(0)
            .stdout
            .contains("# tools")
    );
    let in_dotenv = prompt(&[], |program| program.file(".env", "MCM_MODULE=chat\n")).expect(0);
    assert!(!in_dotenv.stdout.contains("# tools"));
    holds(&in_dotenv.stderr, &["`MCM_MODULE` in `.env` line 1 is ignored"]);
    let wrong = prompt(&[], |program| program.env("MCM_MODULE", "react")).expect(2);
    holds(
        &wrong.stderr,
        &["`MCM_MODULE` in the environment: must be one of `code`, `codeact`, `chat`, `auto`"],
    );
    holds(
        &prompt(&["--module", "react"], |program| program).expect(2).stderr,
        &["codeact"],
    );
}
