//! What the first inputs of each target are: real ones, from the tests' own cases.

use mcm::{
    host::interface::interface,
    tools::catalog::ListedServer,
    wire::{
        self, Answers, Code, Diagnostics, Finished, FromWorker, GateLimits, Last, Reply, Stream, ToWorker, ValueKind,
    },
};
use serde_json::{Value, json};

use super::targets::{catalog, folder, server};

/// The tools of real servers.
pub fn servers() -> Vec<ListedServer> {
    lists().map(|(name, list)| server(&name, &list)).collect()
}

fn lists() -> impl Iterator<Item = (String, Value)> {
    let files = folder("tests/toollists").into_iter();
    // those that are compressed are left out: they would be most of the inputs
    files.filter_map(|(name, text)| Some((name, serde_json::from_slice(&text).ok()?)))
}

/// Each tool alone, and each small list.
pub fn stubs() -> Vec<Vec<u8>> {
    let tools = lists().flat_map(|(_, list)| list["tools"].as_array().cloned().unwrap_or_default());
    let odd = folder("tests/catalog_cases").into_iter().map(|(_, text)| text);
    let odd = odd.filter(|text| serde_json::from_slice::<Value>(text).is_ok());
    tools.map(|tool| tool.to_string().into_bytes()).chain(odd).collect()
}

/// Scripts before the gate, and scripts that run.
pub fn gate() -> Vec<Vec<u8>> {
    let script = |(_, text): (String, Vec<u8>)| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let script = text.split("# ---\n").next().unwrap_or_default();
        script
            .replace("<CR>", "\r")
            .replace("<BOM>", "\u{feff}")
            .replace("<NUL>", "\0")
            .replace("<TAB>", "\t")
            .into_bytes()
    };
    [
        "tests/gate",
        "tests/python/language",
        "tests/python/modules",
        "tests/python/errors",
        "tests/python/tools",
    ]
    .iter()
    .flat_map(|name| folder(name))
    .map(script)
    .collect()
}

/// Bodies of each kind.
pub fn converter() -> Vec<Vec<u8>> {
    let bodies = [
        json!("text").to_string(),
        json!({ "a": 1, "b": [null, true, -1.5e-7, { "c": "é\u{1f600}\"\\\n" }], "": {} }).to_string(),
        json!([{ "text": "one" }, { "json": { "a": [1, 2] } }, { "artifact": { "id": "1", "path": "a/b", "mime": "image/png", "size": 3 } }]).to_string(),
        json!({ "id": "1", "path": null, "mime": "audio/wav", "size": 0 }).to_string(),
        "123456789012345678901234567890".to_owned(),
        "{\"a\": 18446744073709551615, \"a\": -9223372036854775808, \"b\": 1e308}".to_owned(),
        format!("{}{}", "[".repeat(99), "]".repeat(99)),
        format!("{}1{}", "[".repeat(130), "]".repeat(130)),
        "\"\\ud83d\\ude00 \\ud800\"".to_owned(),
        " [1, 2.0, \"x\"] ".to_owned(),
    ];
    let literals = [
        "{1: (2, {3, 'a'}), None: -1.5, True: b'', 2.5: 'x'}",
        "{1: 0, '1': 0}",
        "[set(), {(1, 2)}, 1e999, 3+1j, ...]",
        "{(1, 2): 3}",
        "[-1000000000000000000000000, 'x\\ud800']",
    ];
    let literals = literals.iter().map(|source| [&[7], source.as_bytes()].concat());
    let kinds = 0..7_u8;
    kinds
        .flat_map(|kind| bodies.iter().map(move |body| [&[kind], body.as_bytes()].concat()))
        .chain(literals)
        .collect()
}

/// Streams of frames as their bytes, and as the JSON that [`super::targets`] makes frames of.
pub fn frames() -> Vec<Vec<u8>> {
    let heads: Vec<Value> = from_worker()
        .iter()
        .map(as_json)
        .chain(to_worker().iter().map(as_json))
        .collect();
    let raw = heads.iter().map(|head| {
        let frame = wire::encode(head, b"{\"a\": 1}").expect("a frame can be written");
        [&[200, 0], frame.as_slice(), &frame].concat()
    });
    let made = heads.windows(2).map(|two| {
        let frames = json!([[two[0], "x = 1\n"], [two[1], ""]]);
        [&[7, 1], frames.to_string().as_bytes()].concat()
    });
    raw.chain(made).collect()
}

fn as_json(head: &impl serde::Serialize) -> Value {
    serde_json::to_value(head).expect("a head is JSON")
}

fn from_worker() -> Vec<FromWorker> {
    let diagnostics = Diagnostics {
        code: Code::PolicyViolation,
        rule: Some("import".to_owned()),
        message: "`os` cannot be imported".to_owned(),
        line: Some(3),
        hint: None,
    };
    vec![
        FromWorker::Forked { pid: 1234 },
        FromWorker::InterfaceReady {
            error: Some("bad".to_owned()),
        },
        FromWorker::Inspected {
            servers: vec!["a".to_owned()],
            all: true,
            parses: true,
        },
        FromWorker::Output { stream: Stream::Stderr },
        FromWorker::Call {
            blocked: Some(3),
            id: 1,
            server: "tools".to_owned(),
            tool: "search".to_owned(),
            line: Some(1),
        },
        FromWorker::Blocked { replies: 2 },
        FromWorker::Running,
        FromWorker::Wake,
        FromWorker::Finished(Finished {
            answered: true,
            diagnostics: Some(diagnostics),
        }),
        FromWorker::Reaped { status: -1 },
    ]
}

fn to_worker() -> Vec<ToWorker> {
    let gate = GateLimits {
        chars: Some(8000),
        lines: None,
    };
    let data = Some(json!({ "code": -32602, "data": [1.5, null] }));
    vec![
        ToWorker::Fork,
        ToWorker::Interface(interface(&catalog(servers().split_off(6)))),
        ToWorker::Begin,
        ToWorker::Warm,
        ToWorker::Bind {
            name: "x".to_owned(),
            value: ValueKind::Blocks,
        },
        ToWorker::Inspect {
            servers: vec!["a".to_owned(), "b".to_owned()],
        },
        ToWorker::Run {
            gate,
            number: 1,
            last: Last::Printed,
            seconds: 0.5,
            memory: 1 << 28,
            answers: Answers::Checked,
        },
        ToWorker::Reply {
            id: 1,
            reply: Reply::Value(ValueKind::JsonText),
        },
        ToWorker::Reply {
            id: 2,
            reply: Reply::Failed {
                message: "no".to_owned(),
                data,
            },
        },
        ToWorker::Reply {
            id: 3,
            reply: Reply::Denied {
                message: "no".to_owned(),
            },
        },
        ToWorker::Woken,
        ToWorker::Reap { pid: 7 },
    ]
}
