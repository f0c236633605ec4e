//! A model server for tests: scripted replies over real HTTP, with everything that real endpoints get wrong.
//!
//! ```ignore
//! let endpoint = Endpoint::start([Reply::text("```python\nanswer(1)\n```")]);
//! // … run `mcm` with `--base-url` endpoint.base_url() …
//! assert_eq!(endpoint.requests()[0].body["model"], "test-model");
//! ```
//!
//! - A reply with a rule ([`Reply::when`]) serves every request that it fits; the others are used up in order.
//! - A request beyond the script is answered with 400 and says so.
//! - It waits for events only, never longer than [`PATIENCE`].

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

mod reply;

use reply::Ending;
pub use reply::Reply;

/// Longest wait for an event that should come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it ends when dropped.
pub struct Endpoint {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<thread::JoinHandle<()>>,
}

/// What came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST` or `GET`.
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null if it is no JSON.
    pub body: Value,
}

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The content of the last message.
    pub fn last_message(&self) -> &str {
        self.body["messages"]
            .as_array()
            .and_then(|all| all.last()?["content"].as_str())
            .unwrap_or_default()
    }

    /// Whether an event stream was asked for.
    pub fn streams(&self) -> bool {
        self.body["stream"] == true
    }
}

/// Opened once, by a test, for whoever waits at it.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets all pass, now and later.
    pub fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Whether all pass.
    pub fn is_open(&self) -> bool {
        *self.0.0.lock().unwrap()
    }

    fn pass(&self) {
        let opened = self.0.0.lock().unwrap();
        drop(self.0.1.wait_timeout_while(opened, PATIENCE, |open| !*open).unwrap());
    }
}

#[derive(Default)]
struct State {
    script: Mutex<Script>,
    changed: Condvar,
}

type Answering = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

#[derive(Default)]
struct Script {
    answering: Option<Answering>,
    rules: Vec<Reply>,
    queue: VecDeque<Reply>,
    models: Vec<String>,
    requests: Vec<Request>,
    hung_up: usize,
    ended: bool,
}

impl Endpoint {
    /// A server that answers each request by `answer`.
    pub fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let endpoint = Self::start([]);
        endpoint.state.script.lock().unwrap().answering = Some(Arc::new(answer));
        endpoint
    }

    /// A server on a free port of 127.0.0.1.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (rules, queue): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.rule.is_some());
        let script = Script {
            rules,
            queue: queue.into(),
            models: vec!["test-model".to_owned()],
            ..Script::default()
        };
        let state = Arc::new(State {
            script: Mutex::new(script),
            changed: Condvar::new(),
        });
        let served = Arc::clone(&state);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if served.script.lock().unwrap().ended {
                    return;
                }
                let state = Arc::clone(&served);
                // a client that went away is no failure of the server
                thread::spawn(move || serve(&state, stream).unwrap_or_default());
            }
        });
        Self {
            address,
            state,
            accepting: Some(accepting),
        }
    }

    /// Lists these under `/v1/models`.
    pub fn with_models(self, models: &[&str]) -> Self {
        self.state.script.lock().unwrap().models = models.iter().map(ToString::to_string).collect();
        self
    }

    /// With `/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// On 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All requests for completions so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state.script.lock().unwrap().requests.clone()
    }

    /// Waits until there were `count` requests for completions.
    pub fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        self.wait(|script| script.requests.len() >= count);
        self.requests()
    }

    /// Waits until clients have hung up on `count` replies that were not at their end.
    pub fn wait_for_hang_ups(&self, count: usize) {
        self.wait(|script| script.hung_up >= count);
    }

    fn wait(&self, reached: impl Fn(&Script) -> bool) {
        let script = self.state.script.lock().unwrap();
        let waited = self
            .state
            .changed
            .wait_timeout_while(script, PATIENCE, |script| !reached(script))
            .unwrap();
        let timed_out = waited.1.timed_out();
        drop(waited);
        assert!(!timed_out, "what was waited for did not happen");
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.state.script.lock().unwrap().ended = true;
        // wakes the accepting thread
        drop(TcpStream::connect(self.address));
        drop(self.accepting.take().map(thread::JoinHandle::join));
    }
}

/// Answers one request and closes the connection.
fn serve(state: &State, mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = read(&mut BufReader::new(&stream))?;
    let answering = state.script.lock().unwrap().answering.clone();
    let reply = {
        let mut script = state.script.lock().unwrap();
        if request.path.starts_with("/v1/models") {
            let data = script
                .models
                .iter()
                .map(|id| json!({ "id": id, "object": "model" }))
                .collect::<Vec<_>>();
            Reply::json(200, &json!({ "object": "list", "data": data }))
        } else {
            script.requests.push(request.clone());
            state.changed.notify_all();
            let ruled = script
                .rules
                .iter()
                .find(|reply| reply.rule.as_ref().is_some_and(|rule| rule(&request)));
            let ruled = ruled.cloned();
            let next = ruled.or_else(|| script.queue.pop_front());
            drop(script);
            let next = next.or_else(|| answering.map(|answer| answer(&request)));
            next.unwrap_or_else(|| Reply::error(400, "the test's script of replies is used up"))
        }
    };
    if let Some(gate) = &reply.gate {
        gate.pass();
    }
    let pieces = reply.pieces(&request);
    let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !reply.headers.iter().any(|(name, _)| name == "content-type") {
        let kind = if pieces.len() > 1 {
            "text/event-stream"
        } else {
            "application/json"
        };
        head += &format!("content-type: {kind}\r\n");
    }
    head += "transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes())?;
    let sent = match reply.ending {
        Ending::Proper => pieces.len(),
        Ending::Cut(count) | Ending::Silent(count) => count.min(pieces.len()),
    };
    let sent = send(&mut stream, &pieces[..sent]);
    if reply.ending == Ending::Proper {
        stream.write_all(b"0\r\n\r\n")?;
    }
    if matches!(reply.ending, Ending::Silent(_)) {
        // the client says nothing more, so this returns when it hangs up, which it may have done before the last piece
        let hung_up = match stream.read(&mut [0]) {
            _ if sent.is_err() => true,
            Ok(read) => read == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        state.script.lock().unwrap().hung_up += usize::from(hung_up);
        state.changed.notify_all();
    }
    sent?;
    stream.shutdown(Shutdown::Both)
}

fn send(stream: &mut TcpStream, pieces: &[Vec<u8>]) -> std::io::Result<()> {
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
        stream.write_all(piece)?;
        stream.write_all(b"\r\n")?;
        stream.flush()?;
    }
    Ok(())
}

/// Head and body of a request.
fn read(stream: &mut impl BufRead) -> std::io::Result<Request> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(Request {
        method,
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}
