//! Signatures as text: what they mean, what is wrong with them, and what fits them.

use mcm::signature::{Answer, Signature, SyntaxError, read_input};
use serde_json::{Value, json};

fn answer(text: &str) -> Answer {
    let signature = Signature::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    Answer::new(signature.answer).unwrap()
}

fn fault(text: &str) -> SyntaxError {
    Signature::parse(text).expect_err(text)
}

#[test]
fn every_type_is_shown_as_python() {
    let texts = [
        "str",
        "list[int]",
        "count: int, files: list[str]",
        "a, b: bool, c: float,",
        "when: date, at: datetime -- when it was seen",
        "v: Literal[\"yes\", 'no', 3, -1, True, None]",
        "a: Optional[str], b: int | str | None, c: Union[int, list[str]]",
        "by_name: dict[str, int], any: Any, d: dict, l: list",
        "owner: {name: str, age?: int # in years}, tags?: list[{key: str, value: Any}]",
        "n: str # maps a -> b, m: no field\nm: int # two",
        "date\namount: float",
        "# a comment\nlist[str] # the words\n# another",
        "any: {x: int}, literal: {y: int}",
        "verdict: bool # whether it holds, or not, reasons: list[str] -- one sentence each",
        "# comments stand alone, too\n count: int # how many\n files: list[str]\n",
        "class: str, \n\n  from?: date",
        "dict[str, list[{a: int}]] # by name",
        "question, context: str # to read -> verdict: bool, reasons: list[str]",
    ];
    let shown = texts.map(|text| match Signature::parse(text) {
        Ok(signature) => {
            let inputs: Vec<String> = signature
                .inputs
                .iter()
                .map(|field| {
                    format!(
                        "{}{}: {}",
                        field.name,
                        if field.required { "" } else { "?" },
                        field.schema
                    )
                })
                .collect();
            let answer = Answer::new(signature.answer.clone()).unwrap();
            format!(
                "{text}\n=> {:?} {}\n{}",
                inputs,
                signature.instructions(),
                answer.python()
            )
        }
        Err(fault) => format!("{text}\n=> {fault}"),
    });
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn every_fault_has_its_place() {
    let texts = [
        "",
        "->",
        "a ->",
        "count: string",
        "count: integer, b: Foo",
        "a: list[",
        "a: list[int",
        "a: dict[int, str]",
        "a: Literal[yes]",
        "a: Literal",
        "a: str[int]",
        "a: int b: str",
        "a: int, a: str",
        "a: {b: int",
        "a: {}",
        "a: Literal['x",
        "a: int\nb: boolean",
        "größe: int",
        "a: int ~ b",
        "a: -x",
        "a -> b -> c",
        "1a: int",
        "a: Literal[1.5]",
        "a: int | , b: str",
        "\ta:  strng",
    ];
    let shown = texts.map(|text| format!("{text:?}\n{}", fault(text)));
    insta::assert_snapshot!(shown.join("\n\n"));
    let deep = format!("a: {}int{}", "list[".repeat(40), "]".repeat(40));
    assert!(fault(&deep).message.contains("deeper than 32"));
}

#[test]
fn what_does_not_fit_is_told_with_place_expected_and_found() {
    let cases = [
        ("count: int", json!({"count": 3}), ""),
        (
            "count: int",
            json!({"count": "3"}),
            "at `answer[\"count\"]`: expected int, found str \"3\"",
        ),
        ("count: int", json!({"count": 3.5}), "expected int, found float 3.5"),
        ("count: int", json!({}), "at `answer`: the key \"count\" is missing"),
        (
            "count: int",
            json!({"count": 1, "x": 2}),
            "at `answer`: there are keys that are not expected: \"x\"",
        ),
        ("ratio: float", json!({"ratio": 1}), ""),
        ("ok: bool", json!({"ok": 1}), "expected bool, found int 1"),
        (
            "list[str]",
            json!(["a", 2]),
            "at `answer[1]`: expected str, found int 2",
        ),
        ("str", json!(["a"]), "at `answer`: expected str, found list [\"a\"]"),
        ("d: date", json!({"d": "2026-02-28"}), ""),
        (
            "d: date",
            json!({"d": "2026-02-30"}),
            "expected a date such as 2026-01-31, found str \"2026-02-30\"",
        ),
        ("d: date", json!({"d": "2026-02-28T10:00:00"}), "expected a date"),
        ("t: datetime", json!({"t": "2026-02-28T10:00:00"}), ""),
        ("t: datetime", json!({"t": "2026-02-28T10:00:00.25+01:00"}), ""),
        ("t: datetime", json!({"t": "2026-02-28T10:00:00Z"}), ""),
        (
            "t: datetime",
            json!({"t": "2026-02-28"}),
            "expected a date and time such as",
        ),
        (
            "v: Literal[\"yes\", \"no\"]",
            json!({"v": "maybe"}),
            "expected \"yes\" or \"no\", found str \"maybe\"",
        ),
        ("o: Optional[int]", json!({"o": null}), ""),
        (
            "o: Optional[int]",
            json!({"o": "x"}),
            "expected int or None, found str \"x\"",
        ),
        (
            "u: int | list[str]",
            json!({"u": ["a", 1]}),
            "at `answer[\"u\"][1]`: expected str, found int 1",
        ),
        (
            "m: dict[str, int]",
            json!({"m": {"a": 1, "b c": "x"}}),
            "at `answer[\"m\"][\"b c\"]`: expected int",
        ),
        (
            "people: list[{name: str, age?: int}]",
            json!({"people": [{"name": "a"}, {"name": "b", "age": "9"}, {}]}),
            "at `answer[\"people\"][1][\"age\"]`: expected int, found str \"9\"; at `answer[\"people\"][2]`: the key \"name\" is missing",
        ),
    ];
    for (text, value, expected) in cases {
        match (answer(text).check(&value), expected) {
            (Ok(()), "") => {}
            (Err(message), expected) if !expected.is_empty() => {
                assert!(message.contains(expected), "{text} with {value}: {message}");
                assert!(!message.contains('\n'), "{message}");
            }
            (checked, _) => panic!("{text} with {value}: {checked:?}"),
        }
    }
}

#[test]
fn a_schema_with_references_is_shown_and_checked() {
    let schema = json!({
        "$defs": { "Node": {
            "type": "object",
            "properties": { "name": { "type": "string", "description": "of a folder" },
                            "children": { "type": "array", "items": { "$ref": "#/$defs/Node" } } },
            "required": ["name"], "additionalProperties": false,
        } },
        "type": "object",
        "properties": { "root": { "$ref": "#/$defs/Node" }, "x-seen": { "type": "string", "format": "date" } },
        "required": ["root"],
    });
    let answer = Answer::new(schema).unwrap();
    insta::assert_snapshot!(answer.python(), @r#"
    class Node(TypedDict):
        name: str  # of a folder
        children: NotRequired[list[Node]]
    Answer = TypedDict("Answer", {
        "root": Node,
        "x-seen": NotRequired[str],  # ISO date
    })
    def answer(value: Answer): ...
    "#);
    let good = json!({"root": {"name": "a", "children": [{"name": "b"}]}});
    assert_eq!(answer.check(&good), Ok(()));
    let fault = answer.check(&json!({"root": {"name": "a", "children": [{"name": 3}]}}));
    let place = "at `answer[\"root\"][\"children\"][0][\"name\"]`: expected str, found int 3";
    assert_eq!(fault, Err(format!("the answer does not fit: {place}")));
    for broken in [json!({"type": "strange"}), json!({"$ref": "#/nowhere"}), json!([])] {
        assert!(Answer::new(broken.clone()).is_err(), "{broken}");
    }
}

#[test]
fn an_input_is_read_as_its_type_says() {
    let signature = Signature::parse(
        "a, n: int, either: int | str, l: list[int], d: date, o?: bool, maybe: Optional[str], f: float -> x",
    )
    .unwrap();
    let read = |name: &str, text: &str| -> Result<Value, String> {
        let field = signature.inputs.iter().find(|field| field.name == name).unwrap();
        read_input(field, text)
    };
    assert_eq!(read("a", "5"), Ok(json!("5")));
    assert_eq!(read("n", " 5\n"), Ok(json!(5)));
    assert_eq!(read("either", "5"), Ok(json!(5)));
    assert_eq!(read("either", "five"), Ok(json!("five")));
    assert_eq!(read("l", "[1, 2]"), Ok(json!([1, 2])));
    assert_eq!(read("d", "2026-01-31"), Ok(json!("2026-01-31")));
    assert_eq!(read("o", "true"), Ok(json!(true)));
    assert_eq!(read("d", "2026-01-31\n"), Ok(json!("2026-01-31")));
    assert_eq!(read("maybe", "null"), Ok(json!("null")));
    assert_eq!(read("f", "100000000000000000000"), Ok(json!(1e20)));
    assert!(
        read("n", "12345678901234567890123")
            .unwrap_err()
            .contains("more than 64 bits")
    );
    for (name, text, expected) in [
        ("n", "five", "at `n`: expected int, found str \"five\""),
        ("l", "[1, \"x\"]", "at `l[1]`: expected int, found str \"x\""),
        ("d", "tomorrow", "at `d`: expected a date such as 2026-01-31"),
    ] {
        let fault = read(name, text).expect_err(text);
        assert!(fault.contains(expected), "{fault}");
    }
}
