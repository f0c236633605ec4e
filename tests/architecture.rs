//! The arrows of the house: which folder may name which crate and which other folder.

use std::path::{Path, PathBuf};

/// Foreign crates and the only places that may name them.
const CRATES: &[(&str, &[&str])] = &[
    ("rustpython", &["worker/"]),
    ("ruff_python", &["worker/"]),
    ("rmcp", &["serve/", "tools/connection", "tools/workspace"]),
    ("cap_std", &["tools/workspace"]),
    ("ignore", &["cli/init", "tools/workspace"]),
    ("grep", &["tools/workspace"]),
    ("async_openai", &["model/openai"]),
    ("minijinja", &["agent/prompt"]),
    ("serde_saphyr", &["program/"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/ui"]),
    ("reedline", &["cli/repl/"]),
    ("syntect", &["cli/ui"]),
    ("tiktoken_rs", &["model/tokens"]),
    ("jsonschema", &["host/arguments", "signature/check"]),
    ("jiff", &["signature/check", "worker/host_module"]),
    ("csv", &["batch/tasks"]),
    ("aho_corasick", &["mask"]),
    ("toml", &["tools/servers/toml"]),
    ("dotenvy", &["tools/servers/dotenv"]),
];

/// Folders of ours, and those that each may name.
const FOLDERS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("mask", &[]),
    ("worker", &["wire"]),
    ("model", &["mask"]),
    ("tools", &["mask"]),
    ("sandbox", &["wire", "worker"]),
    ("signature", &["tools"]),
    ("host", &["mask", "model", "signature", "tools", "sandbox", "wire"]),
    (
        "agent",
        &["mask", "model", "host", "signature", "tools", "sandbox", "wire"],
    ),
    ("program", &["agent", "signature"]),
    (
        "batch",
        &[
            "agent",
            "host",
            "mask",
            "model",
            "program",
            "signature",
            "tools",
            "sandbox",
            "wire",
        ],
    ),
    (
        "serve",
        &["agent", "host", "model", "program", "sandbox", "signature", "tools"],
    ),
    (
        "embed",
        &["agent", "host", "model", "sandbox", "signature", "tools", "wire"],
    ),
    (
        "cli",
        &[
            "agent",
            "batch",
            "host",
            "mask",
            "model",
            "program",
            "serve",
            "signature",
            "tools",
            "sandbox",
            "wire",
            "worker",
        ],
    ),
];

#[test]
fn each_foreign_crate_is_named_in_its_one_place() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for (name, places) in CRATES {
            let named = text.lines().any(|line| !is_comment(line) && names_crate(line, name));
            if named && !places.iter().any(|place| path.starts_with(place)) {
                faults.push(format!("src/{path} names {name}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn no_folder_names_one_that_it_may_not() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let Some((folder, allowed)) = FOLDERS.iter().find(|(folder, _)| belongs(&path, folder)) else {
            continue;
        };
        for (other, _) in FOLDERS
            .iter()
            .filter(|(other, _)| other != folder && !allowed.contains(other))
        {
            if named_folders(&text).iter().any(|named| named == other) {
                faults.push(format!("src/{path} names crate::{other}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn below_the_command_line_nothing_prints_or_reads_the_environment_or_the_calendar() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!(",
        "env::var",
        "env::vars",
        "SystemTime::now",
        "dbg!(",
    ];
    let mut faults = Vec::new();
    for (path, text) in sources() {
        if path.starts_with("cli/") {
            continue;
        }
        for word in forbidden {
            if text.lines().any(|line| !is_comment(line) && line.contains(word)) {
                faults.push(format!("src/{path} has {word}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

fn belongs(path: &str, folder: &str) -> bool {
    path.starts_with(&format!("{folder}/")) || path == format!("{folder}.rs")
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let whole = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '"' | '`' | '.' | '-' | '/'))
            && (whole.starts_with("::") || line.trim_start().starts_with("use "))
    })
}

/// What follows `crate::` anywhere in the code, the names in `crate::{…}` included.
fn named_folders(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !is_comment(line))
        .collect::<Vec<_>>()
        .join("\n");
    let mut names = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => names.push(identifier(rest)),
            Some(group) => names.extend(top_level(group)),
        }
    }
    names
}

/// The first name of each path in a group whose opening brace was taken off.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0, vec![identifier(group)], false);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            _ if start && c.is_alphabetic() => {
                names.push(identifier(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// All Rust files, by their path below `src/`.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the source") {
            let path: PathBuf = entry.expect("an entry of it").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .expect("below src")
                    .to_string_lossy()
                    .into_owned();
                found.push((name, std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    assert!(found.len() > 20, "the sources were found");
    found
}
