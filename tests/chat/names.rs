//! What tools are called in plain tool calling.

use std::collections::HashSet;

use mcm::{agent::module::chat::Tools, tools::catalog::Catalog};
use serde_json::json;

use crate::support::lists::{LISTS, listed, server, split};

fn names(servers: Vec<mcm::tools::catalog::ListedServer>) -> Vec<String> {
    let tools = Tools::new(&Catalog::new(servers, &[]));
    tools.definitions().iter().map(|tool| tool.name.clone()).collect()
}

#[test]
fn every_tool_of_all_lists_has_a_name_of_its_own_that_endpoints_take() {
    for list in LISTS {
        let servers = match list {
            "livemcpbench" => split(list),
            _ => vec![listed(list)],
        };
        let catalog = Catalog::new(servers.clone(), &[]);
        let count: usize = catalog.servers.iter().map(|server| server.tools.len()).sum();
        let names = names(servers);
        assert_eq!(names.len(), count);
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), count, "{list}");
        for name in &names {
            let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            assert!((1..=64).contains(&name.len()) && name.chars().all(good), "{name}");
        }
    }
}

#[test]
fn of_names_that_fall_together_the_exact_one_keeps_it_and_the_others_are_numbered() {
    let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    let long = "x".repeat(80);
    let tools = json!([
        tool("a.b"),
        tool("a_b"),
        tool("a-b"),
        tool("ä"),
        tool(&long),
        tool(&format!("{long}y"))
    ]);
    let cut = |end: &str| format!("s__{}{end}", "x".repeat(61 - end.len()));
    assert_eq!(
        names(vec![server("s", &tools)]),
        ["s__a_b_2", "s__a_b", "s__a-b", "s___", &cut(""), &cut("_2")]
    );
}

#[test]
fn a_schema_that_is_none_of_an_object_becomes_one_and_any_other_stays_as_it_is() {
    let schemas = [
        json!({}),
        json!("text"),
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {}}}),
    ];
    let tools = schemas.iter().enumerate();
    let tools = tools
        .map(|(n, schema)| json!({"name": format!("t{n}"), "inputSchema": schema}))
        .collect();
    let tools = Tools::new(&Catalog::new(vec![server("s", &tools)], &[]));
    let sent: Vec<_> = tools.definitions().iter().map(|tool| &tool.parameters).collect();
    let empty = json!({"type": "object", "properties": {}});
    assert_eq!(sent, [&empty, &empty, &schemas[2]]);
}
