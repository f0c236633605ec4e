//! Entries of mcp_servers.json for the servers that tests talk to.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::{Value, json};

/// The folder of the pinned servers; `tests/run` installs them and says where they are.
pub fn installed() -> PathBuf {
    let folder = std::env::var_os("MCM_TEST_SERVERS").expect("tests/run sets MCM_TEST_SERVERS: run the tests with it");
    let folder = PathBuf::from(folder);
    assert!(
        folder.join("stamp").exists(),
        "the servers are installed in {}",
        folder.display()
    );
    folder
}

fn node(package: &str, arguments: &[&str]) -> Value {
    let script = installed()
        .join("node_modules/@modelcontextprotocol")
        .join(package)
        .join("dist/index.js");
    let mut all = vec![script.to_string_lossy().into_owned()];
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    json!({ "command": "node", "args": all })
}

/// The file system server over one folder.
pub fn filesystem(folder: &Path) -> Value {
    node("server-filesystem", &[&folder.to_string_lossy()])
}

/// The knowledge graph, kept in one file.
pub fn memory(file: &Path) -> Value {
    let mut entry = node("server-memory", &[]);
    entry["env"] = json!({ "MEMORY_FILE_PATH": file });
    entry
}

/// The server that has one of everything.
pub fn everything() -> Value {
    node("server-everything", &["stdio"])
}

/// The server for git repositories.
pub fn git() -> Value {
    json!({ "command": installed().join("python/bin/mcp-server-git") })
}

/// The server for one SQLite database.
pub fn sqlite(database: &Path) -> Value {
    json!({ "command": installed().join("sqlite/bin/mcp-server-sqlite"), "args": ["--db-path", database] })
}

/// The toy server of `examples/`, with its modes.
pub fn toy(modes: &[&str]) -> Value {
    json!({ "command": toy_path(), "args": modes })
}

/// The toy server's program, built when it is first asked for.
pub fn toy_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| example("toy_server"))
}

/// The program of `examples/library.rs`, built when it is first asked for.
pub fn library_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| example("library"))
}

fn example(name: &str) -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let profile = exe.ancestors().nth(2).unwrap();
    let build = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--ignore-rust-version"])
        .args(["--example", name, "--target-dir"])
        .arg(profile.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(build.unwrap().success());
    profile.join("examples").join(name)
}

/// The server that `tests/python/tools` call.
pub fn scripted() -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/toy.py");
    json!({ "command": "python3", "args": [script] })
}
