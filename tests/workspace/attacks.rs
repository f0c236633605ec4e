//! Nothing outside of the root is reached, whatever a script and its surroundings try.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::*;

/// Every tool that takes a path, called with each of `paths`; each must fail, and none may tell or change the secret.
const TRY_ALL: &str = "calls = [
    lambda p: w.read(path=p), lambda p: w.read(path=p, start_line=1, limit=5), lambda p: w.stat(path=p), lambda p: w.list(path=p),
    lambda p: w.search(pattern='SECRET', path=p), lambda p: w.write(path=p, text='x'), lambda p: w.append(path=p, text='x'),
    lambda p: w.move(source=p, destination='stolen'), lambda p: w.move(source='bait', destination=p, overwrite=True),
    lambda p: w.remove(path=p, recursive=True), lambda p: w.write(path=p + '/new', text='x', make_folders=True)]
answer([[p, t(call, p)] for p in paths for call in calls if not str(t(call, p)).startswith('error: ')])";

#[track_caller]
fn all_fail(paths: &[&str], arrange: impl FnOnce(Case) -> Case) {
    let case = Case::writing(&format!("paths = {}\n{TRY_ALL}", json!(paths))).file("bait", "bait");
    let outside = case.program.folder();
    // absolute paths of this very run
    let script = outside.join("script.py");
    let text = fs::read_to_string(&script).unwrap();
    fs::write(&script, text.replace("HERE", outside.to_str().unwrap())).unwrap();
    let before = names(&outside);
    let answer = arrange(case).answer_and(|root| {
        assert_eq!(fs::read_to_string(root.join("../secret.txt")).unwrap(), "SECRET");
        assert_eq!(names(root.parent().unwrap()), before);
    });
    assert_eq!(answer, json!([]));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn paths_that_climb_out_fail() {
    let paths = [
        "../secret.txt",
        "a/../../secret.txt",
        "a/b/../../../secret.txt",
        "./../secret.txt",
        "a//../..//secret.txt",
        "HERE/secret.txt",
        "//HERE/secret.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/cwd/secret",
    ];
    all_fail(&paths, |case| case.file("a/b/c", ""));
}

#[test]
fn links_that_lead_out_fail_wherever_they_stand() {
    let paths = [
        "absolute/secret.txt",
        "relative/secret.txt",
        "sub/up/secret.txt",
        "sub/up/sub/up/secret.txt",
        "chain/secret.txt",
        "root/etc/passwd",
        "loop/x/secret.txt",
        "nowhere/secret.txt",
    ];
    all_fail(&paths, |case| {
        let outside = case.program.folder();
        let sub = case.root().join("sub");
        fs::create_dir(&sub).unwrap();
        case.link(outside.to_str().unwrap(), "absolute")
            .link("..", "relative")
            .link("../..", "sub/up")
            .link("relative", "chain")
            .link("/", "root")
            .link("loop2", "loop")
            .link("loop", "loop2")
            .link("../gone", "nowhere")
    });
}

#[test]
fn a_link_to_a_file_outside_is_neither_read_nor_written_through() {
    let case = Case::writing(
        "paths = ['file', 'absolute', 'nowhere', 'loop']
calls = [lambda p: w.read(path=p), lambda p: w.search(pattern='SECRET', path=p), lambda p: w.append(path=p, text='x'),
    lambda p: w.write(path=p, text='x'), lambda p: w.write(path=p, text='x', make_folders=True)]
answer([[p, t(call, p)] for p in paths for call in calls if not str(t(call, p)).startswith('error: ')])",
    );
    let secret = case.program.folder().join("secret.txt");
    let before = names(&case.program.folder());
    let answer = case
        .link("../secret.txt", "file")
        .link(secret.to_str().unwrap(), "absolute")
        .link("../gone", "nowhere")
        .link("loop", "loop")
        .answer_and(|root| {
            assert_eq!(fs::read_to_string(root.join("../secret.txt")).unwrap(), "SECRET");
            assert_eq!(names(root.parent().unwrap()), before);
        });
    assert_eq!(answer, json!([]));
}

#[test]
fn spellings_that_others_decode_are_plain_names() {
    let paths = [
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "..\\secret.txt",
        "..\\..\\secret.txt",
        "\u{ff0e}\u{ff0e}/secret.txt",
        "\u{2024}\u{2024}/secret.txt",
        "..\u{2215}secret.txt",
        "..\u{200b}/secret.txt",
        "..\u{0}/secret.txt",
        "a\u{0}/../../secret.txt",
        "\\x2e\\x2e/secret.txt",
        "file:///etc/passwd",
        "~/secret.txt",
    ];
    // what writes makes such names inside, so the reading tools alone must fail here
    let code = format!(
        "paths = {}\nanswer([p for p in paths for call in [w.read, w.stat, w.list] if not str(t(call, path=p)).startswith('error: ')])",
        json!(paths)
    );
    assert_eq!(Case::reading(&code).answer(), json!([]));
    let code = format!(
        "for p in {}:\n    t(w.write, path=p, text='x', make_folders=True)\n    t(w.remove, path=p)\nanswer(1)",
        json!(paths)
    );
    let case = Case::writing(&code);
    let before = names(&case.program.folder());
    case.answer_and(|root| {
        assert_eq!(fs::read_to_string(root.join("../secret.txt")).unwrap(), "SECRET");
        assert_eq!(names(root.parent().unwrap()), before);
    });
}

#[test]
fn walks_do_not_follow_links() {
    let answer = Case::reading(
        "answer([w.glob(pattern='**/*', all=True), w.search(pattern='SECRET|inside', all=True)['total'], t(w.glob, pattern='up/*'),
    t(w.glob, pattern='../*'), t(w.glob, pattern='**/../../*'), t(w.search, pattern='SECRET', glob='../*')['total']])",
    )
    .file("sub/a", "inside")
    .link("..", "up")
    .link("../../secret.txt", "sub/file")
    .link("../sub", "sub/again")
    .answer();
    let out = |path: &str| format!("error: `{path}` leads out of the workspace");
    assert_eq!(
        answer,
        json!([["sub/a"], 1, out("up"), out("../*"), out("**/../../*"), 0])
    );
}

#[test]
fn links_inside_the_root_are_followed_where_a_path_names_them() {
    let answer = Case::reading("answer([w.read(path='l/a'), w.read(path='sub/up/sub/a'), len(w.list(path='l'))])")
        .file("sub/a", "inside")
        .link("sub", "l")
        .link("..", "sub/up")
        .answer();
    assert_eq!(answer, json!(["inside", "inside", 2]));
}

/// A thread swaps `files/door` between a folder and a link that leads out, as long as the script runs.
#[track_caller]
fn race(code: &str) -> (Value, PathBuf, Arc<tempfile::TempDir>) {
    let outside = Arc::new(tempfile::tempdir().unwrap());
    fs::write(outside.path().join("x"), "SECRET").unwrap();
    fs::create_dir(outside.path().join("deep")).unwrap();
    fs::write(outside.path().join("deep/y"), "SECRET").unwrap();
    let target = outside.path().to_str().unwrap();
    let case = Case::writing(code)
        .file("door/x", "inside")
        .file("door/deep/y", "inside")
        .link(target, "other")
        .arg("--max-calls")
        .arg("100000");
    let root = case.root();
    // keeps the folder until the swapping has ended
    let _folder = case.program.again(["--version"]);
    let running = case.program.start();
    let over = AtomicBool::new(false);
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let (door, other) = (root.join("door"), root.join("other"));
                renameat_with(CWD, &door, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let ended = running.wait();
        over.store(true, Ordering::Relaxed);
        ended
    });
    (ended.expect(0).json(), root, outside)
}

#[test]
fn a_folder_swapped_for_a_link_while_it_is_read_gives_nothing_from_outside() {
    let code = "seen = {}
calls = [lambda: w.read(path='door/x'), lambda: w.read(path='door/deep/y', limit=1), lambda: w.search(pattern='SECRET')['total'],
    lambda: w.search(pattern='SECRET', path='door')['matches'], lambda: w.read(path='door/deep/../x')]
for n in range(600):
    for call in calls:
        result = str(t(call))
        result = 'error' if result.startswith('error') else result
        seen[result] = seen.get(result, 0) + 1
answer(seen)";
    let (seen, ..) = race(code);
    let mut kinds: Vec<&String> = seen.as_object().unwrap().keys().collect();
    kinds.sort();
    assert_eq!(kinds, ["0", "[]", "error", "inside"], "{seen}");
}

#[test]
fn a_folder_swapped_for_a_link_while_it_is_changed_changes_nothing_outside() {
    let code = "done = 0
for n in range(500):
    for call in [lambda: w.write(path='door/x', text='written'), lambda: w.append(path='door/x', text='written'),
        lambda: w.write(path='door/deep/new', text='written'), lambda: w.make_folder(path='door/made'),
        lambda: w.move(source='door/deep/new', destination='door/moved', overwrite=True), lambda: w.remove(path='door/deep/y'),
        lambda: w.remove(path='door/made', recursive=True), lambda: w.remove(path='door/deep', recursive=True),
        lambda: w.write(path='door/deep/y', text='written', make_folders=True)]:
        done += not str(t(call)).startswith('error')
answer(done > 0)";
    let (answer, _, outside) = race(code);
    assert_eq!(answer, json!(true));
    assert_eq!(names(outside.path()), ["deep", "x"]);
    assert_eq!(names(&outside.path().join("deep")), ["y"]);
    for file in ["x", "deep/y"] {
        assert_eq!(fs::read_to_string(outside.path().join(file)).unwrap(), "SECRET");
    }
}

#[test]
fn a_root_swapped_for_a_link_after_it_was_opened_stays_the_old_one() {
    let code = "import time
w.write(path='mark', text='')
while 'moved' not in [e['name'] for e in w.list()]:
    time.sleep(0.01)
answer([t(w.read, path='secret.txt'), w.read(path='a')])";
    let case = Case::writing(code).file("a", "inside");
    let root = case.root();
    let running = case.program.start();
    running.wait_for_file("files/mark");
    let away = root.with_file_name("away");
    fs::rename(&root, &away).unwrap();
    std::os::unix::fs::symlink(".", &root).unwrap();
    fs::write(away.join("moved"), "").unwrap();
    let answer = running.wait().expect(0).json();
    assert_eq!(
        answer,
        json!(["error: there is no file or folder `secret.txt`", "inside"])
    );
}
