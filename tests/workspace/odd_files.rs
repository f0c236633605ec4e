//! Large, binary, many, forbidden and strange files: clear answers, in bounded time and memory.

use std::{
    ffi::OsStr,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt, net::UnixListener},
};

use mcm::tools::{
    connection::{CallError, CallLimits, Connection, Counterpart, Launch},
    servers::{Permission, ServerEntry, Transport},
};

use super::*;

fn sparse(path: &Path, size: u64) {
    fs::File::create(path).unwrap().set_len(size).unwrap();
}

#[test]
fn a_file_of_2_gb_is_refused_whole_read_by_lines_and_searched_in_bounded_memory() {
    let code = "import time
found = w.search(pattern='needle', path='text')
w.write(path='seen', text=repr([t(w.read, path='sparse'), t(w.read, path='sparse', limit=1), w.search(pattern='x', glob='sparse'),
    w.read(path='text', start_line=3), t(w.read, path='long', limit=1), found['total'], w.search(pattern='x', glob='long')['skipped']]))
time.sleep(1000)";
    let case = Case::writing(code)
        .arg("--timeout")
        .arg("2000")
        .file("text", "one\ntwo\nneedle\n")
        .file("long", "x".repeat(9 << 20))
        .with(|root| sparse(&root.join("sparse"), 2 << 30));
    let running = case.program.start();
    let seen = running.wait_for_file("files/seen");
    let peak = running.peak_memory();
    running.signal(libc::SIGINT);
    running.wait().expect(130);
    insta::assert_snapshot!(seen.replace("\", ", "\",\n").replace("', ", "',\n"));
    assert!(peak < 300 << 10, "{peak} KiB");
}

#[test]
fn binary_files_are_named_as_such() {
    let answer = Case::reading(
        "answer([t(w.read, path='latin'), t(w.read, path='latin', start_line=2), w.read(path='nul'), w.search(pattern='a')['skipped']])",
    )
    .file("latin", b"abc\nd\xe9f\n")
    .file("nul", "a\0b")
    .answer();
    let message = "error: `latin` is not UTF-8 text: byte 5 is not part of a character";
    assert_eq!(answer, json!([message, message, "a\u{0}b", ["nul: binary"]]));
}

#[test]
fn a_hundred_thousand_files_are_found_counted_or_refused_with_a_way_out() {
    let answer = Case::writing(
        "found = w.search(pattern='x', limit=2)
answer([len(w.glob(pattern='**/*')), len(w.glob(pattern='many/f0000?')), t(w.list, path='many'), found['total'], len(found['matches']),
    found['truncated'], w.remove(path='many/f000000'), len(w.list(path='many')), w.remove(path='many', recursive=True)])",
    )
    .arg("--timeout")
    .arg("300")
    .file("many/f000000", "x")
    .with(|root| {
        for n in 1..=100_000 {
            fs::write(root.join(format!("many/f{n:06}")), "x").unwrap();
        }
    })
    .answer();
    let refused =
        "error: `many` holds 100001 entries, and 100000 can be listed: ask for a part with `glob`, such as `a*`";
    assert_eq!(
        answer,
        json!([100_001, 0, refused, 100_001, 2, true, 1, 100_000, 100_001])
    );
}

#[test]
fn what_may_not_be_read_or_written_is_named() {
    let mode =
        |root: &Path, path: &str, mode| fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    let case = Case::writing(
        "answer([t(w.read, path='secret'), t(w.list, path='closed'), t(w.read, path='closed/a'), w.search(pattern='x')['skipped'],
    w.glob(pattern='**/*'), t(w.write, path='fixed', text=''), t(w.append, path='fixed', text=''), t(w.write, path='shut/new', text=''),
    t(w.remove, path='shut/a'), w.read(path='fixed')])",
    )
    .file("secret", "x")
    .file("closed/a", "x")
    .file("fixed", "x")
    .file("shut/a", "x")
    .with(|root| {
        mode(root, "secret", 0);
        mode(root, "closed", 0);
        mode(root, "fixed", 0o444);
        mode(root, "shut", 0o555);
    });
    let root = case.root();
    let again = case.program.again(["--version"]);
    let answer = case.program.obeying_permissions().run().expect(0).json();
    // so that the folder can be removed
    mode(&root, "closed", 0o755);
    mode(&root, "shut", 0o755);
    drop(again);
    let no = |path: &str| format!("error: no permission for `{path}`");
    assert_eq!(
        answer,
        json!([
            no("secret"),
            no("closed"),
            no("closed/a"),
            ["secret: no permission", "closed: no permission"],
            ["fixed", "secret", "shut/a"],
            no("fixed"),
            no("fixed"),
            no("shut/new"),
            no("shut/a"),
            "x"
        ])
    );
}

#[test]
fn fifos_sockets_and_devices_are_never_opened() {
    let answer = Case::writing(
        "answer([[t(w.read, path=p), t(w.append, path=p, text='x'), t(w.write, path=p, text='x'), t(w.search, pattern='x', path=p)]
    for p in ['fifo', 'socket']] + [w.search(pattern='x')['total'], w.glob(pattern='**/*'), [e['kind'] for e in w.list()], w.remove(path='fifo')])",
    )
    .with(|root| {
        rustix::fs::mknodat(rustix::fs::CWD, root.join("fifo"), rustix::fs::FileType::Fifo, 0o666.into(), 0).unwrap();
        drop(UnixListener::bind(root.join("socket")).unwrap());
    })
    .answer();
    let message = |path: &str| {
        format!("error: `{path}` is neither a file nor a folder but a device, socket or FIFO, which is never opened")
    };
    let four = |path: &str| json!(vec![message(path); 4]);
    assert_eq!(
        answer,
        json!([four("fifo"), four("socket"), 0, [], ["other", "other"], 1])
    );
}

#[test]
fn names_that_are_no_text_are_shown_escaped_and_said_to_be_so() {
    let odd = OsStr::from_bytes(b"caf\xe9.txt");
    let long = "x".repeat(300);
    let answer = Case::reading(&format!(
        "entry = w.list()[0]
answer([entry['name'], entry['note'], w.glob(pattern='*'), w.search(pattern='x')['matches'][0]['path'], t(w.read, path=entry['path']),
    t(w.read, path='{long}'), t(w.list, path='a/' * 3000)])"
    ))
    .with(|root| fs::write(root.join(odd), "x").unwrap())
    .answer();
    let cut = |text: &str| text.chars().take(200).collect::<String>() + "…";
    let name = "caf\\xe9.txt";
    assert_eq!(
        answer,
        json!([
            name,
            "its name is not UTF-8: it cannot be opened",
            [name],
            name,
            format!(
                "error: there is no file or folder `{name}`; if it was listed so, its name is not UTF-8 and cannot be given"
            ),
            format!("error: `{}` has a name that is too long", cut(&long)),
            format!("error: `{}` has a name that is too long", cut(&"a/".repeat(300))),
        ])
    );
}

#[test]
fn links_that_lead_nowhere_say_so() {
    let answer =
        Case::reading("answer([t(w.read, path='dangling'), t(w.read, path='loop'), w.stat(path='dangling')['kind']])")
            .link("gone", "dangling")
            .link("loop", "loop")
            .answer();
    assert_eq!(
        answer,
        json!([
            "error: `dangling` is a link to something that does not exist",
            "error: `loop` leads through links that go round in a circle",
            "link"
        ])
    );
}

#[test]
fn a_root_that_is_removed_meanwhile_is_an_error_that_says_so() {
    let code = "import time
w.write(path='mark', text='')
while not str(t(w.read, path='mark')).startswith('error'):
    time.sleep(0.01)
time.sleep(0.3)
answer([t(w.read, path='mark'), t(w.list), t(w.search, pattern='x'), t(w.write, path='a', text=''), t(w.make_folder, path='a')])";
    let case = Case::writing(code);
    let root = case.root();
    let running = case.program.start();
    running.wait_for_file("files/mark");
    fs::remove_dir_all(root).unwrap();
    let answer = running.wait().expect(0).json();
    let gone = "error: the workspace's root folder has been removed";
    assert_eq!(answer, json!(vec![gone; 5]));
}

/// A connection as the program makes it.
async fn connect(root: &Path, permission: Permission) -> Connection {
    let transport = Transport::Workspace {
        root: root.into(),
        inside: None,
        permission,
    };
    let launch = Launch {
        inherited: Default::default(),
        start_limit: Duration::from_secs(30),
        result_limit: 1 << 20,
        logins: None,
    };
    Connection::start(&ServerEntry::new("w", transport), &launch, Counterpart::none())
        .await
        .unwrap()
}

fn arguments(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_nobody_waits_for_any_more_stop_and_make_room() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "text").unwrap();
    // reading so far takes minutes
    sparse(&folder.path().join("sparse"), 1 << 40);
    let server = connect(folder.path(), Permission::Read).await;
    let (short, long) = (Duration::from_millis(100), Duration::from_secs(60));
    let endless = || {
        let far = arguments(json!({ "path": "sparse", "start_line": 1_000_000_000_u64 }));
        server.call("read", far, CallLimits::within(short), None)
    };
    // more than may be at work at once
    for outcome in futures::future::join_all((0..40).map(|_| endless())).await {
        assert!(matches!(outcome, Err(CallError::TimedOut { .. })), "{outcome:?}");
    }
    let small = server
        .call(
            "read",
            arguments(json!({ "path": "a" })),
            CallLimits::within(long),
            None,
        )
        .await
        .unwrap();
    assert_eq!(small.structured, Some(json!({ "result": "text" }).to_string()));
    server.close().await;
}

#[test]
fn an_interrupt_ends_the_program_although_a_call_is_at_work() {
    let code = "w.write(path='mark', text='')\nw.read(path='sparse', start_line=1_000_000_000)";
    let case = Case::writing(code).with(|root| sparse(&root.join("sparse"), 1 << 40));
    let running = case.program.start();
    running.wait_for_file("files/mark");
    running.signal(libc::SIGINT);
    running.wait().expect(130);
}

#[tokio::test]
async fn a_result_over_the_limit_fails_its_own_call_only() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("large"), "x".repeat(2 << 20)).unwrap();
    let server = connect(folder.path(), Permission::Read).await;
    let limit = Duration::from_secs(60);
    let large = server
        .call(
            "read",
            arguments(json!({ "path": "large" })),
            CallLimits::within(limit),
            None,
        )
        .await;
    assert!(
        matches!(large, Err(CallError::TooLarge { size: Some(_), .. })),
        "{large:?}"
    );
    let part = server
        .call(
            "read",
            arguments(json!({ "path": "large", "limit": 0 })),
            CallLimits::within(limit),
            None,
        )
        .await;
    assert_eq!(part.unwrap().structured, Some(json!({ "result": "" }).to_string()));
}

#[tokio::test]
async fn a_workspace_that_may_only_read_refuses_writing_tools_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = connect(folder.path(), Permission::Read).await;
    let tools = server.list_tools(Duration::from_secs(60)).await.unwrap().tools;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["list", "glob", "stat", "read", "search"]);
    assert!(
        tools
            .iter()
            .all(|tool| tool.read_only && tool.output_schema.is_some() && tool.title.is_some())
    );
    let call = arguments(json!({ "path": "a", "text": "x" }));
    let refused = server
        .call("write", call, CallLimits::within(Duration::from_secs(60)), None)
        .await
        .unwrap();
    assert!(refused.is_error, "{refused:?}");
    assert!(!folder.path().join("a").exists());
    let writing = connect(folder.path(), Permission::Write).await;
    let tools = writing.list_tools(Duration::from_secs(60)).await.unwrap().tools;
    let writes = tools
        .iter()
        .filter(|tool| !tool.read_only)
        .map(|tool| tool.name.as_str());
    assert_eq!(
        writes.collect::<Vec<_>>(),
        ["write", "append", "move", "remove", "make_folder"]
    );
    assert!(tools.iter().all(|tool| tool.output_schema.is_some()));
}
