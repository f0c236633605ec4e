//! No secret is in what it prints, whoever says it.

use super::*;

const KEY: &str = "sk-of-the-user-7f3a";
const ENV: &str = "value-of-env-9c1b";
const DOTENV: &str = "value-of-dotenv-5d2e";
const ARGUMENT: &str = "value-of-argument-8a4f";
const TYPED: &str = "typed-into-the-file-1b7d";

/// Servers that say their secrets in every way there is.
fn program(arguments: &[&str], endpoint: &Endpoint) -> Program {
    let echo = |name: &str| json!({ "command": "sh", "args": ["-c", format!("echo \"${name}\" >&2; exit 1")] });
    let mut env = echo("SECRET");
    env["env"] = json!({ "SECRET": "${OF_ENVIRONMENT}" });
    let mut dotenv = echo("SECRET");
    dotenv["env"] = json!({ "SECRET": "Bearer ${OF_DOTENV}" });
    let mut typed = echo("SECRET");
    typed["env"] = json!({ "SECRET": TYPED });
    let servers = json!({ "servers": {
        "env": env,
        "dotenv": dotenv,
        "typed": typed,
        "argument": { "command": "sh", "args": ["-c", "echo $0 >&2; exit 1", "${OF_ARGUMENT}"] },
        "header": { "url": "http://127.0.0.1:1/mcp", "headers": { "Authorization": "Bearer ${OF_DOTENV}" } },
        "command": { "command": "${OF_ARGUMENT}" },
        "dies": { "command": toy(&[])["command"], "args": ["die-at-start"], "env": { "TOY_KEY": "${OF_ENVIRONMENT}" } },
    } });
    let dotenv = format!("OPENAI_API_KEY={KEY}\nOF_DOTENV={DOTENV}\nOF_ARGUMENT={ARGUMENT}\n");
    Program::new(["doctor", "--trust"].iter().chain(arguments))
        .file("mcp_servers.json", &servers.to_string())
        .file(".env", &dotenv)
        .env("OF_ENVIRONMENT", ENV)
        .env("OPENAI_BASE_URL", endpoint.base_url())
        .env("MCM_MODEL", "test-model")
}

#[test]
fn neither_the_users_key_nor_that_of_a_server_gets_out() {
    for arguments in [&["--json"][..], &[]] {
        let endpoint = Endpoint::start([Reply::error(401, &format!("the key {KEY} is wrong"))]);
        let ended = program(arguments, &endpoint).run().expect(3);
        for secret in [KEY, ENV, DOTENV, ARGUMENT, TYPED] {
            assert!(!ended.stdout.contains(secret), "{secret}:\n{}", ended.stdout);
            assert!(!ended.stderr.contains(secret), "{secret}:\n{}", ended.stderr);
        }
        // what was masked is there
        assert!(ended.stdout.matches("***").count() >= 6, "{}", ended.stdout);
        assert_eq!(
            endpoint.requests()[0].header("authorization"),
            Some(format!("Bearer {KEY}").as_str())
        );
    }
}

#[test]
fn a_question_of_trust_shows_names_and_no_values() {
    let servers =
        json!({ "servers": { "s": { "command": "x", "args": ["${OF_ENVIRONMENT}"], "env": { "A": TYPED } } } });
    let program = doctor()
        .file("mcp_servers.json", &servers.to_string())
        .env("OF_ENVIRONMENT", ENV);
    let report = Report::of(program, 2);
    report.says(
        "problem",
        "trust",
        "s",
        "it runs x ${OF_ENVIRONMENT} with the variables A",
        "mcm trust",
    );
    assert!(!report.ended.stdout.contains(TYPED) && !report.ended.stdout.contains(ENV));
}
