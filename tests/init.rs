//! `mcm init`: what it writes, what it asks, and that it never takes anything away.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{
    asked::holds,
    endpoint::{Endpoint, Reply},
    program::Program,
    terminal::{OnTerminal, Stdout},
};

const SERVERS: &str = "mcp_servers.json";
const KEY: &str = "sk-typed-by-hand-0123";

fn init() -> Program {
    Program::new(["init"])
}

/// The folder that it runs in, which lasts as long as the other program, which is never started.
fn kept(program: &Program) -> (PathBuf, Program) {
    (program.folder(), program.again(["--version"]))
}

fn servers(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(SERVERS)).unwrap()).unwrap()
}

/// The lines of `.env` that set something.
fn set(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(".env")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// Names of all that is in the folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn off_a_terminal_both_files_are_written_without_a_question_and_no_key_is_made_up() {
    let program = init();
    let (folder, _kept) = kept(&program);
    let ended = program.run().expect(0);
    assert_eq!(names(&folder), [".env", SERVERS]);
    let workspace = json!({ "builtin": "workspace", "root": ".", "description": "The files in this folder" });
    assert_eq!(servers(&folder), json!({ "servers": { "workspace": workspace } }));
    assert_eq!(set(&folder), Vec::<String>::new());
    let mode = fs::metadata(folder.join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(folder.join(".env")).unwrap();
    holds(&text, &["#OPENAI_API_KEY=", "#MCM_MODEL=", "#MCM_MAX_STEPS=8"]);
    assert!(!text.contains("Copy to"), "{text}");
    holds(
        &ended.stderr,
        &["wrote `mcp_servers.json`", "wrote `.env`", "mcm doctor", "mcm ask"],
    );
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_file_that_is_there_is_left_alone_and_named() {
    for (name, other) in [(SERVERS, ".env"), (".env", SERVERS)] {
        let program = init().file(name, "MINE=1 // {");
        let (folder, _kept) = kept(&program);
        let ended = program.run().expect(0);
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "MINE=1 // {");
        assert!(folder.join(other).is_file());
        holds(
            &ended.stderr,
            &[&format!("`{name}` is there already and is left alone")],
        );
        assert_eq!(names(&folder), [".env", SERVERS]);
    }
}

#[test]
fn nothing_is_written_through_a_link_not_even_one_that_leads_nowhere() {
    for name in [SERVERS, ".env"] {
        let program = init();
        let (folder, _kept) = kept(&program);
        symlink("target", folder.join(name)).unwrap();
        let ended = program.run().expect(0);
        assert!(folder.join(name).is_symlink() && !folder.join("target").exists());
        holds(&ended.stderr, &[&format!("`{name}` is there already")]);
    }
}

#[test]
fn a_folder_of_the_name_is_left_alone() {
    for name in [SERVERS, ".env"] {
        let program = init().file(&format!("{name}/inside"), "x");
        let (folder, _kept) = kept(&program);
        let ended = program.run().expect(0);
        assert_eq!(names(&folder.join(name)), ["inside"]);
        holds(&ended.stderr, &[&format!("`{name}` is there already")]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let program = init().obeying_permissions();
    let (folder, _kept) = kept(&program);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let ended = program.run().expect(2);
    holds(
        &ended.stderr,
        &[
            "cannot write `mcp_servers.json` in `",
            "permission denied",
            "a folder that you may write",
        ],
    );
    assert_eq!(names(&folder), Vec::<String>::new());
    assert!(!ended.stderr.contains("wrote"), "{}", ended.stderr);
}

#[test]
fn git_is_told_to_ignore_the_key_where_it_does_not_yet() {
    let cases: [(&[(&str, &str)], bool); 8] = [
        (&[], false),
        (&[(".git/HEAD", "x")], true),
        (&[(".git/HEAD", "x"), (".gitignore", "/target\n.env\n")], false),
        (&[(".git/HEAD", "x"), (".gitignore", ".env*\n!.env\n")], true),
        (&[(".git/HEAD", "x"), (".gitignore", "*.env\n")], false),
        (&[(".git/HEAD", "x"), (".git/info/exclude", ".env\n")], false),
        (&[("../.git/HEAD", "x"), ("../.gitignore", ".env\n")], false),
        (&[("../.git/HEAD", "x"), ("../.gitignore", "/.env\n")], true),
    ];
    for (files, warned) in cases {
        let program = files
            .iter()
            .fold(init(), |program, (name, text)| program.file(name, text));
        let ended = program.run().expect(0);
        let found = ended.stderr.contains("git does not ignore `.env`");
        assert_eq!(found, warned, "{files:?}:\n{}", ended.stderr);
        assert_eq!(ended.stderr.contains("echo .env >> .gitignore"), warned);
    }
}

#[test]
fn what_the_environment_says_already_is_not_written() {
    let program = init().model("http://127.0.0.1:1/v1");
    let (folder, _kept) = kept(&program);
    let ended = program.run().expect(0);
    assert_eq!(set(&folder), Vec::<String>::new());
    assert!(!ended.stderr.contains("no model is set"), "{}", ended.stderr);
}

#[test]
fn settings_that_make_no_sense_are_told_and_keep_nothing_from_being_written() {
    let program = init().env("MCM_MAX_STEPS", "many");
    let (folder, _kept) = kept(&program);
    let ended = program.run().expect(0);
    holds(&ended.stderr, &["`MCM_MAX_STEPS` in the environment: must be"]);
    assert_eq!(names(&folder), [".env", SERVERS]);
}

#[test]
fn on_a_terminal_a_service_its_key_and_the_workspace_are_asked_for_and_the_key_never_shows() {
    let program = init();
    let (folder, _kept) = kept(&program);
    let mut running = OnTerminal::start(program, Stdout::Terminal);
    running.sees("which model shall write the scripts?", 1);
    running.types("a service, with a key\n");
    running.sees("the service's address [https://api.openai.com/v1]: ", 1);
    running.types("example.com\n");
    running.sees("an address reads `https://host/v1`", 1);
    running.sees("the service's address", 2);
    running.types("https://models.example/v1\n");
    running.sees("its key", 1);
    running.types("two words\n");
    running.sees("a key is one word", 1);
    running.sees("its key", 2);
    running.types(&format!("{KEY}\n"));
    running.sees("the name of the one to ask", 1);
    running.types("it's a \"$model\" \\ of mine\n");
    running.sees("what may scripts do with the files in this folder?", 1);
    running.types("4\n");
    running.sees("a number from 1 to 3", 1);
    assert_eq!(
        names(&folder),
        Vec::<String>::new(),
        "nothing is written before the last answer"
    );
    running.types("2\n");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    assert!(!ended.screen.contains(KEY), "{}", ended.screen);
    holds(&ended.screen, &["and your key", "mcm trust", "mcm doctor"]);
    assert_eq!(servers(&folder)["servers"]["workspace"]["write"], true);
    let expected = [
        format!("OPENAI_API_KEY={KEY}"),
        "OPENAI_BASE_URL=https://models.example/v1".to_owned(),
        r#"MCM_MODEL="it's a \"$model\" \\ of mine""#.to_owned(),
    ];
    assert_eq!(set(&folder), expected);
    let mode = fs::metadata(folder.join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_was_typed_is_what_holds_afterwards() {
    let program = init();
    let again = program.again(["doctor", "--json", "--no-model"]);
    let mut running = OnTerminal::start(program, Stdout::Terminal);
    running.sees("which model", 1);
    running.types("a service, with a key\n");
    running.sees("the service's address", 1);
    running.types("\n");
    running.sees("its key", 1);
    running.types(&format!("{KEY}\n"));
    running.sees("the name of the one to ask", 1);
    running.types("it's a \"$model\" \\ of mine\n");
    running.sees("what may scripts do", 1);
    running.types("neither\n");
    assert_eq!(running.end().status.code(), Some(0));
    let record = again.run().expect(0).json();
    let findings = record["findings"].as_array().unwrap();
    let message = |name: &str| findings.iter().find(|finding| finding["name"] == name).unwrap()["message"].clone();
    let model = message("model");
    holds(
        model.as_str().unwrap(),
        &["it's a \"$model\" \\ of mine, from `MCM_MODEL` in `.env`"],
    );
    assert!(
        message("base-url")
            .as_str()
            .unwrap()
            .starts_with("https://api.openai.com/v1, the default")
    );
}

#[test]
fn ctrl_c_or_the_end_of_input_at_any_question_writes_nothing() {
    let questions = [
        "which model",
        "the service's address",
        "its key",
        "the name of",
        "what may scripts do",
    ];
    for (key, code) in [("\x03", 130), ("\x04", 2)] {
        for stop_at in questions {
            let program = init();
            let (folder, _kept) = kept(&program);
            let mut running = OnTerminal::start(program, Stdout::Terminal);
            for question in questions {
                running.sees(question, 1);
                if question == stop_at {
                    running.types(key);
                    break;
                }
                let answer = if question == "which model" {
                    "a service, with a key\n"
                } else {
                    "\n"
                };
                running.types(answer);
            }
            let ended = running.end();
            assert_eq!(ended.status.code(), Some(code), "at {stop_at:?}:\n{}", ended.screen);
            assert_eq!(names(&folder), Vec::<String>::new(), "at {stop_at:?}");
        }
    }
}

#[test]
fn on_a_terminal_yes_asks_nothing_and_only_missing_files_are_asked_about() {
    let program = init().arg("--yes");
    let (folder, _kept) = kept(&program);
    let ended = OnTerminal::start(program, Stdout::Terminal).end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    assert_eq!(names(&folder), [".env", SERVERS]);

    let program = init().file(".env", "");
    let (folder, _kept) = kept(&program);
    let mut running = OnTerminal::start(program, Stdout::Terminal);
    running.sees("what may scripts do", 1);
    running.types("\n");
    let ended = running.end();
    assert!(!ended.screen.contains("which model"), "{}", ended.screen);
    assert_eq!(servers(&folder)["servers"]["workspace"]["write"], Value::Null);
}

#[test]
fn afterwards_the_doctor_finds_all_well_and_a_task_is_done_without_a_question_of_trust() {
    let endpoint = Endpoint::start([
        Reply::text("```python\nanswer(2870)\n```").when("squares"),
        Reply::text("```python\nanswer(workspace.read(path='notes.txt'))\n```"),
    ]);
    let program = init().file("notes.txt", "from the notes");
    let model = |program: Program| program.model(&endpoint.base_url()).env("MCM_MODEL", "test-model");
    let (doctor, ask) = (
        program.again(["doctor", "--json"]),
        program.again(["ask", "Read the notes"]),
    );
    program.run().expect(0);
    let record = model(doctor).run().expect(0).json();
    let findings = record["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["level"] == "ok"), "{record:#}");
    let has = |area: &str| {
        findings
            .iter()
            .any(|finding| finding["area"] == area && finding["name"] == "workspace")
    };
    assert!(has("servers") && has("trust"), "{record:#}");
    assert_eq!(model(ask).run().expect(0).stdout, "from the notes\n");
}

#[test]
fn the_servers_of_other_clients_are_taken_over_once_each_and_their_files_stay() {
    let program = init().arg("--import");
    let here = program.folder().to_string_lossy().into_owned();
    let claude = json!({
        "numStartups": 3,
        "mcpServers": { "files": { "type": "stdio", "command": "npx", "args": ["-y", "files"], "env": {} } },
        "projects": {
            here: { "mcpServers": { "of-project": { "command": "p" } } },
            "/elsewhere": { "mcpServers": { "of-other": { "command": "q" } } },
        },
    });
    let codex = "[mcp_servers.docs]\ncommand = 'docs'\nenv = { DOCS_KEY = 'typed-into-a-file-9' }\n";
    let vscode = r#"{ // mine
        "servers": { "files": { "command": "npx", "args": ["-y", "files"] }, "asks": { "command": "x", "args": ["${input:a}"] } },
        "inputs": [{ "id": "a", "type": "promptString", "description": "An a" }],
    }"#;
    let program = program
        .file(".vscode/mcp.json", vscode)
        .file(
            ".cursor/mcp.json",
            r#"{ "mcpServers": { "files": { "command": "other" } } }"#,
        )
        .file("../home/.claude.json", &claude.to_string())
        .file("../home/.codex/config.toml", codex)
        .file(
            "../home/.config/zed/settings.json",
            r#"{ "theme": "One", "context_servers": {} }"#,
        )
        .file("../home/.gemini/settings.json", "{ broken")
        .file(".git/HEAD", "x");
    let (folder, _kept) = kept(&program);
    let ended = program.run().expect(0);
    let written = servers(&folder);
    let names: Vec<&String> = written["servers"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["workspace", "files", "asks", "files_2", "of-project", "docs"]);
    assert_eq!(written["servers"]["files_2"], json!({ "command": "other" }));
    assert_eq!(written["servers"]["docs"]["env"]["DOCS_KEY"], "typed-into-a-file-9");
    assert_eq!(written["inputs"][0]["id"], "a");
    holds(
        &ended.stderr,
        &[
            "found VS Code, `.vscode/mcp.json`: files, asks",
            "the server `files` of Cursor is called `files_2`",
            ".claude.json`: files, of-project",
            ".codex/config.toml`: docs",
            "Gemini CLI: ",
            "and 5 servers of other clients; you alone can read it, for it holds keys",
            "git does not ignore `mcp_servers.json`",
            "mcm trust",
        ],
    );
    assert!(!ended.stderr.contains("typed-into-a-file-9"), "{}", ended.stderr);
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(SERVERS), 0o600);
    assert_eq!(
        fs::read_to_string(folder.join("../home/.codex/config.toml")).unwrap(),
        codex
    );
}

#[test]
fn an_import_without_keys_is_no_private_file_and_one_over_a_file_changes_nothing() {
    let entry = r#"{ "mcpServers": { "workspace": { "command": "x", "env": { "KEY": "${KEY}" } } } }"#;
    let program = init().arg("--import").file(".mcp.json", entry);
    let again = program.again(["init", "--import"]);
    let (folder, _kept) = kept(&program);
    program.run().expect(0);
    assert_eq!(servers(&folder)["servers"]["workspace"]["command"], "x");
    let mode = fs::metadata(folder.join(SERVERS)).unwrap().permissions().mode();
    assert_ne!(mode & 0o777, 0o600);
    let before = fs::read_to_string(folder.join(SERVERS)).unwrap();
    let ended = again.run().expect(0);
    holds(&ended.stderr, &["nothing is imported", "changes no file that is there"]);
    assert_eq!(fs::read_to_string(folder.join(SERVERS)).unwrap(), before);
}

#[test]
fn an_import_that_finds_nothing_says_so() {
    let ended = init().arg("--import").run().expect(0);
    holds(
        &ended.stderr,
        &["no other client with servers was found", "wrote `mcp_servers.json`"],
    );
}
