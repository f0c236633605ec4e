//! What is offered, and what each tool gives.

use serde_json::{Value, json};

use super::{client, program};
use crate::support::{
    asked::holds,
    endpoint::{Endpoint, Reply},
    lists,
    mcp::{Client, NEWEST, text},
    program::Program,
    servers::toy,
};

fn names(listed: &Value) -> Vec<&str> {
    let tools = listed["result"]["tools"].as_array().expect("a list");
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

fn description(client: &mut Client) -> String {
    let listed = client.request("tools/list", json!({}));
    listed["result"]["tools"][0]["description"].as_str().unwrap().to_owned()
}

#[test]
fn three_tools_are_offered_with_schemas_and_all_signatures() {
    let mut client = client();
    let listed = client.request("tools/list", json!({}));
    assert_eq!(names(&listed), ["execute_code", "search_tools", "describe_tools"]);
    for tool in listed["result"]["tools"].as_array().unwrap() {
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{tool}");
        }
        assert!(tool["annotations"]["readOnlyHint"].is_boolean(), "{tool}");
    }
    let description = listed["result"]["tools"][0]["description"].as_str().unwrap();
    holds(description, &["def echo(text: str) -> Any", "session", "mcm://guide"]);
    client.close().expect(0);
}

#[test]
fn a_script_gives_its_record_and_a_short_text() {
    let mut client = client();
    let result = client.run("print('a')\ntoy.write()\nanswer({'n': toy.structured()['n']})");
    assert_eq!(result["isError"], false);
    let record = &result["structuredContent"];
    assert_eq!(record["success"], true);
    assert_eq!(record["answered"], true);
    assert_eq!(record["stdout"], "a\n");
    assert_eq!(record["result"], json!({"n": 42}));
    assert_eq!(record["calls"][0]["result"], "written");
    assert_eq!(record["diagnostics"], Value::Null);
    assert_eq!(text(&result), "Printed:\na\n\nResult:\n{\"n\":42}");
    client.close().expect(0);
}

#[test]
fn a_script_that_fails_is_an_error_with_its_record_and_what_it_had_called() {
    let mut client = client();
    let result = client.run("toy.write()\ntoy.error()");
    assert_eq!(result["isError"], true);
    assert_eq!(result["structuredContent"]["diagnostics"]["code"], "TOOL_ERROR");
    assert_eq!(result["structuredContent"]["diagnostics"]["line"], 2);
    holds(text(&result), &["TOOL_ERROR, line 2", "toy.write {}: ok, gave written"]);
    let gated = client.run("import os");
    assert_eq!(gated["structuredContent"]["diagnostics"]["code"], "POLICY_VIOLATION");
    client.close().expect(0);
}

#[test]
fn output_is_cut_to_what_a_model_is_shown() {
    let mut client = client();
    let result = client.run("for n in range(100_000): print(n)");
    let stdout = result["structuredContent"]["stdout"].as_str().unwrap();
    assert!(stdout.len() < 11_000, "{} bytes", stdout.len());
    holds(stdout, &["characters cut"]);
    client.close().expect(0);
}

#[test]
fn functions_are_found_and_described() {
    let mut client = client();
    let found = client.call("search_tools", &json!({"query": "give the text back", "limit": 1}));
    let tool = &found["structuredContent"]["tools"][0];
    assert_eq!(tool["name"], "toy.echo");
    holds(text(&found), &["toy.echo(text: str) -> Any", "Gives the text back"]);
    let described = client.call("describe_tools", &json!({"names": ["toy.echo", "toy.ech"]}));
    let tools = &described["structuredContent"]["tools"];
    holds(tools[0]["text"].as_str().unwrap(), &["toy.echo(text: str)"]);
    holds(
        tools[1]["error"].as_str().unwrap(),
        &["there is no tool `toy.ech`", "toy.echo"],
    );
    client.close().expect(0);
}

#[test]
fn wrong_arguments_are_told_to_the_model() {
    let mut client = client();
    let cases = [
        ("execute_code", json!({}), "missing field `code`"),
        ("execute_code", json!({"code": "1", "cod": 1}), "unknown field `cod`"),
        (
            "execute_code",
            json!({"code": "1", "timeout": 0}),
            "more than 0 and at most 900",
        ),
        ("execute_code", json!({"code": "1", "timeout": 1e6}), "at most 900"),
        (
            "execute_code",
            json!({"code": "1", "session": ""}),
            "1 to 100 characters",
        ),
        ("search_tools", json!({"query": "a", "limit": 0}), "1 to 100"),
        ("describe_tools", json!({"names": []}), "1 to 50"),
        ("solve_task", json!({"task": "a"}), "no model is configured"),
        (
            "solve_task",
            json!({"task": "a", "returns": "int int"}),
            "`returns`, line 1, column",
        ),
        (
            "solve_task",
            json!({"task": "a", "returns": "x -> y: int"}),
            "put them into the task",
        ),
    ];
    for (tool, arguments, said) in cases {
        let result = client.call(tool, &arguments);
        assert_eq!(result["isError"], true, "{arguments}");
        holds(text(&result), &[said]);
    }
    let unknown = client.request("tools/call", json!({"name": "nothing", "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602);
    client.close().expect(0);
}

#[test]
fn stubs_a_guide_and_a_prompt_can_be_read() {
    let mut client = client();
    let listed = client.request("resources/list", json!({}));
    let resources = listed["result"]["resources"].as_array().unwrap();
    let addresses: Vec<_> = resources.iter().map(|resource| resource["uri"].clone()).collect();
    assert_eq!(addresses, ["mcm://guide", "mcm://stubs/toy"]);
    let mut read = |uri: &str| client.request("resources/read", json!({ "uri": uri }));
    let content = |read: &Value| {
        read["result"]["contents"][0]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    holds(
        &content(&read("mcm://stubs/toy")),
        &["class toy:", "def echo(text: str)"],
    );
    holds(
        &content(&read("mcm://guide")),
        &["ToolDenied", "asyncio", "8000 characters"],
    );
    assert_eq!(read("mcm://stubs/nothing")["error"]["code"], -32002);
    let prompt = json!({"name": "use_tools", "arguments": {"task": "count the files"}});
    let prompt = client.request("prompts/get", prompt);
    let said = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap();
    holds(said, &["count the files", "execute_code"]);
    client.close().expect(0);
}

#[test]
fn many_tools_take_an_index_instead_of_signatures() {
    let program = Program::new(["serve", "--tool-budget", "100"]).servers(&json!({ "toy": toy(&["all-tools"]) }));
    let mut client = Client::connected(program);
    let description = description(&mut client);
    holds(&description, &["12 functions on 1 servers", "search_tools"]);
    assert!(!description.contains("def echo"), "{description}");
    client.close().expect(0);
}

#[test]
fn what_is_offered_before_a_hundred_and_fifty_tools_takes_under_a_thousand_tokens() {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/lists.py");
    let names = ["filesystem", "memory", "git", "github"];
    let servers = names.map(|name| {
        let entry = json!({"command": "python3", "args": [script, lists::path(name)]});
        (name.to_owned(), entry)
    });
    let servers = Value::Object(servers.into_iter().collect());
    let mut client = Client::connected(Program::new(["serve"]).servers(&servers));
    let listed = client.request("tools/list", json!({}))["result"]["tools"].to_string();
    let tokens = mcm::model::tokens::count("gpt-4o", &listed).tokens;
    assert!(tokens < 1_000, "{tokens} tokens: {listed}");
    holds(&listed, &["filesystem (14)", "github (117)"]);
    client.close().expect(0);
}

#[test]
fn a_client_without_a_handshake_is_served_by_the_newest_protocol() {
    let mut client = Client::newest(program([]));
    let discovered = client.request("server/discover", json!({}));
    let versions = discovered["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(NEWEST)), "{discovered}");
    let listed = client.request("tools/list", json!({}));
    assert_eq!(names(&listed).len(), 3);
    let result = client.run("toy.echo(text='x')");
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["structuredContent"]["result"], "x");
    assert_eq!(client.run_in("a", "y = 1")["isError"], false);
    assert_eq!(client.run_in("a", "y")["structuredContent"]["result"], 1);
    client.close().expect(0);
}

#[test]
fn calls_of_a_script_are_progress() {
    let mut client = client();
    let call = json!({
        "name": "execute_code",
        "arguments": {"code": "toy.echo(text='x')\ntoy.steady(signs=2, ms=300)"},
        "_meta": {"progressToken": "t"},
    });
    let id = client.ask("tools/call", call);
    let mut said: Vec<String> = Vec::new();
    // a last sign of progress may be overtaken by its call's result
    while said.last().is_none_or(|last| !last.starts_with("toy.steady: ok after")) {
        let told = client.told("notifications/progress");
        assert_eq!(told["params"]["progressToken"], "t");
        said.push(told["params"]["message"].as_str().unwrap().to_owned());
        assert_eq!(told["params"]["progress"], said.len() as f64);
    }
    let begins = [
        "toy.echo: called",
        "toy.echo: ok after",
        "toy.steady: called",
        "toy.steady: 1: at work",
    ];
    for (said, begin) in said.iter().zip(begins) {
        assert!(said.starts_with(begin), "{said}");
    }
    assert_eq!(client.result(id)["isError"], false);
    client.rest();
    client.run("toy.echo(text='x')");
    assert_eq!(client.rest(), Vec::<Value>::new(), "nobody wanted progress");
    client.close().expect(0);
}

#[test]
fn a_task_is_solved_where_a_model_is_named() {
    let endpoint = Endpoint::start([
        Reply::text("```python\nanswer(toy.structured()['n'])\n```"),
        Reply::text("4 letters"),
    ]);
    let mut client = Client::connected(program([]).model(&endpoint.base_url()));
    let listed = client.request("tools/list", json!({}));
    assert_eq!(names(&listed).last(), Some(&"solve_task"));
    let solved = client.call("solve_task", &json!({"task": "Give the number", "returns": "int"}));
    assert_eq!(solved["structuredContent"]["answer"], 42, "{solved}");
    assert_eq!(solved["structuredContent"]["status"], "answered");
    assert_eq!(solved["structuredContent"]["steps"], 1);
    assert_eq!(text(&solved), "42");
    let asked = client.run("llm_query('How long is `word`?')");
    assert_eq!(asked["structuredContent"]["result"], "4 letters");
    client.close().expect(0);
}

#[test]
fn what_a_server_lists_anew_is_told_and_callable() {
    let list = |names: &[&str]| {
        let tools: Vec<_> = names
            .iter()
            .map(|name| json!({"name": name, "inputSchema": {"type": "object"}}))
            .collect();
        json!({ "tools": tools }).to_string()
    };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/lists.py");
    let server = json!({"command": "python3", "args": [script, "list.json"]});
    let first = Program::new(["tools", "list"]).servers(&json!({ "lists": server }));
    let again = first.again(["serve", "--trust"]);
    let first = first.file("list.json", &list(&["old"]));
    first.run().expect(0);
    let mut client = Client::connected(again.file("list.json", &list(&["old", "new"])));
    assert!(!description(&mut client).contains("def new"));
    assert_eq!(
        client.run_in("before", "lists.old()['name']")["structuredContent"]["result"],
        "old"
    );
    client.told("notifications/tools/list_changed");
    client.told("notifications/resources/list_changed");
    holds(&description(&mut client), &["def new"]);
    assert_eq!(client.run("lists.new()['name']")["structuredContent"]["result"], "new");
    holds(
        text(&client.run_in("before", "1")),
        &["have changed since session `before` began"],
    );
    client.close().expect(0);
}
