//! Several configuration files, what is asked for before a server starts, and which tools an entry shows.

use serde_json::{Value, json};

use crate::support::{
    asked::holds,
    program::Program,
    servers::toy,
    terminal::{OnTerminal, Stdout},
};

const KEY: &str = "typed-by-hand-77";

/// Two servers that want the same key, and one of them a colour.
fn asking() -> Value {
    let mut first = toy(&["all-tools"]);
    first["env"] = json!({ "COLOUR": "${input:colour}", "KEY": "${input:the-key}" });
    let mut second = toy(&["all-tools"]);
    second["env"] = json!({ "KEY": "${input:the-key}" });
    json!({
        "inputs": [
            { "type": "promptString", "id": "colour", "description": "Which colour", "default": "red" },
            { "type": "promptString", "id": "the-key", "description": "The key", "password": true },
        ],
        "servers": { "first": first, "second": second },
    })
}

const VARIABLES: &str = "answer([tools.call(s, 'variable', name=n) for s, n in \
    [('first', 'COLOUR'), ('first', 'KEY'), ('second', 'KEY')]])";

fn program() -> Program {
    Program::new(["run", "--config", "asking.json", "-c", VARIABLES]).file("asking.json", &asking().to_string())
}

#[test]
fn inputs_are_asked_for_once_and_a_hidden_one_never_shows() {
    let mut running = OnTerminal::start(program().arg("--yes"), Stdout::File);
    running.sees("server `first` needs `colour`: Which colour [red]: ", 1);
    running.types("\n");
    running.sees("server `first` needs `the-key`: The key (not shown): ", 1);
    running.types(&format!("{KEY}\n"));
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    assert_eq!(ended.screen.matches("needs `the-key`").count(), 1, "{}", ended.screen);
    assert!(!ended.screen.contains(KEY), "{}", ended.screen);
    // the servers were given it, and the answer is the user's own
    assert_eq!(ended.answer, format!("[\"red\",\"{KEY}\",\"{KEY}\"]\n"));
}

#[test]
fn off_a_terminal_inputs_come_from_variables_and_one_that_is_missing_is_named_with_both_ways() {
    let ended = program()
        .env("MCM_INPUT_COLOUR", "blue")
        .env("MCM_INPUT_THE_KEY", KEY)
        .run()
        .expect(0);
    assert_eq!(ended.json(), json!(["blue", KEY, KEY]));
    let ended = program().env("MCM_INPUT_COLOUR", "blue").run().expect(3);
    holds(
        &ended.stderr,
        &["the input `the-key` is not given, neither on a terminal nor by `MCM_INPUT_THE_KEY`, which `env.KEY` needs"],
    );
}

#[test]
fn nothing_is_asked_for_before_a_configuration_is_trusted() {
    let program = Program::new(["tools"]).file("mcp_servers.json", &asking().to_string());
    let mut running = OnTerminal::start(program, Stdout::Terminal);
    running.sees("trust it?", 1);
    running.types("no\n");
    running.sees("trust it?", 2);
    running.types("no\n");
    let ended = running.end();
    assert!(!ended.screen.contains("needs `"), "{}", ended.screen);
}

#[test]
fn of_several_files_later_ones_win_by_name() {
    let one =
        json!({ "mcpServers": { "a": toy(&["bad-tool"]), "b": toy(&[]), "c": { "command": "no-such-program" } } });
    let two = json!({ "servers": { "a": toy(&[]), "c": { "command": "x", "disabled": true } } });
    let three = "[mcp_servers.b]\ncommand = 1\n";
    let with_files = |program: Program| {
        program
            .file("one.json", &one.to_string())
            .file("two.json", &two.to_string())
            .file("three.toml", three)
    };
    let typed = ["tools", "list", "--config", "one.json", "--config", "two.json"];
    let ended = with_files(Program::new(typed)).run().expect(0);
    holds(&ended.stdout, &["a (3 tools)", "b (3 tools)"]);
    assert!(!ended.stderr.contains("no-such-program"), "{}", ended.stderr);
    // a fault replaces as well: what stands last is what was meant
    let ended = with_files(Program::new(["tools", "list"]))
        .env("MCM_CONFIG", "one.json:two.json:three.toml")
        .arg("--trust")
        .run()
        .expect(0);
    holds(
        &ended.stderr,
        &["server `b`: `command` must be a string, not `1`", "three.toml:2:11)"],
    );
    assert!(!ended.stdout.contains("b ("), "{}", ended.stdout);
}

#[test]
fn files_that_a_variable_names_in_this_folder_are_trusted_each_by_itself() {
    let entry = |mark: &str| json!({ "servers": { mark: { "command": "touch", "args": [mark] } } }).to_string();
    let program = Program::new(["tools"])
        .file("one.json", &entry("one"))
        .file("two.json", &entry("two"))
        .env("MCM_CONFIG", "one.json:two.json");
    let trust = program.again(["trust"]).env("MCM_CONFIG", "one.json");
    let folder = program.folder();
    let again = program.again(["tools"]).env("MCM_CONFIG", "one.json:two.json");
    holds(&program.run().expect(2).stderr, &["one: runs touch one"]);
    trust.run().expect(0);
    holds(&again.run().expect(2).stderr, &["two: runs touch two", "mcm trust"]);
    assert!(!folder.join("one").exists() && !folder.join("two").exists());
}

#[test]
fn a_tool_that_an_entry_hides_does_not_exist() {
    let mut entry = toy(&[]);
    entry["disabledTools"] = json!(["wri*"]);
    let servers = json!({ "toy": entry });
    let listed = Program::new(["tools", "list"]).servers(&servers).run().expect(0).stdout;
    assert!(
        !listed.contains("write") && listed.contains("toy (2 tools)"),
        "{listed}"
    );
    let ended = Program::new(["run", "-c", "toy.write()"])
        .servers(&servers)
        .run()
        .expect(1);
    holds(&ended.stderr, &["write"]);
}
