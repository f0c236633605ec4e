//! What a configuration file may say, and what is said about one that is wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, time::Duration};

use mcm::{
    host::trust,
    tools::{
        RawTool,
        servers::{Config, Fault, Results, ServerEntry, Surroundings, ToolFilter, Transport, read},
    },
};

fn config(text: &str) -> Config {
    read(text, Path::new("/p/mcp_servers.json")).unwrap()
}

fn resolve(text: &str) -> (Vec<ServerEntry>, Vec<Fault>) {
    let variable = |name: &str| match name {
        "TOKEN" => Some("s3cret-token-1".to_owned()),
        "EMPTY" => Some(String::new()),
        "NESTED" => Some("${TOKEN}".to_owned()),
        _ => None,
    };
    let surroundings = Surroundings {
        folder: Path::new("/srv"),
        home: Some(Path::new("/home/me")),
        variable: &variable,
        input: &|_| None,
    };
    let config = config(text);
    let enabled = config.entries.iter().filter(|entry| !entry.disabled);
    let (mut servers, mut faults) = (Vec::new(), config.faults.clone());
    for entry in enabled {
        match entry.resolve(&config.path, &surroundings) {
            Ok(server) => servers.push(server),
            Err(fault) => faults.push(fault),
        }
    }
    (servers, faults)
}

fn faults(text: &str) -> Vec<String> {
    resolve(text).1.iter().map(ToString::to_string).collect()
}

fn file_error(text: &str) -> String {
    let error = read(text, Path::new("mcp_servers.json")).unwrap_err();
    format!("{error}\n{}", error.hint)
}

fn args(entry: &ServerEntry) -> &[String] {
    match &entry.transport {
        Transport::Stdio { args, .. } => args,
        other => panic!("not a program: {other:?}"),
    }
}

#[test]
fn comments_trailing_commas_and_both_roots_are_read() {
    let text = r#"{ // a comment
            "servers": {"a": {"command": "x", "args": ["1", 2, true,],},},
            "mcpServers": {"a": {"args": ["1", 2, true], "command": "x"}, "b": {"url": "https://h/mcp", "type": "http"}},
        }"#;
    let (servers, faults) = resolve(text);
    assert_eq!(faults, []);
    assert_eq!(servers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(args(&servers[0]), ["1", "2", "true"]);
    assert_eq!(config(text).entries[0].place.line, 2);
}

#[test]
fn a_fault_of_one_entry_names_its_place_and_leaves_the_others() {
    let text = r#"{"servers": {
        "good": {"command": "x"},
        "args": {"command": "x", "args": "-y a"},
        "type": {"url": "https://h", "type": "websocket"},
        "none": {},
        "url": {"url": "h/mcp"},
        "env": {"command": "x", "env": {"KEY": ["hidden-value"]}},
        "time": {"command": "x", "timeout": -1},
        "word": "npx",
        "unset": {"command": "x", "args": ["${MISSING}"]}
    }}"#;
    assert_eq!(resolve(text).0.len(), 1);
    insta::assert_snapshot!(faults(text).join("\n"));
}

#[test]
fn a_fault_of_the_file_says_where_it_is_and_what_to_do() {
    let files = [
        "",
        "// nothing\n",
        "[]",
        "{\"server\": {}}",
        "{\"servers\": 1}",
        "{\"servers\": {\n  \"a\": {\"command\" \"x\"}\n}}",
    ];
    insta::assert_snapshot!(files.map(file_error).join("\n\n"));
}

#[test]
fn the_same_name_with_other_contents_is_a_fault() {
    let text = r#"{"servers": {"a": {"command": "x"}}, "mcpServers": {"a": {"command": "y"}}}"#;
    assert!(resolve(text).0.is_empty());
    assert_eq!(faults(text).len(), 1);
}

#[test]
fn variables_are_expanded_in_one_pass_with_defaults() {
    let (servers, faults) = resolve(
        r#"{"servers": {"a": {"command": "x", "args": ["${TOKEN}", "${env:TOKEN}", "${EMPTY}", "${EMPTY:-d}", "${NO:-d}",
            "${env:NO:-}", "${NESTED}", "$TOKEN", "${workspaceFolder}/a", "${userHome}", "${open"], "cwd": "sub"}}}"#,
    );
    assert_eq!(faults, []);
    let token = "s3cret-token-1";
    let expected = [
        token, token, "", "d", "d", "", "${TOKEN}", "$TOKEN", "/srv/a", "/home/me", "${open",
    ];
    assert_eq!(args(&servers[0]), expected);
    assert!(matches!(&servers[0].transport, Transport::Stdio { cwd, .. } if cwd == Path::new("/srv/sub")));
}

#[test]
fn a_disabled_entry_is_not_expanded_and_mcm_does_not_start_itself() {
    let text =
        r#"{"servers": {"a": {"command": "x", "args": ["${NO}"], "disabled": true}, "b": {"command": "/bin/mcm"}}}"#;
    let (servers, faults) = resolve(text);
    assert_eq!((servers, faults), (vec![], vec![]));
    assert_eq!(
        config(text).notes,
        ["server `b` is left out: its command is `mcm` itself"]
    );
}

#[test]
fn limits_results_and_unknown_keys_are_kept() {
    let text = r#"{"servers": {"a": {"command": "x", "timeout": 1500, "results": {"t": "text"}, "autoApprove": [], "required": true},
        "b": {"command": "x", "timeout": 90, "results": "text"}}}"#;
    let (servers, _) = resolve(text);
    assert_eq!(servers[0].call_timeout, Some(Duration::from_millis(1500)));
    assert_eq!(servers[1].call_timeout, Some(Duration::from_secs(90)));
    assert_eq!(servers[0].results, Results::TextOf(vec!["t".into()]));
    assert!(servers[1].results.is_text("any") && servers[0].required);
    assert_eq!(config(text).entries[0].unknown[0].key, "autoApprove");
}

#[test]
fn secrets_are_values_of_env_and_headers_but_not_plain_ones() {
    let (servers, _) = resolve(
        r#"{"servers": {
            "a": {"command": "x", "env": {"K": "typed-secret", "P": "/usr/local/lib", "N": "1234567890", "U": "https://host/path",
                "W": "https://user:pass@host/", "S": "short", "V": "${TOKEN}"}},
            "b": {"url": "https://h", "headers": {"Authorization": "Bearer ${TOKEN}"}}
        }}"#,
    );
    assert_eq!(
        servers[0].secrets(),
        ["https://user:pass@host/", "s3cret-token-1", "typed-secret"]
    );
    assert_eq!(servers[1].secrets(), ["Bearer s3cret-token-1", "s3cret-token-1"]);
    assert_eq!(servers[0].mask("key typed-secret"), "key ********");
    assert!(!format!("{:?}", servers[0].transport).contains("typed-secret"));
}

#[test]
fn trust_is_kept_until_what_would_run_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("state/trust.json");
    let old = config(
        r#"{"servers": {"a": {"command": "npx", "args": ["-y", "it's"], "env": {"KEY": "v"}, "description": "d"}}}"#,
    );
    let asked = trust::needs(&old, &trust::load(&store).unwrap());
    assert_eq!(asked[0].text, "runs npx -y 'it'\\''s'\nwith the variables KEY");
    let granted = trust::grant(&old.path, &asked, &store).unwrap();
    assert!(trust::needs(&old, &granted).is_empty());
    assert_eq!(granted, trust::load(&store).unwrap());

    let described = config(
        r#"{"servers": {"a": {"command": "npx", "args": ["-y", "it's"], "env": {"KEY": "v"}, "description": "e"}}}"#,
    );
    assert!(trust::needs(&described, &granted).is_empty());
    let changed = config(r#"{"servers": {"a": {"command": "npx", "args": ["-y", "it's"], "env": {"KEY": "w"}}}}"#);
    assert_eq!(trust::needs(&changed, &granted).len(), 1);
    let elsewhere = Config {
        path: "/q/mcp_servers.json".into(),
        ..old
    };
    assert_eq!(trust::needs(&elsewhere, &granted).len(), 1);

    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&store).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_store_that_cannot_be_understood_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("trust.json");
    std::fs::write(&store, "{ broken").unwrap();
    let error = trust::grant(Path::new("/p/mcp_servers.json"), &[], &store).unwrap_err();
    assert!(error.to_string().contains("trust.json"));
    assert_eq!(std::fs::read_to_string(&store).unwrap(), "{ broken");
}

/// The hash by which trust in this entry is kept.
fn hash(entry: &str) -> String {
    let asked = trust::needs(
        &config(&format!(r#"{{"servers": {{"a": {entry}}}}}"#)),
        &trust::Store::default(),
    );
    asked[0].hash.clone()
}

#[test]
fn trust_that_was_given_to_an_entry_stays_and_is_of_every_field_that_decides_what_happens() {
    let program = r#""command": "npx", "args": ["-y", "it's"], "env": {"KEY": "v"}"#;
    let old = "fbaed62b9912b8af5949e7caf1ae1369aff5ee4519833a1fa7bfdd72be891e29";
    let same = [
        "",
        r#", "timeout": 5"#,
        r#", "startupTimeout": 5"#,
        r#", "disabledTools": ["x"]"#,
        r#", "type": "local""#,
    ];
    for more in same {
        assert_eq!(hash(&format!("{{{program}{more}}}")), old, "{more}");
    }
    let address = r#""url": "https://h/sse", "headers": {"A": "${B}"}"#;
    let old_address = "71de39a4e98fb7567c638ed391dbe7bfbce17de475611654f84e176cef27942c";
    assert_eq!(hash(&format!("{{{address}}}")), old_address);
    assert_eq!(hash(&format!(r#"{{{address}, "type": "http"}}"#)), old_address);
    let decisive = [
        (program, r#""envFile": "e""#),
        (program, r#""roots": ["/"]"#),
        (program, r#""sampling": true"#),
        (program, r#""cwd": "/""#),
        (address, r#""type": "sse""#),
        (address, r#""oauth": {"clientId": "c"}"#),
        (address, r#""oauth": {"clientSecret": "c"}"#),
        (address, r#""oauth": {"scopes": ["c"]}"#),
        (address, r#""bearer_token_env_var": "C""#),
    ];
    let mut hashes: Vec<String> = decisive
        .iter()
        .map(|(entry, more)| hash(&format!("{{{entry}, {more}}}")))
        .collect();
    hashes.extend([old.to_owned(), old_address.to_owned()]);
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), decisive.len() + 2);
}

#[test]
fn a_question_of_trust_names_what_an_entry_does_besides() {
    let text = r#"{"servers": {
        "a": {"command": "x", "envFile": ".env.local", "roots": ["/my data"], "sampling": true},
        "b": {"url": "https://h/mcp", "oauth": {"clientId": "me", "clientSecret": "hidden-value"}}
    }}"#;
    let asked = trust::needs(&config(text), &trust::Store::default());
    let texts: Vec<&str> = asked.iter().map(|question| question.text.as_str()).collect();
    let a = "runs x\nwith the variables in the file .env.local\nis told of the folders '/my data'\nmay have your model write for it";
    assert_eq!(texts, [a, "connects to https://h/mcp\nas the OAuth client me"]);
}

fn raw_tool(name: &str) -> RawTool {
    RawTool {
        name: name.into(),
        title: None,
        description: None,
        input_schema: serde_json::json!({}),
        output_schema: None,
        read_only: false,
    }
}

#[test]
fn a_filter_goes_by_raw_and_python_names_and_deny_wins() {
    let globs = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>();
    let filter = ToolFilter {
        allow: Some(globs(&["read*", "list_all", "nothing"])),
        deny: globs(&["read-secret", "x"]),
    };
    let names = ["read-file", "read-secret", "list-all", "write"];
    let filtered = filter.apply(names.map(raw_tool).to_vec());
    let kept: Vec<&str> = filtered.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(kept, ["read-file", "list-all"]);
    assert_eq!(filtered.hidden, ["read-secret", "write"]);
    assert_eq!(filtered.idle, ["nothing", "x"]);
    let all = ToolFilter::default().apply(names.map(raw_tool).to_vec());
    assert_eq!((all.tools.len(), all.hidden.len(), all.idle.len()), (4, 0, 0));
}

#[test]
fn a_required_server_whose_entry_cannot_be_read_ends_the_run() {
    let servers = serde_json::json!({ "a": { "command": "true", "timeout": "soon", "required": true } });
    let ended = crate::support::program::Program::new(["run", "-c", "answer(1)"])
        .servers(&servers)
        .run()
        .expect(2);
    assert!(ended.stderr.contains("that server is `required`"), "{}", ended.stderr);
}
