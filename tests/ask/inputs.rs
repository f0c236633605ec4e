//! What a user hands to scripts.

use super::*;

#[test]
fn inputs_are_variables_of_which_the_model_sees_only_the_beginning() {
    let long = |letter: &str| letter.repeat(5_000);
    let outcome = Case::script("answer([len(a), len(f), data['n'], len(stdin)])")
        .args([
            "--input",
            &format!("a={}", long("a")),
            "--input",
            "f=@f.txt",
            "--input",
            "data=@data.json",
        ])
        .program(|program| {
            let program = program.file("f.txt", &long("f")).file("data.json", r#"{"n": [1, 2]}"#);
            program.stdin(long("s"))
        })
        .run(0);
    assert_eq!(outcome.record["answer"], json!([5_000, 5_000, [1, 2], 5_000]));
    let request = outcome.requests[0].body.to_string();
    for letter in ["a", "f", "s"] {
        assert!(
            request.contains(&letter.repeat(200)),
            "the beginning of `{letter}` is shown"
        );
        assert!(
            !request.contains(&letter.repeat(301)),
            "only the beginning of `{letter}` is shown"
        );
    }
    for name in ["a", "f", "data", "stdin"] {
        assert!(
            outcome.requests[0].last_message().contains(&format!("`{name}`")),
            "{request}"
        );
    }
}

#[test]
fn the_task_itself_can_come_from_stdin() {
    let endpoint = Endpoint::start([script("answer('stdin' in globals())")]);
    let program = Program::new(["ask", "-"]).model(&endpoint.base_url());
    let ended = program.stdin("count the ducks\n").run().expect(0);
    assert_eq!(ended.stdout, "false\n");
    holds(endpoint.requests()[0].last_message(), &["count the ducks"]);
}

#[test]
fn names_that_inputs_cannot_have_are_wrong_usage() {
    for (input, words) in [
        ("toy=1", "a server has that name"),
        ("json=1", "something else"),
        ("answer=1", "something else"),
        ("class=1", ""),
        ("a-b=1", "a-b"),
        ("a=@no-such-file", "no-such-file"),
    ] {
        let case = Case::new([]).args(["--input", input]);
        let (endpoint, started) = case.start();
        let ended = started.wait().expect(2);
        let name = input.split('=').next().expect("a name");
        holds(&ended.stderr, &[name, words]);
        assert_eq!(ended.stdout, "", "{input}");
        assert!(endpoint.requests().is_empty());
    }
}
