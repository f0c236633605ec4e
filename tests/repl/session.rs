//! A user at the prompt.

use mcm::cli::ui::clean;

use super::on_terminal::{Cursor, Setup};
use crate::support::endpoint::{Endpoint, Gate, Reply};

fn script(code: &str) -> Reply {
    Reply::text(format!("```python\n{code}\n```"))
}

#[test]
fn a_follow_up_uses_variables_and_conversation_of_the_task_before() {
    let endpoint = Endpoint::start([script("x = 41\nanswer('done ' + 'first')"), script("answer(x + 1001)")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("begin with it");
    repl.sees("done first");
    repl.sees("1 model call, 0 tool calls");
    repl.enters("go on with it");
    repl.sees("1042");
    let ended = repl.leaves();
    assert!(ended.screen.contains("│"), "code is shown: {}", ended.screen);
    let last = &endpoint.requests()[1].body["messages"];
    let said = last.to_string();
    assert!(said.contains("begin with it") && said.contains("x = 41"), "{said}");
}

#[test]
fn python_of_the_users_own_shows_its_calls_its_output_and_its_last_value() {
    let endpoint = Endpoint::start([script("answer(y)")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("!y = toy.echo(text='par' + 'rot')");
    repl.sees("toy.echo(text=\"parrot\") ok");
    repl.enters("!print('out', 'put'); (y, None)");
    repl.sees("out put\r\n");
    repl.sees("('parrot', None)\r\n");
    repl.enters("!1 / 0");
    repl.sees("ZeroDivisionError: division by zero");
    repl.enters("say y");
    repl.sees("parrot\r\n");
    repl.leaves();
    let first = endpoint.requests()[0].last_message().to_owned();
    assert!(
        first.contains("The user ran Python") && first.contains("out put"),
        "{first}"
    );
}

#[test]
fn ctrl_c_in_mid_reply_ends_the_task_and_nothing_else() {
    let endpoint = Endpoint::start([
        Reply::text("Let me think about it for a while.\n\n```python\nanswer('too late')")
            .chunks_of(1000)
            .silent_after(2),
        script("answer('next ' + 'one')"),
    ]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("first");
    repl.sees("Let me think");
    repl.types("\x03");
    repl.sees("interrupted");
    endpoint.wait_for_hang_ups(1);
    repl.enters("second");
    repl.sees("next one");
    repl.leaves();
}

#[test]
fn ctrl_c_before_a_reply_ends_the_task_and_is_forgotten_by_the_conversation() {
    let gate = Gate::default();
    let endpoint = Endpoint::start([script("answer(1)").after(&gate), script("answer('next ' + 'one')")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("the task that is dropped");
    endpoint.wait_for_requests(1);
    repl.types("\x03\x03");
    repl.sees("interrupted");
    repl.enters("second");
    repl.sees("next one");
    repl.leaves();
    gate.open();
    assert!(
        !endpoint.requests()[1]
            .body
            .to_string()
            .contains("the task that is dropped")
    );
}

#[test]
fn ctrl_c_in_a_script_or_a_call_leaves_the_variables_as_they_were_before_the_task() {
    for stuck in [
        "toy.sleep(ms=0, mark='mark')\nwhile True:\n    pass",
        "toy.sleep(ms=100_000, mark='mark')",
    ] {
        let endpoint = Endpoint::start([script("x = 'changed'"), script(stuck), script("answer('next ' + x)")]);
        let mut repl = Setup::new(&endpoint).start();
        repl.enters("!x = 'kept'");
        repl.enters("a task of two scripts");
        repl.wait_for_file("mark");
        repl.types("\x03");
        repl.sees("interrupted");
        // once more, in which nothing is under way; it has been heard when the help is there
        repl.signal(libc::SIGINT);
        repl.enters("/help");
        repl.sees("/undo");
        repl.enters("another task");
        repl.sees("next kept");
        repl.leaves();
        let said = endpoint.requests()[2].last_message().to_owned();
        assert!(said.contains("as they were before it"), "{said}");
    }
}

#[test]
fn undo_takes_back_one_script_after_another_and_says_which() {
    let endpoint = Endpoint::start([script("n = 3\nanswer('an' + 'swered')"), script("answer(1000 + n)")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("/undo");
    repl.sees("there is nothing to take back");
    repl.enters("!n = 1");
    repl.enters("!n = 2");
    repl.enters("set it");
    repl.sees("answered");
    repl.enters("/undo");
    repl.sees("before a script of 2 lines that begins `n = 3`");
    repl.enters("!n + 500");
    repl.sees("502");
    repl.enters("/undo");
    repl.enters("/undo");
    repl.sees("before `n = 2`");
    repl.enters("tell it");
    repl.sees("1001");
    repl.leaves();
    let said = endpoint.requests()[1].last_message().to_owned();
    assert!(said.contains("took back"), "{said}");
}

#[test]
fn reset_begins_anew_with_the_inputs() {
    let endpoint = Endpoint::start([
        script("x = 1\nanswer('an' + 'swered')"),
        script("answer('given ' + given)"),
    ]);
    let mut repl = Setup::new(&endpoint)
        .args(&["--trust", "--input", "given=value"])
        .start();
    repl.enters("the very first task");
    repl.sees("answered");
    repl.enters("/reset");
    repl.sees("a new session");
    repl.enters("!'x' in globals()");
    repl.sees("False");
    repl.enters("second");
    repl.sees("given value");
    repl.leaves();
    let said = endpoint.requests()[1].body.to_string();
    assert!(
        !said.contains("the very first task") && said.contains("`given`"),
        "{said}"
    );
}

#[test]
fn variables_are_named_with_type_and_size_also_where_their_own_code_is_hostile() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("/vars");
    repl.sees("there are no variables yet");
    repl.enters("!items = [1, 2]; len = 7; text = 'x' * 5000");
    repl.enters("/vars");
    repl.sees("items  list  2 items");
    repl.sees("len    int");
    repl.sees("text   str   5,000 characters");
    repl.prompt();
    repl.types("\x1b[200~!class Liar(list):\n    def __repr__(self): raise SystemExit\n");
    repl.types("    def __len__(self): return toy.echo(text='called')\n    __iter__ = __len__\n\x1b[201~\r");
    repl.enters("!liar = Liar()");
    repl.enters("/vars");
    repl.sees("liar   Liar  0 items");
    repl.enters("!len * 1000 + 3");
    repl.sees("7003");
    repl.enters("!dict = bytes = bool = globals = str = 5000");
    repl.enters("/vars");
    repl.sees("globals");
    let ended = repl.leaves();
    assert!(
        !ended.screen.contains("toy.echo(text=\"called\") ok"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_pasted_block_is_one_input_and_waits_for_enter() {
    let endpoint = Endpoint::start([script("answer('one ' + 'answer')")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.prompt();
    repl.types("\x1b[200~!for n in range(2):\r    last = n\r\rprint('got', last)\x1b[201~");
    repl.sees("print('got', last)");
    repl.types("\r");
    repl.sees("got 1");
    repl.prompt();
    repl.types("\x1b[200~first line\nsecond line\nthird line\x1b[201~");
    repl.sees("third line");
    assert_eq!(endpoint.requests().len(), 0);
    repl.types("\r");
    repl.sees("one answer");
    repl.leaves();
    let asked = endpoint.requests();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].last_message().contains("first line\nsecond line\nthird line"));
}

#[test]
fn what_is_open_goes_on_and_ctrl_c_clears_it() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("!print('never',");
    repl.sees("...> ");
    repl.types("\x03");
    repl.enters("!sum([1000,");
    repl.sees("...> ");
    repl.types("234])\r");
    repl.sees("1234");
    repl.prompt();
    repl.types("!x = 1\x1b\rx + 70\r");
    repl.sees("71");
    repl.leaves();
}

#[test]
fn in_a_narrow_terminal_lines_are_broken_between_words() {
    let reply = "I shall count all of the lines in each one of these files.\n```python\nfor n in range(9):\n    \
                 toy.echo(text='a rather long text')\nanswer('the ' + 'end')\n```";
    let endpoint = Endpoint::start([Reply::text(reply)]);
    let mut setup = Setup::new(&endpoint);
    setup.size = (20, 24);
    let mut repl = setup.start();
    repl.enters("count");
    repl.sees("the end");
    let ended = repl.leaves();
    for line in ["  I shall count all", "  of the lines in", "  each one of these"] {
        assert!(clean(&ended.screen).contains(line), "{line:?} in {}", ended.screen);
    }
    // what a spinner drew stands before the last return to the line's beginning
    let rows = ended
        .screen
        .lines()
        .filter_map(|line| line.trim_end().split('\r').next_back());
    let calls: Vec<String> = rows
        .map(|row| clean(row).into_owned())
        .filter(|row| row.contains("toy.e") && row.contains(" ok"))
        .collect();
    assert_eq!(calls.len(), 3, "{}", ended.screen);
    assert!(calls.iter().all(|line| line.chars().count() <= 20), "{calls:?}");
}

#[test]
fn tab_completes_what_the_servers_offer() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).start();
    // the names are known when the servers are
    repl.enters("/tools back");
    repl.sees("toy.echo(text: str) -> Any");
    repl.sees("Gives the text back");
    repl.prompt();
    repl.types("!toy.ech\t(text='eek')[1:]\r");
    repl.sees("'ek'");
    repl.prompt();
    repl.types("/un\t\r");
    repl.sees("as they were before");
    repl.enters("/toolz");
    repl.sees("did you mean `/tools`");
    repl.leaves();
}

#[test]
fn another_model_answers_from_then_on() {
    let endpoint = Endpoint::start([script("answer('a' + 'a')"), script("answer('b' + 'b')")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.enters("one");
    repl.sees("aa");
    repl.enters("/model other-one");
    repl.sees("the model is other-one");
    repl.enters("two");
    repl.sees("bb");
    repl.leaves();
    let models: Vec<_> = endpoint
        .requests()
        .iter()
        .map(|asked| asked.body["model"].clone())
        .collect();
    assert_eq!(models, ["scripted", "other-one"]);
}

#[test]
fn a_server_that_fails_is_named_and_a_model_that_cannot_be_reached_is_shown() {
    let endpoint = Endpoint::start([]);
    let mut setup = Setup::new(&endpoint).env("OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    setup.servers["broken"] = serde_json::json!({ "command": "false" });
    let mut repl = setup.start();
    repl.enters("/tools");
    repl.sees("toy (");
    // it may have failed before there was a prompt
    let screen = repl.screen();
    assert!(screen.contains("server `broken` is left out"), "{screen}");
    repl.enters("a task");
    repl.sees("cannot reach");
    repl.enters("!'still ' + 'here'");
    repl.sees("still here");
    repl.leaves();
}

#[test]
fn the_trust_question_comes_before_the_prompt() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).args(&[]).start();
    repl.sees("trust it? [yes/no]");
    repl.types("yes\r");
    repl.enters("!toy.echo(text='x' * 5)");
    repl.sees("xxxxx");
    repl.leaves();
}

#[test]
fn a_write_is_asked_for_in_the_middle_of_a_task() {
    let endpoint = Endpoint::start([
        script("answer(toy.write(name='a'))"),
        script("answer(toy.write(name='b'))"),
    ]);
    let mut repl = Setup::new(&endpoint).args(&["--trust"]).start();
    repl.enters("write");
    repl.sees("n never: ");
    repl.types("yes\r");
    repl.sees("written");
    repl.enters("write again");
    repl.sees("n never: ");
    repl.types("\x03");
    repl.sees("interrupted");
    repl.leaves();
}

#[test]
fn the_terminal_is_raw_only_while_a_line_is_edited() {
    let endpoint = Endpoint::start([script("answer(toy.sleep(ms=100_000, mark='mark'))")]);
    let mut repl = Setup::new(&endpoint).start();
    repl.prompt();
    assert!(!repl.modes().takes_lines());
    repl.types("go\r");
    repl.wait_for_file("mark");
    assert!(repl.modes().takes_lines());
    repl.types("\x03");
    repl.sees("interrupted");
    repl.leaves();
}

#[test]
fn a_signal_that_ends_it_leaves_the_terminal_as_it_was() {
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        let endpoint = Endpoint::start([script("answer(toy.sleep(ms=100_000, mark='mark'))")]);
        let mut repl = Setup::new(&endpoint).start();
        repl.prompt();
        repl.types("half a li");
        repl.sees("half a li");
        repl.signal(signal);
        assert_eq!(repl.end().code, Some(130));
        let mut repl = Setup::new(&endpoint).start();
        repl.enters("go");
        repl.wait_for_file("mark");
        repl.signal(signal);
        assert_eq!(repl.end().code, Some(130));
    }
}

#[test]
fn sessions_side_by_side_keep_one_history() {
    let endpoint = Endpoint::start([]);
    let setup = Setup::new(&endpoint);
    let (mut one, mut other) = (setup.start(), setup.start());
    one.enters("!'of ' + 'one'");
    one.sees("of one");
    other.enters("!'of ' + 'another'");
    other.sees("of another");
    one.enters(" !'for' + 'gotten'");
    one.sees("forgotten");
    let path = one.at_home(".local/state/mcm/history");
    one.leaves();
    other.leaves();
    let kept = std::fs::read_to_string(&path).expect("it was kept");
    assert_eq!(kept, "!'of ' + 'one'\n!'of ' + 'another'\n");
    let mut third = setup.start();
    third.prompt();
    third.types("\x1b[A\r");
    third.sees("of another");
    third.leaves();
}

#[test]
fn without_a_place_for_history_it_works_and_says_so() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).env("XDG_STATE_HOME", "/proc/none").start();
    repl.sees("no history");
    repl.enters("!'work' + 'ing'");
    repl.sees("working");
    repl.leaves();
}

#[test]
fn terminals_that_can_do_less_get_less() {
    let endpoint = Endpoint::start([]);
    let plain = |setup: Setup| {
        let mut repl = setup.start();
        repl.enters("!'wor' + 'ked'");
        repl.sees("worked");
        repl.leaves().screen
    };
    let screen = plain(Setup::new(&endpoint).env("NO_COLOR", "1"));
    assert!(!has_colour(&screen), "{screen:?}");
    let screen = plain(Setup::new(&endpoint));
    assert!(has_colour(&screen), "{screen:?}");
    let screen = plain(Setup::new(&endpoint).env("TERM", "dumb"));
    assert!(!screen.contains('\x1b'), "{screen:?}");
    let mut silent = Setup::new(&endpoint);
    silent.cursor = Cursor::Secret;
    plain(silent);
}

#[test]
fn ctrl_c_drops_a_line_also_where_nothing_edits_it() {
    let endpoint = Endpoint::start([]);
    let mut repl = Setup::new(&endpoint).env("TERM", "dumb").start();
    repl.enters("!print('never',");
    repl.sees("...> ");
    repl.signal(libc::SIGINT);
    repl.enters("!'wor' + 'ked'");
    repl.sees("worked");
    repl.leaves();
}

/// Whether a sequence that chooses a colour was written.
fn has_colour(screen: &str) -> bool {
    screen.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest.as_bytes()[end] == b'm' && !matches!(&rest[..end], "" | "0"))
    })
}
