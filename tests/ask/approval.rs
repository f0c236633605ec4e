//! Which tools a script may call.

use super::*;

const CALL: &str =
    "try:\n    toy.write()\nexcept ToolDenied as e:\n    answer(['denied', e.tool, e.message])\nanswer('written')";

#[test]
fn a_tool_is_called_that_nothing_speaks_against() {
    assert_eq!(Case::script(CALL).run(0).record["answer"], "written");
}

/// The tool is not in the prompt, and a call of it ends as denied.
#[track_caller]
fn is_denied<const N: usize>(arguments: [&str; N], words: &[&str]) {
    let outcome = Case::script("tools.call('toy', 'write')").args(arguments).run(0);
    let prompt = outcome.requests[0].body["messages"].to_string();
    assert!(!prompt.contains("def write("), "{prompt}");
    assert!(prompt.contains("def echo("), "{prompt}");
    assert_eq!(outcome.diagnostics(0)[0], "TOOL_ERROR");
    assert_eq!(outcome.calls(0), json!([["write", "denied"]]));
    holds(outcome.execution(0)["calls"][0]["error"].as_str().expect("an error"), words);
    outcome.told(1, &["ToolDenied"]);
}

#[test]
fn read_only_denies_writes_and_hides_them() {
    is_denied(["--read-only"], &["--read-only"]);
}

#[test]
fn yes_does_not_widen_read_only() {
    is_denied(["--read-only", "--yes"], &["--read-only"]);
}

#[test]
fn a_denied_glob_is_hidden_even_if_it_is_allowed_too() {
    is_denied(["--deny", "toy.wr*", "--allow", "toy.write", "--yes"], &["deny"]);
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
    let code = "v = toy.variable(name='TOY_KEY')\nprint(v)\ntoy.echo(text=v)\nkey = 'sk-test-' + 'key-of-nobody'\nprint(key)";
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
