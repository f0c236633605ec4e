//! `--record` and `--replay`.

use super::*;

fn recorder(path: &Path) -> Recorder {
    Recorder::append(path, Box::new(|text| text.replace(KEY, "***"))).unwrap()
}

#[test]
fn what_was_recorded_is_replayed_in_order_and_then_ends_with_a_line_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.jsonl");
    let endpoint = Endpoint::start([
        Reply::text(format!("one {KEY}")).reasoning("hm"),
        Reply::text("two \"\n"),
    ]);
    let model = OpenAi::new(options(&endpoint)).unwrap();
    let recorded = Model::Recorded(Box::new(Model::OpenAi(model)), recorder(&path));
    let first = hear(&recorded).0.unwrap();
    recorder(&path).event("run", json!({ "run_id": KEY })).unwrap();
    let second = hear(&recorded).0.unwrap();

    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 3);
    assert!(!written.contains(KEY));
    let line: Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&line["type"], &line["prompt"]),
        (&json!("completion"), &json!(prompt("hello")))
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let replay = Model::Replay(Replay::open(&path).unwrap());
    let (result, heard) = hear(&replay);
    assert_eq!(
        result.unwrap(),
        Completion {
            text: "one ***".to_owned(),
            ..first
        }
    );
    assert_eq!(
        heard,
        [Delta::Reasoning("hm".to_owned()), Delta::Text("one ***".to_owned())]
    );
    assert_eq!(hear(&replay).0.unwrap(), second);
    let error = hear(&replay).0.unwrap_err();
    assert!(matches!(error, Error::Replay { line: 4, .. }), "{error:?}");
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.jsonl");
    for bad in [
        "{",
        "7",
        "{}",
        r#"{"type":"completion"}"#,
        r#"{"type":"completion","completion":{"text":1}}"#,
        "\u{0}",
    ] {
        std::fs::write(&path, format!("\n{{\"type\":\"later\"}}\n{bad}\n")).unwrap();
        let error = hear(&Model::Replay(Replay::open(&path).unwrap())).0.unwrap_err();
        assert!(matches!(error, Error::Replay { line: 3, .. }), "{bad}: {error:?}");
    }
    assert!(matches!(
        Replay::open(&folder.path().join("none")),
        Err(Error::Record { .. })
    ));
    assert!(matches!(
        Recorder::append(folder.path(), Box::new(str::to_owned)),
        Err(Error::Record { .. })
    ));
}
