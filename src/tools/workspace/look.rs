//! What is there: `list`, `glob` and `stat`.
//!
//! - Nothing is left out silently for its number: what is over a limit is an error that says how to ask for less.

use std::{
    ffi::OsStr,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use cap_std::fs::{Metadata, MetadataExt};
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Stop, only,
    root::{Root, escaped, join, kind, parse, shown},
    walk::{End, Filter, Seen, Walk},
};

/// Entries of one `list`.
const MAX_ENTRIES: usize = 100_000;
/// Paths of one `glob`, and their bytes.
const MAX_PATHS: (usize, usize) = (250_000, 16 << 20);
/// Entries between two looks at whether the call was cancelled.
const CHECK_EVERY: usize = 256;
/// Characters that make a part of a pattern more than a name.
const WILD: [char; 6] = ['*', '?', '[', '{', '\\', '!'];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    #[serde(default = "here")]
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Glob {
    pattern: String,
    #[serde(default)]
    all: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stat {
    path: String,
}

/// One entry as scripts see it.
#[derive(Serialize)]
struct Entry {
    name: String,
    path: String,
    kind: &'static str,
    size: u64,
    modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// The default of a `path`.
pub(super) fn here() -> String {
    ".".into()
}

pub(super) fn list(root: &Root, List { path }: &List, stop: &Stop) -> Result<Value, String> {
    let path = parse(path)?;
    let folder = root.folder(&path)?;
    let explain = |e: &io::Error| root.explain(&path, e);
    let mut entries = Vec::new();
    let mut count = 0;
    for entry in folder.entries().map_err(|e| explain(&e))? {
        let entry = entry.map_err(|e| explain(&e))?;
        count += 1;
        if count % CHECK_EVERY == 0 {
            stop.check()?;
        }
        if count > MAX_ENTRIES {
            continue;
        }
        match entry.metadata() {
            Ok(found) => entries.push((entry.file_name(), found)),
            // it has gone since
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(root.explain(&join(&path, &entry.file_name()), &e)),
        }
    }
    if count == 0 {
        root.check()?;
    }
    if count > MAX_ENTRIES {
        return Err(format!(
            "`{}` holds {count} entries, and {MAX_ENTRIES} can be listed: ask for a part with `glob`, such as `a*`",
            shown(&path)
        ));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let entries = entries
        .iter()
        .map(|(name, found)| record(&join(&path, name), name, found));
    Ok(only(Value::Array(entries.collect())))
}

pub(super) fn stat(root: &Root, Stat { path }: &Stat) -> Result<Value, String> {
    let path = parse(path)?;
    let found = root
        .dir()
        .symlink_metadata(&path)
        .map_err(|e| root.explain(&path, &e))?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(record(&path, name, &found))
}

pub(super) fn glob(root: &Root, Glob { pattern, all }: &Glob, stop: &Stop) -> Result<Value, String> {
    let whole = parse(pattern)?;
    let pattern = pattern.trim_start_matches("./");
    if !pattern.contains(WILD) {
        let is_file = root.dir().symlink_metadata(&whole).is_ok_and(|found| found.is_file());
        let found = is_file.then(|| Value::String(escaped(whole.as_os_str())));
        return Ok(only(Value::Array(found.into_iter().collect())));
    }
    let (start, rest) = literal_start(pattern);
    let start = parse(start)?;
    let matcher = matcher(rest)?;
    let walk = Walk {
        root,
        filter: filter(*all, rest),
        depth: depth(rest),
        stop,
    };
    match root.dir().metadata(&start) {
        Ok(found) if found.is_dir() => {}
        Err(e) if !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(root.explain(&start, &e));
        }
        _ => return Ok(only(Value::Array(Vec::new()))),
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut bytes = 0;
    let end = walk.files(&start, &mut |seen| {
        if let Seen::File(path, below) = seen
            && matcher.is_match(below)
        {
            bytes += path.as_os_str().len();
            if paths.len() == MAX_PATHS.0 || bytes > MAX_PATHS.1 {
                return Err(format!(
                    "more than {} files match, which is too many at once: ask for fewer with a narrower pattern",
                    paths.len()
                ));
            }
            paths.push(path.to_owned());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if end == End::Limit {
        return Err("there are too many files to look through: begin the pattern with a folder".into());
    }
    paths.sort();
    let paths = paths.iter().map(|path| Value::String(escaped(path.as_os_str())));
    Ok(only(Value::Array(paths.collect())))
}

/// A pattern for paths; `*` and `?` stay within one name.
pub(super) fn matcher(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|e| format!("`{pattern}` is no pattern for paths: {}", e.kind()))
}

/// What is passed over: a pattern that names something hidden means it.
pub(super) fn filter(all: bool, pattern: &str) -> Filter {
    if all {
        Filter::Nothing
    } else if pattern.split('/').any(|part| part.starts_with('.')) {
        Filter::Ignored
    } else {
        Filter::IgnoredAndHidden
    }
}

/// The folders at the front of a pattern that are plain names, and the rest. They are meant, ignored or not.
fn literal_start(pattern: &str) -> (&str, &str) {
    let wild = pattern.find(WILD).unwrap_or(pattern.len());
    match pattern[..wild].rfind('/') {
        Some(end) => (&pattern[..end], &pattern[end + 1..]),
        None => (".", pattern),
    }
}

/// Levels of folders in which the pattern can match.
fn depth(pattern: &str) -> usize {
    if pattern.contains("**") || pattern.contains('{') {
        usize::MAX
    } else {
        pattern.split('/').count()
    }
}

fn record(path: &Path, name: &OsStr, found: &Metadata) -> Value {
    let entry = Entry {
        name: escaped(name),
        path: escaped(path.as_os_str()),
        kind: kind(found),
        size: if found.is_file() { found.len() } else { 0 },
        modified: timestamp(found.mtime()),
        note: name
            .to_str()
            .is_none()
            .then_some("its name is not UTF-8: it cannot be opened"),
    };
    serde_json::to_value(entry).unwrap_or_else(|_| Value::Object(Map::new()))
}

/// Seconds since 1970 as ISO 8601 in UTC.
fn timestamp(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // days since 1 March of the year 0, in eras of 400 years
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (date, month) = (of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}
