//! What is kept of a login: a file that only the user can read, which one process at a time renews.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rmcp::transport::auth::{AuthError, CredentialRefreshGuard, CredentialStore, StoredCredentials};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{files, mask::Masker};

/// How long another process may refresh the same token.
const REFRESH_LIMIT: Duration = Duration::from_secs(30);

/// What a file of a login holds.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    pub credentials: StoredCredentials,
    /// Of the client, where registration gave one.
    pub secret: Option<String>,
}

impl Kept {
    /// What must not be shown of it.
    pub fn secrets(&self) -> Vec<String> {
        let token = self.credentials.token_response.as_ref();
        let token = token.and_then(|token| serde_json::to_value(token).ok());
        let of = |key: &str| Some(token.as_ref()?.get(key)?.as_str()?.to_owned());
        let tokens = ["access_token", "refresh_token"].into_iter().filter_map(of);
        tokens.chain(self.secret.clone()).collect()
    }
}

/// The file of one login.
#[derive(Clone)]
pub struct Entry {
    pub masker: Masker,
    pub file: PathBuf,
    /// Kept with it.
    pub secret: Option<String>,
}

impl Entry {
    fn write(&self, credentials: StoredCredentials) -> io::Result<()> {
        let kept = Kept {
            credentials,
            secret: self.secret.clone(),
        };
        self.masker.hide(kept.secrets());
        files::replace(&self.file, &serde_json::to_vec(&kept)?)
    }

    /// Held by whoever refreshes what is kept, so that a refresh token that counts once is not used twice.
    async fn lock(&self) -> io::Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.file.with_extension("lock"))?;
        let end = Instant::now() + REFRESH_LIMIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(Duration::from_millis(20)).await,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[async_trait::async_trait]
impl CredentialStore for Entry {
    async fn load(&self) -> Result<Option<StoredCredentials>, AuthError> {
        Ok(read(&self.file).map_err(failed)?.map(|kept| {
            self.masker.hide(kept.secrets());
            kept.credentials
        }))
    }

    async fn save(&self, credentials: StoredCredentials) -> Result<(), AuthError> {
        self.write(credentials).map_err(failed)
    }

    async fn clear(&self) -> Result<(), AuthError> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    async fn acquire_refresh_guard(&self) -> Result<Option<CredentialRefreshGuard>, AuthError> {
        let file = self.lock().await.map_err(failed)?;
        Ok(Some(CredentialRefreshGuard::new(file)))
    }
}

/// What a file holds; nothing where it is not there.
pub fn read(file: &Path) -> io::Result<Option<Kept>> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| io::Error::other(format!("`{}` is damaged; delete it and log in again", file.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed(error: io::Error) -> AuthError {
    AuthError::CredentialStoreError(error.to_string())
}
