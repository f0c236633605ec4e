//! README.md: what it shows is what happens.

use std::{collections::BTreeSet, fs, path::Path, process::Command as Process};

use clap::{CommandFactory, Parser};
use mcm::{cli::args::Cli, tools::servers};
use serde_json::Value;

use crate::support::endpoint::{Endpoint, Reply};

#[test]
fn the_session_in_the_readme_goes_as_it_is_shown() {
    let folder = shop();
    let endpoint = Endpoint::answering(|request| {
        let replies: Vec<Value> = fs::read_to_string(manifest("src/cli/demo/replies.jsonl"))
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let so_far = request.body["messages"].as_array().unwrap();
        let step = so_far.iter().filter(|message| message["role"] == "assistant").count();
        Reply::text(replies[step]["completion"]["text"].as_str().unwrap())
    });
    let mut commands = 0;
    for (command, expected) in blocks("console").iter().flat_map(|block| session(block)) {
        let ended = shell(&command, folder.path(), &endpoint);
        assert_eq!(
            String::from_utf8_lossy(&ended.stdout),
            expected,
            "$ {command}\n{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        commands += 1;
    }
    assert!(commands > 3, "the session was found");
    assert_eq!(endpoint.requests().len(), 3);
}

#[test]
fn the_scripts_in_the_readme_run() {
    let (folder, endpoint) = (shop(), Endpoint::start([]));
    let scripts = blocks("python");
    assert_eq!(scripts.len(), 2);
    fs::write(folder.path().join("script.py"), &scripts[0]).unwrap();
    let ended = shell("mcm run script.py", folder.path(), &endpoint);
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "{\"lines\":43,\"files\":3}\n");
    let endpoint = Endpoint::answering(|_| Reply::text("[\"2026-01-31\"]"));
    fs::write(folder.path().join("asking.py"), &scripts[1]).unwrap();
    let ended = shell(
        "mcm run asking.py --input text=@orders/2026-01.csv",
        folder.path(),
        &endpoint,
    );
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "[\"2026-01-31\"]\n");
}

#[test]
fn the_configuration_in_the_readme_can_be_read() {
    for block in blocks("json") {
        let config = servers::read(&block, Path::new("/folder/mcp_servers.json")).unwrap();
        assert_eq!((config.entries.len(), config.faults.len()), (3, 0));
        assert!(config.entries.iter().all(|entry| entry.unknown.is_empty()));
    }
}

#[test]
fn every_verb_is_in_the_readme_and_every_flag_of_the_readme_exists() {
    let text = readme();
    let command = Cli::command();
    for verb in command.get_subcommands() {
        assert!(
            text.contains(&format!("`mcm {}", verb.get_name())),
            "{}",
            verb.get_name()
        );
    }
    let flags: BTreeSet<String> = command
        .get_subcommands()
        .flat_map(|verb| verb.get_subcommands().chain([verb]))
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| argument.get_long().map(str::to_owned))
        .collect();
    // of cargo, not ours
    let foreign = ["release", "locked", "ignore-rust-version", "path", "bench", "format"];
    for (at, _) in text.match_indices("--") {
        let name: String = text[at + 2..]
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        let is_flag = name.starts_with(|c: char| c.is_ascii_lowercase()) && !text[..at].ends_with('-');
        if is_flag && !foreign.contains(&name.as_str()) {
            assert!(flags.contains(&name), "--{name}");
        }
    }
}

#[test]
fn every_line_of_the_readme_that_starts_mcm_can_be_typed() {
    let mut lines = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let command = line.split(" #").next().unwrap();
        let Some(at) = command.find("mcm ") else { continue };
        // as far as the next command of a pipe
        let words = words(&command[at..]);
        let own = words.split(|word| word == "|").next().unwrap();
        Cli::try_parse_from(own).unwrap_or_else(|e| panic!("{line}\n{e}"));
        lines += 1;
    }
    assert!(lines > 7, "the lines were found");
}

/// The words of a command line without expansions.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in line.trim().chars() {
        match (c, quote) {
            (c, Some(end)) if c == end => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The demo's files, with a configuration of their folder.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copied = Process::new("cp")
        .arg("-r")
        .arg(manifest("src/cli/demo/files/."))
        .arg(folder.path())
        .status();
    assert!(copied.unwrap().success());
    let config = r#"{"servers": {"workspace": {"builtin": "workspace", "root": "."}}}"#;
    fs::write(folder.path().join("mcp_servers.json"), config).unwrap();
    folder
}

fn shell(command: &str, folder: &Path, endpoint: &Endpoint) -> std::process::Output {
    let program = Path::new(env!("CARGO_BIN_EXE_mcm")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    Process::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", program.display()))
        .env("HOME", folder.join(".home"))
        .env("LC_ALL", "C")
        .env("OPENAI_BASE_URL", endpoint.base_url())
        .env("OPENAI_API_KEY", "sk-nobody")
        .env("MCM_MODEL", "recorded")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

/// Commands of a session, and what each prints.
fn session(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => *printed += &format!("{line}\n"),
            (None, None) => panic!("a session begins with a command: {line}"),
        }
    }
    commands
}

/// The code blocks of this kind.
fn blocks(kind: &str) -> Vec<String> {
    let text = readme();
    let mut found = Vec::new();
    for block in text.split(&format!("```{kind}\n")).skip(1) {
        found.push(block.split("```").next().unwrap().to_owned());
    }
    found
}

fn readme() -> String {
    fs::read_to_string(manifest("README.md")).unwrap()
}

fn manifest(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
