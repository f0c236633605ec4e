//! What a user hands to scripts.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write,
    os::fd::OwnedFd,
    time::Duration,
};

use mcm::cli::inputs::{Input, InputSpec, InputValue, MAX_BYTES, Piped, Taken, check_names, check_stdin, piped, read};

const LONG: Duration = Duration::from_secs(60);

fn specs(typed: &[&str]) -> Vec<InputSpec> {
    typed.iter().map(|text| InputSpec::parse(text).expect(text)).collect()
}

fn read_one(typed: &str) -> Result<InputValue, String> {
    let mut inputs = read(&specs(&[typed])).map_err(|e| e.to_string())?;
    Ok(inputs.remove(0).value)
}

#[test]
fn a_typed_value_is_text_as_it_is() {
    for (typed, value) in [
        ("a=1", "1"),
        ("a=", ""),
        ("a=x=y", "x=y"),
        ("a= b ", " b "),
        ("a=@@me", "@me"),
        ("a=me@x", "me@x"),
    ] {
        assert_eq!(read_one(typed), Ok(InputValue::Text(value.into())), "{typed}");
    }
}

#[test]
fn a_file_is_text_unless_it_ends_in_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let typed = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("it can be written");
        read_one(&format!("a=@{}", path.display()))
            .map_err(|e| e.replace(folder.path().to_str().expect("UTF-8"), "DIR"))
    };
    assert_eq!(
        typed("t.csv", b"\xef\xbb\xbfa,b\r\n1,2\n"),
        Ok(InputValue::Text("a,b\r\n1,2\n".into()))
    );
    assert_eq!(
        typed("big.JSON", b"{\"a\": 123456789012345678901}"),
        Ok(InputValue::Json("{\"a\": 123456789012345678901}".into()))
    );
    let errors = [
        typed("t.json", b"{\n  'a': 1}").expect_err("no JSON"),
        typed("t.bin", b"ab\xff").expect_err("no text"),
        read_one(&format!("a=@{}", folder.path().display()))
            .expect_err("a folder")
            .replace(folder.path().to_str().expect("UTF-8"), "DIR"),
        read_one("a=@missing/file").expect_err("no file"),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r"
    `--input a=@DIR/t.json`: not JSON: key must be a string at line 2 column 3
    `--input a=@DIR/t.bin`: not UTF-8 text (byte 3 does not fit)
    `--input a=@DIR`: a folder, not a file
    `--input a=@missing/file`: no such file
    ");
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    file.as_file().set_len(MAX_BYTES + 1).expect("a sparse file");
    let error = read_one(&format!("a=@{}", file.path().display())).expect_err("too long");
    assert!(error.ends_with("longer than 32 MiB"), "{error}");
}

#[test]
fn a_name_that_is_taken_or_given_twice_is_refused() {
    let reserved = BTreeSet::from(["answer".to_owned(), "for".to_owned()]);
    let servers = BTreeSet::from(["files".to_owned()]);
    let check = |typed: &[&str]| {
        check_names(
            &specs(typed),
            Taken {
                reserved: &reserved,
                servers: &servers,
            },
        )
        .map_err(|e| e.to_string())
    };
    assert_eq!(check(&["a=1", "_b2=2", "stdin=@-"]), Ok(()));
    let errors =
        [&["a=1", "a=2"][..], &["answer=1"], &["for=1"], &["files=1"]].map(|typed| check(typed).expect_err("taken"));
    insta::assert_snapshot!(errors.join("\n"), @r"
    `--input a=…`: the name is given twice
    `--input answer=…`: Python or scripts have that name for something else
    `--input for=…`: Python or scripts have that name for something else
    `--input files=…`: a server has that name
    ");
}

#[test]
fn stdin_is_read_for_one_purpose() {
    assert!(check_stdin(&specs(&["a=@-"]), None).is_ok());
    assert!(check_stdin(&specs(&["a=1"]), Some("the task `-`")).is_ok());
    let error = check_stdin(&specs(&["a=@-"]), Some("the task `-`")).expect_err("twice");
    insta::assert_snapshot!(error, @"stdin is wanted for the task `-` and for `--input a=@-`, and can be read only once");
    assert!(check_stdin(&specs(&["a=@-", "b=@-"]), None).is_err());
}

fn piped_text(file: impl Into<OwnedFd>, first: Duration) -> Piped {
    piped(File::from(file.into()), first, LONG).expect("it can be read")
}

#[test]
fn a_pipe_is_read_to_its_end_even_if_it_is_empty() {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all("a\nä".as_bytes()).expect("it has room");
    drop(writer);
    assert_eq!(piped_text(reader, LONG), Piped::Text("a\nä".into()));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(writer);
    assert_eq!(piped_text(reader, LONG), Piped::Text(String::new()));
}

#[test]
fn an_open_pipe_into_which_nobody_writes_is_left_alone() {
    let (reader, _writer) = std::io::pipe().expect("a pipe");
    assert_eq!(piped_text(reader, Duration::from_millis(1)), Piped::Silent);
}

#[test]
fn a_pipe_that_begins_and_never_ends_is_an_error() {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(b"a").expect("it has room");
    let error = piped(File::from(OwnedFd::from(reader)), LONG, Duration::from_millis(1)).expect_err("it does not end");
    assert_eq!(error.to_string(), "stdin: it did not end in time");
}

#[test]
fn a_file_is_read_and_a_device_is_not() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"text").expect("it can be written");
    assert_eq!(
        piped_text(file.reopen().expect("it is there"), LONG),
        Piped::Text("text".into())
    );
    assert_eq!(
        piped_text(File::open("/dev/null").expect("it is there"), LONG),
        Piped::Nothing
    );
}

#[test]
fn inputs_keep_their_order() {
    let names: Vec<String> = read(&specs(&["b=1", "a=2"]))
        .expect("they are right")
        .into_iter()
        .map(|Input { name, .. }| name)
        .collect();
    assert_eq!(names, ["b", "a"]);
}
