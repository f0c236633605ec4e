//! Logins: against the authorization server of the PyPI package `mcp`, in a process of its own.

use std::{
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    program::{Ended, PATIENCE, Program},
    servers::installed,
};

/// A server that wants a login, with the seconds that a token lasts.
struct Notes {
    child: Child,
    port: u16,
}

impl Notes {
    fn start(arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(installed().join("sqlite/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/login.py"))
            .arg(port.to_string())
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }

    /// `mcm` in a folder where it is configured as `notes`.
    fn mcm<const N: usize>(&self, arguments: [&str; N]) -> Program {
        let url = format!("http://127.0.0.1:{}/mcp", self.port);
        Program::new(arguments).servers(&json!({ "notes": { "url": url } }))
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Logs in as a user would who opens the address that is shown; the program and what came of it.
fn log_in(program: Program) -> (Program, Ended) {
    let next = program.again(["auth", "status"]);
    let started = program.start();
    started.wait_for_stderr("/authorize?");
    started.wait_for_stderr("&state=");
    let said = started.stderr_so_far();
    let url = said.lines().find(|line| line.starts_with("http")).expect("an address");
    let visit = "import sys, urllib.request\nprint(urllib.request.urlopen(sys.argv[1]).read().decode())";
    let page = Command::new("python3").args(["-c", visit, url]).output().unwrap();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("go back to the terminal"), "{page}");
    (next, started.wait())
}

#[test]
fn a_login_lasts_over_runs_and_is_renewed_in_the_middle_of_one() {
    let notes = Notes::start(&["3"]);
    let (status, login) = log_in(notes.mcm(["auth", "login", "notes", "--no-browser"]));
    let login = login.expect(0);
    assert!(login.stderr.contains("logged in to `notes`"), "{}", login.stderr);
    let kept = status.folder().join("../home/.config/mcm/logins");
    for file in std::fs::read_dir(kept).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // longer than a token lasts
    let script = "import time\nbefore = notes.renewed()\ntime.sleep(4)\nanswer(notes.renewed() > before)";
    let run = status.again(["run", "--trust", "-c", script]);
    let shown = status.again(["run", "--trust", "--json", "-c", "answer(notes.tokens())"]);
    let logout = status.again(["auth", "logout", "notes"]);
    let after = status.again(["run", "--trust", "-c", "answer(notes.renewed())"]);
    assert!(
        status
            .run()
            .expect(0)
            .stdout
            .starts_with("notes: logged in (scopes: notes; ")
    );
    assert_eq!(run.run().expect(0).stdout, "true\n");
    // the token that is in use when the run begins appears nowhere
    let shown = shown.run().expect(0).json();
    assert!(shown["result"].to_string().contains("****"), "{shown}");
    assert!(logout.run().expect(0).stderr.contains("logged out of `notes`"));
    let after = after.run().expect(1);
    assert!(
        after.stderr.contains("it wants a login") && after.stderr.contains("mcm auth login notes"),
        "{}",
        after.stderr
    );
}

#[test]
fn a_login_that_the_user_refuses_says_so_and_keeps_nothing() {
    let notes = Notes::start(&["60", "refuse"]);
    let (status, login) = log_in(notes.mcm(["auth", "login", "notes", "--no-browser"]));
    let login = login.expect(3);
    assert!(
        login
            .stderr
            .contains("the login was refused (access_denied: not today)"),
        "{}",
        login.stderr
    );
    assert_eq!(status.run().expect(0).stdout, "notes: no login\n");
}

#[test]
fn what_cannot_be_logged_in_to_is_said() {
    let toy = json!({ "toy": crate::support::servers::toy(&[]) });
    let program = |arguments: [&str; 3]| Program::new(arguments).servers(&toy).run();
    let stdio = program(["auth", "login", "toy"]).expect(2);
    assert!(
        stdio.stderr.contains("not reached over streamable HTTP"),
        "{}",
        stdio.stderr
    );
    let unknown = program(["auth", "login", "tyo"]).expect(2);
    assert!(
        unknown.stderr.contains("there is no server `tyo`"),
        "{}",
        unknown.stderr
    );
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = json!({ "away": { "url": format!("http://{nobody}/mcp") } });
    let away = Program::new(["auth", "login", "away"]).servers(&away).run().expect(3);
    assert!(away.stderr.contains("server `away`: "), "{}", away.stderr);
}

#[test]
fn a_server_that_needs_an_input_can_be_logged_in_to() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let servers = json!({ "away": { "url": format!("http://{nobody}/mcp"), "oauth": { "clientId": "${input:id}" } } });
    let login = || Program::new(["auth", "login", "away"]).servers(&servers);
    let unset = login().run().expect(2);
    assert!(unset.stderr.contains("MCM_INPUT_ID"), "{}", unset.stderr);
    let set = login().env("MCM_INPUT_ID", "me").run().expect(3);
    assert!(
        set.stderr.contains("server `away`: it cannot be reached"),
        "{}",
        set.stderr
    );
}
