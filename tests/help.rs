//! What `--help` says, and what typing wrongly says.

use std::path::Path;

use clap::{CommandFactory, Parser};
use mcm::cli::args::{Cli, Command, ToolsCommand};

fn help(verbs: &[&str]) -> String {
    let mut command = Cli::command().term_width(110);
    command.build();
    let verb = verbs.iter().fold(&mut command, |command, verb| {
        command.find_subcommand_mut(verb).expect("it is a verb")
    });
    verb.render_help().to_string()
}

#[test]
fn help_names_what_there_is_with_units_and_defaults() {
    let verbs: [&[&str]; 16] = [
        &[],
        &["ask"],
        &["repl"],
        &["batch"],
        &["run"],
        &["prompt"],
        &["serve"],
        &["tools"],
        &["tools", "search"],
        &["tools", "show"],
        &["tools", "cost"],
        &["init"],
        &["doctor"],
        &["trust"],
        &["demo"],
        &["completions"],
    ];
    let pages = verbs.map(|verb| {
        format!(
            "$ mcm {}--help\n{}",
            verb.iter().map(|v| format!("{v} ")).collect::<String>(),
            help(verb)
        )
    });
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn wrong_usage_says_what_is_right_and_ends_with_exit_code_2() {
    let messages = [
        "ask task --max-steps 0",
        "ask task --max-steps -3",
        "ask task --timeout 1e12",
        "ask task --max-cost 0",
        "ask task --max-tokens 1.5",
        "ask task --memory 99999999",
        "ask task --input 1a=x",
        "ask task --input a",
        "ask task --deny a.{b",
        "ask task --base-url example.com",
        "ask task --record a --replay b",
        "run",
        "run a.py -c 1",
        "run a.py --max-steps 2",
        "tools search",
        "tools search x --limit 0",
        "tools cost --steps 0",
        "doctor --check-timeout 0",
        "completions tcsh",
        "repl a task",
        "repl --json",
    ]
    .map(|line| {
        let error = Cli::try_parse_from(std::iter::once("mcm").chain(line.split(' '))).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.use_stderr(), "{line}");
        let text = error.to_string();
        format!("$ mcm {line}\n{}", text.split("\n\n").next().unwrap_or_default())
    });
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_bare_program_prints_help_to_stderr() {
    let error = Cli::try_parse_from(["mcm"]).expect_err("nothing was asked for");
    assert!(error.use_stderr());
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn flags_of_tools_may_stand_on_either_side_of_its_verb() {
    for line in [
        "mcm tools --config f --read-only list",
        "mcm tools list --read-only --config f",
    ] {
        let Command::Tools(tools) = Cli::try_parse_from(line.split(' ')).expect(line).command else {
            panic!("{line}")
        };
        assert_eq!(tools.command, Some(ToolsCommand::List));
        assert_eq!(tools.servers.config, [Path::new("f")]);
        assert!(tools.policy.read_only);
    }
}
