//! `llm_query` in scripts: what it gives, how it fails, what it counts as.

use serde_json::{Value, json};

use crate::support::{
    asked::holds,
    endpoint::{Endpoint, Gate, Reply, Request},
    program::{Ended, Program},
    servers::toy,
};

mod budgets;
mod replay;
mod trouble;

/// What the main model is asked; everything else is a query.
const TASK: &str = "the task of this test";

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```")).usage(100, 10)
}

fn is_query(request: &Request) -> bool {
    let messages = request.body["messages"].to_string();
    !messages.contains(TASK)
}

/// The script is the first reply to the task, `answer('after')` every other, and `query` answers what scripts ask.
fn endpoint(code: &str, query: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Endpoint {
    let first = script(code);
    Endpoint::answering(move |request| match is_query(request) {
        true => query(request),
        false if request.body["messages"].as_array().is_some_and(|all| all.len() > 2) => script("answer('after')"),
        false => first.clone(),
    })
}

/// A reply to a query: what was asked, behind `re: `.
fn echo(request: &Request) -> Reply {
    Reply::text(format!("re: {}", request.last_message())).usage(7, 3)
}

fn ask(endpoint: &Endpoint) -> Program {
    Program::new(["ask", TASK, "--json"]).model(&endpoint.base_url())
}

fn run(endpoint: &Endpoint, code: &str) -> Ended {
    Program::new(["run", "-c", code]).model(&endpoint.base_url()).run()
}

/// What the user's own script answers, where queries are answered so.
#[track_caller]
fn answer(code: &str, query: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Value {
    run(&Endpoint::answering(query), code).expect(0).json()
}

#[test]
fn a_text_gives_a_text_in_every_way_of_asking() {
    let code = r#"
import asyncio
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    threads = list(pool.map(llm_query, ["f", "g"]))
answer([
    llm_query("a"),
    llm_query(["b", "c"]),
    await llm_query.aio("d"),
    await llm_query.aio(("e",)),
    await asyncio.gather(*(llm_query.aio(x) for x in "xyz")),
    threads,
    llm_query([]),
])"#;
    let expected = json!([
        "re: a",
        ["re: b", "re: c"],
        "re: d",
        ["re: e"],
        ["re: x", "re: y", "re: z"],
        ["re: f", "re: g"],
        []
    ]);
    assert_eq!(answer(code, echo), expected);
}

#[test]
fn the_model_sees_the_prompt_and_nothing_else() {
    let endpoint = Endpoint::answering(echo);
    run(&endpoint, "llm_query('a'); llm_query('b', system='be brief')").expect(0);
    let messages: Vec<Value> = endpoint
        .requests()
        .into_iter()
        .map(|request| request.body["messages"].clone())
        .collect();
    let b = json!([{ "role": "system", "content": "be brief" }, { "role": "user", "content": "b" }]);
    assert_eq!(messages, [json!([{ "role": "user", "content": "a" }]), b]);
}

#[test]
fn thoughts_are_no_part_of_a_reply() {
    let thinking = |_: &Request| Reply::text("<think>\nhm\n</think>\n\n[1]");
    assert_eq!(
        answer("answer([llm_query('a'), llm_query('b', schema=list[int])])", thinking),
        json!(["[1]", [1]])
    );
}

#[test]
fn a_schema_may_be_text_a_type_or_json_schema() {
    let code = r#"
import typing
schemas = ["n: int", {"type": "object", "required": ["n"]}, dict[str, int], dict, typing.Any, dict[str, int | None],
           typing.Optional[dict], "{n: int}"]
answer([llm_query("count", schema=schema)["n"] for schema in schemas])"#;
    let fenced = |_: &Request| Reply::text("Here it is:\n```json\n{\"n\": 3}\n```\n");
    assert_eq!(answer(code, fenced), json!([3, 3, 3, 3, 3, 3, 3, 3]));
    let code = "import typing\nanswer([llm_query('?', schema=s) for s in (str, typing.Literal['yes', 'no'], \
                'Literal[\"yes\", \"no\"]')])";
    assert_eq!(answer(code, |_| Reply::text("yes")), json!(["yes", "yes", "yes"]));
}

#[test]
fn a_reply_that_does_not_fit_is_asked_for_once_more_with_what_is_wrong() {
    let endpoint = Endpoint::start([
        Reply::text("{\"tags\": [\"a\", 2]}").usage(7, 3),
        Reply::text("{\"tags\": [\"a\", \"b\"]}").usage(7, 3),
    ]);
    let ended = run(&endpoint, "answer(llm_query('tag it', schema='tags: list[str]'))").expect(0);
    assert_eq!(ended.json(), json!({ "tags": ["a", "b"] }));
    let requests = endpoint.requests();
    let first = requests[0].last_message();
    holds(
        first,
        &["tag it\n\nReply with one JSON value and nothing else.", "\"tags\""],
    );
    let second = requests[1].last_message();
    holds(second, &["at `reply[\"tags\"][1]`: expected str, found int 2"]);
    assert_eq!(requests[1].body["messages"][1]["content"], "{\"tags\": [\"a\", 2]}");
}

#[test]
fn a_reply_that_never_fits_is_a_failure_that_the_script_can_catch() {
    let code = r#"
try:
    llm_query("tag it", schema=list[str])
except ToolError as e:
    answer([e.server, e.tool, e.message, e.data])"#;
    let never = |request: &Request| match request.last_message().contains("does not fit") {
        false => Reply::text("no JSON at all"),
        true => Reply::text("[1]"),
    };
    let message = "the reply does not fit: at `reply[0]`: expected str, found int 1";
    let data = json!({ "mismatch": "at `reply[0]`: expected str, found int 1", "reply": "[1]" });
    assert_eq!(answer(code, never), json!(["llm", "query", message, data]));
}

#[test]
fn arguments_that_make_no_sense_are_told_before_anything_is_sent() {
    let code = r##"
import json
said = []
for prompt, options in [(5, {}), (["a", None], {}), ("a", {"schema": set}), ("a", {"system": 1})]:
    try:
        llm_query(prompt, **options)
    except TypeError as e:
        said.append(str(e))
for schema in [{"$ref": "#"}, {"type": "objct"}, "count: itn", "a -> b", {"pattern": "(?=a)"}, {"enum": ["x" * 70_000]}]:
    try:
        llm_query("a", schema=schema)
    except ToolError as e:
        said.append(e.message.split("\n")[0])
try:
    llm_query("x" * (4 << 20) + "y")
except ToolError as e:
    said.append(e.message)
answer(said)"##;
    let endpoint = Endpoint::answering(echo);
    let said = run(&endpoint, code).expect(0).json();
    let starts = [
        "llm_query(): prompt must be a str, not int; json.dumps(…) or str(…) makes one",
        "llm_query(): prompt must be a str, not NoneType",
        "llm_query(): schema must be a JSON Schema or a type such as list[str], not <class 'set'>",
        "llm_query(): system must be a str",
        "the schema holds a reference (`$ref`): write what it refers to in its place",
        "the schema cannot be used: at `/type`",
        "`schema`, line 1, column 8: ",
        "`schema` says what the reply is: leave out `->` and what stands before it",
        "the schema cannot be used: ",
        "the schema is longer than 64 KiB",
        "the prompt has 4194305 bytes, more than 4 MiB; ask about shorter pieces",
    ];
    let said = said.as_array().unwrap();
    assert_eq!(said.len(), starts.len(), "{said:?}");
    for (said, start) in said.iter().zip(starts) {
        assert!(
            said.as_str().unwrap().starts_with(start),
            "{said} does not start with {start}"
        );
    }
    assert!(endpoint.requests().is_empty());
}

#[test]
fn a_hundred_queries_go_on_eight_at_a_time() {
    for asking in [
        "llm_query([str(n) for n in range(100)])",
        "await llm_query.aio([str(n) for n in range(100)])",
        "await asyncio.gather(*(llm_query.aio(str(n)) for n in range(100)))",
    ] {
        let gate = Gate::default();
        let held = gate.clone();
        let endpoint = Endpoint::answering(move |request| echo(request).after(&held));
        let code = format!("import asyncio\nanswer({asking})");
        let started = Program::new(["run", "-c", &code]).model(&endpoint.base_url()).start();
        endpoint.wait_for_requests(8);
        // a ninth would be among them by the time that the eight are answered
        assert_eq!(endpoint.requests().len(), 8, "{asking}");
        gate.open();
        let expected: Vec<String> = (0..100).map(|n| format!("re: {n}")).collect();
        assert_eq!(started.wait().expect(0).json(), json!(expected));
        assert_eq!(endpoint.requests().len(), 100);
    }
}

#[test]
fn queries_are_listed_as_calls_and_counted_as_model_calls() {
    let code = "toy.echo(text='a')\nprint(llm_query('x' * 100_000))\nanswer(llm_query(['b', 'c'], schema=str))";
    let endpoint = endpoint(code, |request| match request.last_message().len() {
        100_000 => Reply::text("long").usage(7, 3),
        _ => Reply::text("short").usage(7, 3),
    });
    let servers = json!({ "toy": toy(&["all-tools"]) });
    let record = ask(&endpoint).servers(&servers).run().expect(0).json();
    assert_eq!(record["answer"], json!(["short", "short"]));
    let usage = json!({
        "prompt_tokens": 121, "completion_tokens": 19, "total_tokens": 140, "model_calls": 4, "tool_calls": 1
    });
    assert_eq!(record["usage"], usage);
    let step = &record["steps"][0];
    assert_eq!(
        step["usage"],
        json!({ "prompt_tokens": 121, "completion_tokens": 19, "total_tokens": 140 })
    );
    let calls = step["execution"]["calls"].as_array().unwrap();
    let named: Vec<_> = calls
        .iter()
        .map(|call| (&call["server"], &call["tool"], &call["status"]))
        .collect();
    let query = (&json!("llm"), &json!("query"), &json!("ok"));
    assert_eq!(
        named,
        [(&json!("toy"), &json!("echo"), &json!("ok")), query, query, query]
    );
    assert_eq!(calls[1]["result"], Value::Null);
    let kept = calls[1]["arguments"]["prompt"].as_str().unwrap();
    assert!(
        kept.len() < 70_000 && kept.ends_with("more characters)"),
        "{}",
        kept.len()
    );
}

#[test]
fn a_model_of_its_own_answers_where_one_is_named() {
    for (flag, variable, expected) in [
        (None, None, "scripted"),
        (Some("small"), None, "small"),
        (None, Some("tiny"), "tiny"),
    ] {
        let endpoint = endpoint("answer(llm_query('a'))", echo);
        let mut program = ask(&endpoint);
        if let Some(name) = flag {
            program = program.arg("--sub-model").arg(name);
        }
        if let Some(name) = variable {
            program = program.env("MCM_SUB_MODEL", name);
        }
        program.run().expect(0);
        let models: Vec<Value> = endpoint
            .requests()
            .iter()
            .map(|request| request.body["model"].clone())
            .collect();
        assert_eq!(models, [json!("scripted"), json!(expected)]);
    }
}

#[test]
fn secrets_in_a_prompt_are_masked_where_it_is_sent_and_recorded() {
    let endpoint = endpoint("answer(llm_query('a ' + token + ' b'))", echo);
    let program = ask(&endpoint)
        .file(".env", "TOKEN=a-very-secret-value\n")
        .arg("--input=token=a-very-secret-value");
    let ended = program.arg("--record=run.jsonl").run().expect(0);
    assert_eq!(ended.json()["answer"], "re: a ******** b");
    let query = endpoint.requests()[1].body.to_string();
    holds(&query, &["a ******** b"]);
    for text in [&query, &ended.stdout, &ended.stderr] {
        assert!(!text.contains("a-very-secret-value"), "{text}");
    }
}

#[test]
fn the_prompt_tells_of_it_and_a_server_of_its_name_gets_another() {
    let endpoint = endpoint("answer([sorted(dir(llm_)) != [], llm_query('a')])", echo);
    let servers = json!({ "llm": toy(&["all-tools"]) });
    let record = ask(&endpoint).servers(&servers).run().expect(0).json();
    assert_eq!(record["answer"], json!([true, "re: a"]));
    let system = endpoint.requests()[0].body["messages"][0]["content"].to_string();
    holds(
        &system,
        &[
            "`llm_query(prompt)` asks a language model",
            "llm_query.aio(p) for p in prompts",
        ],
    );
}

#[test]
fn three_megabytes_are_worked_through_in_pieces_while_the_main_context_stays_small() {
    let code = r#"
pieces = book.split("the end\n")[:-1]
found = llm_query(["Which numbers stand behind `code:`?\n" + piece for piece in pieces], schema=list[int])
answer(sum(n for some in found for n in some))"#;
    let endpoint = endpoint(code, |request| {
        let found: Vec<u64> = request
            .last_message()
            .split("code: ")
            .skip(1)
            .filter_map(|rest| rest.split(' ').next()?.parse().ok())
            .collect();
        Reply::text(json!(found).to_string())
    });
    let line = "a line of the book that says nothing much at all, and is there to be long\n";
    let chapter = |n: usize| format!("{}code: {n} \nthe end\n", line.repeat(410));
    let book: String = (1..=100).map(chapter).collect();
    assert!(book.len() > 3_000_000);
    let record = ask(&endpoint)
        .file("book.txt", &book)
        .arg("--input=book=@book.txt")
        .run()
        .expect(0)
        .json();
    assert_eq!(
        (&record["answer"], &record["usage"]["model_calls"]),
        (&json!(5_050), &json!(101))
    );
    let main: usize = endpoint.requests()[0].body["messages"].to_string().len();
    assert!(main < 16_000, "{main} characters");
}

#[test]
fn a_text_that_reads_as_json_is_a_text_where_a_text_is_wanted() {
    for said in ["42", "true", "null", "[1]", "say ```a``` and ```b```", "```\n42\n```"] {
        let value = answer("answer([llm_query('a', schema=str)])", move |_| Reply::text(said));
        assert_eq!(value, json!([said.trim()]), "{said}");
    }
}

#[test]
fn thoughts_are_in_no_reply() {
    for said in ["<think>hm</think>\nyes", "hm</think>yes"] {
        assert_eq!(
            answer("answer([llm_query('a')])", move |_| Reply::text(said)),
            json!(["yes"])
        );
    }
}
