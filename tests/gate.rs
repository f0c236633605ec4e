//! Scripts before the gate: each `tests/gate/*.py` holds a script and, below the line `# ---`, what
//! comes of it. `# ok`, or the code, the rule and the line, then message and hint.
//!
//! In a script `<CR>`, `<BOM>`, `<NUL>` and `<TAB>` stand for what an editor would not keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fmt::Write as _, fs, path::Path};

use mcm::wire::{Callable, Code, GateLimits, Interface, Namespace, Parameter};
use mcm::worker::gate::{Inspection, check, inspect};

const LIMITS: GateLimits = GateLimits {
    chars: Some(8_000),
    lines: Some(400),
};

#[test]
fn every_case_gives_the_finding_at_its_foot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate");
    let accept = std::env::var("GATE_UPDATE").is_ok();
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 50, "{} cases", paths.len());
    let mut wrong = String::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let (script, expected) = text.split_once("# ---\n").unwrap_or((&text, ""));
        let found = foot(script);
        if accept {
            fs::write(&path, format!("{script}# ---\n{found}")).unwrap();
        } else if found != expected {
            write!(wrong, "{}\nexpected:\n{expected}found:\n{found}\n", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_script_of_400_lines_is_checked_and_one_of_401_is_not() {
    let script = "x = 1\n".repeat(400);
    assert_eq!(check(&script, &LIMITS, &interface(), &[]), Ok(()));
    let longer = format!("{script}x");
    let found = check(&longer, &LIMITS, &interface(), &[]).unwrap_err();
    assert_eq!(
        (found.rule.as_deref(), found.code),
        (Some("length"), Code::PolicyViolation)
    );
    assert_eq!(found.message, "the script has 401 lines, 400 are allowed");
    assert_eq!(
        check(
            &longer,
            &GateLimits {
                chars: None,
                lines: None
            },
            &interface(),
            &[]
        ),
        Ok(())
    );
}

#[test]
fn characters_are_counted_not_bytes() {
    let limits = GateLimits {
        chars: Some(10),
        lines: None,
    };
    assert_eq!(check("x = 'äöüß'", &limits, &interface(), &[]), Ok(()));
    assert!(check("x = 'äöüßx'", &limits, &interface(), &[]).is_err());
}

#[test]
fn deep_nesting_is_a_finding_and_not_a_crash() {
    for script in [
        format!("{}1", "-".repeat(3_000)),
        format!("x{}", ".a".repeat(3_000)),
        "(".repeat(7_000),
    ] {
        let found = check(
            &script,
            &GateLimits {
                chars: None,
                lines: None,
            },
            &interface(),
            &[],
        )
        .unwrap_err();
        assert_eq!(found.code, Code::SyntaxError);
        inspect(&script, &[]);
    }
}

#[test]
fn names_of_earlier_scripts_may_stand_for_anything() {
    let globals = ["open".to_owned(), "filesystem".to_owned(), "tools".to_owned()];
    for script in ["open('x')", "filesystem.nothing()", "tools.nothing.at_all()"] {
        assert!(check(script, &LIMITS, &interface(), &[]).is_err(), "{script}");
        assert_eq!(check(script, &LIMITS, &interface(), &globals), Ok(()), "{script}");
    }
    let script = "from tools import filesystem\nfilesystem.nothing()";
    assert!(check(script, &LIMITS, &interface(), &globals).is_err());
}

#[test]
fn an_inspection_names_the_servers_that_a_script_may_reach() {
    let table: &[(&str, &[&str], bool)] = &[
        ("x = 1", &[], false),
        ("filesystem.read_text_file(path='a')", &["filesystem"], false),
        ("def f():\n    return memory.read_graph()", &["memory"], false),
        ("def f(memory):\n    return memory.read_graph()", &[], false),
        ("[memory for memory in x]", &[], false),
        ("if x:\n    memory = None\nmemory.read_graph()", &["memory"], false),
        ("import tools\ntools.memory.read_graph()", &["memory"], false),
        ("import tools as t\nt.memory.read_graph()", &["memory"], false),
        ("import tools.memory", &["memory"], false),
        (
            "from tools import memory as m, filesystem",
            &["filesystem", "memory"],
            false,
        ),
        ("from tools import *", &[], true),
        ("from tools import search", &[], true),
        ("from tools import ToolError", &[], false),
        ("tools.search('files')", &[], true),
        ("tools.list()", &[], true),
        ("tools.call('memory', 'x', a=1)", &["memory"], false),
        ("tools.call(name, 'x')", &[], true),
        ("tools.call('other', 'x')", &[], true),
        ("getattr(tools, 'memory').read_graph()", &["memory"], false),
        ("getattr(tools, name)", &[], true),
        ("t = tools", &[], true),
        ("f(tools.memory)", &["memory"], false),
        ("f'{memory.read_graph()}'", &["memory"], false),
        ("globals()['memory']", &[], true),
        ("x.memory = 1; y.tools.list()", &[], false),
        ("'memory'  # memory", &[], false),
        ("match x:\n    case {'a': memory}:\n        pass", &[], false),
    ];
    let servers: Vec<String> = ["filesystem", "memory"].map(String::from).into();
    for (script, named, all) in table {
        let named = named.iter().map(ToString::to_string).collect();
        let expected = Inspection {
            servers: named,
            all: *all,
            parses: true,
        };
        assert_eq!(inspect(script, &servers), expected, "{script}");
    }
    assert_eq!(inspect("this is no Python", &servers), Inspection::default());
}

/// What the foot of a case says about its script.
fn foot(script: &str) -> String {
    let script = script
        .replace("<CR>", "\r")
        .replace("<BOM>", "\u{feff}")
        .replace("<NUL>", "\0")
        .replace("<TAB>", "\t");
    let Err(found) = check(&script, &LIMITS, &interface(), &[]) else {
        return "# ok\n".to_owned();
    };
    let code = serde_json::to_value(found.code).unwrap();
    let rule = found.rule.unwrap_or_default();
    let line = found.line.map(|line| format!(" line {line}")).unwrap_or_default();
    let mut foot = format!("# {} {rule}{line}\n", code.as_str().unwrap());
    for text in found.message.lines() {
        writeln!(foot, "#   {text}").unwrap();
    }
    for text in found.hint.iter().flat_map(|hint| hint.lines()) {
        writeln!(foot, "# hint: {text}").unwrap();
    }
    foot
}

fn interface() -> Interface {
    let read = "@_tool(\"read_text_file\", {})\ndef read_text_file(path: str, head: int | None = None) -> str:\n    \"Read.\"\n    return locals()\n";
    Interface {
        servers: vec![
            Namespace {
                tools: vec![
                    tool("read_text_file", &["path", "head?"], Schema::Closed),
                    tool("write_file", &["path", "content"], Schema::Closed),
                    tool("list_directory", &["path"], Schema::Closed),
                    tool("list_allowed_directories", &[], Schema::Closed),
                ],
                ..namespace("filesystem", read)
            },
            Namespace {
                tools: vec![
                    tool("read_graph", &[], Schema::Closed),
                    tool("search_nodes", &["query", "x_id=x-id?", "from_=from?"], Schema::Closed),
                ],
                ..namespace("memory", "")
            },
            Namespace {
                tools: vec![tool("query", &["sql"], Schema::Open)],
                ..namespace("database", "")
            },
            Namespace {
                tools: vec![
                    tool("get_current_time", &["timezone"], Schema::Closed),
                    tool("aio", &[], Schema::Closed),
                ],
                ..namespace("time_", "")
            },
        ],
    }
}

enum Schema {
    Closed,
    Open,
}

fn namespace(name: &str, source: &str) -> Namespace {
    Namespace {
        name: name.into(),
        raw: name.into(),
        doc: String::new(),
        source: source.into(),
        tools: vec![],
    }
}

fn tool(name: &str, parameters: &[&str], schema: Schema) -> Callable {
    let parameter = |text: &&str| {
        let plain = text.trim_end_matches('?');
        let (name, raw) = plain.split_once('=').unwrap_or((plain, plain));
        Parameter {
            name: name.into(),
            raw: raw.into(),
            required: plain == *text,
        }
    };
    Callable {
        name: name.into(),
        raw: name.into(),
        parameters: parameters.iter().map(parameter).collect(),
        open: matches!(schema, Schema::Open),
    }
}
