//! Figures of `mcm batch`, with baselines that were taken on the same machine in the same minute.
//!
//! ```sh
//! cargo bench --locked --ignore-rust-version --bench batch
//! ```
//!
//! The model is an endpoint inside this program that answers at once; the server is the built-in one; each task is
//! one script with one tool call. Nothing is asserted: read the table.

#![expect(clippy::unwrap_used, reason = "a figure that cannot be taken ends the program")]
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Tasks of the batch that is timed.
const TASKS: usize = 2_000;
/// Results that are there before a resumed batch.
const RESULTS: usize = 100_000;
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(20);

fn main() {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut row = |what: &str, figure: String, note: &str| rows.push([what.to_owned(), figure, note.to_owned()]);

    let forks = per_second(500, || drop(Command::new("true").status()));
    row("fork, exec and wait for `true`", format!("{forks:.0}/s"), "baseline");
    let endpoint = Endpoint::start();
    let mut client = TcpStream::connect(("127.0.0.1", endpoint.port)).unwrap();
    let requests = per_second(5_000, || ask(&mut client));
    row(
        "request to the endpoint, one after another",
        format!("{requests:.0}/s"),
        "baseline",
    );

    let first = batch(TASKS, 16).run(&endpoint, Watched::No);
    row(
        "tasks at -j 16",
        format!("{:.0}/s", first.per_second),
        "from the first request to the end",
    );
    row(
        "until the first request",
        format!("{:.0} ms", first.until_request),
        "of a new batch",
    );
    let one = batch(TASKS / 10, 1).run(&endpoint, Watched::No);
    row("tasks at -j 1", format!("{:.0}/s", one.per_second), "");
    let many = batch(TASKS, 64).run(&endpoint, Watched::No);
    row("tasks at -j 64", format!("{:.0}/s", many.per_second), "");
    let (one, many) = (batch(100, 1), batch(500, 64));
    let (one, many) = (one.run(&endpoint, Watched::Yes), many.run(&endpoint, Watched::Yes));
    row(
        "memory at -j 64",
        format!("{} MiB", many.peak >> 20),
        "highest PSS of all processes",
    );
    row("memory at -j 1", format!("{} MiB", one.peak >> 20), "the same");

    let mut resumed = batch(RESULTS + 1, 16);
    resumed.with_results(RESULTS);
    let resumed = resumed.run(&endpoint, Watched::No);
    let note = "until the first request of a batch with 100,000 results";
    row("resume", format!("{:.0} ms", resumed.until_request), note);

    let wide = rows.iter().map(|row| row[0].len()).max().unwrap_or(0);
    for [what, figure, note] in rows {
        println!("{what:wide$}  {figure:>10}  {note}");
    }
}

/// How often in a second `work` can be done.
fn per_second(times: usize, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    (0..times).for_each(|_| work());
    times as f64 / begin.elapsed().as_secs_f64()
}

/// Whether memory is looked at, which slows everything down.
#[derive(PartialEq)]
enum Watched {
    Yes,
    No,
}

/// A batch in a folder of its own.
struct Batch {
    folder: tempfile::TempDir,
    jobs: usize,
    tasks: usize,
}

struct Figures {
    per_second: f64,
    /// Milliseconds.
    until_request: f64,
    /// Bytes.
    peak: u64,
}

fn batch(tasks: usize, jobs: usize) -> Batch {
    let folder = tempfile::tempdir().unwrap();
    let lines = (1..=tasks).fold(String::new(), |mut lines, n| {
        writeln!(
            lines,
            "{{\"id\": {n}, \"task\": \"How long is the file, for the {n}th time?\"}}"
        )
        .unwrap();
        lines
    });
    let servers = r#"{"servers": {"workspace": {"builtin": "workspace", "root": "."}}}"#;
    std::fs::write(folder.path().join("tasks.jsonl"), lines).unwrap();
    std::fs::write(folder.path().join("mcp_servers.json"), servers).unwrap();
    Batch { folder, jobs, tasks }
}

impl Batch {
    /// Writes results of the first tasks, of the size that such tasks have.
    fn with_results(&mut self, count: usize) {
        let steps = serde_json::json!([{ "reply": REPLY, "script": REPLY, "execution": { "success": true, "stdout": "",
            "calls": [{ "server": "workspace", "tool": "stat", "arguments": { "path": "tasks.jsonl" } }] } }]);
        let lines = (1..=count).fold(String::new(), |mut lines, n| {
            writeln!(
                lines,
                "{{\"id\":{n},\"run_id\":\"r-{n}\",\"task\":\"How long is the file, for the {n}th time?\",\
                 \"status\":\"answered\",\"answer\":1,\"error\":null,\"steps\":{steps},\"usage\":{{}},\"duration_ms\":1}}"
            )
            .unwrap();
            lines
        });
        std::fs::write(self.folder.path().join("results.jsonl"), lines).unwrap();
        self.tasks -= count;
    }

    fn run(&self, endpoint: &Endpoint, watched: Watched) -> Figures {
        endpoint.asked.store(0, Relaxed);
        let begin = Instant::now();
        let mut mcm = self.start(endpoint);
        let (over, ended) = mpsc::channel();
        let watching = {
            let root = mcm.id();
            thread::spawn(move || {
                if watched == Watched::Yes {
                    watch(root, &ended)
                } else {
                    0
                }
            })
        };
        while endpoint.asked.load(Relaxed) == 0 {
            assert!(mcm.try_wait().unwrap().is_none(), "it ended before it asked");
            thread::sleep(Duration::from_micros(200));
        }
        let asked = begin.elapsed();
        assert!(mcm.wait().unwrap().success());
        let whole = begin.elapsed();
        // nobody listens where nothing is watched
        let _ = over.send(());
        Figures {
            per_second: self.tasks as f64 / (whole - asked).as_secs_f64(),
            until_request: asked.as_secs_f64() * 1_000.0,
            peak: watching.join().unwrap(),
        }
    }

    fn start(&self, endpoint: &Endpoint) -> Child {
        Command::new(env!("CARGO_BIN_EXE_mcm"))
            .args([
                "batch",
                "tasks.jsonl",
                "-o",
                "results.jsonl",
                "--resume",
                "--quiet",
                "-j",
            ])
            .arg(self.jobs.to_string())
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("OPENAI_BASE_URL", format!("http://127.0.0.1:{}/v1", endpoint.port))
            .env("MCM_MODEL", "instant")
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }
}

const REPLY: &str = "```python\nanswer(workspace.stat(path='tasks.jsonl')['size'])\n```";

/// A model that has its answer ready.
struct Endpoint {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counted) = (stream.unwrap(), Arc::clone(&counted));
                thread::spawn(move || serve(&stream, &counted));
            }
        });
        Self { port, asked }
    }
}

/// Answers requests on one connection until it is closed.
fn serve(mut stream: &TcpStream, asked: &AtomicUsize) {
    stream.set_nodelay(true).unwrap();
    let chunk = |delta: serde_json::Value, finish: Option<&str>| {
        let choice = serde_json::json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
        format!(
            "data: {}\n\n",
            serde_json::json!({ "id": "1", "object": "chat.completion.chunk", "choices": choice })
        )
    };
    let usage = serde_json::json!({ "prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020 });
    let body = chunk(serde_json::json!({ "role": "assistant", "content": REPLY }), None)
        + &chunk(serde_json::json!({}), Some("stop"))
        + &format!("data: {}\n\n", serde_json::json!({ "choices": [], "usage": usage }))
        + "data: [DONE]\n\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let reply = head + &body;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_ascii_lowercase();
            match line.strip_prefix("content-length:") {
                Some(number) => length = number.trim().parse().unwrap(),
                None if line.is_empty() => break,
                None => {}
            }
        }
        let mut request = vec![0; length];
        // whoever hangs up wants no answer
        if reader.read_exact(&mut request).is_err() {
            return;
        }
        asked.fetch_add(1, Relaxed);
        if stream.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

/// One request, without any library.
fn ask(stream: &mut TcpStream) {
    let body = "{}";
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
    while !seen.ends_with(b"[DONE]\n\n") {
        let read = stream.read(&mut chunk).unwrap();
        seen.extend_from_slice(&chunk[..read]);
    }
}

/// The most memory that a process and all below it have at any time, shared pages counted once.
fn watch(root: u32, over: &mpsc::Receiver<()>) -> u64 {
    let mut peak = 0;
    loop {
        peak = peak.max(tree(root).into_iter().map(memory).sum());
        if over.recv_timeout(LOOK).is_ok() {
            return peak;
        }
    }
}

fn memory(process: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    kilobytes
        .and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        << 10
}

fn tree(root: u32) -> HashSet<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(&entry.path()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut found, mut open) = (HashSet::new(), vec![root]);
    while let Some(process) = open.pop() {
        if found.insert(process) {
            open.extend(children.get(&process).into_iter().flatten());
        }
    }
    found
}

fn parent(process: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
