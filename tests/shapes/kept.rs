//! What results looked like from run to run: kept, shown, begun anew, and forgotten.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::{Value, json};

use crate::support::{
    program::Program,
    servers::{everything, git, sqlite},
};

/// Stands in results, and must not stand anywhere else.
const CANARY: &str = "canary";

/// The server of tests/support/shaped.py.
fn shaped() -> Value {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/shaped.py");
    json!({ "shaped": { "command": "python3", "args": [script], "env": { "TOKEN": "canary_secret" } } })
}

/// A result as JSON text.
fn text(value: &Value) -> Value {
    json!({ "content": [{ "type": "text", "text": value.to_string() }] })
}

/// A folder with that server, which is as `is` says.
struct House(Program);

impl House {
    fn new(is: &Value) -> Self {
        Self(Program::new(["--version"]).servers(&shaped())).being(is)
    }

    fn being(self, is: &Value) -> Self {
        Self(self.0.file("shaped.json", &is.to_string()))
    }

    fn mcm<const N: usize>(&self, arguments: [&str; N]) -> Program {
        self.0.again(arguments).arg("--trust")
    }

    /// Runs a script that must succeed.
    fn script(&self, code: &str) {
        self.mcm(["run", "-c", code]).run().expect(0);
    }

    fn stubs(&self) -> String {
        self.mcm(["tools", "stubs"]).run().expect(0).stdout
    }

    fn show(&self, name: &str) -> Value {
        let shown = self.mcm(["tools", "list", "--json"]).run().expect(0).json();
        let mut tools = shown.as_array().unwrap().iter();
        tools.find(|tool| tool["tool"] == name).unwrap()["observed"].clone()
    }

    fn folder(&self) -> PathBuf {
        self.0.folder().join("../home/.cache/mcm/shapes")
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder()).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }
}

fn one_tool(results: &[Value]) -> Value {
    json!({ "tools": { "get": { "results": results } } })
}

#[test]
fn the_next_run_is_told_what_results_looked_like_and_this_one_is_not() {
    let issue = json!({ "id": 1, "title": "x", "labels": ["a"] });
    let house = House::new(&one_tool(&[
        text(&json!([issue])),
        text(&json!([{ "id": 2, "title": null }])),
    ]));
    let before = house.stubs();
    assert!(before.contains("# text or JSON"), "{before}");
    house.script("shaped.get(n=0); assert 'observed' not in tools.describe('shaped.get')");
    house.script("shaped.get(n=1); shaped.get(n=1); assert '1 result' in tools.describe('shaped.get')");
    let shape = "list[{id: int, title: str | None, labels?: list[str]}]";
    let line = format!("# observed: {shape} (3 results)");
    assert!(house.stubs().contains(&line), "{}", house.stubs());
    let prompt = house.mcm(["prompt", "get it"]).run().expect(0).stdout;
    assert!(prompt.contains(&line), "{prompt}");
    let page = house.mcm(["tools", "show", "shaped.get"]).run().expect(0).stdout;
    assert!(page.contains(&format!("observed in 3 results: {shape}")), "{page}");
    assert_eq!(house.show("get"), json!({ "results": 3, "shape": shape }));
    house.script(&format!("assert '{shape}' in tools.describe('shaped.get')"));
    house.script(&format!("assert '{shape}' in tools.search('get')[0]['signature']"));
}

#[test]
fn what_is_seen_is_what_scripts_get_and_only_of_good_results_of_tools_that_declare_none() {
    let image = json!({ "type": "image", "mimeType": "image/png", "data": "iVBORw0KGgo=" });
    let word = json!({ "type": "text", "text": "hello" });
    let house = House::new(&json!({ "tools": {
        "words": { "results": [{ "content": [word] }, { "content": [{ "type": "text", "text": "42" }] }] },
        "structured": { "results": [{ "content": [], "structuredContent": { "n": 1 } }] },
        "image": { "results": [{ "content": [image] }] },
        "both": { "results": [{ "content": [word, image, { "type": "resource_link", "uri": "a:b", "name": "c" }] }] },
        "declared": { "declares": { "type": "object" }, "results": [{ "content": [], "structuredContent": { "n": 1 } }] },
        "failing": { "results": [{ "isError": true, "content": [{ "type": "text", "text": "{\"why\": 1}" }] }] },
    } }));
    house.script(
        "shaped.words(n=0); shaped.words(n=1); shaped.structured(); shaped.image(); shaped.both(); shaped.declared()\n\
         try: shaped.failing()\nexcept ToolError: pass",
    );
    let shape = |tool: &str| house.show(tool)["shape"].clone();
    assert_eq!(shape("words"), "str");
    assert_eq!(shape("structured"), "{n: int}");
    assert_eq!(shape("image"), "Artifact");
    let both = shape("both");
    assert!(both.as_str().unwrap().starts_with("list[str | Artifact | {"), "{both}");
    assert_eq!([shape("declared"), shape("failing")], [Value::Null, Value::Null]);
}

#[test]
fn no_value_of_a_result_and_no_key_that_is_secret_or_data_is_kept_or_shown() {
    let deep = json!({
        "name": format!("{CANARY} in a value"),
        "canary_secret": format!("{CANARY}-1"),
        "nested": { format!("{CANARY}/path"): [CANARY, 1], "other": null },
        "mail": { format!("{CANARY}@example.com"): { "id": 1 } },
        "broken": { format!("{CANARY}\n```\n# "): 1 },
        "number": 271_828_182,
    });
    let house = House::new(&one_tool(&[
        text(&deep),
        json!({ "content": [], "structuredContent": { "list": [deep] } }),
        json!({ "content": [{ "type": "text", "text": CANARY }] }),
    ]));
    house.script("for n in range(3): shaped.get(n=n)");
    let observed = house.show("get");
    assert_eq!(observed["results"], 3, "{observed}");
    let mut places = vec![house.stubs(), observed.to_string()];
    for arguments in [["prompt", "get it"], ["tools", "show"]] {
        let program = house.mcm(arguments);
        let program = if arguments[1] == "show" {
            program.arg("shaped.get")
        } else {
            program
        };
        places.push(program.run().expect(0).stdout);
    }
    assert_eq!(house.files().len(), 1);
    for file in house.files() {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        places.push(fs::read_to_string(file).unwrap());
    }
    assert_eq!(
        fs::metadata(house.folder()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for place in places {
        assert!(!place.contains(CANARY) && !place.contains("271828182"), "{place}");
    }
}

#[test]
fn a_new_schema_or_version_begins_anew() {
    let is = |version: &str, schema: &str, result: &Value| {
        let schema = json!({ "type": "object", "properties": { schema: {} } });
        json!({ "version": version, "tools": { "get": { "schema": schema, "results": [text(result)] } } })
    };
    let house = House::new(&is("1", "a", &json!({ "one": 1 })));
    house.script("shaped.get()");
    assert_eq!(house.show("get")["shape"], "{one: int}");
    let house = house.being(&is("1", "b", &json!({ "two": 2 })));
    house.mcm(["tools", "list", "--refresh"]).run().expect(0);
    assert_eq!(house.show("get"), Value::Null);
    house.script("shaped.get()");
    assert_eq!(house.show("get"), json!({ "results": 1, "shape": "{two: int}" }));
    let house = house.being(&is("2", "b", &json!({ "three": 3 })));
    house.script("shaped.get()");
    assert_eq!(house.show("get"), json!({ "results": 1, "shape": "{three: int}" }));
    let house = house.being(&is("3", "b", &json!({ "four": 4 })));
    house.mcm(["tools", "list", "--refresh"]).run().expect(0);
    assert_eq!(
        house.show("get"),
        Value::Null,
        "nobody called it, and still it is another one"
    );
}

#[test]
fn what_is_damaged_foreign_or_of_another_version_is_written_anew() {
    let house = House::new(&one_tool(&[text(&json!({ "id": 1 }))]));
    house.script("shaped.get()");
    let [file] = &house.files()[..] else { panic!("one file") };
    let kept = fs::read_to_string(file).unwrap();
    let secret = kept.replace("\"id\"", "\"a b\"");
    assert_ne!(kept, secret);
    for spoilt in [
        "",
        "no JSON",
        "[]",
        &kept.replace("\"version\":1", "\"version\":0"),
        &kept[..kept.len() / 2],
    ] {
        fs::write(file, spoilt).unwrap();
        assert_eq!(house.show("get"), Value::Null, "{spoilt}");
        house.script("shaped.get()");
        assert_eq!(house.show("get"), json!({ "results": 1, "shape": "{id: int}" }));
    }
    fs::write(file, secret).unwrap();
    assert_eq!(house.show("get")["shape"], "dict[str, int]", "what is read is checked");
}

#[test]
fn programs_that_end_at_once_add_to_each_other() {
    let results: Vec<Value> = (0..6)
        .map(|n| text(&json!({ "id": n, ["a", "b", "c"][n % 3]: n })))
        .collect();
    let house = House::new(&one_tool(&results));
    house.stubs();
    let code = |n: usize| format!("for _ in range(5): shaped.get(n={n})");
    let programs: Vec<_> = (0..6).map(|n| house.mcm(["run", "-c", &code(n)]).start()).collect();
    for program in programs {
        program.wait().expect(0);
    }
    let shape = "{id: int, a?: int, b?: int, c?: int}";
    assert_eq!(house.show("get"), json!({ "results": 30, "shape": shape }));
}

#[test]
fn what_was_seen_before_an_interrupt_is_kept() {
    let house = House::new(&one_tool(&[text(&json!({ "id": 1 }))]));
    let script = "import sys\nshaped.get()\nprint('was called', file=sys.stderr)\nwhile True: pass";
    let running = house.mcm(["run", "-c", script]).start();
    running.wait_for_stderr("was called");
    running.signal(libc::SIGINT);
    running.wait().expect(130);
    assert_eq!(house.show("get")["results"], 1);
}

#[test]
fn one_tool_a_server_or_all_is_forgotten_without_a_server_being_started() {
    let result = text(&json!({ "id": 1 }));
    let tools: Value = ["get-one", "two", "three", "four"]
        .map(|name| (name, json!({ "results": [result] })))
        .into_iter()
        .collect();
    let house = House::new(&json!({ "tools": tools }));
    let call = "shaped.get_one(); shaped.two(); shaped.three(); shaped.four()";
    let seen = |house: &House| {
        ["get_one", "two", "three", "four"].map(|name| house.show(name)["results"].as_u64().unwrap_or(0))
    };
    let is = fs::read_to_string(house.0.folder().join("shaped.json")).unwrap();
    let forget = |house: &House, name: &str| {
        let program = house.0.again(["tools", "forget"]);
        let program = if name.is_empty() { program } else { program.arg(name) };
        let said = program.file("shaped.json", "").run().expect(0).stderr;
        fs::write(house.0.folder().join("shaped.json"), &is).unwrap();
        said
    };
    house.script(call);
    assert_eq!(seen(&house), [1, 1, 1, 1]);
    assert!(forget(&house, "shaped.get_one").contains("of one tool"));
    assert!(forget(&house, "shaped.two").contains("of one tool"));
    assert!(forget(&house, "shaped.two").contains("nothing is kept of results for `shaped.two`"));
    assert_eq!(seen(&house), [0, 0, 1, 1]);
    assert!(forget(&house, "shaped").contains("of 2 tools"));
    assert_eq!(seen(&house), [0; 4]);
    house.script(call);
    assert!(forget(&house, "").contains("of 4 tools"));
    assert_eq!((seen(&house), house.files()), ([0; 4], Vec::new()));
    let unknown = house.0.again(["tools", "forget", "shapedd"]).run().expect(2).stderr;
    assert!(unknown.contains("there is no server `shapedd`"), "{unknown}");
}

#[test]
fn real_servers_are_told_from_the_second_run_on() {
    let program = Program::new(["--version"]);
    let folder = program.folder();
    let database = folder.join("data.sqlite");
    let program = program.servers(&json!({ "every": everything(), "git": git(), "sqlite": sqlite(&database) }));
    let scripts = [
        "every.get_resource_links(count=2); every.get_tiny_image()\n\
         sqlite.create_table(query='create table t (a)'); sqlite.list_tables()",
        "every.echo(message='a'); every.get_env(); sqlite.write_query(query='insert into t values (1)')\n\
         sqlite.read_query(query='select * from t'); sqlite.list_tables()\n\
         try: git.git_log(repo_path='.')\nexcept ToolError: pass",
    ];
    for script in scripts {
        program.again(["run", "--trust", "-c", script]).run().expect(0);
    }
    let prompt = program.again(["prompt", "look", "--trust", "--tool-budget", "20000"]);
    let prompt = prompt.run().expect(0).stdout;
    let observed = prompt.lines().filter(|line| line.contains("observed: "));
    let name = |line: &str| {
        line.trim_start()
            .strip_prefix("def ")
            .unwrap_or_default()
            .split('(')
            .next()
            .unwrap()
            .to_owned()
    };
    let shape = |line: &str| {
        line.split_once("observed: ")
            .unwrap()
            .1
            .split("; ")
            .next()
            .unwrap()
            .to_owned()
    };
    let lines: Vec<String> = observed
        .filter(|line| line.contains("def "))
        .map(|line| format!("{}: {}", name(line), shape(line)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
