//! The root, paths below it, and what is said when one cannot be used.

use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt,
    path::{Component, Path, PathBuf},
};

use cap_std::{
    ambient_authority,
    fs::{Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt},
};

/// Characters of a path that a message shows.
const MAX_SHOWN: usize = 200;

const REMOVED: &str = "the workspace's root folder has been removed";

/// The folder that nothing leaves.
pub(super) struct Root {
    dir: Dir,
}

impl Root {
    pub fn open(root: &Path, inside: Option<&Path>) -> Result<Self, String> {
        let opened = match inside {
            Some(folder) => Dir::open_ambient_dir(folder, ambient_authority()).and_then(|folder| folder.open_dir(root)),
            None => Dir::open_ambient_dir(root, ambient_authority()),
        };
        let full = inside.map_or_else(|| root.to_owned(), |folder| folder.join(root));
        let dir = opened.map_err(|e| {
            let why = match e.kind() {
                io::ErrorKind::NotFound => "does not exist".into(),
                io::ErrorKind::NotADirectory => "is not a folder".into(),
                io::ErrorKind::PermissionDenied if e.raw_os_error().is_none() => "has become a link out of it".into(),
                io::ErrorKind::PermissionDenied => "may not be read".into(),
                _ => format!("cannot be opened: {e}"),
            };
            format!("its root `{}` {why}", full.display())
        })?;
        Ok(Self { dir })
    }

    /// Every access begins here.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    pub fn folder(&self, path: &Path) -> Result<Dir, String> {
        self.dir.open_dir(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotADirectory if self.dir.metadata(path).is_ok() => {
                format!("`{}` is not a folder", shown(path))
            }
            _ => self.explain(path, &e),
        })
    }

    /// Opens a regular file to read; nothing else is opened.
    pub fn file(&self, path: &Path) -> Result<(File, Metadata), String> {
        self.file_with(path, OpenOptions::new().read(true))
    }

    /// Opens a regular file.
    pub fn file_with(&self, path: &Path, options: &OpenOptions) -> Result<(File, Metadata), String> {
        let explain = |e: io::Error| self.explain(path, &e);
        match self.dir.metadata(path) {
            Ok(found) => regular(path, &found)?,
            // the options may ask to create it
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(explain(e)),
        }
        let mut options = options.clone();
        // what was a file when it was looked at may be a FIFO by now
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        let file = self.dir.open_with(path, &options).map_err(explain)?;
        let found = file.metadata().map_err(explain)?;
        regular(path, &found)?;
        Ok((file, found))
    }

    /// Opens a file that a walk has found, which is a link by now at worst.
    pub fn walked_file(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_NOFOLLOW);
        let file = self.dir.open_with(path, &options)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("not a regular file")),
        }
    }

    /// What keeps `path` from being used.
    pub fn explain(&self, path: &Path, error: &io::Error) -> String {
        let name = shown(path);
        match (error.kind(), error.raw_os_error()) {
            (io::ErrorKind::NotFound, _) if self.is_gone() => REMOVED.into(),
            (io::ErrorKind::NotFound, _) => match self.dir.symlink_metadata(path) {
                Ok(found) if found.is_symlink() => format!("`{name}` is a link to something that does not exist"),
                _ if name.contains("\\x") => format!(
                    "there is no file or folder `{name}`; if it was listed so, its name is not UTF-8 and cannot be given"
                ),
                _ => format!("there is no file or folder `{name}`"),
            },
            (io::ErrorKind::PermissionDenied, None) => leads_out(&name),
            (io::ErrorKind::PermissionDenied, _) => format!("no permission for `{name}`"),
            (io::ErrorKind::NotADirectory, _) => format!("a part of `{name}` is a file, not a folder"),
            (io::ErrorKind::IsADirectory, _) => format!("`{name}` is a folder"),
            (_, Some(libc::ELOOP)) => format!("`{name}` leads through links that go round in a circle"),
            (_, Some(libc::ENAMETOOLONG)) => format!("`{name}` has a name that is too long"),
            (_, Some(libc::EXDEV)) => format!("`{name}` is on another file system: copy it and remove it instead"),
            _ => format!("`{name}`: {error}"),
        }
    }

    /// An error when the root was removed, for then it looks empty.
    pub fn check(&self) -> Result<(), String> {
        if self.is_gone() { Err(REMOVED.into()) } else { Ok(()) }
    }

    /// A folder that was removed has no name left.
    fn is_gone(&self) -> bool {
        self.dir.dir_metadata().is_ok_and(|found| found.nlink() == 0)
    }
}

fn regular(path: &Path, found: &Metadata) -> Result<(), String> {
    match kind(found) {
        "file" => Ok(()),
        "folder" => Err(format!("`{}` is a folder", shown(path))),
        _ => Err(format!(
            "`{}` is neither a file nor a folder but a device, socket or FIFO, which is never opened",
            shown(path)
        )),
    }
}

/// What something is, as scripts read it.
pub(super) fn kind(found: &Metadata) -> &'static str {
    let kind = found.file_type();
    if kind.is_file() {
        "file"
    } else if kind.is_dir() {
        "folder"
    } else if kind.is_symlink() {
        "link"
    } else {
        "other"
    }
}

/// The path that a script gave; `.` is the root.
///
/// # Errors
/// It cannot be a path below the root, whatever is there. Links are not looked at.
pub(super) fn parse(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("the path is empty; the workspace's root is `.`".into());
    }
    if text.contains('\0') {
        return Err("a path cannot hold a NUL character".into());
    }
    let path = Path::new(text);
    if path.is_absolute() {
        return Err(format!(
            "`{}` is absolute; paths here begin at the workspace's root, such as `docs/a.txt`",
            shown(path)
        ));
    }
    let mut below: usize = 0;
    let mut kept = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(_) => below += 1,
            Component::ParentDir => below = below.checked_sub(1).ok_or_else(|| leads_out(&shown(path)))?,
            _ => continue,
        }
        kept.push(part);
    }
    if kept.as_os_str().is_empty() {
        kept.push(".");
    }
    Ok(kept)
}

/// The folder and the name in it of something that is to be changed.
///
/// # Errors
/// It is the root, or ends in `..`.
pub(super) fn split(path: &Path) -> Result<(&Path, &OsStr), String> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => Ok((Path::new("."), name)),
        (Some(folder), Some(name)) => Ok((folder, name)),
        _ if path == Path::new(".") => Err("the workspace's root itself is never changed".into()),
        _ => Err(format!("`{}` does not end in a name", shown(path))),
    }
}

/// A path below a folder, without a leading `./`.
pub(super) fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") {
        name.into()
    } else {
        folder.join(name)
    }
}

/// A path in a message.
pub(super) fn shown(path: &Path) -> String {
    let text = escaped(path.as_os_str());
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A name as text; bytes that are not UTF-8 become `\xNN`.
pub(super) fn escaped(name: &OsStr) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

fn leads_out(name: &str) -> String {
    format!("`{name}` leads out of the workspace")
}
