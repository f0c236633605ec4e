//! The input: what is read, and what is told of its faults.

use std::path::Path;

use mcm::{
    agent::task::{Input, InputValue},
    batch::tasks::{self, Format, MAX_SHOWN, TaskText, Tasks},
    program::Program,
};
use serde_json::{Value, json};

fn check_name(name: &str) -> Option<String> {
    match name {
        "files" => Some("a server has that name".to_owned()),
        name if name.starts_with(|c: char| c.is_ascii_digit()) => Some("no Python name".to_owned()),
        _ => None,
    }
}

fn parse(file: &str, bytes: &[u8]) -> Result<Tasks, Vec<String>> {
    tasks::parse(bytes, Some(Path::new(file)), TaskText::Needed, &check_name)
        .map_err(|faults| faults.shown.iter().map(ToString::to_string).collect())
}

/// Id as JSON, line, task and inputs.
fn read(file: &str, text: &str) -> Vec<(String, u64, String, Value)> {
    let tasks = parse(file, text.as_bytes()).expect("tasks without fault");
    let shown = |entry: &tasks::Entry| {
        let task = entry.task(&Program::default(), &[]).unwrap();
        let inputs = task.inputs.into_iter().map(|input| match input.value {
            InputValue::Text(text) => (input.name, json!({ "str": text })),
            InputValue::Json(value) => (input.name, value),
        });
        (entry.id.json().to_owned(), entry.line, task.text, inputs.collect())
    };
    tasks.entries.iter().map(shown).collect()
}

fn faults(file: &str, text: &str) -> Vec<String> {
    parse(file, text.as_bytes()).expect_err("there are faults")
}

fn entry(id: &str, line: u64, text: &str, inputs: Value) -> (String, u64, String, Value) {
    (id.to_owned(), line, text.to_owned(), inputs)
}

#[test]
fn json_lines_have_a_task_and_perhaps_an_id_and_inputs() {
    let text = concat!(
        "\u{feff}{\"task\": \"first\"}\r\n",
        "\n",
        "  {\"id\": \"a\\\"b\", \"task\": \"second\", \"inputs\": {\"n\": 1, \"text\": \"t\", \"l\": [1, {\"k\": null}]}}\n",
        "{\"inputs\": {}, \"task\": \"third\", \"id\": 12345678901234567890123456789}",
    );
    assert_eq!(
        read("t.jsonl", text),
        [
            entry("1", 1, "first", json!({})),
            entry(
                r#""a\"b""#,
                3,
                "second",
                json!({ "n": 1, "text": { "str": "t" }, "l": [1, { "k": null }] })
            ),
            entry("12345678901234567890123456789", 4, "third", json!({})),
        ]
    );
}

#[test]
fn plain_lines_are_tasks_and_empty_ones_are_none() {
    assert_eq!(
        read("tasks.txt", "one, two\r\n\n \t\n  {\"three\"}  \nfour"),
        [
            entry("1", 1, "one, two", json!({})),
            entry("4", 4, "{\"three\"}", json!({})),
            entry("5", 5, "four", json!({})),
        ]
    );
}

#[test]
fn a_table_has_a_task_perhaps_an_id_and_inputs_by_their_columns() {
    let text = "\u{feff}city , task,id\r\n\r\nRome,\"Say \"\"hi\"\",\nthen go\",7\n\n\"\",second,x\n";
    assert_eq!(
        read("t.csv", text),
        [
            entry("\"7\"", 3, "Say \"hi\",\nthen go", json!({ "city": { "str": "Rome" } })),
            entry("\"x\"", 6, "second", json!({ "city": { "str": "" } })),
        ]
    );
    assert_eq!(
        read("t.csv", "task\na\n\n\nb")
            .iter()
            .map(|task| task.1)
            .collect::<Vec<_>>(),
        [2, 5]
    );
}

#[test]
fn the_format_goes_by_the_name_and_without_one_by_the_first_line() {
    let format = |file: &str, text: &str| parse(file, text.as_bytes()).expect("tasks").format;
    assert_eq!(format("t.JSONL", "{\"task\": \"a\"}"), Format::JsonLines);
    assert_eq!(format("t.ndjson", "{\"task\": \"a\"}"), Format::JsonLines);
    assert_eq!(format("t.csv", "task\na"), Format::Csv);
    assert_eq!(format("t.txt", "a,task\nb,c"), Format::Plain);
    assert_eq!(format("-", "\n {\"task\": \"a\"}"), Format::JsonLines);
    assert_eq!(format("tasks", "id,task\n1,a"), Format::Csv);
    assert_eq!(format("tasks", "task\na"), Format::Plain);
    assert_eq!(format("tasks", "do this, then that task"), Format::Plain);
}

#[test]
fn every_line_of_json_is_told_what_is_wrong_with_it_and_where() {
    let text = [
        r#"{"task": "a", "tsak": 1}"#,
        r#"{"id": "x"}"#,
        r#"{"task": 5}"#,
        r#"{"task": " "}"#,
        r#"{"task": "ä", "id": true}"#,
        r#"{"task": "a", "inputs": [1]}"#,
        r#"{"task": "a", "inputs": {"files": 1, "1x": 2}}"#,
        r#"{"task": "a",}"#,
        r#"{"task": "#,
        r#"just text"#,
    ];
    assert_eq!(
        faults("t.jsonl", &text.join("\n")),
        [
            "line 1, column 23: unknown key `tsak`; did you mean `task`?",
            "line 2: there is no `task`",
            "line 3, column 10: `task` must be a string",
            "line 4, column 10: `task` is empty",
            "line 5, column 21: `id` must be a number, or a string that is not empty",
            "line 6, column 25: `inputs` must be an object: `{\"name\": value}`",
            "line 7, column 25: input `files`: a server has that name",
            "line 7, column 25: input `1x`: no Python name",
            "line 8, column 14: not JSON: trailing comma",
            "line 9, column 9: the object is not closed on this line; each task stands on a line of its own",
        ]
    );
    let rest = [
        (
            r#"{"task": "a", "task": "b"}"#,
            "line 1, column 23: `task` is given twice",
        ),
        (
            r#"{"task": "a", "inputs": {"x": 1, "x": 2}}"#,
            "line 1, column 25: input `x` is given twice",
        ),
        (
            r#"{"task": "a", "city": "Rome"}"#,
            "line 1, column 23: unknown key `city`; a task has `id`, `task` and `inputs`, and what scripts are to find \
             stands in `inputs`",
        ),
        (
            "nothing",
            "line 1, column 2: no JSON object; a line reads `{\"task\": \"…\"}`",
        ),
        (
            "[\n{\"task\": \"a\"},\n]",
            "line 1, column 1: this is a JSON array; a batch reads one object a line (`jq -c '.[]' FILE` makes them)",
        ),
        (
            "{\"task\": \"a\0b\"}",
            "line 1, column 11: not JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
    ];
    for (text, fault) in rest {
        assert_eq!(faults("t.jsonl", text), [fault], "{text}");
    }
    let deep = format!(
        "{{\"task\": \"a\", \"inputs\": {{\"x\": {}1{}}}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    assert_eq!(
        faults("t.jsonl", &deep),
        ["line 1, column 25: input `x`: recursion limit exceeded"]
    );
}

#[test]
fn only_the_first_faults_are_told_one_by_one() {
    let text = "x\n".repeat(MAX_SHOWN + 5);
    let faults = tasks::parse(
        text.as_bytes(),
        Some(Path::new("t.jsonl")),
        TaskText::Needed,
        &check_name,
    )
    .expect_err("faults");
    assert_eq!((faults.shown.len(), faults.more), (MAX_SHOWN, 5));
}

#[test]
fn ids_are_unique_as_text() {
    let jsonl = |ids: &[&str]| {
        let lines = ids.iter().map(|id| match *id {
            "" => "{\"task\": \"t\"}\n".to_owned(),
            id => format!("{{\"task\": \"t\", \"id\": {id}}}\n"),
        });
        lines.collect::<String>()
    };
    let text = "ids are unique, and `3` is the same as `\"3\"`";
    let number = "a task without an `id` is called by its line's number: give all tasks an `id`, or none";
    let cases: [(&[&str], String); 4] = [
        (
            &["3", "\"3\""],
            format!("line 2: the task of line 1 has the id `3`, too; {text}"),
        ),
        (
            &["\"a\"", "\"\\u0061\""],
            format!("line 2: the task of line 1 has the id `a`, too; {text}"),
        ),
        (
            &["\"2\"", ""],
            format!("line 2: the task of line 1 has the id `2`, too; {number}"),
        ),
        (
            &["", "1"],
            format!("line 2: the task of line 1 has the id `1`, too; {number}"),
        ),
    ];
    for (ids, fault) in cases {
        assert_eq!(faults("t.jsonl", &jsonl(ids)), [fault]);
    }
    assert_eq!(
        parse("t.jsonl", jsonl(&["2", "1", "\"1.0\""]).as_bytes())
            .unwrap()
            .entries
            .len(),
        3
    );
}

#[test]
fn every_row_of_a_table_is_told_what_is_wrong_with_it() {
    let cases: [(&str, &[&str]); 7] = [
        (
            "id;task\n1;a",
            &["line 1: there is no column `task`; columns are separated by commas"],
        ),
        (
            "id,Task\n1,a",
            &["line 1: there is no column `task`; the first line names the columns, and one of them is `task`"],
        ),
        (
            "task,,x,x,files,1x\n",
            &[
                "line 1: column 2 has no name",
                "line 1: two columns are called `x`",
                "line 1: column `files` is an input: a server has that name",
                "line 1: column `1x` is an input: no Python name",
            ],
        ),
        (
            "task,id\n\na,1\nb\nc,d,e\n ,2\n\"x\ny\", \nf,3",
            &[
                "line 4: 1 fields, and the header has 2; a field with a comma stands in quotes",
                "line 5: 3 fields, and the header has 2; a field with a comma stands in quotes",
                "line 6: `task` is empty",
                "line 7: `id` is empty",
            ],
        ),
        (
            "task,id\na,1\n\"b,2\nc,3\n",
            &["line 3: a field begins with `\"` and is never closed; a `\"` inside a field is written `\"\"`"],
        ),
        ("task\na\0b", &["line 2: a NUL character; is this a text file?"]),
        ("task,id\n", &["it holds no task"]),
    ];
    for (text, expected) in cases {
        assert_eq!(faults("t.csv", text), expected, "{text}");
    }
    assert_eq!(read("t.csv", "task\n5\" pipe").len(), 1);
}

#[test]
fn what_is_no_text_is_told_by_line() {
    let utf16: Vec<u8> = "\u{feff}a".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for file in ["t.jsonl", "t.csv", "t.txt"] {
        assert_eq!(parse(file, &utf16).unwrap_err(), ["it is UTF-16; save it as UTF-8"]);
        assert_eq!(
            parse(file, b"fine\nr\xc3\xb6d\xe9 text\n\xff").unwrap_err(),
            [
                "line 2, column 4: not UTF-8; save the file as UTF-8",
                "line 3, column 1: not UTF-8; save the file as UTF-8"
            ]
        );
        for empty in ["", "\n \r\n", "\u{feff}"] {
            assert_eq!(faults(file, empty), ["it holds no task"]);
        }
    }
    assert_eq!(
        faults("t.txt", "a\nb\0c"),
        ["line 2, column 2: a NUL character; is this a text file?"]
    );
}

#[test]
fn lines_and_the_whole_have_limits() {
    let long = format!("{{\"task\": \"{}\"}}\n{{\"task\": \"b\"}}", "x".repeat(tasks::MAX_LINE));
    assert_eq!(faults("t.jsonl", &long), ["line 1: longer than 32 MiB"]);
    assert_eq!(
        faults("t.csv", &format!("task\n{}", "x".repeat(tasks::MAX_LINE + 1))),
        ["line 2: longer than 32 MiB"]
    );
    let endless = std::io::repeat(b'x');
    assert_eq!(
        tasks::read(endless).unwrap_err().to_string(),
        "it is larger than 512 MiB; split it into several files"
    );
}

#[test]
fn what_all_tasks_have_comes_before_a_task_s_own_inputs() {
    let tasks = parse("t.jsonl", br#"{"task": "a", "inputs": {"own": 1}}"#).unwrap();
    let common = Input::new("common", InputValue::Text("c".to_owned()));
    let task = tasks.entries[0].task(&Program::default(), &[common]).unwrap();
    assert_eq!(
        task.inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>(),
        ["common", "own"]
    );
}
