//! Answers of a type: shown to the model, checked inside the script, mended, and printed as JSON.

use serde_json::{Value, json};

use crate::support::{
    endpoint::{Endpoint, Reply},
    program::{Ended, Program},
};

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// `mcm ask` with these arguments and a model that writes these scripts; it, and the endpoint.
fn ask(arguments: &[&str], scripts: &[&str]) -> (Program, Endpoint) {
    let endpoint = Endpoint::start(scripts.iter().map(|code| script(code)));
    let program = Program::new(["ask"]).model(&endpoint.base_url());
    let program = arguments.iter().fold(program, Program::arg);
    (program, endpoint)
}

fn value(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).expect("JSON on stdout")
}

#[test]
fn an_answer_of_each_type_is_wrong_first_and_mended() {
    let cases = [
        (
            "n: int",
            r#"{"n": "1"}"#,
            r#"{"n": 1}"#,
            "at `answer[\"n\"]`: expected int",
        ),
        (
            "x: float",
            r#"{"x": None}"#,
            r#"{"x": 2}"#,
            "expected float, found None",
        ),
        ("s: str", r#"{"s": 1}"#, r#"{"s": "a"}"#, "expected str, found int 1"),
        ("b: bool", r#"{"b": "yes"}"#, r#"{"b": True}"#, "expected bool"),
        (
            "d: date",
            r#"{"d": "31.1.2026"}"#,
            r#"{"d": __import_date}"#,
            "expected a date",
        ),
        (
            "v: Literal[\"yes\", \"no\"]",
            r#"{"v": "maybe"}"#,
            r#"{"v": "no"}"#,
            "expected \"yes\" or \"no\"",
        ),
        (
            "o: Optional[int]",
            r#"{"o": "x"}"#,
            r#"{"o": None}"#,
            "expected int or None",
        ),
        (
            "u: int | list[str]",
            r#"{"u": [1]}"#,
            r#"{"u": ["a"]}"#,
            "at `answer[\"u\"][0]`",
        ),
        (
            "m: dict[str, int]",
            r#"{"m": {"a": "b"}}"#,
            r#"{"m": {"a": 1}}"#,
            "at `answer[\"m\"][\"a\"]`",
        ),
        (
            "people: list[{name: str, tags?: list[str]}]",
            r#"{"people": [{"name": "a", "tags": "t"}]}"#,
            r#"{"people": [{"name": "a"}]}"#,
            "at `answer[\"people\"][0][\"tags\"]`: expected list",
        ),
        ("list[int]", "[1, 'x']", "[1, 2]", "at `answer[1]`"),
    ];
    for (returns, wrong, right, told) in cases {
        let right = right.replace("__import_date", "__import__('datetime').date(2026, 1, 31)");
        let right = if right.contains("__import__") {
            format!(
                "import datetime\nanswer({})",
                right.replace("__import__('datetime')", "datetime")
            )
        } else {
            format!("answer({right})")
        };
        let wrong = format!("x = 1\nanswer({wrong})");
        let (program, endpoint) = ask(&["the task", "--returns", returns], &[&wrong, &right]);
        let ended = program.run().expect(0);
        let requests = endpoint.requests();
        let feedback = requests[1].last_message();
        assert!(feedback.contains(told), "{returns}: {feedback}");
        assert!(feedback.contains("failed: `RUNTIME_ERROR` at line 2"), "{feedback}");
        assert!(feedback.contains("TypeError: the answer does not fit"), "{feedback}");
        assert_ne!(value(&ended), Value::Null, "{returns}");
    }
}

#[test]
fn stdout_is_json_of_the_type_also_where_it_is_a_text() {
    let (program, endpoint) = ask(&["the task", "--returns", "str # in a word"], &["answer('a \"b\"')"]);
    assert_eq!(program.run().expect(0).stdout, "\"a \\\"b\\\"\"\n");
    let prompt = endpoint.requests()[0].last_message().to_owned();
    assert!(prompt.contains("def answer(value: str): ...  # in a word"), "{prompt}");
}

#[test]
fn an_answer_that_is_never_right_gives_up_with_the_last_mismatch() {
    let (program, _endpoint) = ask(
        &["the task", "--returns", "n: int", "--json"],
        &["answer({'n': 'a'})", "answer({'n': 'b'})", "answer({'n': 'c'})"],
    );
    let ended = program.run().expect(1);
    let record = value(&ended);
    assert_eq!(record["status"], "gave_up");
    assert_eq!(record["answer"], Value::Null);
    let error = record["error"].as_str().unwrap();
    assert!(error.contains("expected int, found str \"c\""), "{error}");
}

#[test]
fn words_are_no_answer_where_a_type_is_wanted() {
    let replies = [script("print(1)"), Reply::text("It is 5."), script("answer({'n': 5})")];
    let endpoint = Endpoint::start(replies);
    let program = Program::new(["ask", "the task", "--returns", "n: int"]).model(&endpoint.base_url());
    assert_eq!(value(&program.run().expect(0)), json!({"n": 5}));
    assert!(endpoint.requests()[2].last_message().contains("NO_CODE"));
}

#[test]
fn a_script_can_catch_the_mismatch_and_only_what_fits_counts() {
    let code =
        "for n in ['x', 2.5, 7, 8]:\n    try:\n        answer({'n': n})\n    except TypeError as e:\n        print(e)";
    let (program, _endpoint) = ask(&["the task", "--returns", "n: int", "--json"], &[code]);
    let record = value(&program.run().expect(0));
    assert_eq!(record["answer"], json!({"n": 7}));
    let execution = &record["steps"][0]["execution"];
    assert_eq!(execution["stdout"].as_str().unwrap().lines().count(), 2);
    assert_eq!(execution["calls"], json!([]));
}

#[test]
fn a_process_that_lies_about_its_answer_has_not_answered() {
    // `getpid`, whose result comes as an answer
    let (program, endpoint) = ask(
        &["the task", "--returns", "n: int"],
        &["# misbehave\n# call 39", "answer({'n': 3})"],
    );
    assert_eq!(value(&program.run().expect(0)), json!({"n": 3}));
    let told = endpoint.requests()[1].last_message().to_owned();
    assert!(told.contains("at `answer`: expected dict, found list"), "{told}");
}

#[test]
fn a_schema_file_with_references_is_shown_and_holds() {
    let schema = json!({
        "$defs": {"Item": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1}},
        "required": ["items"],
    });
    let scripts = [
        "answer({'items': []})",
        "answer({'items': [{'id': '1'}]})",
        "answer({'items': [{'id': 1}]})",
    ];
    let (program, endpoint) = ask(&["the task", "--returns", "schema.json"], &scripts);
    let ended = program.file("schema.json", &schema.to_string()).run().expect(0);
    assert_eq!(value(&ended), json!({"items": [{"id": 1}]}));
    let requests = endpoint.requests();
    assert!(requests[0].last_message().contains("items: list[Item]"));
    assert!(
        requests[1]
            .last_message()
            .contains("at `answer[\"items\"]`: expected at least 1 items, found list []")
    );
    assert!(
        requests[2]
            .last_message()
            .contains("at `answer[\"items\"][0][\"id\"]`: expected int, found str")
    );
}

#[test]
fn what_is_wrong_with_a_type_is_told_before_anything_runs() {
    for (returns, told) in [
        (
            "count: integer",
            "`--returns`, column 8: `integer` is no type here: write `int`\n  count: integer\n         ^",
        ),
        ("missing.json", "`--returns missing.json`: No such file"),
        ("broken.json", "`--returns broken.json`: not JSON"),
        ("strange.json", "`--returns strange.json`: at `/type`"),
    ] {
        let (program, endpoint) = ask(&["the task", "--returns", returns], &[]);
        let program = program
            .file("broken.json", "{")
            .file("strange.json", r#"{"type": "strange"}"#);
        let ended = program.run().expect(2);
        let stderr = ended
            .stderr
            .replace("  count", "count")
            .replace("         ^", "       ^");
        let told = told.replace("  count", "count").replace("         ^", "       ^");
        assert!(stderr.contains(&told), "{returns}: {}", ended.stderr);
        assert_eq!(endpoint.requests().len(), 0);
    }
}

#[test]
fn inputs_of_a_signature_are_typed_before_a_model_is_asked() {
    const SIGNATURE: &str = "question, limit: int, tags?: list[str] # to look for -> verdict: Literal[\"yes\", \"no\"]";
    let code = "answer({'verdict': 'yes' if limit == 3 and tags == ['a'] and question == '7' else 'no'})";
    let arguments = [
        "--returns",
        SIGNATURE,
        "--input",
        "question=7",
        "--input",
        "limit=3",
        "--input",
        "tags=[\"a\"]",
    ];
    let (program, endpoint) = ask(&arguments, &[code]);
    assert_eq!(value(&program.run().expect(0)), json!({"verdict": "yes"}));
    let prompt = endpoint.requests()[0].last_message().to_owned();
    for part in [
        "Given `question`, `limit` and `tags`, find `verdict`.",
        "Variable `limit`: `int`",
        "Variable `tags` (`to look for`): `list`",
        "verdict: Literal[\"yes\", \"no\"]",
    ] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    let wrong: [(&[&str], &str); 4] = [
        (&["--input", "question=q"], "the input `limit` is missing"),
        (
            &["--input", "question=q", "--input", "limit=many"],
            "input `limit`: at `limit`: expected int, found str \"many\"",
        ),
        (
            &["--input", "question=q", "--input", "limit=1", "--input", "x=1"],
            "there is no input `x`; there are `question`",
        ),
        (
            &["--input", "question=q", "--input", "limit=1", "--input", "tags=a"],
            "at `tags`: expected list",
        ),
    ];
    for (inputs, told) in wrong {
        let arguments = [&["--returns", SIGNATURE][..], inputs].concat();
        let (program, endpoint) = ask(&arguments, &[]);
        let ended = program.run().expect(2);
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
        assert_eq!(endpoint.requests().len(), 0);
    }
}

#[test]
fn piped_stdin_is_the_one_input_that_is_missing() {
    let code = "answer({'n': len(text.split())})";
    let arguments = ["--returns", "text, unit: str -> n: int", "--input", "unit=words"];
    let (program, _endpoint) = ask(&arguments, &[code]);
    let ended = program.stdin("one two three").run().expect(0);
    assert_eq!(value(&ended), json!({"n": 3}));
}

#[test]
fn without_a_task_or_inputs_there_is_nothing_to_do() {
    let (program, _endpoint) = ask(&["--returns", "n: int"], &[]);
    let ended = program.run().expect(2);
    assert!(ended.stderr.contains("there is no task"), "{}", ended.stderr);
}

#[test]
fn the_answer_of_a_batch_is_of_its_type_too() {
    let endpoint = Endpoint::answering(|request| {
        let wrong = request.body["messages"]
            .as_array()
            .is_some_and(|messages| messages.len() == 2);
        script(if wrong {
            "answer({'n': 'x'})"
        } else {
            "answer({'n': 1})"
        })
    });
    let program = Program::new(["batch", "tasks.txt", "--returns", "n: int"]).model(&endpoint.base_url());
    let ended = program.file("tasks.txt", "one\ntwo\n").run().expect(0);
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["answer"] == json!({"n": 1})), "{lines:?}");
}

#[test]
fn a_large_answer_that_fits_is_taken() {
    let (program, _endpoint) = ask(&["the task", "--returns", "list[int]"], &["answer([1] * 1_200_000)"]);
    let ended = program.run().expect(0);
    assert_eq!(ended.stdout.matches('1').count(), 1_200_000);
}

#[test]
fn a_json_file_is_read_as_its_input_says() {
    let code = "answer({'n': [len(text), table['a']]})";
    let returns = "text: str, table: dict -> n: list[int]";
    let arguments = [
        "--returns",
        returns,
        "--input",
        "text=@x.json",
        "--input",
        "table=@x.json",
    ];
    let (program, _endpoint) = ask(&arguments, &[code]);
    let ended = program.file("x.json", r#"{"a": 5}"#).run().expect(0);
    assert_eq!(value(&ended), json!({"n": [8, 5]}));
}
