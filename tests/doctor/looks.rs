//! What people see, on a terminal and off it.

use super::*;
use crate::support::terminal::{OnTerminal, Stdout};

fn program() -> Program {
    let servers = json!({ "servers": { "toy": toy(&[]), "gone": { "command": "no-such-program" }, "x": {
        "command": toy(&[])["command"], "strange": 1 } } });
    Program::new(["doctor", "--no-model", "--trust"]).file("mcp_servers.json", &servers.to_string())
}

#[test]
fn off_a_terminal_each_finding_is_a_line_of_plain_words_with_its_fix_below() {
    let ended = program().run().expect(3);
    assert_eq!(ended.stderr, "");
    assert!(
        !ended.stdout.contains('\u{1b}') && !ended.stdout.contains('✓'),
        "{}",
        ended.stdout
    );
    let titles: Vec<&str> = ended.stdout.lines().filter(|line| AREAS.contains(line)).collect();
    assert_eq!(titles, AREAS);
    for line in [
        "  ok      toy            3 tools (",
        "  problem gone           the command `no-such-program` was not found (",
        "                         fix: install it, or write its full path",
        "  warning x              the key `strange` means nothing here (",
        "  ok      by default     max-steps 8, max-retries 3, timeout 30 s,",
    ] {
        let found = ended.stdout.lines().any(|found| found.starts_with(line));
        assert!(found, "no line {line:?}:\n{}", ended.stdout);
    }
    assert_eq!(ended.stdout.lines().last(), Some("1 problem, 1 warning"));
}

#[test]
fn on_a_terminal_there_are_marks_and_colours_and_no_line_is_broken_inside_a_word() {
    let ended = OnTerminal::start(program(), Stdout::Terminal).end();
    assert_eq!(ended.status.code(), Some(3), "{}", ended.screen);
    for part in [
        "\u{1b}[32m✓\u{1b}[0m",
        "\u{1b}[33m!\u{1b}[0m",
        "\u{1b}[31m✗\u{1b}[0m",
        "\u{1b}[1mservers\u{1b}[0m",
    ] {
        assert!(ended.screen.contains(part), "it lacks {part:?}:\n{}", ended.screen);
    }
    let report = ended.screen.split("settings\u{1b}[0m").nth(1).expect("the report");
    let widest = report.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|width| width < 120), "{widest:?}\n{report}");
}

#[test]
fn no_color_means_plain_words_even_on_a_terminal() {
    let ended = OnTerminal::start(program().env("NO_COLOR", "1"), Stdout::Terminal).end();
    assert!(ended.screen.contains("problem gone "), "{}", ended.screen);
    assert!(
        !ended.screen.contains("\u{1b}[3") && !ended.screen.contains('✗'),
        "{}",
        ended.screen
    );
}

#[test]
fn a_server_cannot_steer_the_terminal_through_what_it_says() {
    let servers = json!({ "servers": { "evil": { "command": "printf", "args": ["\\033]0;mine\\007\\033[2J"] }, "worse": {
        "command": "sh", "args": ["-c", "printf '\\033]0;mine\\007\\033[2Jhello' >&2; exit 1"] } } });
    let program = program().file("mcp_servers.json", &servers.to_string());
    let ended = OnTerminal::start(program, Stdout::Terminal).end();
    assert!(ended.screen.contains("hello"), "{}", ended.screen);
    assert!(
        !ended.screen.contains("\u{1b}]0;") && !ended.screen.contains("\u{1b}[2Jhello"),
        "{:?}",
        ended.screen
    );
}
