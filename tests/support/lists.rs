//! Lists of tools that real servers gave.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use mcm::tools::{RawTool, catalog::ListedServer};
use serde_json::{Value, json};

/// All of them, in `tests/toollists`.
pub const LISTS: [&str; 11] = [
    "everything",
    "excel",
    "filesystem",
    "git",
    "github",
    "gitlab-jmrplens",
    "livemcpbench",
    "memory",
    "playwright",
    "sqlite",
    "time",
];

/// Where a list is; large ones are compressed.
pub fn path(list: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/toollists");
    let plain = folder.join(format!("{list}.json"));
    if plain.exists() {
        plain
    } else {
        folder.join(format!("{list}.json.gz"))
    }
}

/// A list as one server.
pub fn listed(list: &str) -> ListedServer {
    let path = path(list);
    let bytes = std::fs::read(&path).unwrap();
    let value: Value = if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    } else {
        serde_json::from_slice(&bytes).unwrap()
    };
    server(list, &value["tools"])
}

/// A list of names with `server__tool` as the servers that they name.
pub fn split(list: &str) -> Vec<ListedServer> {
    let mut servers: Vec<ListedServer> = Vec::new();
    for mut tool in listed(list).tools {
        let (server, name) = tool.name.split_once("__").expect("the list names servers");
        let (server, name) = (server.to_owned(), name.to_owned());
        tool.name = name;
        match servers.iter_mut().find(|known| known.raw == server) {
            Some(known) => known.tools.push(tool),
            None => servers.push(ListedServer {
                raw: server,
                description: None,
                tools: vec![tool],
            }),
        }
    }
    servers
}

/// A server with these tools.
pub fn server(raw: &str, tools: &Value) -> ListedServer {
    ListedServer {
        raw: raw.to_owned(),
        description: None,
        tools: tools.as_array().unwrap().iter().map(raw_tool).collect(),
    }
}

fn raw_tool(value: &Value) -> RawTool {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    RawTool {
        name: text("name").unwrap_or_default(),
        title: text("title"),
        description: text("description"),
        input_schema: value.get("inputSchema").cloned().unwrap_or_else(|| json!({})),
        output_schema: value.get("outputSchema").cloned(),
        read_only: false,
    }
}
