//! Names, stubs and search over real lists of tools and hostile ones.

#![expect(clippy::unwrap_used, reason = "a test may stop at what cannot be read")]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use mcm::tools::{catalog::Catalog, names, search::Index};
use serde_json::{Value, json};

use crate::support::lists::{self, LISTS};

const RESERVED: &[&str] = &[
    "answer",
    "tools",
    "json",
    "time",
    "urllib.parse",
    "search",
    "list",
    "call",
    "ToolError",
    "llm_query",
];

fn catalog_of(raw: &str, tools: Value) -> Catalog {
    Catalog::new(vec![lists::server(raw, &tools)], RESERVED)
}

fn stub_text(tool: Value) -> String {
    catalog_of("s", json!([tool])).prompt_text()
}

/// Hands each source and each prompt to CPython: both must parse, and each function bind its own signature.
/// Gives the number of tools that did.
fn in_cpython(catalog: &Catalog) -> String {
    let script = include_str!("catalog_cases/check.py");
    let servers: Vec<Value> = catalog
        .servers
        .iter()
        .map(|server| {
            let tools: Vec<Value> = server
                .tools
                .iter()
                .map(|tool| {
                    let parameters: Vec<Value> = tool
                        .parameters
                        .iter()
                        .map(|p| json!({"name": p.name, "raw": p.raw, "required": p.required}))
                        .collect();
                    json!({"name": tool.name, "raw": tool.raw.name, "parameters": parameters})
                })
                .collect();
            let prompt = catalog.prompt_text_of(|s, _| s.name == server.name);
            json!({"prompt": prompt, "source": server.source(), "tools": tools})
        })
        .collect();
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tests need python3");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(Value::Array(servers).to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn raw_names_become_identifiers_by_the_contracts_rules() {
    let table = [
        ("read_text_file", "read_text_file"),
        ("get-annotated-message", "get_annotated_message"),
        ("a.b/c d", "a_b_c_d"),
        ("a--b", "a_b"),
        ("3d", "_3d"),
        ("from", "from_"),
        ("None", "None_"),
        ("match", "match"),
        ("", "tool"),
        ("日本", "_"),
        ("ｆｕｌｌ", "full"),
        ("ﬁle", "file"),
        ("__init__", "_init_"),
        ("x\"\n):", "x_"),
    ];
    for (raw, name) in table {
        assert_eq!(names::identifier(raw), name, "of {raw:?}");
    }
}

#[test]
fn a_server_is_not_called_like_a_builtin_a_module_or_a_function_of_tools() {
    let names = names::servers(
        &["time", "search", "print", "urllib", "tools", "git", "class", "a-b"],
        RESERVED,
    );
    let python: Vec<_> = names.pairs.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(
        python,
        [
            "time_", "search_", "print_", "urllib_", "tools_", "git", "class_", "a_b"
        ]
    );
    assert_eq!(names.warnings, Vec::<String>::new());
}

#[test]
fn of_names_that_fall_together_the_exact_one_keeps_it_and_the_others_follow_in_order() {
    let names = names::tools(&["get.x", "get-x", "get_x", "get_x_2", "get-x"]);
    let table: Vec<_> = names
        .pairs
        .iter()
        .map(|(raw, name)| format!("{raw} → {name}"))
        .collect();
    assert_eq!(
        table,
        [
            "get.x → get_x_4",
            "get-x → get_x_3",
            "get_x → get_x",
            "get_x_2 → get_x_2"
        ]
    );
    insta::assert_snapshot!(names.warnings.join("\n"));
}

#[test]
fn a_server_keeps_its_name_when_another_one_cannot_be_started() {
    let names = names::servers(&["my-db", "my_db", "my.db"], RESERVED);
    let catalog = Catalog::named(vec![lists::server("my.db", &json!([]))], &names);
    assert_eq!(catalog.servers[0].name, "my_db_3");
}

#[test]
fn arguments_can_be_reached_whatever_they_are_called() {
    let keys = ["from", "x-id", "x.id", "locals", "extra", "self", "__class__", "_tool"];
    let properties: serde_json::Map<_, _> = keys
        .iter()
        .map(|k| ((*k).to_owned(), json!({"type": "string"})))
        .collect();
    let schema = json!({"type": "object", "properties": properties, "additionalProperties": true});
    let tools: Vec<_> = ["_tool", "locals", "_raw", "import"]
        .iter()
        .map(|name| json!({"name": name, "inputSchema": schema}))
        .collect();
    let catalog = catalog_of("s", json!(tools));
    assert_eq!(in_cpython(&catalog), "4");
    insta::assert_snapshot!(catalog.prompt_text() + &catalog.warnings.join("\n"));
}

#[test]
fn stubs_of_real_servers_are_terse_python() {
    for name in ["filesystem", "memory", "everything", "git", "sqlite", "time"] {
        let catalog = Catalog::new(vec![lists::listed(name)], RESERVED);
        assert_eq!(catalog.warnings, Vec::<String>::new());
        insta::assert_snapshot!(format!("stubs_{name}"), catalog.prompt_text());
    }
}

#[test]
fn every_tool_of_every_list_compiles_and_binds_in_cpython() {
    let catalog = Catalog::new(LISTS.map(lists::listed).into(), RESERVED);
    let tools: usize = catalog.servers.iter().map(|server| server.tools.len()).sum();
    assert_eq!(tools, 1_777);
    assert_eq!(in_cpython(&catalog), tools.to_string());
}

#[test]
fn the_source_holds_the_whole_description_and_the_raw_names() {
    let catalog = Catalog::new(vec![lists::listed("time")], RESERVED);
    insta::assert_snapshot!(catalog.source("time").unwrap());
}

#[test]
fn every_kind_of_schema_becomes_a_type() {
    let schema: Value = serde_json::from_str(include_str!("catalog_cases/every_kind.json")).unwrap();
    let catalog = catalog_of("s", json!([{"name": "f", "inputSchema": schema}]));
    assert_eq!(in_cpython(&catalog), "1");
    insta::assert_snapshot!(catalog.prompt_text().replace(", ", ",\n").replace("; ", ";\n"));
}

#[test]
fn optional_arguments_show_their_default_or_that_they_are_not_sent() {
    insta::assert_snapshot!(stub_text(
        json!({"name": "f", "inputSchema": {"type": "object", "required": ["z", "unlisted"], "properties": {
            "text": {"type": "string", "default": "a\"b\\\n"}, "flag": {"type": "boolean", "default": true},
            "none": {"type": ["string", "null"], "default": null}, "list": {"type": "array", "default": []},
            "map": {"type": "object", "default": {"k": [1, 2.5]}}, "big": {"type": "string", "default": "x".repeat(500)},
            "plain": {"type": "integer"}, "nullable": {"type": ["integer", "null"]}, "any": {}, "z": {"type": "string", "default": "q"},
        }}})
    ));
}

#[test]
fn arguments_that_are_not_listed_are_accepted_only_by_open_schemas() {
    let cases = [
        (json!({}), true),
        (json!(true), true),
        (json!({"type": "object"}), true),
        (json!({"type": "object", "additionalProperties": false}), false),
        (json!({"type": "object", "properties": {}}), false),
        (json!({"properties": {"a": {}}}), false),
        (json!({"properties": {"a": {}}, "additionalProperties": true}), true),
        (
            json!({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}),
            true,
        ),
        (
            json!({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}),
            false,
        ),
        (
            json!({"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"a": {}}}}}),
            false,
        ),
    ];
    for (schema, open) in cases {
        let catalog = catalog_of("s", json!([{"name": "f", "inputSchema": schema}]));
        assert_eq!(catalog.servers[0].tools[0].open, open, "{schema}");
    }
}

#[test]
fn a_result_with_one_well_known_member_is_unwrapped() {
    let tool = |output: Value| json!({"name": "get_it", "inputSchema": {"properties": {}}, "outputSchema": output});
    let outputs = [
        json!({"type": "object", "properties": {"result": {"type": "array", "items": {"type": "string"}}}}),
        json!({"$ref": "#/$defs/R", "$defs": {"R": {"type": "object", "properties": {"text": {"type": "string"}}}}}),
        json!({"type": "object", "properties": {"results": {"type": "string"}}}),
        json!({"type": "object", "properties": {"result": {"type": "string"}, "more": {"type": "integer"}}, "required": ["result"]}),
        json!({"type": "object"}),
        json!({}),
        json!(7),
    ];
    let texts = outputs.into_iter().map(|output| stub_text(tool(output)));
    insta::assert_snapshot!(texts.collect::<String>());
}

#[test]
fn a_schema_that_contains_itself_becomes_a_class_that_does() {
    let node = json!({"type": "object", "properties": {"name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}, "required": ["name"]});
    let circle = json!({"properties": {"a": {"$ref": "#/$defs/A"}, "self": {"$ref": "#"}},
        "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "string"}]}, "B": {"$ref": "#/$defs/A"}}});
    let out = json!({"type": "object", "properties": {"root": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}});
    let catalog = catalog_of(
        "s",
        json!([
            {"name": "tree", "inputSchema": {"properties": {"node": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}, "outputSchema": out},
            {"name": "circle", "inputSchema": circle},
        ]),
    );
    assert_eq!(in_cpython(&catalog), "2");
    insta::assert_snapshot!(catalog.prompt_text());
}

#[test]
fn a_schema_that_doubles_at_each_level_costs_no_more_than_any_other() {
    let mut defs = serde_json::Map::new();
    for n in 0..40 {
        let next = json!({"$ref": format!("#/$defs/D{}", n + 1)});
        defs.insert(
            format!("D{n}"),
            json!({"type": "object", "properties": {"a": {"anyOf": [next, next]}, "b": next}}),
        );
    }
    let mut deep = json!({"type": "string"});
    for _ in 0..100 {
        deep =
            json!({"anyOf": [{"type": "array", "items": deep}, deep["none"]], "allOf": [{"$ref": "#"}, {"$ref": "#"}]});
    }
    let schema = json!({"properties": {"x": {"$ref": "#/$defs/D0"}, "deep": deep}, "$defs": defs});
    let catalog = catalog_of("s", json!([{"name": "f", "inputSchema": schema}]));
    assert!(catalog.prompt_text().len() < 4_000, "{}", catalog.prompt_text());
}

#[test]
fn what_a_server_writes_stays_inside_its_literal_or_comment() {
    let nasty = [
        "\"\"\"\nimport os\nos.system('x')\n\"\"\"",
        "a\" + __import__('os').system('x') + \"",
        "ends with a backslash \\",
        "'''\\\"\"\"\u{0}\u{1b}[31m\r\n\u{2028}\u{2029}\u{85}\u{c}x",
        "\u{202e}reversed\u{2066} and \u{e0041}\u{e0042} tags \u{200b}",
        "{braces} %s \\N{DASH} \\x41 \\u0041 ```python\nanswer(1)\n```",
    ];
    let tools: Vec<_> = nasty
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let properties = json!({
                text.to_owned(): {"type": "string", "description": text, "default": text},
                "e": {"enum": [text, "b"]}, "c": {"const": text}, "o": {"properties": {text.to_owned(): {"type": "string"}}},
            });
            json!({"name": format!("{text}{n}"), "title": text, "description": text, "inputSchema": {"properties": properties}})
        })
        .collect();
    let mut server = lists::server("s", &json!(tools));
    server.description = Some(nasty.join(" "));
    let catalog = Catalog::new(vec![server], RESERVED);
    assert_eq!(in_cpython(&catalog), nasty.len().to_string());
    insta::assert_snapshot!(catalog.prompt_text());
}

#[test]
fn a_tool_is_found_by_python_or_raw_names_and_a_near_miss_is_suggested() {
    let files = ["everything", "filesystem", "time"].map(lists::listed);
    let catalog = Catalog::new(files.into(), RESERVED);
    let raw = |path: &str| {
        catalog
            .tool(path)
            .map(|(server, tool)| format!("{}/{}", server.raw, tool.raw.name))
    };
    assert_eq!(raw("everything.get_env").unwrap(), "everything/get-env");
    assert_eq!(raw("everything.get-env").unwrap(), "everything/get-env");
    assert_eq!(raw("time.convert_time").unwrap(), "time/convert_time");
    assert_eq!(raw("time_.convert_time").unwrap(), "time/convert_time");
    assert_eq!(
        raw("filesystem.read_textfile").unwrap_err()[0],
        "filesystem.read_text_file"
    );
    assert_eq!(raw("read_text_file").unwrap_err()[0], "filesystem.read_text_file");
    assert_eq!(raw("x.qqqqqqq").unwrap_err(), Vec::<String>::new());
}

#[test]
fn search_finds_tools_by_the_words_of_a_task_in_a_fixed_order() {
    let names = ["everything", "filesystem", "git", "memory", "sqlite", "time", "github"];
    let catalog = Catalog::new(names.map(lists::listed).into(), RESERVED);
    let index = Index::new(&catalog);
    let mut text = String::new();
    for query in [
        "read a text file",
        "readTextFile",
        "timezone",
        "run SQL query",
        "commit history",
        "entities",
        "",
        "zzz",
    ] {
        let hits = index.search(query, 3);
        assert_eq!(hits, Index::new(&catalog).search(query, 3));
        let found: Vec<_> = hits.iter().map(|hit| format!("{}.{}", hit.server, hit.tool)).collect();
        text.push_str(&format!("{query:?}: {}\n", found.join(", ")));
    }
    insta::assert_snapshot!(text);
}
