//! The results file: what is kept, mended, refused and left alone.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
};

use mcm::{
    agent::run::Status,
    batch::{
        results::{self, Error, Expected, Mode, Opened, Writer},
        tasks::{self, Entry, TaskText},
    },
};
use serde_json::{Value, json};

/// A folder with a results file, and the tasks `task 1` … of ids 1 ….
struct Case {
    folder: tempfile::TempDir,
    entries: Vec<Entry>,
}

fn result(id: &str, task: &str, status: &str) -> String {
    let record = json!({
        "run_id": "r", "task": task, "status": status, "answer": { "id": [id] }, "error": null, "steps": [],
        "usage": {}, "duration_ms": 1
    });
    format!("{{\"id\":{id},{}\n", &record.to_string()[1..])
}

fn answered(number: usize) -> String {
    result(&number.to_string(), &format!("task {number}"), "answered")
}

impl Case {
    fn new(tasks: usize, file: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = (1..=tasks).map(|number| format!("task {number}\n")).collect();
        let case = Self {
            folder,
            entries: tasks::parse(lines.as_bytes(), None, TaskText::Needed, &|_| None)
                .unwrap()
                .entries,
        };
        std::fs::write(case.path(), file).unwrap();
        case
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("results.jsonl")
    }

    fn open(&self, mode: Mode) -> Result<Opened, Error> {
        self.open_masked(mode, &is_of)
    }

    fn open_masked(
        &self,
        mode: Mode,
        is_of: &(dyn Fn(&Entry, &str, Option<&str>) -> bool + Sync),
    ) -> Result<Opened, Error> {
        let entries = &self.entries;
        results::open(&self.path(), mode, Expected { entries, is_of })
    }

    fn text(&self) -> String {
        String::from_utf8(std::fs::read(self.path()).unwrap()).unwrap()
    }

    /// The error and its hint; the file stays as it is.
    fn refused(&self, mode: Mode) -> [String; 2] {
        let before = std::fs::read(self.path()).unwrap();
        let error = self.open(mode).expect_err("it is refused");
        assert_eq!(std::fs::read(self.path()).unwrap(), before);
        assert_eq!(self.names(), ["results.jsonl"]);
        let folder = format!("{}/", self.folder.path().display());
        [
            error.to_string().replace(&folder, ""),
            error.hint().unwrap_or_default().to_owned(),
        ]
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn places(opened: &Opened) -> Vec<usize> {
    let done = opened.done.iter().enumerate();
    done.filter_map(|(place, status)| status.map(|_| place + 1)).collect()
}

fn write(opened: Opened, lines: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let writer = Writer::to_file(opened.file).unwrap();
        let all = lines.iter().map(|line| writer.append(line.clone().into_bytes()));
        for written in futures::future::join_all(all).await {
            written.unwrap();
        }
        writer.finish().await.unwrap();
    });
}

#[test]
fn a_line_begins_with_the_id_as_it_was_given() {
    let entries = tasks::parse(
        b"{\"id\": \"a b\", \"task\": \"t\"}\n{\"task\": \"t\"}",
        None,
        TaskText::Needed,
        &|_| None,
    )
    .unwrap()
    .entries;
    let record = json!({ "run_id": "r", "task": "t" });
    let line = |place: usize| String::from_utf8(results::line(&entries[place].id, None, &record)).unwrap();
    assert_eq!(line(0), "{\"id\":\"a b\",\"run_id\":\"r\",\"task\":\"t\"}\n");
    assert_eq!(line(1), "{\"id\":2,\"run_id\":\"r\",\"task\":\"t\"}\n");
}

#[test]
fn results_are_found_again() {
    let case = Case::new(5, "");
    write(
        case.open(Mode::New).unwrap(),
        &[answered(4), result("2", "task 2", "gave_up")],
    );
    let opened = case.open(Mode::Resume).unwrap();
    assert_eq!(
        opened.done,
        [None, Some(Status::GaveUp), None, Some(Status::Answered), None]
    );
    write(opened, &[answered(1)]);
    assert_eq!(
        case.text(),
        answered(4) + &result("2", "task 2", "gave_up") + &answered(1)
    );
}

#[test]
fn a_file_that_is_missing_is_made_and_one_that_holds_something_is_refused() {
    let case = Case::new(2, "");
    std::fs::remove_file(case.path()).unwrap();
    for mode in [Mode::New, Mode::Resume, Mode::RetryFailed] {
        assert_eq!(places(&case.open(mode).unwrap()), [0; 0]);
    }
    std::fs::write(case.path(), answered(1)).unwrap();
    assert_eq!(
        case.refused(Mode::New),
        [
            "`results.jsonl` is there already and not empty",
            "`--resume` goes on with it, or name another file"
        ]
    );
    let folder = results::open(
        case.folder.path(),
        Mode::New,
        Expected {
            entries: &[],
            is_of: &is_of,
        },
    );
    assert!(matches!(folder, Err(Error::Io { .. })));
    let device = results::open(
        "/dev/null".as_ref(),
        Mode::New,
        Expected {
            entries: &[],
            is_of: &is_of,
        },
    );
    assert!(matches!(device, Err(Error::NoFile(_))));
}

#[test]
fn two_batches_never_have_one_file() {
    let case = Case::new(2, result("1", "task 1", "failed"));
    let first = case.open(Mode::Resume).unwrap();
    for mode in [Mode::New, Mode::Resume, Mode::RetryFailed] {
        assert_eq!(
            case.refused(mode),
            [
                "another batch is writing to `results.jsonl`",
                "wait for its end, or name another file"
            ]
        );
    }
    drop(first);
    // the file is another one afterwards, and locked as well
    let second = case.open(Mode::RetryFailed).unwrap();
    assert!(matches!(case.open(Mode::Resume), Err(Error::Busy(_))));
    drop(second);
    case.open(Mode::Resume).unwrap();
}

#[test]
fn a_file_that_was_cut_anywhere_in_its_last_lines_is_mended_and_goes_on() {
    let lines = [answered(1), answered(2), answered(3)];
    let whole = lines.concat();
    let ends = [0, lines[0].len(), lines[0].len() + lines[1].len(), whole.len()];
    for cut in 0..=whole.len() {
        let case = Case::new(3, &whole[..cut]);
        let opened = case.open(Mode::Resume).unwrap();
        // a result of which only the line's end is missing is one
        let expected = ends[1..].iter().filter(|end| cut + 1 >= **end).count();
        assert_eq!(places(&opened), (1..=expected).collect::<Vec<_>>(), "cut at {cut}");
        assert_eq!(
            opened.mended,
            usize::from(!ends.iter().any(|end| cut == *end || cut + 1 == *end && *end > 0))
        );
        write(opened, &lines[expected..]);
        assert_eq!(case.text(), whole, "cut at {cut}");
        assert_eq!(places(&case.open(Mode::Resume).unwrap()), [1, 2, 3]);
    }
}

#[test]
fn zeros_that_a_loss_of_power_left_are_taken_out_with_what_is_left_of_their_lines() {
    let lines = [answered(1), answered(2), answered(3)];
    let whole = lines.concat();
    let first = lines[0].len();
    for begin in first..whole.len() {
        for end in [begin + 1, begin + 9, begin + first + 3, whole.len()] {
            let mut bytes = whole.clone().into_bytes();
            let end = end.min(whole.len());
            bytes[begin..end].fill(0);
            let case = Case::new(3, &bytes);
            let opened = case.open(Mode::Resume).unwrap();
            let done = places(&opened);
            assert!(
                done.contains(&1) && done.len() < 3,
                "zeros from {begin} to {end}: {done:?}"
            );
            let missing: Vec<String> = (1..=3).filter(|n| !done.contains(n)).map(answered).collect();
            write(opened, &missing);
            let mut text: Vec<&str> = Vec::new();
            let now = case.text();
            text.extend(now.split_inclusive('\n'));
            text.sort_unstable();
            assert_eq!(text.concat(), whole, "zeros from {begin} to {end}");
            assert_eq!(case.names(), ["results.jsonl"]);
        }
    }
    let nothing_else = Case::new(3, [0; 4096]);
    assert_eq!(places(&nothing_else.open(Mode::Resume).unwrap()), [0; 0]);
    assert_eq!(nothing_else.text(), "");
}

#[test]
fn a_file_that_holds_anything_else_is_refused_and_left_as_it_is() {
    let hint = "nothing was changed; is it the right file?";
    let cases: [(&[u8], u64); 9] = [
        (b"shopping list", 1),
        (b"shopping list\n", 1),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", 1),
        (b"\0\0\0\x18ftypmp42\0\0", 1),
        (b"{\"id\":1,\"task\":\"task 1\"}\n", 1),
        (b"{\"id\":1,\"task\":\"task 1\",\"status\":\"fine\"}\n", 1),
        (b"{\"id\":[1],\"task\":\"task 1\",\"status\":\"failed\"}\n", 1),
        (b"{\"task\":\"task 1\"}", 1),
        (b"[]\n", 1),
    ];
    for (bytes, line) in cases {
        let message = format!("`results.jsonl` line {line} is no result of a batch");
        assert_eq!(Case::new(3, bytes).refused(Mode::Resume), [&message, hint]);
    }
    let torn_inside = answered(1) + &answered(2)[..30] + "\n" + &answered(3);
    assert_eq!(
        Case::new(3, torn_inside).refused(Mode::RetryFailed),
        ["`results.jsonl` line 2 is no result of a batch", hint]
    );
}

#[test]
fn the_input_and_the_results_must_belong_together() {
    let other = answered(1) + &result("2", "another task", "answered");
    assert_eq!(
        Case::new(3, other).refused(Mode::Resume),
        [
            "`results.jsonl` line 2: the result `2` is of another task than `2` in the input",
            "the input, or the program, has changed since: give tasks an `id` of their own, or name another file"
        ]
    );
    for twice in [
        answered(1) + &result("\"1\"", "task 1", "failed"),
        result("9", "x", "failed").repeat(2),
    ] {
        let [message, hint] = Case::new(3, &twice).refused(Mode::RetryFailed);
        assert!(
            message.starts_with("`results.jsonl` line 2: there is a result `"),
            "{message}"
        );
        assert_eq!(hint, "nothing was changed; take one of the two out");
    }
    let strangers = Case::new(1, answered(1) + &answered(7) + "\n" + &answered(8));
    let opened = strangers.open(Mode::Resume).unwrap();
    assert_eq!((places(&opened), opened.strangers), (vec![1], 2));
}

#[test]
fn tasks_are_compared_as_records_have_them() {
    let case = Case::new(1, result("1", "t**k 1", "answered"));
    assert!(matches!(case.open(Mode::Resume), Err(Error::OtherTask { .. })));
    let opened = case
        .open_masked(Mode::Resume, &|entry, text, _| entry.text.replace("as", "**") == text)
        .unwrap();
    assert_eq!(places(&opened), [1]);
}

#[test]
fn failed_results_are_taken_out_for_another_try_and_nothing_else_changes() {
    let stranger = result("99", "gone", "failed");
    let case = Case::new(
        5,
        [
            result("1", "task 1", "gave_up"),
            answered(2),
            result("3", "task 3", "budget"),
            stranger.clone(),
            answered(5),
            answered(4)[..20].to_owned(),
        ]
        .concat(),
    );
    std::fs::set_permissions(case.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let opened = case.open(Mode::RetryFailed).unwrap();
    assert_eq!(places(&opened), [2, 5]);
    assert_eq!(case.text(), answered(2) + &stranger + &answered(5));
    assert_eq!(case.names(), ["results.jsonl", "results.jsonl.failed"]);
    let beside = std::fs::read_to_string(case.folder.path().join("results.jsonl.failed")).unwrap();
    assert_eq!(
        beside,
        result("1", "task 1", "gave_up") + &result("3", "task 3", "budget")
    );
    assert_eq!(std::fs::metadata(case.path()).unwrap().mode() & 0o777, 0o640);
    write(opened, &[answered(1)]);
    assert_eq!(case.text(), answered(2) + &stranger + &answered(5) + &answered(1));
}

#[test]
fn what_was_never_a_part_of_a_result_is_not_touched() {
    for foreign in ["{\"id\": 1, \"task\": \"a\"}", "{\"id\":1,\"task\":\"a\"}", "{}"] {
        let case = Case::new(2, foreign);
        assert!(
            matches!(case.open(Mode::Resume), Err(Error::NoResult { line: 1, .. })),
            "{foreign}"
        );
        assert_eq!(case.text(), foreign);
    }
}

#[test]
fn a_link_to_a_results_file_stays_a_link() {
    let case = Case::new(2, result("1", "task 1", "failed") + &answered(2));
    let link = case.folder.path().join("link");
    std::os::unix::fs::symlink("results.jsonl", &link).unwrap();
    let expected = Expected {
        entries: &case.entries,
        is_of: &is_of,
    };
    let opened = results::open(&link, Mode::RetryFailed, expected).unwrap();
    assert_eq!(opened.file.path(), std::fs::canonicalize(case.path()).unwrap());
    drop(opened);
    assert!(link.is_symlink());
    assert_eq!(case.text(), answered(2));
}

#[test]
fn of_a_hundred_thousand_results_the_one_that_is_missing_is_found() {
    let lines: String = (1..=100_000).map(answered).collect();
    let case = Case::new(100_001, lines);
    let opened = case.open(Mode::Resume).unwrap();
    assert_eq!(opened.done.iter().filter(|done| done.is_none()).count(), 1);
}

#[test]
fn a_line_that_cannot_be_written_leaves_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut taken: Vec<Value> = Vec::new();
    runtime.block_on(async {
        let (sender, receiver) = std::sync::mpsc::channel();
        let writer = Writer::to(move |line| {
            if line.starts_with(b"bad") {
                return Err(std::io::Error::other("no room"));
            }
            sender
                .send(json!(String::from_utf8_lossy(line)))
                .map_err(std::io::Error::other)
        })
        .unwrap();
        writer.append(b"one".to_vec()).await.unwrap();
        let error = writer.append(b"bad".to_vec()).await.unwrap_err();
        assert_eq!(error.to_string(), "no room");
        writer.append(b"two".to_vec()).await.unwrap();
        writer.finish().await.unwrap();
        taken.extend(receiver);
    });
    assert_eq!(taken, ["one", "two"]);
}

fn is_of(entry: &Entry, text: &str, _: Option<&str>) -> bool {
    entry.text == text
}
