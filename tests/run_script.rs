//! The verbs without a model: `mcm run`, `mcm tools` and `mcm prompt`.

use serde_json::{Value, json};

use crate::support::{asked::holds, program::Program, servers::toy};

/// A verb with the toy server.
fn mcm<const N: usize>(arguments: [&str; N]) -> Program {
    Program::new(arguments).servers(&json!({ "toy": toy(&["all-tools"]) }))
}

#[test]
fn a_script_prints_as_it_goes_and_its_answer_last() {
    let code =
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint(toy.echo(text='three'))\nanswer({'n': 4})";
    let ended = mcm(["run", "script.py"]).file("script.py", code).run().expect(0);
    assert_eq!(ended.stdout, "one\nthree\n{\"n\":4}\n");
    holds(&ended.stderr, &["two\n"]);
}

#[test]
fn output_reaches_stdout_while_the_script_still_runs() {
    let code = "print('first')\ntoy.sleep(ms=100_000, mark='mark')";
    let started = mcm(["run", "-c", code]).start();
    started.wait_for_file("mark");
    started.signal(libc::SIGINT);
    let ended = started.wait().expect(130);
    assert_eq!(ended.stdout, "first\n");
    holds(&ended.stderr, &["mcm: interrupted"]);
}

#[test]
fn output_is_not_shortened() {
    let ended = mcm(["run", "-c", "for n in range(200_000): print(n)"]).run().expect(0);
    assert_eq!(ended.stdout.lines().count(), 200_000);
}

#[test]
fn json_is_one_record_and_nothing_else() {
    let ended = mcm(["run", "--json", "-c", "print('a')\ntoy.write()\nanswer([1])"])
        .run()
        .expect(0);
    let record = ended.json();
    assert_eq!(record["success"], true);
    assert_eq!(record["stdout"], "a\n");
    assert_eq!(record["result"], json!([1]));
    assert_eq!(record["calls"][0]["result"], "written");
    assert_eq!(record["diagnostics"], Value::Null);
}

#[test]
fn integers_that_json_readers_would_round_are_text() {
    let code = "answer([2**64 - 1, -2**63, 2**64, -2**63 - 1])";
    let answer = mcm(["run", "-c", code]).run().expect(0).json();
    let texts = ["18446744073709551616", "-9223372036854775809"];
    assert_eq!(answer, json!([u64::MAX, i64::MIN, texts[0], texts[1]]));
}

#[test]
fn a_failed_script_is_exit_code_1_with_its_traceback_or_record() {
    let code = "x = 1\ntoy.error()";
    let ended = mcm(["run", "-c", code]).run().expect(1);
    assert_eq!(ended.stdout, "");
    holds(&ended.stderr, &["line 2", "it went wrong"]);
    let record = mcm(["run", "--json", "-c", code]).run().expect(1).json();
    assert_eq!(record["diagnostics"]["code"], "TOOL_ERROR");
    assert_eq!(record["diagnostics"]["line"], 2);
    assert_eq!(record["calls"][0]["status"], "error");
}

#[test]
fn an_interrupted_script_leaves_a_record_of_its_calls() {
    let code = "toy.write()\ntoy.sleep(ms=100_000, mark='mark')";
    let started = mcm(["run", "--json", "-c", code]).start();
    started.wait_for_file("mark");
    started.signal(libc::SIGTERM);
    let record = started.wait().expect(130).json();
    assert_eq!(record["diagnostics"]["code"], "CANCELLED");
    assert_eq!(record["calls"][0]["status"], "ok");
    assert_eq!(record["calls"][1]["status"], "unknown");
}

#[test]
fn a_script_over_max_time_is_exit_code_4() {
    let ended = mcm(["run", "-c", "toy.sleep(ms=100_000)", "--max-time", "1"])
        .run()
        .expect(4);
    holds(&ended.stderr, &["--max-time"]);
}

#[test]
fn only_the_servers_that_a_script_names_are_started() {
    let servers = json!({ "toy": toy(&[]), "other": { "command": "touch", "args": ["started"] } });
    let program = |code: &str| Program::new(["run", "-c", code]).servers(&servers);
    for (code, started) in [
        ("answer(toy.echo(text='a'))", false),
        ("from tools import toy as t\nanswer(t.echo(text='a'))", false),
        ("answer('a')", false),
        ("import tools\nanswer(tools.call('toy', 'echo', text='a'))", false),
        ("import tools\nanswer(tools.call('t' + 'oy', 'echo', text='a'))", true),
    ] {
        let program = program(code);
        let again = program.again(["--version"]);
        let ended = program.run().expect(0);
        assert_eq!(ended.stdout, "a\n", "{code}");
        assert_eq!(again.folder().join("started").exists(), started, "{code}");
    }
}

#[test]
fn a_script_can_come_from_stdin() {
    let ended = mcm(["run", "-"])
        .stdin("answer(toy.echo(text='from stdin'))")
        .run()
        .expect(0);
    assert_eq!(ended.stdout, "from stdin\n");
    let ended = mcm(["run", "-", "--input", "a=@-"]).stdin("answer(a)").run().expect(2);
    holds(&ended.stderr, &["stdin", "--input a=@-"]);
}

#[test]
fn inputs_and_piped_stdin_are_variables() {
    let ended = mcm(["run", "-c", "answer(a + stdin)", "--input", "a=1"])
        .stdin("2")
        .run()
        .expect(0);
    assert_eq!(ended.stdout, "12\n");
    holds(
        &mcm(["run", "-c", "1", "--input", "toy=1"]).run().expect(2).stderr,
        &["toy", "server"],
    );
}

#[test]
fn a_script_that_is_not_there_is_wrong_usage() {
    holds(&mcm(["run", "gone.py"]).run().expect(2).stderr, &["gone.py"]);
}

#[test]
fn a_record_holds_no_secrets() {
    let mut entry = toy(&["all-tools"]);
    entry["env"] = json!({ "TOY_KEY": "entry-secret-value" });
    let code = "v = toy.variable(name='TOY_KEY')\nprint(v)\ntoy.echo(text=v)\nraise ValueError(v)";
    let program = Program::new(["run", "--json", "-c", code]).servers(&json!({ "toy": entry }));
    let ended = program.run().expect(1);
    holds(&ended.stdout, &["********"]);
    for text in [ended.stdout, ended.stderr] {
        assert!(!text.contains("entry-secret-value"), "{text}");
    }
}

#[test]
fn tools_are_listed_shown_and_printed_as_the_model_sees_them() {
    let list = mcm(["tools"]).run().expect(0).stdout;
    holds(&list, &["toy (12 tools)", "  echo  ", "  write  "]);
    assert_eq!(mcm(["tools", "list"]).run().expect(0).stdout, list);
    let tools = mcm(["tools", "list", "--json"]).run().expect(0).json();
    assert_eq!(tools.as_array().expect("tools").len(), 12);
    assert_eq!(
        (&tools[0]["tool"], &tools[0]["access"]),
        (&json!("echo"), &json!("read"))
    );
    let page = mcm(["tools", "show", "toy.echo"]).run().expect(0).stdout;
    holds(
        &page,
        &["def echo(", "Gives the text back", "reads only", "\"required\""],
    );
    holds(
        &mcm(["tools", "show", "toy.ecko"]).run().expect(2).stderr,
        &["no tool `toy.ecko`", "toy.echo"],
    );
    let stubs = mcm(["tools", "stubs"]).run().expect(0).stdout;
    holds(&stubs, &["def echo(", "def write("]);
    let less = mcm(["tools", "stubs", "--read-only"]).run().expect(0).stdout;
    assert!(!less.contains("def write("), "{less}");
}

#[test]
fn the_prompt_is_shown_without_a_model() {
    let ended = mcm(["prompt", "count the ducks", "--input", "pond=blue"])
        .run()
        .expect(0);
    holds(
        &ended.stdout,
        &["# system", "# user", "def echo(", "count the ducks", "`pond`"],
    );
    holds(&ended.stderr, &[" tokens"]);
    let record = mcm(["prompt", "count the ducks", "--json"]).run().expect(0).json();
    assert_eq!(record["messages"][0]["role"], "system");
    assert!(record["tokens"].as_u64().expect("a number") > 100);
}
