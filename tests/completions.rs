//! `mcm completions`: what shells read.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::program::Program;

fn script(shell: &str) -> String {
    let ended = Program::new(["completions", shell]).run().expect(0);
    assert_eq!(ended.stderr, "");
    ended.stdout
}

/// Gives the script to a shell with these arguments; `None` where there is no such shell.
fn given_to(shell: &str, arguments: &[&str], script: &str) -> Option<(bool, String)> {
    let mut command = Command::new(shell);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ))
}

#[test]
fn each_shell_gets_a_script_that_names_all_verbs_and_that_it_can_read() {
    for (shell, check) in [
        ("bash", Some("-n")),
        ("zsh", Some("-n")),
        ("fish", Some("--no-execute")),
        ("elvish", None),
        ("powershell", None),
    ] {
        let script = script(shell);
        for verb in ["ask", "doctor", "completions", "trust", "check-timeout"] {
            assert!(script.contains(verb), "{shell} lacks {verb}");
        }
        let read = check.and_then(|flag| given_to(shell, &[flag], &script));
        assert!(read.is_none_or(|(good, _)| good), "{shell} cannot read its script");
    }
}

#[test]
fn bash_completes_verbs_and_flags_by_it() {
    let completed = |words: &str, last: &str| {
        let script = script("bash");
        let ask = format!("{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n");
        let ask = ask + &format!("_mcm mcm {last} ''; echo \"${{COMPREPLY[@]}}\"\n");
        let (good, found) = given_to("bash", &["--norc"], &ask).expect("bash is there");
        assert!(good);
        found.trim().to_owned()
    };
    assert_eq!(completed("mcm doc", "doc"), "doctor");
    assert_eq!(completed("mcm doctor --no", "--no"), "--no-model");
}

#[test]
fn a_broken_folder_does_not_keep_a_shell_from_starting() {
    let program = Program::new(["completions", "bash"])
        .file(".env", "no value\n")
        .file("mcp_servers.json", "{");
    let ended = program.env("MCM_MAX_STEPS", "many").run().expect(0);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.contains("_mcm()"));
}

#[test]
fn an_unknown_shell_is_wrong_usage_and_the_known_ones_are_named() {
    let ended = Program::new(["completions", "tcsh"]).run().expect(2);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(ended.stderr.contains(shell), "{}", ended.stderr);
    }
}
