//! `mcm ask` on a real terminal: the questions, the ways to answer them, Ctrl-C, spinners and colour.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::toy,
    terminal::{OnTerminal, Stdout},
};

/// `mcm ask` with these arguments over the toy server, which nobody trusts yet.
fn ask(endpoint: &Endpoint, arguments: &[&str], environment: &[(&str, &str)], stdout: Stdout) -> OnTerminal {
    ask_over(&json!({ "toy": toy(&[]) }), endpoint, arguments, environment, stdout)
}

/// The same over other servers.
fn ask_over(
    servers: &Value,
    endpoint: &Endpoint,
    arguments: &[&str],
    environment: &[(&str, &str)],
    stdout: Stdout,
) -> OnTerminal {
    let servers = json!({ "servers": servers }).to_string();
    let program = Program::new(["ask", "Write it"].iter().chain(arguments))
        .model(&endpoint.base_url())
        .file("mcp_servers.json", &servers);
    let program = environment
        .iter()
        .fold(program, |program, (name, value)| program.env(name, value));
    OnTerminal::start(program, stdout)
}

fn script(code: &str) -> Endpoint {
    Endpoint::start([Reply::text(format!("```python\n{code}\n```"))])
}

const TWO_WRITES: &str = "first = toy.write(name='a')\nsecond = toy.write(name='b')\nanswer([first, second])";
const DENIED: &str = "try:\n    toy.write(name='a')\nexcept ToolDenied:\n    answer('denied')";

fn two_writes() -> Value {
    json!(["written", "written"])
}

#[test]
fn trust_is_asked_with_the_command_shown_and_kept() {
    let endpoint = script("answer(toy.echo(text='hi'))");
    let mut running = ask(&endpoint, &[], &[], Stdout::File);
    running.sees("trust it? [yes/no]", 1);
    running.sees("toy_server", 1);
    assert_eq!(endpoint.requests().len(), 0);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(
        (ended.status.code(), ended.answer.as_str()),
        (Some(0), "hi\n"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_server_that_is_declined_is_named_and_left_out() {
    let endpoint = script("answer(tools.list())");
    let mut running = ask(&endpoint, &[], &[], Stdout::File);
    running.sees("trust it?", 1);
    running.types("n\n");
    let ended = running.end();
    assert!(ended.screen.contains("`toy` is not trusted"), "{}", ended.screen);
    assert_eq!(
        (ended.status.code(), ended.answer.as_str()),
        (Some(0), "[]\n"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_write_is_asked_for_each_time_with_the_call_shown() {
    let endpoint = script(TWO_WRITES);
    let mut running = ask(&endpoint, &["--trust"], &[], Stdout::File);
    running.sees(
        "the script wants to call toy.write\r\n  name: a\r\ny this call, r this run, a always, n never: ",
        1,
    );
    running.types("yes\n");
    running.sees("  name: b\r\ny this call, r this run, a always, n never: ", 1);
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
}

#[test]
fn a_write_allowed_for_the_run_is_asked_for_once() {
    let endpoint = script(TWO_WRITES);
    let mut running = ask(&endpoint, &["--trust"], &[], Stdout::File);
    running.sees("n never: ", 1);
    running.types("run\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
    assert_eq!(ended.screen.matches("n never: ").count(), 1, "{}", ended.screen);
}

#[test]
fn a_writing_workspace_is_approved_and_a_rule_can_still_ask() {
    let servers = json!({ "workspace": { "builtin": "workspace", "root": ".", "write": true } });
    let code = "answer(workspace.write(path='a', text='abc'))";
    let endpoint = script(code);
    let ended = ask_over(&servers, &endpoint, &["--trust"], &[], Stdout::File).end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
    let rule = ["--trust", "--ask", "workspace.write"];
    let endpoint = script(code);
    let mut running = ask_over(&servers, &endpoint, &rule, &[], Stdout::File);
    running.sees("wants to call workspace.write\r\n", 1);
    running.sees("n never: ", 1);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
}

#[test]
fn a_workspace_that_may_write_is_asked_about_with_its_folder_before_it_is_trusted() {
    let servers = json!({ "workspace": { "builtin": "workspace", "root": ".", "write": true } });
    let endpoint = script("answer(workspace.write(path='a', text='abc'))");
    let mut running = ask_over(&servers, &endpoint, &[], &[], Stdout::File);
    running.sees("workspace: reads and writes the files in the folder .", 1);
    running.sees("trust it? [yes/no]", 1);
    assert_eq!(endpoint.requests().len(), 0);
    running.types("yes\n");
    let ended = running.end();
    assert_eq!(ended.answer, "3\n", "{}", ended.screen);
}

#[test]
fn a_write_refused_is_tool_denied() {
    let endpoint = script(DENIED);
    let mut running = ask(&endpoint, &["--trust"], &[], Stdout::File);
    running.sees("n never: ", 1);
    running.types("never\n");
    let ended = running.end();
    assert_eq!(ended.answer, "denied\n", "{}", ended.screen);
}

#[test]
fn a_question_waits_longer_than_a_scripts_own_time() {
    // the time is what is tested: the script would have been stopped
    let endpoint = script(TWO_WRITES);
    let mut running = ask(&endpoint, &["--trust", "--timeout", "1"], &[], Stdout::File);
    running.sees("n never: ", 1);
    std::thread::sleep(Duration::from_millis(1500));
    running.types("run\n");
    let ended = running.end();
    assert_eq!(ended.answer, format!("{}\n", two_writes()), "{}", ended.screen);
}

#[test]
fn ctrl_c_at_a_question_ends_it_at_once_and_leaves_nothing() {
    for (arguments, question) in [(&["--trust"][..], "n never: "), (&[][..], "trust it?")] {
        let endpoint = script(TWO_WRITES);
        let mut running = ask(&endpoint, arguments, &[], Stdout::File);
        running.sees(question, 1);
        let pressed = Instant::now();
        running.types("\x03");
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(130), "{}", ended.screen);
        assert!(pressed.elapsed() < Duration::from_secs(5), "{:?}", pressed.elapsed());
        assert_eq!(ended.answer, "");
    }
}

#[test]
fn spinners_are_gone_when_the_answer_is_printed() {
    let endpoint = script("toy.echo(text='x')\nanswer('the one answer')");
    let running = ask(&endpoint, &["--trust"], &[], Stdout::Terminal);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    let (before, after) = ended
        .screen
        .split_once("the one answer")
        .expect("the answer on the screen");
    assert!(before.ends_with(['\n', '\r', 'K', 'J', 'h', 'm', 'G']), "{before:?}");
    let after = after
        .strip_prefix("\r\n")
        .unwrap_or_else(|| panic!("the answer's line goes on: {after:?}"));
    let printed = after.chars().filter(|c| c.is_alphanumeric()).count();
    assert!(printed < 20, "something is drawn over the answer: {after:?}");
}

#[test]
fn no_color_means_no_colour_even_on_a_terminal() {
    for (environment, coloured) in [(&[("NO_COLOR", "1")][..], false), (&[][..], true)] {
        let endpoint = script("answer(toy.echo(text='x'))");
        let running = ask(&endpoint, &["--trust", "--show-code"], environment, Stdout::File);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
        assert_eq!(has_colour(&ended.screen), coloured, "{:?}", ended.screen);
    }
}

/// Whether a sequence that chooses a colour was written.
fn has_colour(screen: &str) -> bool {
    screen.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest.as_bytes()[end] == b'm' && end > 0)
    })
}
