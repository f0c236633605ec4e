//! What changes files.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_file_is_made_replaced_and_appended_to_and_keeps_its_mode_and_its_link() {
    let answer = Case::writing(
        "answer([w.write(path='new.txt', text='é'), w.append(path='new.txt', text='x\\n'), w.append(path='log', text='a'),
    w.write(path='run.sh', text='b'), w.write(path='link', text='through'), t(w.write, path='no/such/a', text=''),
    w.write(path='no/such/a', text='made', make_folders=True)])",
    )
    .file("run.sh", "a longer text")
    .file("sub/target", "old")
    .link("sub/target", "link")
    .with(|root| fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o750)).unwrap())
    .answer_and(|root| {
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(
            [text("new.txt"), text("log"), text("run.sh"), text("sub/target"), text("no/such/a")],
            ["éx\n", "a", "b", "through", "made"]
        );
        assert_eq!(fs::metadata(root.join("run.sh")).unwrap().permissions().mode() & 0o777, 0o750);
        assert!(fs::symlink_metadata(root.join("link")).unwrap().is_symlink());
        let names = fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = names.filter(|name| name.contains("tmp")).collect();
        assert_eq!(left, Vec::<String>::new(), "temporary files are left");
    });
    let missing = "error: there is no file or folder `no/such`: add make_folders=True to make it";
    assert_eq!(answer, json!([2, 4, 1, 1, 7, missing, 4]));
}

#[test]
fn a_file_that_is_replaced_is_never_seen_in_part() {
    let code = "for n in range(300):\n    w.write(path='a', text=str(n % 10) * 20_000)\nanswer(1)";
    let case = Case::writing(code).file("a", "x".repeat(20_000));
    let (path, running) = (case.root().join("a"), case.program.start());
    let mut seen = std::collections::BTreeSet::new();
    while !running.others().is_empty() || seen.is_empty() {
        let text = fs::read(&path).unwrap();
        assert_eq!(text.len(), 20_000);
        assert!(text.iter().all(|byte| *byte == text[0]), "a mixture");
        seen.insert(text[0]);
        if seen.len() > 5 {
            break;
        }
    }
    running.wait().expect(0);
}

#[test]
fn moving_replaces_nothing_unless_it_is_asked_to() {
    let answer = Case::writing(
        "answer([t(w.move, source='a', destination='b'), w.move(source='a', destination='b', overwrite=True),
    w.move(source='dir', destination='other'), t(w.move, source='other', destination='other/x'), t(w.move, source='gone', destination='x'),
    t(w.move, source='b', destination='other'), t(w.move, source='b', destination='other', overwrite=True),
    t(w.move, source='other', destination='b', overwrite=True), t(w.move, source='b', destination='gone/b')])",
    )
    .file("a", "A")
    .file("b", "B")
    .file("dir/x", "X")
    .answer_and(|root| {
        assert_eq!(fs::read_to_string(root.join("b")).unwrap(), "A");
        assert_eq!(fs::read_to_string(root.join("other/x")).unwrap(), "X");
        assert!(!root.join("a").exists() && !root.join("dir").exists());
    });
    let answer: Vec<&str> = answer.as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect();
    insta::assert_snapshot!(answer.join("\n"));
}

#[test]
fn a_full_folder_is_removed_only_when_that_is_asked_for_and_links_are_not_followed() {
    let answer = Case::writing(
        "answer([t(w.remove, path='dir'), w.remove(path='dir', recursive=True), w.remove(path='file'), w.remove(path='empty'),
    w.remove(path='link', recursive=True), t(w.remove, path='gone'), w.make_folder(path='m/n'), w.make_folder(path='m/n'),
    t(w.make_folder, path='kept/x')])",
    )
    .file("dir/sub/a", "")
    .file("dir/b", "")
    .file("file", "")
    .file("kept/x", "kept")
    .link("../kept", "dir/link")
    .link("kept", "link")
    .with(|root| fs::create_dir(root.join("empty")).unwrap())
    .answer_and(|root| {
        assert_eq!(fs::read_to_string(root.join("kept/x")).unwrap(), "kept");
        assert!(root.join("m/n").is_dir() && !root.join("link").exists() && !root.join("dir").exists());
    });
    assert_eq!(
        answer,
        json!([
            "error: `dir` is not empty: add recursive=True to remove all of it",
            5,
            1,
            1,
            1,
            "error: there is no file or folder `gone`",
            true,
            false,
            "error: `kept/x` exists and is not a folder"
        ])
    );
}

#[test]
fn the_root_itself_is_never_changed() {
    let code = "paths = ['.', './', 'a/..', 'to_root/..', '..', 'a/../.']
calls = [lambda p: t(w.remove, path=p, recursive=True), lambda p: t(w.move, source=p, destination='x'), lambda p: t(w.write, path=p, text='')]
answer([call(p).startswith('error: ') for call in calls for p in paths])";
    let answer = Case::writing(code)
        .file("a/x", "kept")
        .link(".", "to_root")
        .answer_and(|root| assert_eq!(fs::read_to_string(root.join("a/x")).unwrap(), "kept"));
    assert_eq!(answer, json!(vec![true; 18]));
}

#[test]
fn read_only_hides_the_writing_tools_of_a_workspace_too() {
    let ended = Case::writing(
        "answer([s['name'] if isinstance(s, dict) else s for s in [hasattr(w, 'write'), hasattr(w, 'read')]])",
    )
    .arg("--read-only")
    .run();
    assert_eq!(ended.json(), json!([false, true]));
}
