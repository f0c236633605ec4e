//! `mcm serve` over stdin and stdout, as clients see it.

mod ends;
mod faults;
mod mcp_client;
mod sessions;
mod tools;

use serde_json::json;

use crate::support::{mcp::Client, program::Program, servers::toy};

/// `mcm serve` with these arguments in front of the toy server.
fn program<const N: usize>(arguments: [&str; N]) -> Program {
    Program::new(["serve"].iter().chain(&arguments)).servers(&json!({ "toy": toy(&["all-tools"]) }))
}

fn client() -> Client {
    Client::connected(program([]))
}

/// Begins a script that waits in a tool for a hundred seconds, and waits for that.
fn sleeping(client: &mut Client, folder: &std::path::Path, session: &str) -> u64 {
    let code = format!("toy.sleep(ms=100_000, mark='{session}')");
    let id = client.begin("execute_code", &json!({"code": code, "session": session}));
    let mark = folder.join(session);
    let deadline = std::time::Instant::now() + crate::support::program::PATIENCE;
    while !mark.exists() {
        assert!(std::time::Instant::now() < deadline, "the script does not begin");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    id
}
