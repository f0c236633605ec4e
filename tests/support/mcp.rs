//! An MCP client that knows nothing but JSON-RPC: it talks to `mcm serve` as a real client would, or worse.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::program::{PATIENCE, Program, processes_of};

/// The protocol with a handshake, and the one without.
pub const HANDSHAKE: &str = "2025-11-25";
pub const NEWEST: &str = "2026-07-28";

/// A client and the server that it has started.
pub struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    stderr: std::path::PathBuf,
    /// What every request carries.
    meta: Value,
    next: u64,
    _folder: Arc<tempfile::TempDir>,
}

#[derive(Default)]
struct Heard {
    messages: Vec<Value>,
    ended: bool,
}

/// What was left when the server had ended.
pub struct Left {
    pub code: Option<i32>,
    pub elapsed: Duration,
    pub processes: Vec<String>,
    pub stderr: String,
}

impl Client {
    /// Starts the server; nothing is said yet.
    pub fn start(program: Program) -> Self {
        let (mut command, folder) = program.into_parts();
        let stderr = folder.path().join("stderr");
        let errors = std::fs::File::create(&stderr).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        // SAFETY: `setsid` is safe between fork and exec.
        unsafe {
            command.pre_exec(|| match libc::setsid() {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            })
        };
        let mut child = command.spawn().expect("mcm starts");
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let (hears, stdout) = (Arc::clone(&heard), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let message = serde_json::from_str(&line).unwrap_or_else(|_| json!({ "no_json": line }));
                hears.0.lock().unwrap().messages.push(message);
                hears.1.notify_all();
            }
            hears.0.lock().unwrap().ended = true;
            hears.1.notify_all();
        });
        Self {
            stdin: child.stdin.take(),
            child,
            heard,
            stderr,
            meta: json!({}),
            next: 0,
            _folder: folder,
        }
    }

    /// Starts the server and shakes hands.
    pub fn connected(program: Program) -> Self {
        Self::able_to(&json!({}), program)
    }

    /// The same for a client with capabilities.
    pub fn able_to(capabilities: &Value, program: Program) -> Self {
        let mut client = Self::start(program);
        let info = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": HANDSHAKE, "capabilities": capabilities, "clientInfo": info});
        let hello = client.request("initialize", params);
        assert_eq!(hello["result"]["protocolVersion"], HANDSHAKE, "{hello}");
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    /// A client of the protocol without a handshake.
    pub fn newest(program: Program) -> Self {
        let mut client = Self::start(program);
        client.meta = json!({
            "io.modelcontextprotocol/protocolVersion": NEWEST,
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        client
    }

    /// Sends a line as it is.
    pub fn line(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin.write_all(line).and_then(|()| stdin.flush()).expect("mcm reads");
    }

    pub fn send(&mut self, message: &Value) {
        self.line(format!("{message}\n").as_bytes());
    }

    /// Sends a request, and gives its id.
    pub fn ask(&mut self, method: &str, mut params: Value) -> u64 {
        self.next += 1;
        let own = params["_meta"].take();
        let mut meta = self.meta.clone();
        for (key, value) in own.as_object().into_iter().flatten() {
            meta[key] = value.clone();
        }
        params["_meta"] = meta;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Sends a request and waits for its response.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.response(id)
    }

    /// Calls a tool, and does not wait.
    pub fn begin(&mut self, tool: &str, arguments: &Value) -> u64 {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Calls a tool and waits for its result.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let id = self.begin(tool, arguments);
        self.result(id)
    }

    /// Runs a script.
    pub fn run(&mut self, code: &str) -> Value {
        self.call("execute_code", &json!({ "code": code }))
    }

    /// Runs a script in a session.
    pub fn run_in(&mut self, session: &str, code: &str) -> Value {
        self.call("execute_code", &json!({"code": code, "session": session}))
    }

    /// The result of a call that was begun.
    pub fn result(&self, id: u64) -> Value {
        let mut response = self.response(id);
        assert!(response.get("error").is_none(), "{response}");
        response["result"].take()
    }

    pub fn response(&self, id: u64) -> Value {
        self.message(|message| message.get("method").is_none() && message["id"] == id)
    }

    /// Waits for a message, and takes it.
    pub fn message(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.message_within(PATIENCE, wanted)
            .unwrap_or_else(|| panic!("no such message; stderr:\n{}", self.stderr()))
    }

    /// The same for one that may not come.
    pub fn message_within(&self, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let deadline = Instant::now() + limit;
        let mut heard = self.heard.0.lock().unwrap();
        loop {
            if let Some(at) = heard.messages.iter().position(&wanted) {
                return Some(heard.messages.remove(at));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || heard.ended {
                return None;
            }
            heard = self.heard.1.wait_timeout(heard, left).unwrap().0;
        }
    }

    /// Waits for a request or notification of this method.
    pub fn told(&self, method: &str) -> Value {
        self.message(|message| message["method"] == method)
    }

    /// All messages so far that nobody has taken.
    pub fn rest(&self) -> Vec<Value> {
        std::mem::take(&mut self.heard.0.lock().unwrap().messages)
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so its id is its own.
        unsafe { libc::kill(self.child.id().cast_signed(), signal) };
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }

    /// Ends the input.
    pub fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Ends the input and waits for the server's end.
    pub fn close(mut self) -> Left {
        self.hang_up();
        self.left()
    }

    /// Waits for the server's end.
    pub fn left(mut self) -> Left {
        let started = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(
                started.elapsed() < PATIENCE,
                "mcm does not end; stderr:\n{}",
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        let elapsed = started.elapsed();
        let session = self.child.id().cast_signed();
        let deadline = Instant::now() + Duration::from_secs(5);
        let processes = loop {
            let left = processes_of(session);
            if left.is_empty() || Instant::now() > deadline {
                break left.into_iter().map(|(_, command)| command).collect();
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Left {
            code,
            elapsed,
            processes,
            stderr: self.stderr(),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // a test that failed leaves nothing running
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Left {
    /// Checks how it ended, and that nothing runs any more.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stderr:\n{}", self.stderr);
        assert_eq!(self.processes, Vec::<String>::new(), "it left processes behind");
        self
    }
}

/// The text of a result.
pub fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}
