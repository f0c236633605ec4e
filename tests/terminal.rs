//! Questions on the controlling terminal, over a socket in its place.

use std::{
    fs::File,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use mcm::cli::terminal::{Echo, Terminal};

fn terminal() -> (Terminal, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    (Terminal::over(File::from(OwnedFd::from(ours))), theirs)
}

#[tokio::test]
async fn a_choice_may_be_shortened_and_is_asked_for_again_until_it_is_one() {
    let (terminal, mut user) = terminal();
    user.write_all(b"\nmaybe\nno thanks\n N\n").expect("it has room");
    let choice = terminal
        .choose("Really?\x1b[2J", &["yes", "never"])
        .await
        .expect("it works");
    assert_eq!(choice, Some(1));
    drop(terminal);
    let mut shown = String::new();
    user.read_to_string(&mut shown).expect("it is text");
    assert_eq!(
        shown,
        "Really? [yes/never] one of yes, never: one of yes, never: one of yes, never: "
    );
}

#[tokio::test]
async fn the_end_of_input_is_no_answer() {
    let (terminal, user) = terminal();
    user.shutdown(std::net::Shutdown::Write).expect("it is open");
    assert_eq!(terminal.line("Name: ", Echo::Shown).await.expect("it works"), None);
}

#[tokio::test]
async fn a_dropped_question_reads_nothing_and_the_next_one_is_answered() {
    let (terminal, mut user) = terminal();
    let mut shown = [0; 7];
    tokio::select! {
        biased;
        _ = terminal.line("First? ", Echo::Shown) => panic!("nobody answered"),
        () = async { user.read_exact(&mut shown).expect("the question") } => {}
    }
    user.write_all(b"second\n").expect("it has room");
    assert_eq!(
        terminal
            .line("Second? ", Echo::Hidden)
            .await
            .expect("it works")
            .as_deref(),
        Some("second")
    );
}
