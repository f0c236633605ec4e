//! The browser's way back: an address of this machine that it is sent to after a login.

use std::io;

use reqwest::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::REQUEST_LIMIT;

const MAX_REQUEST: usize = 16 << 10;

/// Waits for the browser to be sent back here; the address it came with, or what went wrong there.
pub async fn come_back(listener: &TcpListener, redirect: &str) -> io::Result<Result<String, String>> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        // a browser may connect and ask for nothing, or for a picture of its own
        let Ok(Ok(target)) = timeout(REQUEST_LIMIT, target(&mut stream)).await else {
            continue;
        };
        let is_callback = target
            .strip_prefix("/callback")
            .is_some_and(|rest| rest.starts_with('?'));
        let said = url_of(redirect, &target);
        let outcome = match &said {
            Some(url) if is_callback => match url.query_pairs().find(|(key, _)| key == "error") {
                Some((_, error)) => {
                    let why = url.query_pairs().find(|(key, _)| key == "error_description");
                    let why = why.map_or_else(String::new, |(_, why)| format!(": {why}"));
                    Some(Err(format!("the login was refused ({error}{why})")))
                }
                None => Some(Ok(url.to_string())),
            },
            _ => None,
        };
        let (status, text) = match &outcome {
            Some(Ok(_)) => (
                "200 OK",
                "You are logged in. You can close this page and go back to the terminal.",
            ),
            Some(Err(_)) => (
                "200 OK",
                "The login was refused. You can close this page and go back to the terminal.",
            ),
            None => ("404 Not Found", "There is nothing here."),
        };
        let page = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        );
        // a browser that does not wait for the page has come back all the same
        let _ = timeout(REQUEST_LIMIT, stream.write_all(page.as_bytes())).await;
        if let Some(outcome) = outcome {
            return Ok(outcome);
        }
    }
}

fn url_of(redirect: &str, target: &str) -> Option<Url> {
    Url::parse(redirect).ok()?.join(target).ok()
}

/// What the first line of a request asks for.
async fn target(stream: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await? {
            0 => break,
            n if request.len() + n > MAX_REQUEST => return Err(io::ErrorKind::FileTooLarge.into()),
            n => request.extend_from_slice(&chunk[..n]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    let target = request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
    target
        .map(str::to_owned)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}
