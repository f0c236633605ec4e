//! What a server costs: a call beside the same call by hand, ten servers' start and end, and their memory here.
//!
//! Run with `cargo bench --locked --ignore-rust-version --bench servers`; needs the example `toy_server`.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use mcm::tools::{
    client::{Client, close_all},
    connection::{CallLimits, Counterpart, Launch},
    servers::{ServerEntry, Transport},
};
use serde_json::{Value, json};

const CALLS: u32 = 5_000;
const SERVERS: usize = 10;
const LIMIT: Duration = Duration::from_secs(30);

fn main() {
    let toy = toy();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let by_hand = by_hand(&toy);
    // as in the program, where a session runs in a task
    let ours = runtime.block_on(async {
        let client = client(&toy, &[]);
        tokio::spawn(async move { calls(&client).await })
            .await
            .expect("the calls end")
    });
    let ratio = ours.as_secs_f64() / by_hand.as_secs_f64();
    println!("| what | time |\n| --- | --- |");
    println!("| a call by hand (write a line, read a line) | {by_hand:.1?} |");
    println!("| a call by `Client::call` | {ours:.1?} ({ratio:.2} ×) |");
    runtime.block_on(ten(&toy));
}

fn toy() -> PathBuf {
    let exe = std::env::current_exe().expect("this program has a path");
    let folder = exe.ancestors().nth(2).expect("it lies in a target folder");
    let toy = folder.join("examples/toy_server");
    assert!(
        toy.exists(),
        "build it first: cargo build --release --example toy_server"
    );
    toy
}

fn client(toy: &Path, modes: &[&str]) -> Client {
    let transport = Transport::Stdio {
        command: toy.display().to_string(),
        args: modes.iter().map(|mode| (*mode).to_owned()).collect(),
        env: BTreeMap::new(),
        cwd: std::env::temp_dir(),
    };
    let launch = Launch {
        inherited: Arc::new(std::env::vars().collect()),
        start_limit: LIMIT,
        result_limit: 32 << 20,
        logins: None,
    };
    Client::new(ServerEntry::new("toy", transport), launch, Counterpart::none())
}

async fn calls(client: &Client) -> Duration {
    client.start().await.expect("the server starts");
    let arguments = json!({"text": "hello"}).as_object().expect("an object").clone();
    let begin = Instant::now();
    for _ in 0..CALLS {
        let result = client
            .on(async |server| {
                server
                    .call("echo", arguments.clone(), CallLimits::new(LIMIT), None)
                    .await
            })
            .await;
        assert!(!result.expect("an answer").is_error);
    }
    begin.elapsed() / CALLS
}

fn by_hand(toy: &Path) -> Duration {
    let mut server = Command::new(toy)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut to = server.stdin.take().expect("a pipe");
    let mut from = BufReader::new(server.stdout.take().expect("a pipe"));
    let mut line = String::new();
    let begin = Instant::now();
    for id in 0..CALLS {
        let params = json!({"name": "echo", "arguments": {"text": "hello"}});
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        to.write_all(format!("{request}\n").as_bytes()).expect("it reads");
        line.clear();
        from.read_line(&mut line).expect("it answers");
        let answer: Value = serde_json::from_str(&line).expect("an answer is JSON");
        assert_eq!(answer["id"], id);
    }
    let each = begin.elapsed() / CALLS;
    drop(to);
    server.wait().expect("it ends");
    each
}

async fn ten(toy: &Path) {
    let before = memory();
    let begin = Instant::now();
    client(toy, &[]).start().await.expect("the server starts");
    let one = begin.elapsed();
    let clients: Vec<Client> = (0..SERVERS).map(|_| client(toy, &[])).collect();
    let begin = Instant::now();
    let started = futures::future::join_all(
        clients
            .iter()
            .map(async |client| client.on(async |server| server.list_tools(LIMIT).await).await),
    )
    .await;
    assert!(started.iter().all(Result::is_ok));
    let all = begin.elapsed();
    let held = memory().saturating_sub(before);
    let begin = Instant::now();
    close_all(&clients).await;
    let end = begin.elapsed();
    let stubborn: Vec<Client> = (0..SERVERS).map(|_| client(toy, &["stubborn"])).collect();
    futures::future::join_all(stubborn.iter().map(Client::start)).await;
    let begin = Instant::now();
    close_all(&stubborn).await;
    let by_force = begin.elapsed();
    println!("| start of one server | {one:.1?} |");
    println!("| start of {SERVERS} side by side, tools listed | {all:.1?} |");
    println!("| end of {SERVERS} | {end:.1?} |");
    println!("| end of {SERVERS} that do not want to | {by_force:.1?} |");
    println!("| memory of this process for {SERVERS} idle servers | {held} KiB |");
}

/// KiB that this process holds.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux");
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse().ok())
        .expect("a number")
}
