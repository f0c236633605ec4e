//! Whether git would show a file: in a repository, and not ignored.
//!
//! - Git is not started: what a strange repository's settings may start is not ours to run.

use std::path::Path;

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

/// Whether `name` in `folder` is in a repository that does not ignore it.
pub(super) fn shows(folder: &Path, name: &str) -> bool {
    let file = folder.join(name);
    let Some(root) = folder.ancestors().find(|folder| folder.join(".git").exists()) else {
        return false;
    };
    // the nearest rule counts
    let inside = folder.ancestors().take_while(|folder| folder.starts_with(root));
    let nearer = inside.map(|folder| rules(folder, &folder.join(".gitignore")));
    let all = nearer
        .chain([rules(root, &root.join(".git/info/exclude"))])
        .chain([Gitignore::global().0]);
    for rules in all {
        let matched = if file.starts_with(rules.path()) {
            rules.matched_path_or_any_parents(&file, false)
        } else {
            rules.matched(name, false)
        };
        match matched {
            Match::Ignore(_) => return false,
            Match::Whitelist(_) => return true,
            Match::None => {}
        }
    }
    true
}

/// The rules of one file, of which unreadable lines are left out as git does.
fn rules(folder: &Path, file: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    let _ = builder.add(file);
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
