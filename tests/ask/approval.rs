//! Which tools a script may call.

use super::*;

const CALL: &str =
    "try:\n    toy.write()\nexcept ToolDenied as e:\n    answer(['denied', e.tool, e.message])\nanswer('written')";

#[test]
fn a_tool_is_called_that_nothing_speaks_against() {
    assert_eq!(Case::script(CALL).run(0).record["answer"], "written");
}

/// The tool does not exist for scripts, by whatever way they look for it.
#[track_caller]
fn is_hidden<const N: usize>(arguments: [&str; N]) {
    let outcome = Case::script("tools.call('toy', 'write')").args(arguments).run(0);
    let prompt = outcome.requests[0].body["messages"].to_string();
    assert!(!prompt.contains("def write("), "{prompt}");
    assert!(prompt.contains("def echo("), "{prompt}");
    assert_eq!(outcome.execution(0)["success"], false);
    assert_eq!(outcome.calls(0), json!([]));
    outcome.told(1, &["no tool 'write'"]);
    let outcome = Case::script("toy.write()").args(arguments).run(0);
    assert_eq!(outcome.diagnostics(0)[1], "unknown-tool");
}

#[test]
fn read_only_hides_writes() {
    is_hidden(["--read-only"]);
}

#[test]
fn yes_does_not_widen_read_only() {
    is_hidden(["--read-only", "--yes"]);
}

#[test]
fn a_denied_glob_is_hidden_even_if_it_is_allowed_too() {
    is_hidden(["--deny", "toy.wr*", "--allow", "toy.write", "--yes"]);
}

#[test]
fn asking_off_a_terminal_is_a_denial_that_names_the_flag() {
    let outcome = Case::script(CALL).args(["--ask", "toy.write"]).run(0);
    let answer = &outcome.record["answer"];
    assert_eq!([&answer[0], &answer[1]], ["denied", "write"]);
    holds(answer[2].as_str().expect("a message"), &["--yes"]);
    assert_eq!(outcome.calls(0), json!([["write", "denied"]]));
}

#[test]
fn yes_answers_the_question_off_a_terminal() {
    let outcome = Case::script(CALL).args(["--ask", "toy.write", "--yes"]).run(0);
    assert_eq!(outcome.record["answer"], "written");
}

#[test]
fn secrets_that_a_tool_shows_reach_nobody() {
    let secrets = ["entry-secret-value", "sk-test-key-of-nobody"];
    let code =
        "v = toy.variable(name='TOY_KEY')\nprint(v)\ntoy.echo(text=v)\nkey = 'sk-test-' + 'key-of-nobody'\nprint(key)";
    let outcome = Case::new([
        script(code),
        script("toy.echo(text=v)\nraise ValueError(v + key)"),
        script("answer([v, key])"),
    ])
    .servers(|_| {
        let mut entry = toy(&["all-tools"]);
        entry["env"] = json!({ "TOY_KEY": secrets[0] });
        json!({ "toy": entry })
    })
    .args(["--show-code"])
    .run(0);
    outcome.told(1, &["********"]);
    outcome.told(2, &["ValueError: ****************"]);
    let requests = outcome.requests.iter().map(|request| request.body.to_string());
    let Ended { stdout, stderr, .. } = &outcome.ended;
    for text in requests.chain([stdout.clone(), stderr.clone()]) {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in:\n{text}");
        }
    }
}
