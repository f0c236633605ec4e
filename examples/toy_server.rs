//! An MCP server over standard input and output that misbehaves on demand.
//!
//! Faults of the handshake and of the list are chosen by arguments (`silent`, `slow-start`, `garbage`,
//! `bad-tool`, `repeat-cursor`, `pages`, `many`, `flood`, `die-at-start`, `child`), those of a call by the tool;
//! `all-tools` lists the tools of those faults that scripts call. `stubborn` goes on when its input ends or it is
//! told to, and so does its child; `die-once FILE` dies at the start unless FILE is there, which it then makes;
//! `deaf` reads nothing more after the handshake; `old` and `new` speak the oldest and the newest protocol only.

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
    sync::{Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// What the client answered to what this server asked, by id.
static ANSWERS: (Mutex<Vec<Value>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());
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
    if let Some(code) = prepare(&modes) {
        return code;
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
        if method.is_empty() && !id.is_null() {
            ANSWERS.0.lock().unwrap_or_else(PoisonError::into_inner).push(message);
            ANSWERS.1.notify_all();
            continue;
        }
        match method {
            "initialize" if has("silent") => {}
            "initialize" if has("new") => fail(&id, -32601, "there is no handshake any more"),
            "initialize" => answer(&id, &hello(&message, &modes)),
            "server/discover" if has("new") => answer(&id, &discovery()),
            "notifications/initialized" if has("deaf") => thread::sleep(Duration::from_secs(1000)),
            "ping" => answer(&id, &json!({})),
            "tools/list" => answer(&id, &list(&modes, &message)),
            "tools/call" => {
                let (tool, arguments) = (
                    message["params"]["name"].clone(),
                    message["params"]["arguments"].clone(),
                );
                let token = message["params"]["_meta"]["progressToken"].clone();
                // a call of its own thread, so that calls run side by side
                let input = message["params"]["inputResponses"].clone();
                thread::spawn(move || {
                    call(
                        &id,
                        tool.as_str().unwrap_or_default(),
                        &arguments,
                        &token,
                        (child, &input),
                    );
                });
            }
            "notifications/cancelled" => {
                complain("cancelled ", &message["params"]["requestId"].to_string());
                *CANCELLED.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
                CANCELLED.1.notify_all();
            }
            _ if id.is_null() => {}
            _ => match offer(method, &message["params"]) {
                Some(result) => answer(&id, &result),
                None => fail(&id, -32601, "no such method"),
            },
        }
    }
    if has("stubborn") {
        loop {
            thread::sleep(Duration::from_secs(1000));
        }
    }
    ExitCode::SUCCESS
}

/// Readies what the modes ask for; a code is how to end at once.
fn prepare(modes: &[String]) -> Option<ExitCode> {
    if let Some(at) = modes.iter().position(|mode| mode == "die-once") {
        let mark = &modes[at + 1];
        if std::fs::metadata(mark).is_err() {
            let _ = std::fs::write(mark, "");
            complain("it is too early", "");
            return Some(ExitCode::from(4));
        }
    }
    if modes.iter().any(|mode| mode == "stubborn") {
        let mut child = std::process::Command::new("sh");
        child.args([
            "-c",
            "trap '' TERM HUP INT; while :; do sleep 1; done",
            "stubborn_child",
        ]);
        let _ = child.stdin(std::process::Stdio::null()).spawn();
        // SAFETY: nothing handles a signal
        unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
    }
    None
}

fn hello(message: &Value, modes: &[String]) -> Value {
    let asked = &message["params"]["protocolVersion"];
    let old = json!("2024-11-05");
    json!({
        "protocolVersion": if modes.iter().any(|mode| mode == "old") { &old } else { asked },
        "capabilities": {"tools": {}, "resources": {}, "prompts": {}, "completions": {}, "logging": {}},
        "serverInfo": {"name": "toy", "version": "1"},
    })
}

fn discovery() -> Value {
    json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "toy", "version": "1"},
        "ttlMs": 0,
        "cacheScope": "private",
    })
}

/// What there is besides tools.
fn offer(method: &str, params: &Value) -> Option<Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(match method {
        "resources/list" => json!({"resources": [{"uri": "toy://a", "name": "a", "mimeType": "application/json"}]}),
        "resources/templates/list" => json!({"resourceTemplates": [{"uriTemplate": "toy://{name}", "name": "any"}]}),
        "resources/read" => resource(&text(&params["uri"])),
        "prompts/list" => json!({"prompts": [{"name": "greet", "arguments": [{"name": "who", "required": true}]}]}),
        "prompts/get" => {
            let content = json!({"type": "text", "text": format!("Greet {}.", text(&params["arguments"]["who"]))});
            json!({"messages": [{"role": "user", "content": content}]})
        }
        "completion/complete" => {
            let typed = text(&params["argument"]["value"]);
            let values: Vec<_> = ["ada", "alan", "bob"]
                .into_iter()
                .filter(|v| v.starts_with(&typed))
                .collect();
            json!({"completion": {"values": values}})
        }
        _ => return None,
    })
}

fn resource(uri: &str) -> Value {
    let text = json!({"uri": uri, "mimeType": "application/json", "text": "{\"of\": \"a\"}"});
    let blob = json!({"uri": uri, "mimeType": "image/png", "blob": "iVBORw=="});
    match uri {
        "toy://blob" => json!({"contents": [blob]}),
        "toy://both" => json!({"contents": [text, blob]}),
        "toy://empty" => json!({"contents": []}),
        _ => json!({"contents": [text]}),
    }
}

/// Asks the client for something and waits for its answer.
fn ask(method: &str, params: &Value) -> Value {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1000);
    let id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    write_line(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string());
    let mut answers = ANSWERS.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(at) = answers.iter().position(|answer| answer["id"] == id) {
            return answers.swap_remove(at);
        }
        answers = ANSWERS.1.wait(answers).unwrap_or_else(PoisonError::into_inner);
    }
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
        tools.extend(
            [
                "die", "sleep", "error", "pid", "variable", "progress", "steady", "log", "ask",
            ]
            .map(tool),
        );
    }
    json!({ "tools": tools })
}

fn call(id: &Value, tool: &str, arguments: &Value, token: &Value, (child, input): (u32, &Value)) {
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
                let whole = format!(".{mark}");
                let _ = std::fs::write(&whole, std::process::id().to_string());
                let _ = std::fs::rename(&whole, mark);
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
            progress(token, 1, Some(2));
            answer(id, &text("done"));
        }
        // gives as many signs of progress, one every so many milliseconds
        "steady" => {
            for n in 0..number("signs") {
                thread::sleep(Duration::from_millis(number("ms")));
                progress(token, n + 1, None);
            }
            answer(id, &text("done"));
        }
        _ => speak(id, tool, arguments, input),
    }
}

/// Tools that make the server say or ask something by itself.
fn speak(id: &Value, tool: &str, arguments: &Value, input: &Value) {
    let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
    match tool {
        "log" => {
            let params = json!({"level": "warning", "logger": "toy", "data": arguments["text"]});
            write_line(&json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params}).to_string());
            answer(id, &text("logged"));
        }
        "change" => {
            write_line(&json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}).to_string());
            answer(id, &text("changed"));
        }
        // what the client says to a request of this server's
        "ask" => {
            let reply = ask(arguments["method"].as_str().unwrap_or_default(), &arguments["params"]);
            answer(
                id,
                &text(
                    &reply
                        .get("result")
                        .or(reply.get("error"))
                        .unwrap_or(&Value::Null)
                        .to_string(),
                ),
            );
        }
        // the same as servers of 2026-07-28 ask
        "ask_first" => match input {
            Value::Null => {
                let wanted = json!({"method": arguments["method"], "params": arguments["params"]});
                answer(
                    id,
                    &json!({"resultType": "input_required", "inputRequests": {"it": wanted}, "requestState": "s"}),
                );
            }
            input => answer(id, &text(&input.to_string())),
        },
        _ => fail(id, -32602, "no such tool"),
    }
}

fn progress(token: &Value, done: u64, total: Option<u64>) {
    let mut params = json!({"progressToken": token, "progress": done, "message": "at work"});
    if let Some(total) = total {
        params["total"] = json!(total);
    }
    write_line(&json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params}).to_string());
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
