//! Every way by which text leaves the program, with a server and an endpoint that say all they know.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{
    asked::holds,
    endpoint::{Endpoint, Reply},
    program::{Ended, Program},
    terminal::{OnTerminal, Stdout},
};

const LEAK: &str = "leak/of the+server=1";
const TOKEN: &str = "token-of-the-header-77aa";
const KEY: &str = "sk-of-the-dotenv-file-3b";
const OTHER: &str = "other-value-of-dotenv-9z";

/// Prints the secret in every form, and in two pieces, to both streams.
const PRINTS: &str = r#"
import base64, json, sys, urllib.parse
v = leaky.tell()
for form in ["plain", "base64", "urlsafe", "percent", "form", "json"]:
    print(leaky.tell(form=form))
print(base64.b64encode(v.encode()).decode(), json.dumps({"v": [v]}), urllib.parse.quote(v))
for stream in (sys.stdout, sys.stderr):
    stream.write(v[:7])
    stream.flush()
    stream.write(v[7:])
    stream.flush()
print()
"#;

fn leaky() -> Value {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/leaky.py");
    json!({ "command": "python3", "args": [script], "env": { "LEAK": LEAK } })
}

fn program(arguments: &[&str], endpoint: &Endpoint) -> Program {
    Program::new(arguments)
        .servers(&json!({ "leaky": leaky() }))
        .file(".env", &format!("OPENAI_API_KEY={KEY}\nOTHER={OTHER}\n"))
        .env("OPENAI_BASE_URL", endpoint.base_url())
        .env("MCM_MODEL", "test-model")
}

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

/// No secret stands in `text` in any form that this file knows.
#[track_caller]
fn is_clean(place: &str, text: &str) {
    for secret in [LEAK, TOKEN, KEY, OTHER] {
        let encoded = STANDARD.encode(format!("user:{secret}"));
        // without what depends on the characters around
        let core = &encoded[7..encoded.len() - 4];
        let forms = [
            secret.to_owned(),
            core.to_owned(),
            core.replace('+', "-").replace('/', "_"),
            secret.replace('/', "%2F").replace(' ', "%20").replace('+', "%2B"),
            secret.replace('/', "%2f").replace(' ', "+").replace('+', "%2b"),
        ];
        for form in forms {
            assert!(!text.contains(&form), "{place} holds `{form}`:\n{text}");
        }
    }
}

#[track_caller]
fn both_are_clean(place: &str, ended: &Ended) {
    is_clean(place, &ended.stdout);
    is_clean(place, &ended.stderr);
}

#[track_caller]
fn requests_are_clean(place: &str, endpoint: &Endpoint, least: usize) {
    let requests = endpoint.requests();
    assert!(requests.len() >= least, "{place}: {} requests", requests.len());
    for request in requests {
        is_clean(place, &request.body.to_string());
    }
}

fn replies() -> [Reply; 5] {
    [
        script(PRINTS),
        script("leaky.fail()"),
        script("raise ValueError(leaky.tell(form='base64') + leaky.tell())"),
        script("leaky.die()"),
        script("answer([v, leaky.tell])"),
    ]
}

#[test]
fn the_model_the_record_and_the_recording_get_none() {
    let endpoint = Endpoint::start(replies());
    let arguments = [
        "ask",
        "Tell it",
        "--json",
        "--show-code",
        "--record",
        "rec.jsonl",
        "--max-retries",
        "9",
    ];
    let program = program(&arguments, &endpoint);
    let folder = program.folder();
    let kept = program.again(["tools"]);
    let ended = program.run();
    assert!(ended.stdout.matches("\"status\"").count() > 3, "{}", ended.stderr);
    both_are_clean("ask --json", &ended);
    requests_are_clean("the prompts", &endpoint, 4);
    holds(&ended.stdout, &["********"]);
    is_clean("--record", &std::fs::read_to_string(folder.join("rec.jsonl")).unwrap());
    drop(kept);
}

#[test]
fn the_answer_on_stdout_is_the_users_own() {
    let endpoint = Endpoint::start([script("answer(leaky.tell())")]);
    let ended = program(&["ask", "Tell it"], &endpoint).run().expect(0);
    assert_eq!(ended.stdout, format!("{LEAK}\n"));
    is_clean("stderr", &ended.stderr);
    let endpoint = Endpoint::start([]);
    let code = "import sys\nv = leaky.tell()\nprint(v)\nanswer([v])";
    let ended = program(&["run", "-c", code], &endpoint).run().expect(0);
    assert_eq!(ended.stdout, format!("{LEAK}\n[\"{LEAK}\"]\n"));
}

#[test]
fn what_scripts_print_and_raise_goes_to_stderr_without_them() {
    let endpoint = Endpoint::start([]);
    for code in [
        format!("{PRINTS}\nraise ValueError(v)"),
        "leaky.fail()".to_owned(),
        "leaky.die()".to_owned(),
        "try:\n    leaky.fail()\nfinally:\n    import sys\n    sys.stderr.write(leaky.tell(form='urlsafe'))".to_owned(),
    ] {
        let ended = program(&["run", "-c", &code], &endpoint).run().expect(1);
        is_clean(&code, &ended.stderr);
        holds(&ended.stderr, &["********"]);
        let ended = program(&["run", "--json", "-c", &code], &endpoint).run().expect(1);
        both_are_clean(&code, &ended);
    }
}

#[test]
fn what_a_server_logs_is_shown_without_them() {
    let endpoint = Endpoint::start([]);
    let ended = program(&["run", "--verbose", "-c", "leaky.log()"], &endpoint)
        .run()
        .expect(0);
    holds(&ended.stderr, &["server `leaky`: warning (********): "]);
    assert!(ended.stderr.matches("\"said\"").count() >= 6, "{}", ended.stderr);
    both_are_clean("--verbose", &ended);
}

#[test]
fn descriptions_of_tools_are_shown_without_them() {
    let endpoint = Endpoint::start([]);
    let ways: [&[&str]; 8] = [
        &["tools", "list"],
        &["tools", "list", "--json"],
        &["tools", "show", "leaky.tell"],
        &["tools", "show", "leaky.tell", "--json"],
        &["tools", "stubs"],
        &["tools", "search", "tell"],
        &["prompt", "Tell it"],
        &["prompt", "Tell it", "--json"],
    ];
    for way in ways {
        let ended = program(way, &endpoint).run().expect(0);
        holds(&ended.stdout, &["********"]);
        both_are_clean(&way.join(" "), &ended);
    }
    let code = "print(tools.describe('leaky.tell'), tools.search('tell'), tools.list(), leaky.tell.__doc__)";
    let ended = program(&["run", "-c", code], &endpoint).run().expect(0);
    both_are_clean("what scripts read of tools", &ended);
}

#[test]
fn an_endpoint_that_says_the_key_is_quoted_without_it() {
    let encoded = STANDARD.encode(format!("Bearer {KEY}"));
    for arguments in [
        &["ask", "Tell it"][..],
        &["ask", "Tell it", "--json"],
        &["doctor", "--json"],
        &["doctor"],
    ] {
        let refusal = format!("the key {KEY} is wrong ({encoded}; {OTHER})");
        let endpoint = Endpoint::start([Reply::error(401, &refusal), Reply::error(401, &refusal)]);
        let ended = program(arguments, &endpoint).run().expect(3);
        both_are_clean(&arguments.join(" "), &ended);
        holds(&(ended.stdout + &ended.stderr), &["********"]);
    }
}

#[test]
fn a_server_on_the_network_that_says_its_token_is_quoted_without_it() {
    for arguments in [&["tools"][..], &["doctor", "--json", "--no-model"]] {
        let said = format!("no such user: {TOKEN} {}", STANDARD.encode(TOKEN));
        let endpoint = Endpoint::start((0..8).map(|_| Reply::error(403, &said)));
        let server = json!({ "url": format!("{}/mcp", endpoint.base_url()),
            "headers": { "Authorization": format!("Bearer {TOKEN}") } });
        let ended = Program::new(arguments).servers(&json!({ "far": server })).run();
        both_are_clean(&arguments.join(" "), &ended);
        assert!(!endpoint.requests().is_empty());
    }
}

#[test]
fn results_of_a_batch_hold_none() {
    let endpoint = Endpoint::start(replies());
    let task = json!({ "task": format!("Tell {OTHER}") }).to_string();
    let program = program(
        &["batch", "tasks.jsonl", "-o", "results.jsonl", "--max-retries", "9"],
        &endpoint,
    );
    let program = program.file("tasks.jsonl", &task);
    let folder = program.folder();
    let kept = program.again(["tools"]);
    let ended = program.run();
    both_are_clean("batch", &ended);
    let results = std::fs::read_to_string(folder.join("results.jsonl")).unwrap();
    holds(&results, &["********"]);
    is_clean("the results", &results);
    requests_are_clean("the prompts", &endpoint, 4);
    drop(kept);
}

#[test]
fn a_conversation_shows_none_on_the_terminal_and_in_later_prompts() {
    let endpoint = Endpoint::start([
        script(PRINTS),
        script("answer('done ' + v[:4])"),
        script("answer('more')"),
    ]);
    let mut running = OnTerminal::start(program(&["repl"], &endpoint), Stdout::File);
    running.sees("mcm> ", 1);
    running.types("tell it\r");
    running.sees("2 model calls", 1);
    running.types("and more\r");
    running.sees("1 model call", 1);
    running.types("\x04");
    let ended = running.end();
    is_clean("the screen", &ended.screen);
    requests_are_clean("the prompts", &endpoint, 3);
}
