//! An MCP server over standard input and output that misbehaves on demand.
//!
//! Faults of the handshake and of the list are chosen by arguments (`silent`, `slow-start`, `garbage`,
//! `bad-tool`, `repeat-cursor`, `pages`, `many`, `flood`, `die-at-start`, `child`), those of a call by the tool;
//! `all-tools` lists the tools of those faults that scripts call.

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
    sync::{Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// Whether a call was cancelled.
static CANCELLED: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

fn main() -> ExitCode {
    let modes: Vec<String> = std::env::args().skip(1).collect();
    let has = |mode: &str| modes.iter().any(|m| m == mode);
    if has("die-at-start") {
        complain(
            "cannot open the database; key is ",
            &std::env::var("TOY_KEY").unwrap_or_default(),
        );
        return ExitCode::from(3);
    }
    if has("flood") {
        thread::spawn(|| (0..200_000).for_each(|n| complain("noise ", &n.to_string())));
    }
    let child = has("child").then(|| std::process::Command::new("sleep").arg("1000").spawn());
    let child = child.and_then(Result::ok).map_or(0, |child| child.id());
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let method = message["method"].as_str().unwrap_or_default();
        let id = message["id"].clone();
        if has("garbage") {
            write_line("this is no JSON");
            write_line(r#"{"jsonrpc":"2.0","foo":1}"#);
        }
        match method {
            "initialize" if has("silent") => {}
            "initialize" => answer(&id, &hello(&message)),
            "ping" => answer(&id, &json!({})),
            "tools/list" => answer(&id, &list(&modes, &message)),
            "tools/call" => {
                let (tool, arguments) = (
                    message["params"]["name"].clone(),
                    message["params"]["arguments"].clone(),
                );
                let token = message["params"]["_meta"]["progressToken"].clone();
                // a call of its own thread, so that calls run side by side
                thread::spawn(move || call(&id, tool.as_str().unwrap_or_default(), &arguments, &token, child));
            }
            "notifications/cancelled" => {
                complain("cancelled ", &message["params"]["requestId"].to_string());
                *CANCELLED.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
                CANCELLED.1.notify_all();
            }
            _ if id.is_null() => {}
            _ => fail(&id, -32601, "no such method"),
        }
    }
    ExitCode::SUCCESS
}

fn hello(message: &Value) -> Value {
    json!({
        "protocolVersion": message["params"]["protocolVersion"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "toy", "version": "1"},
    })
}

fn list(modes: &[String], message: &Value) -> Value {
    let has = |mode: &str| modes.iter().any(|m| m == mode);
    let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    if has("many") {
        return json!({"tools": (0..20_000).map(|n| tool(&format!("tool_{n}"))).collect::<Vec<_>>()});
    }
    if has("repeat-cursor") {
        return json!({"tools": [tool("echo")], "nextCursor": "again"});
    }
    if has("pages") {
        let page = message["params"]["cursor"]
            .as_str()
            .and_then(|c| c.parse::<u32>().ok())
            .unwrap_or(0);
        let mut list = json!({"tools": [tool(&format!("page_{page}"))]});
        if page < 3 {
            list["nextCursor"] = json!((page + 1).to_string());
        }
        return list;
    }
    let mut tools = vec![
        json!({"name": "echo", "title": "Echo", "description": "Gives the text back", "inputSchema": {
            "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
            "annotations": {"readOnlyHint": true}}),
        json!({"name": "write", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": false}}),
        json!({"name": "structured", "inputSchema": {"type": "object"}, "outputSchema": {
            "type": "object", "properties": {"n": {"type": "integer"}}}}),
    ];
    if has("bad-tool") {
        tools.insert(1, json!({"name": "broken", "inputSchema": "a string"}));
        tools.insert(1, json!({"inputSchema": {"type": "object"}}));
    }
    if has("all-tools") {
        tools.extend(["die", "sleep", "error", "pid", "variable"].map(tool));
    }
    json!({ "tools": tools })
}

fn call(id: &Value, tool: &str, arguments: &Value, token: &Value, child: u32) {
    let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
    let number = |key: &str| arguments[key].as_u64().unwrap_or(0);
    match tool {
        "echo" => answer(id, &text(arguments["text"].as_str().unwrap_or_default())),
        "write" => answer(id, &text("written")),
        "pid" => answer(id, &text(&std::process::id().to_string())),
        "child" => answer(id, &text(&child.to_string())),
        "environment" => {
            let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
            answer(id, &text(&names.join(" ")));
        }
        "variable" => {
            let name = arguments["name"].as_str().unwrap_or_default();
            answer(id, &text(&std::env::var(name).unwrap_or_default()));
        }
        "until_cancelled" => {
            let none = CANCELLED.0.lock().unwrap_or_else(PoisonError::into_inner);
            drop(
                CANCELLED
                    .1
                    .wait_timeout_while(none, Duration::from_secs(20), |seen| !*seen),
            );
            answer(id, &text("a call was cancelled"));
        }
        "sleep" => {
            if let Some(mark) = arguments["mark"].as_str() {
                // renamed, so that whoever sees the file sees all of it
                let _ = std::fs::write(".mark", std::process::id().to_string());
                let _ = std::fs::rename(".mark", mark);
            }
            thread::sleep(Duration::from_millis(number("ms")));
            answer(id, &text("slept"));
        }
        "die" => {
            complain("giving up", "");
            std::process::exit(7);
        }
        "garbage" => {
            write_line("{ not json");
            answer(id, &text("after garbage"));
        }
        "giant" => {
            let giant = "x".repeat(usize::try_from(number("bytes")).unwrap_or(0));
            if arguments["id_last"] == true {
                write_line(&format!(r#"{{"result":{},"jsonrpc":"2.0","id":{id}}}"#, text(&giant)));
            } else {
                answer(id, &text(&giant));
            }
        }
        "unknown_block" => answer(
            id,
            &json!({"content": [{"type": "hologram", "depth": 3}, {"type": "text", "text": "t"}]}),
        ),
        "error" => answer(
            id,
            &json!({"isError": true, "content": [{"type": "text", "text": "it went wrong"}]}),
        ),
        "structured" => answer(
            id,
            &json!({"structuredContent": {"n": 42}, "content": [{"type": "text", "text": "{\"n\": 42}"}]}),
        ),
        "image" => answer(
            id,
            &json!({"content": [{"type": "image", "mimeType": "image/png", "data": "iVBORw=="}]}),
        ),
        "twice" => {
            answer(id, &text("first"));
            answer(id, &text("second"));
        }
        "wrong_id" => {
            answer(&json!(999_999), &text("for nobody"));
            answer(id, &text("for you"));
        }
        "progress" => {
            let params = json!({"progressToken": token, "progress": 1, "total": 2});
            write_line(&json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params}).to_string());
            answer(id, &text("done"));
        }
        _ => fail(id, -32602, "no such tool"),
    }
}

fn answer(id: &Value, result: &Value) {
    write_line(&json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string());
}

fn fail(id: &Value, code: i32, message: &str) {
    write_line(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string());
}

/// Errors are left alone: a client that has gone ends this program by the end of its input.
fn write_line(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn complain(text: &str, more: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}{more}");
}
