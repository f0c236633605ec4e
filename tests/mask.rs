//! Secrets in text: in which forms they are found, in pieces, and what that costs.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose};
use mcm::mask::{MASK, Masker};
use serde_json::json;

/// With everything that encoders treat in a way of their own.
const SECRET: &str = r#"p/w ö~"x\y+%=q"#;

fn masker(secrets: &[&str]) -> Masker {
    Masker::new(secrets.iter().map(|&secret| secret.to_owned()))
}

#[test]
fn a_secret_is_hidden_however_it_is_written() {
    let masker = masker(&[SECRET]);
    let forms = [
        ("as it is", SECRET),
        ("JSON", r#"p/w ö~\"x\\y+%=q"#),
        ("JSON in ASCII", r#"p/w \u00f6~\"x\\y+%=q"#),
        ("JSON with a slash that is escaped", r#"p\/w ö~\"x\\y+%=q"#),
        ("JSON in JSON", r#"p/w ö~\\\"x\\\\y+%=q"#),
        ("an address", "p%2Fw%20%C3%B6~%22x%5Cy%2B%25%3Dq"),
        ("an address in lower case", "p%2fw%20%c3%b6~%22x%5cy%2b%25%3dq"),
        ("an address with slashes", "p/w%20%C3%B6~%22x%5Cy%2B%25%3Dq"),
        ("a form", "p%2Fw+%C3%B6%7E%22x%5Cy%2B%25%3Dq"),
        ("Python's form", "p%2Fw+%C3%B6~%22x%5Cy%2B%25%3Dq"),
        ("JavaScript's encodeURI", "p/w%20%C3%B6~%22x%5Cy+%25=q"),
    ];
    for (what, form) in forms {
        assert_eq!(masker.text(&format!("<{form}>")), format!("<{MASK}>"), "{what}");
    }
}

#[test]
fn a_secret_in_base64_leaves_no_more_than_a_sextet_at_either_end() {
    let secret = "the-secret-of-the-server";
    let masker = masker(&[secret]);
    let engines = [
        general_purpose::STANDARD,
        general_purpose::STANDARD_NO_PAD,
        general_purpose::URL_SAFE,
        general_purpose::URL_SAFE_NO_PAD,
    ];
    for engine in engines {
        for before in ["", "?", "??", "???", "user:"] {
            for after in ["", ">", ">>", ">>>"] {
                let encoded = engine.encode(format!("{before}{secret}{after}"));
                let masked = masker.text(&encoded);
                let (first, last) = masked.split_once(MASK).unwrap_or_else(|| panic!("{encoded}"));
                let most = |bytes: usize| (bytes * 8).div_ceil(6);
                assert!(first.len() <= most(before.len()), "{masked}");
                assert!(last.trim_end_matches('=').len() <= most(after.len()) + 1, "{masked}");
            }
        }
    }
}

#[test]
fn of_secrets_that_overlap_nothing_is_left_and_short_ones_are_words() {
    let masker = masker(&["abcdefgh", "efghijkl", "fgh-long-one", "cdefg", "ghij"]);
    let text = |text: &str| masker.text(text);
    assert_eq!(text("xabcdefghijklx"), format!("x{MASK}x"));
    assert_eq!(text("abcdefghabcdefgh"), format!("{MASK}{MASK}"));
    assert_eq!(text("abcdefgh-long-one"), MASK);
    assert_eq!(text("cdefg ghij"), "cdefg ghij");
    assert_eq!(
        masker.value(json!({ "abcdefgh": ["efghijkl", 1, { "k": "xabcdefgh" }] })),
        json!({ MASK: [MASK, 1, { "k": format!("x{MASK}") }] })
    );
}

#[test]
fn clones_know_what_one_of_them_is_told_later() {
    let first = Masker::default();
    let (second, mut stream) = (first.clone(), first.stream());
    assert_eq!(stream.push("a token-of-later"), "a token-of-later");
    second.hide(["token-of-later\n".to_owned()]);
    assert_eq!(first.text("a token-of-later"), format!("a {MASK}"));
    assert_eq!(stream.push("a token-of-later"), format!("a {MASK}"));
}

/// The same comes out of a text in whatever pieces it goes in.
#[test]
fn a_stream_hides_what_its_pieces_divide() {
    let masker = masker(&["abcdefgh", "efghijkl", "öabcdeö", "aaaaaaaa"]);
    let texts = [
        "abcdefghijkl and abcdefg",
        "öabcdefghijkl öabcdeö öabcdö",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        "YWJjZGVmZ2g= YWJjZGVmZ2",
        "nothing at all",
    ];
    for text in texts {
        let whole = masker.text(text);
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for first in 0..bounds.len() {
            for second in first..bounds.len() {
                let (a, rest) = text.split_at(bounds[first]);
                let (b, c) = rest.split_at(bounds[second] - bounds[first]);
                let mut stream = masker.stream();
                let mut shown: String = [a, b, c].into_iter().map(|piece| stream.push(piece)).collect();
                shown.push_str(&stream.finish());
                assert_eq!(shown, whole, "{a}|{b}|{c}");
            }
        }
    }
}

#[test]
fn a_stream_keeps_back_only_what_may_become_a_secret() {
    let mut stream = masker(&["abcdefgh"]).stream();
    assert_eq!(stream.push("step 1: abc"), "step 1: ");
    assert_eq!(stream.push("x\n"), "abcx\n");
    assert_eq!(stream.push("abcdefgh"), MASK);
    assert_eq!(
        (stream.push("abcd"), stream.finish()),
        (String::new(), "abcd".to_owned())
    );
}

#[test]
fn ten_megabytes_against_fifty_secrets_take_a_moment() {
    let secrets: Vec<String> = (0..50)
        .map(|n| format!("sk-proj/{n:02}+{}", "Zx9".repeat(10)))
        .collect();
    let line = "the quick brown fox reads sk-proj and c2stcHJvai8 in {\"key\": \"value\"}, 1234567890\n";
    let mut text = line.repeat((10 << 20) / line.len());
    text.push_str(&secrets[49]);
    let times = [1, 50].map(|count| {
        let masker = Masker::new(secrets[50 - count..].iter().cloned());
        let started = Instant::now();
        let masked = masker.text(&text);
        let elapsed = started.elapsed();
        assert!(masked.ends_with(MASK) && !masked.contains(&secrets[49]));
        elapsed
    });
    assert!(times[1] < Duration::from_secs(10), "{times:?}");
}
