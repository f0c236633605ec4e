//! `mcm tools search` and `mcm tools cost`.

use mcm::model::tokens;
use serde_json::{Value, json};

use crate::support::{
    program::{Ended, Program},
    servers::{everything, filesystem, toy},
};

/// `mcm tools …` over two real servers.
fn tools(arguments: &[&str]) -> Ended {
    let program = Program::new(["tools"].iter().chain(arguments));
    let servers = json!({ "files": filesystem(&program.folder()), "every": everything() });
    program.servers(&servers).run().expect(0)
}

#[test]
fn a_search_finds_what_scripts_find_in_the_same_order() {
    let program = Program::new([
        "run",
        "-c",
        "answer([t['name'] for t in tools.search('read a text file', 5)])",
    ]);
    let servers = json!({ "files": filesystem(&program.folder()), "every": everything() });
    let of_scripts = program.servers(&servers).run().expect(0).json();
    let found = tools(&["search", "read a", "text file", "--limit", "5"]).stdout;
    let names: Value = found.lines().map(|line| line.split("  ").next()).collect();
    assert_eq!(names, of_scripts);
    assert_eq!(names.as_array().expect("names").len(), 5);
    let first = found.lines().next().expect("a line");
    assert!(first.starts_with("files.read_") && first.contains("  Read "), "{found}");
}

#[test]
fn a_search_gives_programs_the_records_of_the_tools() {
    let found = tools(&["search", "directory", "--json"]).json();
    let listed = tools(&["list", "--json"]).json();
    let found = found.as_array().expect("an array");
    assert!((2..=10).contains(&found.len()), "{found:#?}");
    assert!(
        found
            .iter()
            .all(|tool| listed.as_array().expect("an array").contains(tool))
    );
}

#[test]
fn a_search_that_finds_nothing_says_so_and_is_no_failure() {
    let ended = tools(&["search", "zzzz"]);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("no tool fits `zzzz`"), "{}", ended.stderr);
    assert_eq!(tools(&["search", "zzzz", "--json"]).json(), json!([]));
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a number: {value}"))
}

fn is_sorted(costs: &Value) -> bool {
    let costs = costs.as_array().expect("an array");
    costs.is_sorted_by_key(|cost| std::cmp::Reverse(number(&cost["tokens"])))
}

#[test]
fn the_cost_is_told_by_tool_and_server_and_for_requests_and_runs_the_dearest_first() {
    let cost = tools(&["cost", "--json", "--steps", "3"]).json();
    let servers = cost["servers"].as_array().expect("servers");
    assert_eq!(servers.len(), 2);
    assert!(is_sorted(&cost["servers"]) && servers.iter().all(|server| is_sorted(&server["tools"])));
    let (request, run) = (&cost["request"], &cost["run"]);
    // tokens are not counted piece by piece, so the whole may differ by a few
    let sum: u64 = servers.iter().map(|server| number(&server["tokens"])).sum();
    assert!(sum.abs_diff(number(&request["tokens"])) <= 2, "{cost:#}");
    let ratio = number(&request["plain_tokens"]) as f64 / number(&request["tokens"]) as f64;
    assert!(
        (cost["ratio"].as_f64().expect("a number") - ratio).abs() < 0.06,
        "{cost:#}"
    );
    assert!(ratio > 1.5, "{cost:#}");
    let rules = number(&cost["rules_tokens"]);
    assert!(rules > 500, "{cost:#}");
    assert_eq!(run["tokens"], 3 * (number(&request["tokens"]) + rules));
    assert_eq!(run["plain_tokens"], 3 * number(&request["plain_tokens"]));
}

#[test]
fn plain_tool_calling_is_counted_as_what_it_would_send() {
    let program = Program::new(["tools", "cost", "--json", "--model", "gpt-4o"]);
    let cost = program.servers(&json!({ "toy": toy(&[]) })).run().expect(0).json();
    assert_eq!(
        (&cost["tokenizer"], &cost["exact"]),
        (&json!("o200k_base"), &json!(true))
    );
    let definition = json!({"type": "function", "function": {"name": "toy__echo", "description": "Gives the text back",
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}});
    let tools = cost["servers"][0]["tools"].as_array().expect("tools");
    let echo = tools.iter().find(|tool| tool["tool"] == "echo").expect("echo");
    assert_eq!(
        echo["plain_tokens"],
        tokens::count("gpt-4o", &definition.to_string()).tokens
    );
    let stubs = Program::new(["tools", "stubs"])
        .servers(&json!({ "toy": toy(&[]) }))
        .run()
        .expect(0)
        .stdout;
    assert_eq!(cost["request"]["tokens"], tokens::count("gpt-4o", &stubs).tokens);
}

#[test]
fn people_are_told_which_tokenizer_counted_and_that_it_is_a_guess_where_it_is_one() {
    let text = tools(&["cost"]).stdout;
    for part in [
        "o200k_base",
        "an estimate",
        "5 requests",
        "rules, in each request",
        "read_text_file",
    ] {
        assert!(text.contains(part), "it lacks {part}:\n{text}");
    }
    let text = tools(&["cost", "--model", "gpt-4o", "--steps", "1"]).stdout;
    assert!(
        text.contains("exact for this model") && text.contains("1 request "),
        "{text}"
    );
}

#[test]
fn without_servers_nothing_is_found_and_nothing_costs() {
    let cost = Program::new(["tools", "cost", "--json"]).run().expect(0).json();
    assert_eq!(cost["request"], json!({ "tokens": 0, "plain_tokens": 0 }));
    assert_eq!((&cost["servers"], &cost["ratio"]), (&json!([]), &Value::Null));
    assert_eq!(Program::new(["tools", "search", "x"]).run().expect(0).stdout, "");
}
