//! Every tool of real and hand-made lists, called in the real worker: it has a stub that compiles, can be called by its
//! Python name, and sends its raw name and the arguments that were given.

use std::path::{Path, PathBuf};

use mcm::tools::catalog::Catalog;
use serde_json::{Map, Value, json};

use crate::support::{
    lists::{self, LISTS},
    program::Program,
};

/// Arguments of a call, under their Python names and as they are sent.
type Call = (Map<String, Value>, Map<String, Value>);

/// A server that lists the tools of a file and gives back what it is called with.
fn server(file: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/lists.py");
    json!({ "command": "python3", "args": [script, file] })
}

/// Calls all `cases`: server, tool, raw name, what is given and what is to be sent.
fn call(servers: &Value, cases: &[Value]) -> Value {
    let cases_text = Value::from(cases).to_string();
    let script = include_str!("stubs/call.py");
    let program = Program::new(["run", "script.py", "--input", "cases=@cases.json"])
        .file("script.py", script)
        .file("cases.json", &cases_text);
    let limits = ["--max-calls", "100000", "--timeout", "300", "--memory", "1024"];
    limits
        .iter()
        .fold(program, |program, limit| program.arg(limit))
        .servers(servers)
        .run()
        .expect(0)
        .json()
}

#[test]
fn every_tool_of_the_real_lists_sends_its_raw_name_and_the_arguments_that_were_given() {
    let mut servers = Map::new();
    let mut cases = Vec::new();
    let mut tools = 0;
    for list in LISTS {
        servers.insert(list.to_owned(), server(&lists::path(list)));
        let catalog = Catalog::new(vec![lists::listed(list)], &[]);
        let found = &catalog.servers[0];
        // `time` is a module of Python's
        let name = if list == "time" { "time_" } else { &found.name };
        for tool in &found.tools {
            tools += 1;
            for (given, sent) in calls(tool) {
                cases.push(json!([name, tool.name, tool.raw.name, given, sent]));
            }
        }
    }
    assert_eq!(tools, 1_777);
    assert!(cases.len() > 2 * tools, "{} calls", cases.len());
    let called = call(&Value::Object(servers), &cases);
    assert_eq!(
        called,
        json!({ "calls": cases.len(), "faults": 0, "first": [] }),
        "{called:#}"
    );
}

/// Calls with what is required, with everything, and with each example and default.
fn calls(tool: &mcm::tools::catalog::Tool) -> Vec<Call> {
    let root = &tool.raw.input_schema;
    let properties = root
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let schema = |raw: &str| properties.get(raw).cloned().unwrap_or(Value::Null);
    let mut calls = Vec::new();
    let mut required: Call = Default::default();
    let mut all: Call = Default::default();
    for parameter in &tool.parameters {
        let value = sample(root, &schema(&parameter.raw), 0);
        let targets = if parameter.required {
            vec![&mut required, &mut all]
        } else {
            vec![&mut all]
        };
        let is_default = !parameter.required && schema(&parameter.raw).get("default") == Some(&value);
        for (given, sent) in targets {
            given.insert(parameter.name.clone(), value.clone());
            if !is_default {
                sent.insert(parameter.raw.clone(), value.clone());
            }
        }
    }
    for parameter in &tool.parameters {
        let schema = schema(&parameter.raw);
        for example in schema.get("examples").and_then(Value::as_array).into_iter().flatten() {
            let (mut given, mut sent) = required.clone();
            given.insert(parameter.name.clone(), example.clone());
            let is_default = !parameter.required && schema.get("default") == Some(example);
            if !is_default {
                sent.insert(parameter.raw.clone(), example.clone());
            }
            calls.push((given, sent));
        }
        if let (Some(default), false) = (schema.get("default"), parameter.required) {
            // it is given, so it is sent or left out; the server does the same either way
            let (mut given, sent) = required.clone();
            if default.to_string().len() <= 60 {
                given.insert(parameter.name.clone(), default.clone());
            }
            calls.push((given, sent));
        }
    }
    calls.extend([required, all]);
    calls
}

/// A value that a schema takes.
fn sample(root: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = root
            .pointer(target.trim_start_matches('#'))
            .cloned()
            .unwrap_or(Value::Null);
        return sample(root, &target, depth + 1);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(value) = schema
        .get("enum")
        .and_then(Value::as_array)
        .and_then(|values| values.last())
    {
        return value.clone();
    }
    if let Some(value) = schema
        .get("examples")
        .and_then(Value::as_array)
        .and_then(|values| values.first())
    {
        return value.clone();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Object(branch)) = schema.get(key).and_then(|branches| branches.get(0)) {
            let mut branch = branch.clone();
            if let Some(kind) = schema.get("type") {
                branch.entry("type").or_insert(kind.clone());
            }
            return sample(root, &Value::Object(branch), depth + 1);
        }
    }
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let least = number("minimum")
        .or(number("exclusiveMinimum").map(|n| n + 1.0))
        .unwrap_or(3.0);
    let least = number("maximum").map_or(least, |most| least.min(most));
    let kind = schema.get("type");
    let kind = match kind {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
        kind => kind,
    };
    match kind.and_then(Value::as_str) {
        Some("string") => json!(text(schema, number("minLength").unwrap_or(9.0) as usize)),
        Some("integer") => json!(least.ceil() as i64),
        Some("number") => json!(least),
        Some("boolean") => json!(true),
        Some("array") => {
            let item = sample(root, schema.get("items").unwrap_or(&Value::Null), depth + 1);
            let count = number("minItems").unwrap_or(1.0).max(1.0) as usize;
            let count = number("maxItems").map_or(count, |most| count.min(most as usize));
            Value::Array(vec![item; count])
        }
        Some("object") => {
            let empty = Map::new();
            let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
            let required = schema.get("required").and_then(Value::as_array);
            let is_required = |key: &str| required.is_some_and(|keys| keys.iter().any(|k| k == key));
            let wanted = properties.iter().filter(|(key, _)| depth < 4 || is_required(key));
            wanted
                .map(|(key, schema)| (key.clone(), sample(root, schema, depth + 1)))
                .collect()
        }
        Some("null") => Value::Null,
        _ => json!({ "any": [1, "two", null] }),
    }
}

/// A text of so many characters, or one of the form that is asked for.
fn text(schema: &Value, length: usize) -> String {
    const FORMS: [(&str, &str, &str); 5] = [
        ("format", "uri", "https://example.com/a"),
        ("format", "ipv4", "192.0.2.1"),
        ("pattern", "SlicerStyle", "SlicerStyleLight1"),
        ("pattern", "^AS", "AS1"),
        ("pattern", "GDZ", "GD"),
    ];
    let fits = |(key, part, _): &&(&str, &str, &str)| {
        let form = schema.get(*key).and_then(Value::as_str);
        form.is_some_and(|form| form.contains(part))
    };
    let form = FORMS.iter().find(fits).map(|(_, _, text)| (*text).to_owned());
    form.unwrap_or_else(|| "ab \"c\" ü\n".chars().cycle().take(length).collect())
}

#[test]
fn hand_made_lists_are_called_by_the_contracts_names_and_send_what_was_given() {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stubs/handmade.json");
    let listed: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let mut cases = Vec::new();
    for case in &listed {
        for call in case["calls"].as_array().unwrap() {
            cases.push(json!(["odd", case["python"], case["tool"]["name"], call[0], call[1]]));
        }
    }
    let called = call(&json!({ "odd": server(&file) }), &cases);
    assert_eq!(
        called,
        json!({ "calls": cases.len(), "faults": 0, "first": [] }),
        "{called:#}"
    );
}
