//! What is fuzzed: each target takes any bytes, and panics when something that is promised does not hold.

use std::{fs, path::Path};

use mcm::{
    host::interface::interface,
    sandbox::Limits,
    tools::{
        RawTool,
        catalog::{Catalog, ListedServer},
    },
    wire::{self, BUILTINS, FUNCTIONS, FromWorker, GateLimits, Incoming, Interface, MODULES, ToWorker, ValueKind},
    worker::{fuzzing::Python, gate},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Takes one input after another.
pub type Taker = Box<dyn FnMut(&[u8])>;

/// One of the four.
pub struct Target {
    pub name: &'static str,
    /// The sources that it is about, whose lines are counted.
    pub files: &'static [&'static str],
    /// What inputs are made of besides each other.
    pub words: &'static [&'static str],
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Makes what takes the inputs.
    pub start: fn() -> Taker,
}

pub const TARGETS: [Target; 4] = [
    Target {
        name: "frames",
        files: &["src/wire.rs", "src/wire/incoming.rs"],
        words: &[
            "type", "id", "reply", "value", "failed", "body", "servers", "gate", "null", "true", "-1", "1e9",
        ],
        seeds: super::seeds::frames,
        start: || Box::new(frames),
    },
    Target {
        name: "gate",
        files: &[
            "src/worker/gate.rs",
            "gate/calls.rs",
            "gate/imports.rs",
            "gate/inspect.rs",
            "gate/meaning.rs",
            "gate/names.rs",
            "gate/scopes.rs",
            "gate/syntax.rs",
        ],
        words: &[
            "import ",
            "from ",
            "tools",
            "filesystem",
            "memory",
            ".",
            ".aio",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ":",
            "=",
            ":=",
            "*",
            "**",
            ",",
            "\n",
            "\n    ",
            "\r\n",
            "\t",
            "def f(",
            "class C(",
            "lambda ",
            "async ",
            "await ",
            "for x in ",
            "if ",
            "else",
            "match x:\n case ",
            "try:",
            "except* ",
            "finally:",
            "with ",
            "global ",
            "nonlocal ",
            "del ",
            "return ",
            "yield ",
            "exec",
            "open",
            "__import__",
            "f'{",
            "t'{",
            "'''",
            "\\",
            "\u{feff}",
            "é",
            "type X = ",
            "@",
        ],
        seeds: super::seeds::gate,
        start: || {
            let interface = interface(&catalog(super::seeds::servers()));
            Box::new(move |input| check_and_inspect(input, &interface))
        },
    },
    Target {
        name: "converter",
        files: &["src/worker/convert.rs", "src/worker/encode.rs"],
        words: &[
            "text",
            "json",
            "artifact",
            "id",
            "path",
            "mime",
            "size",
            "null",
            "true",
            "-0",
            "1e999",
            "18446744073709551616",
            "0.1",
            "\\ud800",
            "\\u0000",
            "[",
            "]",
            "{",
            "}",
            "\"",
            ",",
            ":",
            "NaN",
            "(",
            ")",
            "b'",
            "1j",
            "set()",
            "None",
            "True",
            "[[[[[[[[",
        ],
        seeds: super::seeds::converter,
        start: || {
            let python = Python::start();
            Box::new(move |input| convert(input, &python))
        },
    },
    Target {
        name: "stubs",
        files: &[
            "src/tools/catalog.rs",
            "src/tools/names.rs",
            "src/tools/object.rs",
            "src/tools/python.rs",
            "src/tools/schema.rs",
            "src/tools/stub.rs",
        ],
        words: &[
            "type",
            "object",
            "array",
            "string",
            "integer",
            "number",
            "boolean",
            "null",
            "properties",
            "required",
            "items",
            "prefixItems",
            "anyOf",
            "oneOf",
            "allOf",
            "enum",
            "const",
            "default",
            "nullable",
            "description",
            "$ref",
            "$defs",
            "definitions",
            "additionalProperties",
            "name",
            "title",
            "inputSchema",
            "outputSchema",
            "content",
            "result",
            "self",
            "from",
            "None",
            "locals",
            "extra",
            "_tool",
            "Any",
            "__x",
            "x-id",
            "é",
            "\u{202e}",
            "\"\"\"",
            "\\",
        ],
        seeds: super::seeds::stubs,
        start: || {
            let python = Python::start();
            Box::new(move |input| stubs(input, &python))
        },
    },
];

/// A stream of frames, read whole and in pieces, each way. The first byte is the length of a piece; the second says
/// whether the rest is the stream, or a JSON array of heads and bodies of which it is made.
fn frames(input: &[u8]) {
    let [step, made, rest @ ..] = input else { return };
    let stream = if made % 2 == 0 {
        rest.to_vec()
    } else {
        let frames: Vec<(Value, String)> = serde_json::from_slice(rest).unwrap_or_default();
        let frames = frames.iter().map(|(head, body)| wire::encode(head, body.as_bytes()));
        frames
            .flat_map(|frame| frame.expect("a frame can be written"))
            .collect()
    };
    one_way::<FromWorker>(&stream, usize::from(*step), wire::MAX_FROM_WORKER);
    one_way::<ToWorker>(&stream, usize::from(*step), wire::MAX_TO_WORKER);
}

fn one_way<T: Serialize + DeserializeOwned>(stream: &[u8], step: usize, max_body: usize) {
    let bytes = |(head, body): (T, Vec<u8>)| wire::encode(&head, &body).expect("what was read can be written");
    let (mut whole, mut rest) = (Vec::new(), stream);
    while let Ok(Some(frame)) = wire::read::<T>(&mut rest, max_body) {
        whole.push(bytes(frame));
    }
    let (mut pieces, mut incoming) = (Vec::new(), Incoming::<T>::new(max_body));
    let mut rest = stream;
    while !rest.is_empty() {
        let (room, most) = incoming.room();
        let (now, later) = rest.split_at(most.min(step.max(1)).min(rest.len()));
        room.extend_from_slice(now);
        rest = later;
        let frame = std::iter::from_fn(|| incoming.take().transpose());
        let taken: Result<Vec<_>, _> = frame
            .map(|frame| frame.map(|frame| pieces.push(bytes(frame))))
            .collect();
        if taken.is_err() {
            break;
        }
    }
    assert_eq!(whole, pieces, "a stream is the same frames, however it comes");
    for frame in whole {
        let again = wire::read::<T>(&mut &*frame, max_body).expect("what was written can be read");
        assert_eq!(bytes(again.expect("one frame")), frame, "a frame stays as it is");
    }
}

fn check_and_inspect(input: &[u8], interface: &Interface) {
    let script = String::from_utf8_lossy(input);
    let globals = ["memory".to_owned(), "x".to_owned()];
    let lines = script.lines().count() + script.matches('\r').count() + 1;
    let runs: [(&GateLimits, &[String]); 2] = [(&Limits::MODEL_SCRIPT, &[]), (&Limits::ANY_LENGTH, &globals)];
    for (limits, globals) in runs {
        if let Err(found) = gate::check(&script, limits, interface, globals) {
            assert!(!found.message.is_empty());
            let inside = found.line.is_none_or(|line| (1..=lines).contains(&(line as usize)));
            assert!(inside, "{found:?} of {lines} lines");
        }
    }
    let known: Vec<String> = interface.servers.iter().map(|server| server.name.clone()).collect();
    let inspected = gate::inspect(&script, &known);
    assert!(inspected.servers.iter().all(|server| known.contains(server)));
}

/// The first byte says what the others are: a body of a certain kind, or a Python literal.
fn convert(input: &[u8], python: &Python) {
    const KINDS: [ValueKind; 7] = [
        ValueKind::Text,
        ValueKind::Json,
        ValueKind::ToolJson,
        ValueKind::JsonText,
        ValueKind::Blocks,
        ValueKind::Artifact,
        ValueKind::Bytes,
    ];
    let Some((kind, body)) = input.split_first() else {
        return;
    };
    let kind = KINDS.get(usize::from(*kind) % (KINDS.len() + 1));
    let converted = match kind {
        Some(kind) => python.convert(*kind, body.to_vec()),
        None => python.literal(&String::from_utf8_lossy(body)),
    };
    for json in converted.into_iter().flatten() {
        let value: Value = serde_json::from_slice(&json).expect("a value that was given as JSON is JSON");
        if kind == Some(&ValueKind::Text) {
            assert_eq!(value, String::from_utf8_lossy(body).as_ref(), "a text stays as it is");
        }
        let again = python.convert(ValueKind::Json, json.clone());
        let again = again.expect("JSON that was written can be read");
        assert_eq!(again, [json.clone(), json], "JSON stays as it is");
        if kind == Some(&ValueKind::Json)
            && let Ok(given) = serde_json::from_slice::<Value>(body)
            && !has_long_number(body)
        {
            assert_eq!(value, given, "a value stays as it is");
        }
    }
}

/// `serde_json` takes an integer over 64 bits for a float; Python does not.
fn has_long_number(json: &[u8]) -> bool {
    json.chunk_by(|a, b| a.is_ascii_digit() && b.is_ascii_digit())
        .any(|digits| digits.len() > 18)
}

fn stubs(input: &[u8], python: &Python) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let catalog = catalog(vec![server("server", &value)]);
    let parses = |source: &str| gate::inspect(source, &[]).parses;
    let prompt = catalog.prompt_text();
    assert!(prompt.is_empty() || parses(&prompt), "the prompt is Python:\n{prompt}");
    for server in &catalog.servers {
        let source = server.source();
        assert!(parses(&source), "a namespace is Python:\n{source}");
        let names: std::collections::HashSet<_> = server.tools.iter().map(|tool| &tool.name).collect();
        assert_eq!(names.len(), server.tools.len(), "each tool has a name of its own");
    }
    // the compiler is slow: a sample of them
    if input
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte))
        < 8
    {
        let compiled = python.install(&interface(&catalog));
        assert_eq!(compiled, Ok(()), "the tools' functions compile");
    }
}

/// The tools under their Python names, as in `mcm`.
pub fn catalog(servers: Vec<ListedServer>) -> Catalog {
    let reserved: Vec<&str> = [MODULES, BUILTINS, FUNCTIONS].concat();
    Catalog::new(servers, &reserved)
}

/// A server that lists these tools: an answer to `tools/list`, an array of tools, or one.
pub fn server(name: &str, value: &Value) -> ListedServer {
    let text = |tool: &Value, key: &str| tool.get(key).and_then(Value::as_str).map(str::to_owned);
    let tools = match value.get("tools").unwrap_or(value) {
        Value::Array(tools) => tools.as_slice(),
        one => std::slice::from_ref(one),
    };
    let tools = tools.iter().map(|tool| RawTool {
        name: text(tool, "name").unwrap_or_default(),
        title: text(tool, "title"),
        description: text(tool, "description"),
        input_schema: tool
            .get("inputSchema")
            .cloned()
            .unwrap_or_else(|| serde_json::json!({})),
        output_schema: tool.get("outputSchema").cloned(),
        read_only: false,
    });
    ListedServer {
        raw: name.to_owned(),
        description: text(value, "description"),
        tools: tools.collect(),
    }
}

/// A folder of this repository.
pub fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_stem()?.to_str()?.to_owned(), fs::read(&path).ok()?))
        })
        .collect();
    files.sort();
    files
}
