//! What changes files: `write`, `append`, `move`, `remove` and `make_folder`.
//!
//! - A file is replaced in one step: who reads it sees the old text or the new, never a part.
//! - The last name of a path is used inside its opened folder, so a folder that is replaced meanwhile changes nothing.
//! - The root itself is never changed.

use std::{
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use cap_std::fs::{Dir, File, MetadataExt, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt};
use rustix::fs::{RenameFlags, renameat_with};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Stop, only,
    root::{Root, escaped, join, parse, shown, split},
    walk::open_walked,
};

/// Levels of folders that `remove` enters, for each holds a handle.
const MAX_DEPTH: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    path: String,
    text: String,
    #[serde(default)]
    make_folders: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Addition {
    path: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    source: String,
    destination: String,
    #[serde(default)]
    overwrite: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remove {
    path: String,
    #[serde(default)]
    recursive: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFolder {
    path: String,
}

pub(super) fn write(root: &Root, arguments: &Text) -> Result<Value, String> {
    let path = behind_link(root, parse(&arguments.path)?)?;
    let (folder, name) = split(&path)?;
    if arguments.make_folders {
        root.dir()
            .create_dir_all(folder)
            .map_err(|e| root.explain(folder, &e))?;
    }
    let explain = |e: io::Error| root.explain(&path, &e);
    let dir = root
        .folder(folder)
        .map_err(|e| match root.dir().symlink_metadata(folder) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound && !arguments.make_folders => {
                format!("{e}: add make_folders=True to make it")
            }
            _ => e,
        })?;
    let mode = match dir.symlink_metadata(name) {
        // opened only to learn whether it may be written
        Ok(_) => Some(root.file_with(&path, OpenOptions::new().write(true))?.1.mode() & 0o777),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(explain(e)),
    };
    let (temporary, file) = temporary(&dir).map_err(explain)?;
    let written = fill(file, &arguments.text, mode).and_then(|()| dir.rename(&temporary, &dir, name));
    if let Err(e) = written {
        let _ = dir.remove_file(&temporary); // the first error counts
        return Err(explain(e));
    }
    Ok(only(arguments.text.len()))
}

pub(super) fn append(root: &Root, Addition { path, text }: &Addition) -> Result<Value, String> {
    let path = parse(path)?;
    split(&path)?;
    let (mut file, _) = root.file_with(&path, OpenOptions::new().append(true).create(true))?;
    let size = file.write_all(text.as_bytes()).and_then(|()| file.metadata());
    size.map(|found| only(found.len())).map_err(|e| root.explain(&path, &e))
}

pub(super) fn rename(root: &Root, arguments: &Move) -> Result<Value, String> {
    let (from, to) = (parse(&arguments.source)?, parse(&arguments.destination)?);
    let ((from_folder, from_name), (to_folder, to_name)) = (split(&from)?, split(&to)?);
    let (from_dir, to_dir) = (root.folder(from_folder)?, root.folder(to_folder)?);
    let found = from_dir.symlink_metadata(from_name);
    found.map_err(|e| root.explain(&from, &e))?;
    if to.starts_with(&from) && to != from {
        return Err(format!("`{}` cannot be moved into itself", shown(&from)));
    }
    let exists = || format!("`{}` exists: add overwrite=True to replace it", shown(&to));
    let flags = if arguments.overwrite {
        RenameFlags::empty()
    } else {
        RenameFlags::NOREPLACE
    };
    let moved = match renameat_with(&from_dir, from_name, &to_dir, to_name, flags) {
        // not every file system can refuse by itself
        Err(rustix::io::Errno::INVAL) if !arguments.overwrite => {
            if to_dir.symlink_metadata(to_name).is_ok() {
                return Err(exists());
            }
            from_dir.rename(from_name, &to_dir, to_name)
        }
        other => other.map_err(io::Error::from),
    };
    moved.map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists if !arguments.overwrite => exists(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::IsADirectory => {
            format!("`{}` is a folder, which is not replaced: remove it first", shown(&to))
        }
        io::ErrorKind::NotADirectory => format!("`{}` is a file, and a folder cannot replace it", shown(&to)),
        _ => root.explain(&to, &e),
    })?;
    Ok(only(escaped(to.as_os_str())))
}

pub(super) fn remove(root: &Root, arguments: &Remove, stop: &Stop) -> Result<Value, String> {
    let path = parse(&arguments.path)?;
    let (folder, name) = split(&path)?;
    let dir = root.folder(folder)?;
    let explain = |e: io::Error| root.explain(&path, &e);
    if !dir.symlink_metadata(name).map_err(explain)?.is_dir() {
        dir.remove_file(name).map_err(explain)?;
        return Ok(only(1));
    }
    if arguments.recursive {
        let mut removed = 0;
        empty(root, &dir, &path, &mut removed, stop)?;
        dir.remove_dir(name).map_err(explain)?;
        return Ok(only(removed + 1));
    }
    dir.remove_dir(name).map_err(|e| match e.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
            format!(
                "`{}` is not empty: add recursive=True to remove all of it",
                shown(&path)
            )
        }
        _ => explain(e),
    })?;
    Ok(only(1))
}

pub(super) fn make_folder(root: &Root, NewFolder { path }: &NewFolder) -> Result<Value, String> {
    let path = parse(path)?;
    match root.dir().metadata(&path) {
        Ok(found) if found.is_dir() => return Ok(only(false)),
        Ok(_) => return Err(format!("`{}` exists and is not a folder", shown(&path))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(root.explain(&path, &e)),
    }
    root.dir().create_dir_all(&path).map_err(|e| root.explain(&path, &e))?;
    Ok(only(true))
}

/// The file that a link stands for, so that the link itself is kept.
fn behind_link(root: &Root, path: PathBuf) -> Result<PathBuf, String> {
    match root.dir().symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => root.dir().canonicalize(&path).map_err(|e| root.explain(&path, &e)),
        _ => Ok(path),
    }
}

/// A new file in the folder, under a name that nobody has.
fn temporary(dir: &Dir) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = PathBuf::from(format!(".mcm-{}-{number}.tmp", std::process::id()));
        match dir.open_with(&name, OpenOptions::new().write(true).create_new(true).mode(0o666)) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (name, file)),
        }
    }
}

fn fill(mut file: File, text: &str, mode: Option<u32>) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    mode.map_or(Ok(()), |mode| file.set_permissions(Permissions::from_mode(mode)))
}

/// Removes all that the folder `path`, which stands in `dir`, holds; `removed` counts on.
fn empty(root: &Root, dir: &Dir, path: &Path, removed: &mut u64, stop: &Stop) -> Result<(), String> {
    if path.components().count() > MAX_DEPTH {
        return Err(format!(
            "folders in `{}` lie too deep in each other; {removed} files and folders are removed already",
            shown(path)
        ));
    }
    let explain = |path: &Path, e: &io::Error| root.explain(path, e);
    let name = path.file_name().unwrap_or(OsStr::new("."));
    let here = open_walked(dir, Path::new(name)).map_err(|e| explain(path, &e))?;
    for entry in here.entries().map_err(|e| explain(path, &e))? {
        stop.check()?;
        let entry = entry.map_err(|e| explain(path, &e))?;
        let below = join(path, &entry.file_name());
        if entry.metadata().map_err(|e| explain(&below, &e))?.is_dir() {
            empty(root, &here, &below, removed, stop)?;
            entry.remove_dir().map_err(|e| explain(&below, &e))?;
        } else {
            entry.remove_file().map_err(|e| explain(&below, &e))?;
        }
        *removed += 1;
    }
    Ok(())
}
