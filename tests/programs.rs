//! Program files: checked with their places, run by `ask` and `batch`, and shown to the model.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::Program,
    servers::toy,
};

const JUDGE: &str = r#"---
signature: |
  question, text: str # to read
  -> verdict: Literal["yes", "no"]
servers: []
limits: {max-steps: 2, timeout: 5}
demonstrations:
  - inputs: {question: Is it dry?, text: It rains.}
    steps:
      - script: print(text)
        output: It rains.
      - script: |
          answer({"verdict": "no"})
    answer: {verdict: no-not-a-bool}
---
Judge whether `text` answers: {{ question }}
"#;

fn judge() -> String {
    JUDGE.replace("no-not-a-bool", "\"no\"")
}

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// What `mcm program check` says of this file.
fn check(text: &str) -> (Option<i32>, String) {
    let ended = Program::new(["program", "check", "p.program.md"])
        .file("p.program.md", text)
        .run();
    (ended.code, ended.stdout + &ended.stderr)
}

#[test]
fn every_fault_of_a_file_points_at_its_place() {
    let cases = [
        ("no front matter", "Do it.\n".to_owned()),
        ("not closed", "---\nsignature: a -> b\n".to_owned()),
        ("nothing to do", "---\nsignature: b\n---\n".to_owned()),
        ("not YAML", "---\nsignature: [a\n---\nDo.\n".to_owned()),
        ("unknown key", judge().replace("servers:", "servrs:")),
        ("twice", judge().replace("servers: []", "servers: []\nservers: []")),
        ("type in a block", judge().replace("Literal[", "Litral[")),
        (
            "type on a line",
            "---\nsignature: \"a: Strng -> b\"\n---\nDo.\n".to_owned(),
        ),
        (
            "type unquoted",
            "---\n# ü\nsignature: a -> b:  number\n---\nDo.\n".to_owned(),
        ),
        ("unknown limit", judge().replace("timeout: 5", "time: 5")),
        (
            "a key of another place",
            judge().replace("timeout: 5", "base-url: http://x"),
        ),
        ("a bad limit", judge().replace("max-steps: 2", "max-steps: none")),
        (
            "a limit that is a list",
            judge().replace("max-steps: 2", "max-steps: [2]"),
        ),
        ("a template", judge().replace("{{ question }}", "{{ question")),
        ("a variable", judge().replace("{{ question }}", "{{ qestion }}")),
        ("a demonstration's answer", JUDGE.to_owned()),
        (
            "a demonstration's input",
            judge().replace("text: It rains.}", "txt: It rains.}"),
        ),
        ("a demonstration without a script", judge().replace("steps:", "stepz:")),
        (
            "an input that is none",
            judge().replace("question, text", "größe, text"),
        ),
    ];
    let shown = cases.map(|(what, text)| {
        let (code, said) = check(&text);
        assert_eq!(code, Some(2), "{what}: {said}");
        format!("{what}\n{said}")
    });
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_new_program_can_be_used_and_replaces_nothing() {
    let new = Program::new(["program", "new", "judge"]);
    let again = new.again(["program", "new", "judge.program.md"]);
    let check = new.again(["program", "check", "judge.program.md"]);
    let folder = new.folder();
    new.run().expect(0);
    let stdout = check.run().expect(0).stdout;
    assert!(
        stdout.contains("input question") && stdout.contains("demonstrations: 1"),
        "{stdout}"
    );
    let before = fs::read(folder.join("judge.program.md")).unwrap();
    let _kept = again.again(["--version"]);
    let ended = again.run().expect(2);
    assert!(
        ended.stderr.contains("is there already, and stays as it is"),
        "{}",
        ended.stderr
    );
    assert_eq!(fs::read(folder.join("judge.program.md")).unwrap(), before);
}

#[test]
fn a_program_says_what_to_do_with_what_and_shows_how() {
    let endpoint = Endpoint::start([script("answer({'verdict': 'yes' if 'dry' in text else 'no'})")]);
    let program = Program::new(["ask", "--program", "p.program.md", "--input", "question=Is it dry?"])
        .arg("--json")
        .file("p.program.md", &judge())
        .stdin("It is dry.")
        .model(&endpoint.base_url());
    let record: Value = program.run().expect(0).json();
    assert_eq!(record["answer"], json!({"verdict": "yes"}));
    assert_eq!(record["task"], "Judge whether `text` answers: Is it dry?");
    let messages = endpoint.requests()[0].body["messages"].clone();
    let shown = messages.as_array().unwrap()[1..].iter().map(|message| {
        format!(
            "# {}\n{}",
            message["role"].as_str().unwrap(),
            message["content"].as_str().unwrap()
        )
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn limits_of_a_program_hold_unless_they_are_typed() {
    let run = |typed: &[&str]| {
        let replies = (0..4).map(|n| script(&format!("print({n})")));
        let endpoint = Endpoint::start(replies);
        let program = Program::new([
            "ask",
            "--program",
            "p.program.md",
            "--input",
            "question=q",
            "--input",
            "text=t",
        ]);
        let program = typed.iter().fold(program, Program::arg);
        let ended = program
            .file("p.program.md", &judge())
            .model(&endpoint.base_url())
            .run()
            .expect(1);
        (ended.stderr, endpoint.requests().len())
    };
    let (stderr, requests) = run(&[]);
    assert!(stderr.contains("no answer after 2 steps"), "{stderr}");
    assert_eq!(requests, 2);
    assert_eq!(run(&["--max-steps", "3"]).1, 3);
}

#[test]
fn a_program_sees_only_its_servers_and_tools() {
    let servers = json!({ "one": toy(&["all-tools"]), "two": toy(&["all-tools"]) });
    let prompt = |front: &str| {
        let text = format!("---\n{front}\n---\nDo it.\n");
        let program = Program::new(["prompt", "--program", "p.program.md"]).file("p.program.md", &text);
        program.servers(&servers).run()
    };
    let all = prompt("").expect(0).stdout;
    assert!(all.contains("class one:") && all.contains("class two:"), "{all}");
    let one = prompt("servers: [one]\ntools: ['one.echo']").expect(0).stdout;
    let all_tools = all.matches("def ").count();
    let kept = one.matches("def ").count();
    assert!(kept < all_tools && one.contains("echo"), "{one}");
    assert!(!one.contains("class two:"), "{one}");
    let unknown = prompt("servers:\n  - one\n  - three").expect(2).stderr;
    assert!(
        unknown.contains("`p.program.md`:4:5: no server `three` is configured; there are `one`, `two`"),
        "{unknown}"
    );
    let glob = prompt("tools: ['one.[']").expect(2).stderr;
    assert!(glob.contains("`p.program.md`:2:9:"), "{glob}");
}

#[test]
fn a_batch_types_its_fields_and_a_bad_row_keeps_no_other_from_its_answer() {
    let endpoint = Endpoint::answering(|_| script("answer({'double': n * 2, 'on': day})"));
    let program = "---\nsignature: \"n: int, day: date -> double: int, on: date\"\n---\nDouble {{ n }}.\n";
    let csv = "id,n,day\na,1,2026-01-31\nb,many,2026-01-31\nc,3,someday\nd,4,2026-02-01\n";
    let batch = Program::new(["batch", "rows.csv", "--program", "p.program.md", "-o", "out.jsonl"])
        .file("rows.csv", csv)
        .file("p.program.md", program)
        .model(&endpoint.base_url());
    let again = batch.again([
        "batch",
        "rows.csv",
        "--program",
        "p.program.md",
        "-o",
        "out.jsonl",
        "--resume",
    ]);
    let folder = batch.folder();
    let ended = batch.run().expect(1);
    assert!(
        ended.stderr.contains('b') && ended.stderr.contains("line 3"),
        "{}",
        ended.stderr
    );
    let lines = results(&folder);
    let of = |id: &str| {
        lines
            .iter()
            .find(|line| line["id"] == id)
            .unwrap_or_else(|| panic!("{id}: {lines:?}"))
    };
    assert_eq!(of("a")["answer"], json!({"double": 2, "on": "2026-01-31"}));
    assert_eq!(of("d")["answer"]["double"], 8);
    assert_eq!(of("a")["task"], "Double 1.");
    assert_eq!(of("b")["status"], "failed");
    assert_eq!(
        of("b")["error"],
        "line 3: input `n`: at `n`: expected int, found str \"many\""
    );
    assert!(
        of("c")["error"]
            .as_str()
            .unwrap()
            .starts_with("line 4: input `day`: at `day`: expected a date")
    );
    assert_eq!(endpoint.requests().len(), 2);
    let stderr = again.model(&endpoint.base_url()).run().expect(1).stderr;
    assert!(stderr.contains("nothing is left to be done"), "{stderr}");
}

fn results(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("out.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn instructions_take_bounded_work_whoever_wrote_them() {
    let elifs = format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(10_000));
    let cases = [
        ("{{ 'a' * 9000000000 }}", "do not multiply"),
        ("{% set a = 'aa' %}{{ a }}", "only `if` and `for`"),
        ("{{ 'a' | indent(9000000000) }}", "unknown filter"),
        (elifs.as_str(), "64 KiB"),
        (
            "{% for i in q %}{% for j in q %}{{ q }}{% endfor %}{% endfor %}",
            "longer than 256 KiB",
        ),
    ];
    for (template, told) in cases {
        let text = format!("---\nsignature: \"q -> a\"\n---\n{template}\n");
        let long = format!("q={}", "x".repeat(3_000));
        let program = Program::new(["prompt", "--program", "p.program.md", "--input", &long]);
        let ended = program.file("p.program.md", &text).run().expect(2);
        assert!(ended.stderr.contains(told), "{template:.50}: {}", ended.stderr);
    }
}

#[test]
fn a_row_that_was_mended_is_done_and_another_ones_answer_is_not_taken() {
    let endpoint = Endpoint::answering(|_| script("answer({'a': word})"));
    let program = "---\nsignature: \"word: Literal['foo', 'bar', 'baz'] -> a\"\n---\nSay it.\n";
    let batch = |rows: &str, mode: &[&str], first: Option<&Program>| {
        let arguments = [
            &["batch", "rows.csv", "--program", "p.program.md", "-o", "out.jsonl"],
            mode,
        ]
        .concat();
        let started = first.map_or_else(|| Program::new(&arguments), |first| first.again(&arguments));
        started
            .file("rows.csv", rows)
            .file("p.program.md", program)
            .model(&endpoint.base_url())
    };
    let first = batch("word\nfoo\nwrong\n", &[], None);
    let keep = first.again(["--version"]);
    let folder = first.folder();
    first.run().expect(1);
    batch("word\nfoo\nbar\n", &["--retry-failed"], Some(&keep))
        .run()
        .expect(0);
    let answers: Vec<Value> = results(&folder)
        .iter()
        .map(|line| line["answer"]["a"].clone())
        .collect();
    assert_eq!(answers, ["foo", "bar"]);
    let other = batch("word\nbaz\nbar\n", &["--resume"], Some(&keep)).run().expect(2);
    assert!(other.stderr.contains("is of another task"), "{}", other.stderr);
}

#[test]
fn an_optional_field_may_be_an_empty_cell_and_a_table_may_come_by_a_pipe() {
    let endpoint = Endpoint::answering(|_| script("answer({'a': str('n' in globals())})"));
    let program = "---\nsignature: \"word, n?: int -> a\"\n---\nSay it.\n";
    let batch = Program::new(["batch", "-", "--program", "p.program.md"]);
    let ended = batch
        .file("p.program.md", program)
        .stdin("word,n\nfoo,1\nbar,\n")
        .model(&endpoint.base_url())
        .run()
        .expect(0);
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |id: u64| {
        lines
            .iter()
            .find(|line| line["id"] == id)
            .unwrap_or_else(|| panic!("{id}: {lines:?}"))
    };
    assert_eq!(
        (of(2)["answer"]["a"].as_str(), of(3)["answer"]["a"].as_str()),
        (Some("True"), Some("False"))
    );
}

#[test]
fn the_users_environment_counts_more_than_a_program() {
    let endpoint = Endpoint::start((0..3).map(|n| script(&format!("print({n})"))));
    let text = "---\nsignature: \"q -> a\"\nlimits: {max-steps: 3}\n---\nDo.\n";
    let program = Program::new(["ask", "--program", "p.program.md", "--input", "q=x"]).env("MCM_MAX_STEPS", "1");
    program
        .file("p.program.md", text)
        .model(&endpoint.base_url())
        .run()
        .expect(1);
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn plain_tool_calling_is_shown_demonstrations_as_words() {
    let endpoint = Endpoint::start([Reply::text(r#"{"verdict": "yes"}"#)]);
    let program = Program::new(["ask", "--program", "p.program.md", "--module", "chat"])
        .arg("--input")
        .arg("question=q")
        .arg("--input")
        .arg("text=t");
    program
        .file("p.program.md", &judge())
        .model(&endpoint.base_url())
        .run()
        .expect(0);
    let messages = endpoint.requests()[0].body["messages"].clone();
    assert_eq!(messages[2]["content"], r#"{"verdict":"no"}"#);
    assert!(messages[1]["content"].as_str().unwrap().contains("It rains."));
}

#[test]
fn a_row_that_was_mended_is_no_result_of_before_and_another_type_is_another_task() {
    let endpoint = Endpoint::answering(|_| script("answer({'a': 'x'})"));
    let batch = |first: Option<&Program>, rows: &str, returns: &str, mode: &[&str]| {
        let arguments = [&["batch", "rows.txt", "-o", "out.jsonl", "--returns", returns], mode].concat();
        let started = first.map_or_else(|| Program::new(&arguments), |first| first.again(&arguments));
        started.file("rows.txt", rows).model(&endpoint.base_url())
    };
    let first = batch(None, "one\n", "a: str", &[]);
    let keep = first.again(["--version"]);
    first.run().expect(0);
    batch(Some(&keep), "one\n", "a: str", &["--resume"]).run().expect(0);
    let other = batch(Some(&keep), "one\n", "a: str, b?: int", &["--resume"])
        .run()
        .expect(2);
    assert!(other.stderr.contains("is of another task"), "{}", other.stderr);
}
