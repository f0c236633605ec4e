//! What mcp_servers.json may say of a workspace, and when that needs trust.

use mcm::{
    host::trust,
    tools::servers::{Surroundings, Transport, read},
};

use super::*;
use crate::support::asked::holds;

const LIST: &str = "answer(sorted(e['name'] for e in w.list()))";

fn faults(entry: &Value) -> String {
    let text = json!({ "servers": { "w": entry } }).to_string();
    let faults = read(&text, Path::new("/p/mcp_servers.json")).unwrap().faults;
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_fault_of_a_workspace_names_its_place() {
    let workspace = |more: Value| {
        let mut entry = json!({ "builtin": "workspace" });
        entry.as_object_mut().unwrap().extend(arguments(more));
        faults(&entry)
    };
    let all = [
        faults(&json!({ "builtin": "files", "root": "." })),
        faults(&json!({ "builtin": 1, "root": "." })),
        workspace(json!({})),
        workspace(json!({ "root": "" })),
        workspace(json!({ "root": 1 })),
        workspace(json!({ "root": "a\u{0}" })),
        workspace(json!({ "root": ".", "write": "yes" })),
        workspace(json!({ "root": ".", "command": "x" })),
        workspace(json!({ "root": ".", "url": "https://h" })),
        workspace(json!({ "root": ".", "type": "stdio" })),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

fn arguments(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_root_is_one_in_the_folder_of_the_file() {
    let entry = json!({ "builtin": "workspace", "root": "." });
    let case = Case::over(LIST, &entry);
    let config = case.program.folder().join("mcp_servers.json");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(&config, elsewhere.path().join("servers.json")).unwrap();
    assert_eq!(
        case.answer(),
        json!(["files", "mcp_servers.json", "script.py", "secret.txt"])
    );
    let other = elsewhere.path().join("servers.json");
    let case = Case::over(LIST, &entry).arg("--config").arg(other.to_str().unwrap());
    assert_eq!(case.answer(), json!(["servers.json"]));
}

/// The question that is put before a workspace with this entry is started.
#[track_caller]
fn asks(entry: &Value, arrange: impl FnOnce(&Path), question: &str) {
    let case = Case::over(LIST, entry);
    arrange(&case.program.folder());
    let again = case.program.again(["trust"]);
    let run = case.program.again(["run", "script.py"]);
    let ended = case.program.run().expect(2);
    holds(&ended.stderr, &[&format!("workspace: {question}\n"), "mcm trust"]);
    holds(&again.run().expect(0).stderr, &[question]);
    run.run().expect(0);
}

#[test]
fn a_workspace_that_leaves_the_folder_writes_or_expands_needs_trust() {
    let entry = |root: &str| json!({ "builtin": "workspace", "root": root });
    let outside = ", which may lie outside of this folder";
    let reads = |root: &str| format!("reads the files in the folder {root}{outside}");
    asks(&entry(".."), |_| {}, &reads(".."));
    asks(&entry("/"), |_| {}, &reads("/"));
    asks(
        &entry("door"),
        |folder| std::os::unix::fs::symlink("..", folder.join("door")).unwrap(),
        &reads("door"),
    );
    asks(&entry("${workspaceFolder}"), |_| {}, &reads("${workspaceFolder}"));
    asks(
        &json!({ "builtin": "workspace", "root": "files", "write": true }),
        |_| {},
        "reads and writes the files in the folder files",
    );
}

#[test]
fn a_workspace_that_reads_inside_its_folder_needs_none_however_that_is_written() {
    for root in ["files/", "./files/../files", "HERE/files", "link"] {
        let case = Case::reading(LIST).file("a", "");
        let folder = case.program.folder();
        std::os::unix::fs::symlink("files", folder.join("link")).unwrap();
        let root = root.replace("HERE", folder.to_str().unwrap());
        let config = json!({ "servers": { "workspace": { "builtin": "workspace", "root": root } } }).to_string();
        fs::write(folder.join("mcp_servers.json"), config).unwrap();
        assert_eq!(case.answer(), json!(["a"]), "{root}");
    }
}

#[test]
fn another_server_beside_it_still_needs_trust() {
    let case = Case::reading(LIST);
    let entry = json!({ "builtin": "workspace", "root": "files" });
    let config = json!({ "servers": { "workspace": entry, "other": { "command": "true" } } }).to_string();
    fs::write(case.program.folder().join("mcp_servers.json"), config).unwrap();
    let tools = case.program.again(["tools"]);
    // the script names the workspace alone
    assert_eq!(case.answer(), json!([]));
    holds(&tools.run().expect(2).stderr, &["other: runs true"]);
}

#[test]
fn trust_is_asked_again_when_the_root_the_permission_or_its_place_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp_servers.json");
    let store = folder.path().join("state/trust.json");
    let config = |root: &str, write: bool| {
        let text = json!({ "servers": { "w": { "builtin": "workspace", "root": root, "write": write } } }).to_string();
        read(&text, &path).unwrap()
    };
    fs::create_dir(folder.path().join("a")).unwrap();
    let asked = trust::needs(&config("a", true), &trust::load(&store).unwrap());
    let granted = trust::grant(&path, &asked, &store).unwrap();
    assert!(trust::needs(&config("a", true), &granted).is_empty());
    assert!(trust::needs(&config("a", false), &granted).is_empty());
    assert_eq!(trust::needs(&config("b", true), &granted).len(), 1);
    assert_eq!(trust::needs(&config("..", false), &granted).len(), 1);
    fs::remove_dir(folder.path().join("a")).unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("a")).unwrap();
    assert_eq!(trust::needs(&config("a", true), &granted).len(), 1);
}

#[tokio::test]
async fn a_root_that_was_inside_and_has_become_a_link_is_not_opened() {
    use mcm::tools::connection::{Connection, Counterpart, Launch};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp_servers.json");
    fs::create_dir(folder.path().join("a")).unwrap();
    let text = json!({ "servers": { "w": { "builtin": "workspace", "root": "a" } } }).to_string();
    let config = read(&text, &path).unwrap();
    let surroundings = Surroundings {
        folder: folder.path(),
        home: None,
        variable: &|_| None,
        input: &|_| None,
    };
    let server = config.entries[0].resolve(&config.path, &surroundings).unwrap();
    assert!(matches!(
        &server.transport,
        Transport::Workspace { inside: Some(_), .. }
    ));
    fs::remove_dir(folder.path().join("a")).unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("a")).unwrap();
    let launch = Launch {
        inherited: Default::default(),
        start_limit: Duration::from_secs(30),
        result_limit: 1 << 20,
        logins: None,
    };
    let Err(error) = Connection::start(&server, &launch, Counterpart::none()).await else {
        panic!("it was opened")
    };
    holds(&error.message, &["its root", "has become a link out of it"]);
}

#[test]
fn a_root_that_does_not_exist_or_is_a_file_is_an_error_at_the_start() {
    for (root, why) in [("gone", "does not exist"), ("secret.txt", "is not a folder")] {
        let case = Case::over(LIST, &json!({ "builtin": "workspace", "root": root }));
        let ended = case.program.again(["tools"]).run().expect(3);
        holds(&ended.stderr, &["its root `", &format!("{root}` {why}")]);
    }
}

#[test]
fn the_repository_has_one_that_only_reads_and_needs_no_trust() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("mcp_servers.json");
    let config = read(&fs::read_to_string(&path).unwrap(), &path).unwrap();
    assert_eq!((config.entries.len(), config.faults.len()), (1, 0));
    assert!(trust::needs(&config, &trust::load(Path::new("/nonexistent/trust.json")).unwrap()).is_empty());
}
