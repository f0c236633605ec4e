//! Images and other blobs that tools gave: files beside the run's record, never text in a prompt.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;

/// One blob, as scripts and answers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Unique within the run.
    pub id: u64,
    /// Where its bytes are.
    pub path: PathBuf,
    /// Its media type.
    pub mime: String,
    /// In bytes.
    pub size: u64,
}

/// The artifacts of a run, in a folder that is made with the first of them.
#[derive(Debug)]
pub struct Artifacts {
    parent: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    folder: Option<PathBuf>,
    artifacts: Vec<Artifact>,
}

impl Artifacts {
    /// `parent` is where the run's folder is made, when there is an artifact.
    pub fn new(parent: PathBuf) -> Self {
        Self {
            parent,
            kept: Mutex::default(),
        }
    }

    /// Writes a blob to a file of its own.
    ///
    /// # Errors
    /// The file system's.
    pub fn add(&self, mime: &str, bytes: &[u8]) -> io::Result<Artifact> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match &kept.folder {
            Some(folder) => folder.clone(),
            None => tempfile::Builder::new().prefix("mcm-").tempdir_in(&self.parent)?.keep(),
        };
        kept.folder = Some(folder.clone());
        let id = kept.artifacts.len() as u64 + 1;
        let path = folder.join(format!("{id}.{}", extension(mime)));
        std::fs::write(&path, bytes)?;
        let artifact = Artifact {
            id,
            path,
            mime: mime.to_owned(),
            size: bytes.len() as u64,
        };
        kept.artifacts.push(artifact.clone());
        Ok(artifact)
    }

    /// The bytes of an artifact.
    ///
    /// # Errors
    /// `NotFound` for an id that was never given; the file system's.
    pub fn bytes(&self, id: u64) -> io::Result<Vec<u8>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let artifact = kept
            .artifacts
            .iter()
            .find(|artifact| artifact.id == id)
            .ok_or(io::ErrorKind::NotFound)?;
        std::fs::read(&artifact.path)
    }
}

fn extension(mime: &str) -> &str {
    let known = [
        ("image/png", "png"),
        ("image/jpeg", "jpg"),
        ("image/gif", "gif"),
        ("image/webp", "webp"),
        ("image/svg+xml", "svg"),
        ("audio/wav", "wav"),
        ("audio/mpeg", "mp3"),
        ("application/pdf", "pdf"),
        ("application/gzip", "gz"),
        ("application/zip", "zip"),
    ];
    known
        .iter()
        .find(|(name, _)| *name == mime)
        .map_or("bin", |(_, extension)| extension)
}
