//! Servers that behave and servers that do not: a toy server for faults, and real ones.

mod asking;
mod http;
mod supervision;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use futures::future::join_all;
use mcm::tools::{
    CallResult, Content,
    client::{Client, close_all},
    connection::{CallError, CallLimits, Connection, Counterpart, Launch, StartError},
    servers::{OauthClient, ServerEntry, Surroundings, Transport, read},
};
use serde_json::{Value, json};

use crate::support::{program::Program, servers::toy_path};

const LIMIT: Duration = Duration::from_secs(30);
const MIB: usize = 1 << 20;

fn stdio(name: &str, command: &Path, args: &[&str]) -> ServerEntry {
    let transport = Transport::Stdio {
        command: command.to_str().unwrap().into(),
        args: args.iter().map(|a| (*a).into()).collect(),
        env: BTreeMap::new(),
        cwd: std::env::temp_dir(),
    };
    ServerEntry::new(name, transport)
}

fn inherited() -> Arc<BTreeMap<String, String>> {
    static MAP: OnceLock<Arc<BTreeMap<String, String>>> = OnceLock::new();
    let all = || std::env::vars().chain([("SECRET_OF_OURS".into(), "x".into())]);
    Arc::clone(MAP.get_or_init(|| Arc::new(all().collect())))
}

fn launch() -> Launch {
    Launch {
        inherited: inherited(),
        start_limit: LIMIT,
        result_limit: MIB,
        logins: None,
    }
}

async fn start(entry: &ServerEntry, launch: &Launch) -> Result<Connection, StartError> {
    Connection::start(entry, launch, Counterpart::none()).await
}

async fn toy(modes: &[&str]) -> Connection {
    start(&stdio("toy", toy_path(), modes), &launch()).await.unwrap()
}

async fn call(server: &Connection, tool: &str, arguments: Value) -> Result<CallResult, CallError> {
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object")
    };
    server.call(tool, arguments, CallLimits::within(LIMIT), None).await
}

async fn text(server: &Connection, tool: &str, arguments: Value) -> String {
    match call(server, tool, arguments).await.unwrap().content.as_slice() {
        [Content::Text(text)] => text.clone(),
        other => panic!("not one text: {other:?}"),
    }
}

/// Waits until a process is gone (or a zombie that someone else has to reap).
async fn gone(pid: &str) {
    let stat = format!("/proc/{pid}/stat");
    let end = Instant::now() + LIMIT;
    while std::fs::read_to_string(&stat).is_ok_and(|s| !s.contains(") Z ")) {
        assert!(Instant::now() < end, "process {pid} is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn tools_are_listed_with_their_hints_and_one_bad_tool_is_a_warning() {
    let server = toy(&["bad-tool"]).await;
    let list = server.list_tools(LIMIT).await.unwrap();
    insta::assert_debug_snapshot!(list);
    server.close().await;
}

#[tokio::test]
async fn pages_are_followed_and_a_list_without_end_is_cut() {
    let paged = toy(&["pages"]).await.list_tools(LIMIT).await.unwrap();
    assert_eq!(
        paged.tools.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["page_0", "page_1", "page_2", "page_3"]
    );
    let repeating = toy(&["repeat-cursor"]).await.list_tools(LIMIT).await.unwrap();
    assert_eq!(repeating.tools.len(), 1);
    assert_eq!(
        repeating.warnings.last().unwrap(),
        "the list of tools repeats a page; the rest is left out"
    );
    let mut wide = launch();
    wide.result_limit = 8 * MIB;
    let server = start(&stdio("toy", toy_path(), &["many"]), &wide).await.unwrap();
    let many = server.list_tools(LIMIT).await.unwrap();
    assert_eq!((many.tools.len(), many.warnings.len()), (10_000, 1));
}

#[tokio::test]
async fn results_of_every_kind_are_read_part_by_part() {
    let server = toy(&["garbage"]).await;
    assert_eq!(text(&server, "echo", json!({"text": "ü\n"})).await, "ü\n");
    let odd = call(&server, "unknown_block", json!({})).await.unwrap();
    let hologram = json!({"type": "hologram", "depth": 3});
    assert_eq!(odd.content, [Content::Other(hologram), Content::Text("t".into())]);
    let failed = call(&server, "error", json!({})).await.unwrap();
    assert!(failed.is_error);
    assert_eq!(
        call(&server, "structured", json!({})).await.unwrap().structured,
        Some(json!({"n": 42}).to_string())
    );
    let image = call(&server, "image", json!({})).await.unwrap();
    assert_eq!(
        image.content,
        [Content::Blob {
            mime: "image/png".into(),
            data: vec![0x89, b'P', b'N', b'G']
        }]
    );
    assert_eq!(text(&server, "garbage", json!({})).await, "after garbage");
    assert_eq!(text(&server, "twice", json!({})).await, "first");
    assert_eq!(text(&server, "wrong_id", json!({})).await, "for you");
    assert_eq!(text(&server, "progress", json!({})).await, "done");
    let unknown = call(&server, "no_such", json!({})).await.unwrap_err();
    assert_eq!(
        unknown,
        CallError::Protocol {
            code: -32602,
            message: "no such tool".into(),
            data: None
        }
    );
}

#[tokio::test]
async fn a_result_over_the_limit_fails_at_once_and_the_server_stays_usable() {
    let server = toy(&[]).await;
    for id_last in [false, true] {
        let arguments = json!({"bytes": 3 * MIB, "id_last": id_last});
        let (big, small) = tokio::join!(
            call(&server, "giant", arguments),
            text(&server, "echo", json!({"text": "s"}))
        );
        assert!(
            matches!(big, Err(CallError::TooLarge { size: Some(n), limit: MIB }) if n > 3 << 20),
            "{big:?}"
        );
        assert_eq!(small, "s");
    }
    assert_eq!(
        text(&server, "giant", json!({"bytes": MIB - 1000})).await.len(),
        MIB - 1000
    );
}

#[tokio::test]
async fn calls_run_side_by_side_and_a_slow_one_is_given_up() {
    let server = toy(&[]).await;
    let mut arguments = serde_json::Map::new();
    arguments.insert("ms".into(), json!(60_000));
    let limit = Duration::from_millis(50);
    let (slow, quick) = tokio::join!(
        server.call("sleep", arguments, CallLimits::within(limit), None),
        text(&server, "echo", json!({"text": "q"}))
    );
    assert_eq!(slow, Err(CallError::TimedOut { limit }));
    assert_eq!(quick, "q");
    // the server says on stderr what was cancelled; its end shows it
    text(&server, "until_cancelled", json!({})).await;
    let end = call(&server, "die", json!({})).await.unwrap_err().to_string();
    assert!(end.contains("cancelled "), "{end}");
}

#[tokio::test]
async fn a_server_that_dies_in_a_call_fails_it_with_its_last_words_and_later_calls_at_once() {
    let server = toy(&["child"]).await;
    let child = text(&server, "child", json!({})).await;
    let error = call(&server, "die", json!({})).await.unwrap_err();
    insta::assert_snapshot!(error.to_string());
    gone(&child).await;
    let again = call(&server, "echo", json!({"text": ""})).await.unwrap_err();
    assert!(matches!(again, CallError::Closed { .. }) && server.is_closed());
}

#[tokio::test]
async fn servers_that_cannot_start_say_why() {
    let config =
        r#"{"servers": {"dies": {"command": "TOY", "args": ["die-at-start"], "env": {"TOY_KEY": "key-of-the-user"}}}}"#;
    let config = read(
        &config.replace("TOY\"", &format!("{}\"", toy_path().display())),
        Path::new("c.json"),
    )
    .unwrap();
    let surroundings = Surroundings {
        folder: Path::new("/"),
        home: None,
        variable: &|_| None,
        input: &|_| None,
    };
    let dies = config.entries[0].resolve(&config.path, &surroundings).unwrap();
    let mut entries = vec![
        dies,
        stdio("silent", toy_path(), &["silent"]),
        stdio("absent", Path::new("no-such-command"), &[]),
    ];
    let mut folder = stdio("folder", toy_path(), &[]);
    if let Transport::Stdio { cwd, .. } = &mut folder.transport {
        *cwd = "/no/such/folder".into();
    }
    entries.push(folder);
    entries.push(ServerEntry::new(
        "http",
        Transport::Http {
            url: "http://127.0.0.1:1/mcp".into(),
            headers: vec![],
            oauth: OauthClient::default(),
        },
    ));
    let mut limits = launch();
    limits.start_limit = Duration::from_millis(1500);
    let started = join_all(entries.iter().map(|entry| start(entry, &limits))).await;
    let errors: Vec<String> = started
        .into_iter()
        .map(|result| result.err().unwrap())
        .map(|e: StartError| format!("{e}\n{}", e.hint.clone().unwrap_or_default()))
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[tokio::test]
async fn a_server_gets_only_the_variables_of_the_contract() {
    let names = text(&toy(&[]).await, "environment", json!({})).await;
    assert!(names.split(' ').any(|n| n == "PATH"));
    assert!(!names.contains("SECRET_OF_OURS") && !names.contains("CARGO"), "{names}");
}

#[tokio::test]
async fn closing_and_dropping_leave_no_process_of_the_group() {
    let (closed, dropped) = tokio::join!(toy(&["child", "flood"]), toy(&["child"]));
    let mut pids = Vec::new();
    for server in [&closed, &dropped] {
        pids.push(text(server, "pid", json!({})).await);
        pids.push(text(server, "child", json!({})).await);
    }
    closed.close().await;
    assert!(closed.is_closed());
    drop(dropped);
    for pid in pids {
        gone(&pid).await;
    }
}

#[test]
fn when_the_program_is_killed_outright_its_servers_end_even_behind_a_shell() {
    let behind_a_shell = json!({ "command": "sh", "args": ["-c", format!("'{}'; true", toy_path().display())] });
    let program = Program::new(["run", "-c", "toy.echo(text='a')\nwhile True: pass", "--timeout", "600"])
        .servers(&json!({ "toy": behind_a_shell }))
        .start();
    program.wait_for_process("toy_server");
    program.signal(libc::SIGKILL);
    assert_eq!(program.wait().leftovers, Vec::<String>::new());
}

#[tokio::test]
async fn real_servers_start_side_by_side_list_their_tools_and_answer() {
    let install = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/install"))
        .output()
        .unwrap();
    assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
    let folder = PathBuf::from(String::from_utf8(install.stdout).unwrap().trim());
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("a.txt"), "hello").unwrap();
    let path = files.path().to_str().unwrap();
    let bin = |name: &str| folder.join("node_modules/.bin").join(name);
    let entries = vec![
        stdio("filesystem", &bin("mcp-server-filesystem"), &[path]),
        stdio("everything", &bin("mcp-server-everything"), &[]),
        stdio("memory", &bin("mcp-server-memory"), &[]),
    ];
    let client = |entry| Client::new(entry, launch(), Counterpart::none());
    let servers: Vec<Client> = entries.into_iter().map(client).collect();
    for list in join_all(
        servers
            .iter()
            .map(async |server| server.on(async |server| server.list_tools(LIMIT).await).await),
    )
    .await
    {
        let list = list.unwrap();
        assert!(list.tools.len() >= 8 && list.warnings.is_empty(), "{:?}", list.warnings);
    }
    let file = json!({"path": format!("{path}/a.txt")});
    let file = file.as_object().unwrap().clone();
    let read = servers[0].on(async |server| server.call("read_text_file", file, CallLimits::new(LIMIT), None).await);
    assert_eq!(
        read.await.unwrap().structured,
        Some(json!({"content": "hello"}).to_string())
    );
    close_all(&servers).await;
}
