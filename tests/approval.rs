//! Questions about calls: what they look like, what can be said to them, and what becomes of that.

use std::{os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use mcm::{
    cli::{approval::look::look, settings::allow_always},
    host::{
        Question,
        policy::{Access, Attendance, Consent, Decision, Default, Policy, Reason, Rules, globs},
    },
};
use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::toy,
    terminal::{OnTerminal, Stdout},
};

/// What can be said to a call that may write.
const KEYS: &str = "y this call, r this run, a always, n never: ";

fn script(code: &str) -> Endpoint {
    Endpoint::start([Reply::text(format!("```python\n{code}\n```"))])
}

/// `mcm ask` with these arguments over the toy server, and the place of the user's policy file.
fn ask(endpoint: &Endpoint, arguments: &[&str]) -> (Program, PathBuf) {
    let program = Program::new(["ask", "Write it"].iter().chain(arguments))
        .model(&endpoint.base_url())
        .servers(&json!({ "toy": toy(&[]) }));
    let policy = program.folder().join("../home/.config/mcm/policy.json");
    (program, policy)
}

fn start(endpoint: &Endpoint, arguments: &[&str]) -> OnTerminal {
    OnTerminal::start(ask(endpoint, arguments).0, Stdout::File)
}

fn question(arguments: Value) -> Question {
    Question {
        server: "files".into(),
        tool: "write_file".into(),
        arguments,
        reason: Reason::Writes,
        task: None,
    }
}

/// The question on a terminal of 60 columns, as it is first shown and, where that is less, the whole.
fn shown(question: &Question) -> String {
    let look = look(question, 60);
    let whole = look.whole.map(|rows| format!("\n--- the whole\n{}", rows.join("\n")));
    format!(
        "{}\n{}{}",
        look.title,
        look.folded.join("\n"),
        whole.unwrap_or_default()
    )
}

#[test]
fn arguments_are_shown_one_a_line_and_text_as_it_is() {
    let arguments = json!({
        "path": "notes/today.md",
        "content": "# Today\n\n\"quoted\" \\ and\ttabbed\nlast\n",
        "overwrite": true,
        "size": 12.5,
        "none": null,
        "like a number": "12",
        "empty": "",
        "options": { "mode": "0644", "tags": ["a", "b c", ["d"], { "k": "v" }], "nothing": {} },
        "wide": "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
    });
    insta::assert_snapshot!(shown(&question(arguments)));
}

#[test]
fn long_values_are_folded_with_what_is_left_out_counted_and_are_there_in_the_whole() {
    let lines: Vec<String> = (1..=20).map(|n| format!("line {n}")).collect();
    let arguments = json!({
        "content": lines.join("\n"),
        "blob": "0123456789".repeat(100),
        "nested": { "edits": [{ "old": lines.join("\n"), "new": "short" }] },
    });
    insta::assert_snapshot!(shown(&question(arguments)));
    let many: serde_json::Map<String, Value> = (0..100).map(|n| (format!("key_{n}"), json!(n))).collect();
    let look = look(&question(Value::Object(many)), 60);
    assert_eq!(look.folded.len(), 53);
    assert_eq!(look.folded[40], "  … 48 more lines");
    assert_eq!(look.whole.map(|rows| rows.len()), Some(100));
}

#[test]
fn nothing_in_a_call_can_act_on_the_terminal_or_pretend_to_be_another_line_of_it() {
    let mut question = question(json!({
        "text": "\u{1b}[2J\u{7}\u{9b}31m \u{202e}gnp.exe\u{200b}\r\nname: other\n",
        "padded": format!("x{}path: safe", " ".repeat(55)),
        "a\nkey\u{2066}": "v",
        &format!("long{}", " key: v".repeat(12)): 1,
    }));
    question.task = Some("t\u{1b}1\n".into());
    question.tool = "write\n  path: safe".into();
    let shown = shown(&question);
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    insta::assert_snapshot!(shown);
}

#[test]
fn an_approval_for_always_is_kept_for_this_tool_alone_beside_what_the_file_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("of/the user/policy.json");
    let nasty = [("a*", "b?"), ("[x]", "{a,b}"), ("back\\", "slash"), ("s", "t")];
    for (server, tool) in nasty {
        allow_always(&file, server, tool).unwrap();
        allow_always(&file, server, tool).unwrap();
    }
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let kept: Vec<&str> = kept["allow"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    assert_eq!(kept.len(), nasty.len());
    for (glob, (server, tool)) in kept.iter().zip(nasty) {
        let set = globs([*glob]).unwrap();
        assert!(set.is_match(format!("{server}.{tool}")), "{glob}");
        for other in ["ax.bx", "x.a", "s.tt", "s.T", "a.b"] {
            assert!(!set.is_match(other), "{glob} fits {other}");
        }
    }
    std::fs::write(&file, r#"{"deny": ["*.delete"], "allow": []}"#).unwrap();
    allow_always(&file, "s", "t").unwrap();
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(kept, json!({ "allow": ["s.t"], "ask": [], "deny": ["*.delete"] }));
    std::fs::write(&file, "{").unwrap();
    assert!(allow_always(&file, "s", "t").unwrap_err().contains("policy.json"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
}

#[test]
fn deny_wins_over_ask_and_ask_over_allow() {
    let decide = |deny: &str, ask: &str, allow: &str| {
        let set = |glob: &str| globs((!glob.is_empty()).then_some(glob)).unwrap();
        let policy = Policy {
            rules: Rules {
                allow: set(allow),
                ask: set(ask),
                deny: set(deny),
                only: None,
            },
            default: Default::AskToWrite,
            attendance: Attendance::Asked,
        };
        policy.decide(["s", "s"], ["t", "t"], Access::Write, Consent::Open)
    };
    assert_eq!(decide("s.*", "s.t", "s.t"), Decision::Deny(Reason::Rule));
    assert_eq!(decide("", "s.*", "s.t"), Decision::Ask(Reason::Rule));
    assert_eq!(decide("", "", "s.t"), Decision::Allow);
    assert_eq!(decide("", "", "s.x"), Decision::Ask(Reason::Writes));
}

#[test]
fn always_is_asked_once_for_all_and_holds_when_the_program_is_started_again() {
    let code = "answer([toy.write(name='a'), toy.write(name='b')])";
    let endpoint = Endpoint::start([0, 1].map(|_| Reply::text(format!("```python\n{code}\n```"))));
    let (program, policy) = ask(&endpoint, &[]);
    let again = program
        .again(["ask", "Write it", "--trust"])
        .model(&endpoint.base_url());
    let mut running = OnTerminal::start(program, Stdout::File);
    running.sees(KEYS, 1);
    running.types("a\n");
    let ended = running.end();
    assert_eq!(ended.answer, "[\"written\",\"written\"]\n", "{}", ended.screen);
    assert_eq!(ended.screen.matches("wants to call").count(), 1, "{}", ended.screen);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&policy).unwrap()).unwrap();
    assert_eq!(kept["allow"], json!(["toy.write"]));
    let ended = OnTerminal::start(again, Stdout::File).end();
    assert_eq!(ended.answer, "[\"written\",\"written\"]\n", "{}", ended.screen);
    assert!(!ended.screen.contains("wants to call"), "{}", ended.screen);
}

#[test]
fn always_that_cannot_be_kept_is_said_and_asked_again_without_it() {
    let endpoint = script("answer(toy.write())");
    let (program, policy) = ask(&endpoint, &[]);
    let _folder = program.again(["tools"]);
    let mut running = OnTerminal::start(program, Stdout::File);
    running.sees(KEYS, 1);
    std::fs::create_dir_all(policy.parent().unwrap()).unwrap();
    std::fs::write(&policy, "not JSON").unwrap();
    running.types("always\n");
    running.sees("that cannot be kept: ", 1);
    running.sees("y this call, r this run, n never: ", 1);
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.answer, "written\n", "{}", ended.screen);
    assert_eq!(std::fs::read_to_string(&policy).unwrap(), "not JSON");
}

#[test]
fn a_rule_that_asks_is_asked_each_time_and_cannot_be_answered_with_always() {
    let endpoint = script("answer([toy.echo(text='a'), toy.echo(text='b')])");
    let mut running = start(&endpoint, &["--ask", "toy.echo"]);
    for times in 1..=2 {
        running.sees("y this call, r this run, n never: ", times);
        running.types("y\n");
    }
    assert_eq!(running.end().answer, "[\"a\",\"b\"]\n");
}

#[test]
fn a_long_call_is_folded_and_can_be_read_whole_before_it_is_answered() {
    let endpoint = script("answer(toy.write(text='\\n'.join(f'line {n}' for n in range(132)), name='x'))");
    let mut running = start(&endpoint, &[]);
    running.sees("  text: (132 lines)", 1);
    running.sees("    … 123 more lines", 1);
    running.sees("v the whole: ", 1);
    running.types("v\n");
    running.sees("38 of 134 lines; Enter shows more, q ends: ", 1);
    running.sees("│ line 36", 1);
    running.types("\n");
    running.sees("76 of 134 lines", 1);
    running.types("q\n");
    running.sees("v the whole: ", 2);
    running.types("what?\n");
    running.sees("v the whole: ", 3);
    running.types("y\n");
    assert_eq!(running.end().answer, "written\n");
}

#[test]
fn a_question_that_an_answer_settles_while_it_waits_is_not_asked() {
    let both = "import asyncio\na, b = await asyncio.gather(toy.write.aio(), toy.write.aio(), return_exceptions=True)\n\
                answer([str(type(x).__name__) for x in (a, b)])";
    for (typed, answer) in [
        ("r\n", "[\"str\",\"str\"]\n"),
        ("n\n", "[\"ToolDenied\",\"ToolDenied\"]\n"),
    ] {
        let endpoint = script(both);
        let mut running = start(&endpoint, &[]);
        running.sees(KEYS, 1);
        running.types(typed);
        let ended = running.end();
        assert_eq!(ended.answer, answer, "{}", ended.screen);
        assert_eq!(ended.screen.matches("wants to call").count(), 1, "{}", ended.screen);
    }
}

#[test]
fn no_answer_is_a_refusal_of_this_call_only() {
    let endpoint = script("try:\n    toy.write()\nexcept ToolDenied as e:\n    answer([e.message, toy.write()])");
    let mut running = start(&endpoint, &[]);
    running.sees(KEYS, 1);
    running.types("\u{4}");
    running.sees(KEYS, 2);
    running.types("y\n");
    let ended = running.end();
    assert!(ended.answer.contains("gave no answer"), "{}", ended.answer);
    assert!(ended.answer.contains("written"), "{}", ended.answer);
}

#[test]
fn in_a_pipe_a_rule_asks_on_the_controlling_terminal_and_nothing_else_does() {
    let endpoint = script("answer([toy.write(name='a'), toy.echo(text='b')])");
    let (program, policy) = ask(&endpoint, &[]);
    std::fs::create_dir_all(policy.parent().unwrap()).unwrap();
    std::fs::write(&policy, r#"{"ask": ["toy.echo"]}"#).unwrap();
    let mut running = OnTerminal::start(program, Stdout::FileLikeAllElse);
    running.sees(
        "the script wants to call toy.echo\r\n  text: b\r\ny this call, r this run, n never: ",
        1,
    );
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.answer, "[\"written\",\"b\"]\n", "{}", ended.screen);
    assert!(!ended.screen.contains("toy.write"), "{}", ended.screen);
}

#[test]
fn a_scripts_clock_stands_still_while_it_waits_for_an_answer_also_when_it_has_computed_beside_it() {
    // the time is what is tested: the script would have been stopped
    let code = "import threading, time\ndone = []\ndef compute():\n    n, end = 0, time.monotonic() + 0.5\n    \
                while time.monotonic() < end:\n        n += 1\n    done.append(n > 0)\n\
                thread = threading.Thread(target=compute)\nthread.start()\nv = toy.write()\nthread.join()\nanswer([v, done])";
    let endpoint = script(code);
    let mut running = start(&endpoint, &["--timeout", "2"]);
    running.sees(KEYS, 1);
    std::thread::sleep(Duration::from_millis(3500));
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.answer, "[\"written\",[true]]\n", "{}", ended.screen);
}

/// The question goes, nothing waits for a key, and the terminal is left as it was.
#[test]
fn a_question_goes_with_the_script_that_asked() {
    let computing = "import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()\ntoy.write()";
    for (code, arguments, exit, says) in [
        (computing, ["--timeout", "2", "--max-retries", "1"], 1, "--timeout"),
        (
            "toy.write()",
            ["--max-time", "4", "--max-retries", "1"],
            4,
            "--max-time",
        ),
    ] {
        let endpoint = script(code);
        let running = start(&endpoint, &arguments);
        running.sees(KEYS, 1);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(exit), "{}", ended.screen);
        let after = ended.screen.rsplit(KEYS).next().unwrap();
        assert!(after.starts_with("\r\n") && after.contains(says), "{}", ended.screen);
    }
}

#[test]
fn spinners_stand_still_while_a_question_is_open() {
    let endpoint = script("import asyncio\nawait asyncio.gather(toy.write.aio(), toy.sleep.aio(ms=1500))\nanswer(1)");
    let program = Program::new(["ask", "Write it"])
        .model(&endpoint.base_url())
        .servers(&json!({ "toy": toy(&["all-tools"]) }));
    let mut running = OnTerminal::start(program.arg("--allow").arg("toy.sleep"), Stdout::File);
    running.sees(KEYS, 1);
    // a spinner would have moved by now
    std::thread::sleep(Duration::from_millis(700));
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
    let after = ended.screen.split(KEYS).nth(1).unwrap();
    assert!(after.starts_with("y\r\n"), "{after:?}");
}

#[test]
fn a_task_of_a_batch_is_named_in_its_question() {
    let endpoint = script("answer(toy.write(name='a'))");
    let program = Program::new(["batch", "tasks.jsonl", "-o", "results.jsonl"])
        .model(&endpoint.base_url())
        .servers(&json!({ "toy": toy(&[]) }))
        .file("tasks.jsonl", "{\"id\": \"the first\", \"task\": \"Write it\"}\n");
    let mut running = OnTerminal::start(program, Stdout::File);
    running.sees("task `the first` wants to call toy.write\r\n  name: a\r\n", 1);
    running.sees(KEYS, 1);
    running.types("y\n");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.screen);
}
