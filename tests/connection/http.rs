//! Servers reached over HTTP.

use super::*;
use crate::support::servers::installed;

/// The server that has one of everything, on a port of this machine.
async fn everything(transport: &str, port: u16) -> tokio::process::Child {
    let server = tokio::process::Command::new(installed().join("node_modules/.bin/mcp-server-everything"))
        .arg(transport)
        .env("PORT", port.to_string())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let end = Instant::now() + LIMIT;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(Instant::now() < end, "the server does not listen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn a_real_server_is_reached_over_http_and_over_events_and_again_after_it_was_started_anew() {
    for kind in ["streamableHttp", "sse"] {
        let port = free_port();
        let mut server = everything(kind, port).await;
        let headers = vec![("X-Key".into(), "value".into())];
        let transport = match kind {
            "sse" => Transport::Sse {
                url: format!("http://127.0.0.1:{port}/sse"),
                headers,
            },
            _ => Transport::Http {
                url: format!("http://127.0.0.1:{port}/mcp"),
                headers,
                oauth: OauthClient::default(),
            },
        };
        let client = Client::new(ServerEntry::new("http", transport), launch(), Counterpart::none());
        assert!(
            client
                .on(async |server| server.list_tools(LIMIT).await)
                .await
                .unwrap()
                .tools
                .len()
                >= 8
        );
        let echo = async || {
            let arguments = json!({"message": "m"}).as_object().unwrap().clone();
            client
                .on(async |server| server.call("echo", arguments, CallLimits::new(LIMIT), None).await)
                .await
        };
        assert_eq!(echo().await.unwrap().content, [Content::Text("Echo: m".into())]);
        server.kill().await.unwrap();
        let error = echo().await.unwrap_err();
        assert!(matches!(error, CallError::Closed { .. }), "{error}");
        let _again = everything(kind, port).await;
        let mut tries = 0;
        while echo().await.is_err() {
            tries += 1;
            assert!(tries < 5, "{kind}: it is not reached again");
        }
        client.close().await;
    }
}

/// A server that answers every request with `answer`, as JSON or as one event.
fn http_toy(event: &'static str) -> String {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let serve = move |mut stream: std::net::TcpStream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut line, mut length, mut post) = (String::new(), 0, false);
        while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
            post |= line.starts_with("POST");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap_or_default();
        let bytes = message["params"]["arguments"]["bytes"].as_u64().unwrap_or(1) as usize;
        let result = match message["method"].as_str() {
            Some("initialize") => json!({"protocolVersion": "2025-06-18", "capabilities": {},
                "serverInfo": {"name": "h", "version": "1"}}),
            _ => json!({"content": [{"type": "text", "text": "x".repeat(bytes)}]}),
        };
        let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string();
        let (status, kind, body) = match (post, message["id"].is_null()) {
            (false, _) => ("405 Method Not Allowed", "text/plain", String::new()),
            (true, true) => ("202 Accepted", "text/plain", String::new()),
            (true, false) if event.is_empty() => ("200 OK", "application/json", answer),
            (true, false) => (
                "200 OK",
                "text/event-stream",
                format!("event: {event}\ndata: {answer}\n\n"),
            ),
        };
        let length = body.len();
        // the client may leave before it has read all of a body that is too long
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
    };
    std::thread::spawn(move || {
        listener
            .incoming()
            .for_each(|stream| drop(std::thread::spawn(move || serve(stream.unwrap()))));
    });
    url
}

#[tokio::test]
async fn an_answer_over_the_limit_fails_over_http_too() {
    for event in ["", "message"] {
        let transport = Transport::Http {
            url: http_toy(event),
            headers: vec![],
            oauth: OauthClient::default(),
        };
        let server = start(&ServerEntry::new("http", transport), &launch()).await.unwrap();
        let big = call(&server, "giant", json!({"bytes": 3 * MIB})).await;
        assert!(
            matches!(big, Err(CallError::TooLarge { limit: MIB, .. })),
            "{event}: {big:?}"
        );
        assert_eq!(text(&server, "small", json!({})).await, "x");
    }
}
