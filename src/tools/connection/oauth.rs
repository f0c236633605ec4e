//! Logins at servers that ask for one: OAuth 2.1 with PKCE, discovery, registration and refresh.
//!
//! - What a login gave is kept in one file per server address, which only the user can read.
//! - A token that has run out is refreshed in the middle of a run, once however many processes need it.
//! - No message holds a token, a code or a secret.

use std::{
    fs::{self, File},
    io::{self, Write},
    net::Ipv4Addr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use rmcp::transport::auth::{
    AuthClient, AuthError, AuthorizationManager, AuthorizationRequest, AuthorizationSession, CredentialRefreshGuard,
    CredentialStore, OAuthClientConfig, StoredCredentials,
};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::{Instant, sleep, timeout},
};

use super::{
    http,
    start::{Failure, root_cause},
};
use crate::{
    mask::Masker,
    tools::servers::{OauthClient, ServerEntry, Transport},
};

/// How long another process may refresh the same token.
const REFRESH_LIMIT: Duration = Duration::from_secs(30);
/// How long a browser may take to send its request.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
const MAX_REQUEST: usize = 16 << 10;

/// Where logins are kept: a folder of the user's.
#[derive(Debug, Clone)]
pub struct Logins {
    folder: PathBuf,
    masker: Masker,
}

/// What is kept of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// What was granted.
    pub scopes: Vec<String>,
    /// Seconds since the epoch from which the token is void, where its issuer said so.
    pub expires: Option<u64>,
    /// Whether it can be had anew without the user.
    pub refreshable: bool,
}

/// A login did not come about; what was kept is as it was.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The server is not one that logins are for.
    #[error("server `{server}` is not reached over streamable HTTP, so there is nothing to log in to")]
    Kind {
        /// Its name.
        server: String,
    },
    /// The server or its authorization server refused or could not be reached.
    #[error("server `{server}`: {message}")]
    Refused {
        /// Its name.
        server: String,
        /// What it said.
        message: String,
    },
    /// Nobody came back from the browser in time.
    #[error("server `{server}`: nobody logged in within {} s", limit.as_secs())]
    TimedOut {
        /// Its name.
        server: String,
        /// The limit.
        limit: Duration,
    },
    /// The files of logins cannot be used.
    #[error("the login of server `{server}` cannot be kept or read: {source}")]
    Store {
        /// Its name.
        server: String,
        /// Why.
        source: io::Error,
    },
}

impl Logins {
    /// In this folder, which need not be there yet; `masker` learns each token that is read or given.
    pub fn new(folder: PathBuf, masker: Masker) -> Self {
        Self { folder, masker }
    }

    /// Logs in: shows the address that the user has to visit, and waits until the browser comes back.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(
        &self,
        entry: &ServerEntry,
        limit: Duration,
        show: impl FnOnce(&str),
    ) -> Result<Login, LoginError> {
        let (url, oauth) = self.place(entry)?;
        let refused = |message: String| LoginError::Refused {
            server: entry.name.clone(),
            message: entry.mask(&message),
        };
        let store = |source| LoginError::Store {
            server: entry.name.clone(),
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(store)?;
        let port = listener.local_addr().map_err(store)?.port();
        let redirect = format!("http://127.0.0.1:{port}/callback");
        let mut manager = AuthorizationManager::new(url).await.map_err(|e| refused(words(&e)))?;
        let challenge = challenge(entry, url)
            .await
            .map_err(|failure| refused(failure.message))?;
        let found = manager.resolve_metadata_from_challenge(challenge.as_deref()).await;
        let found = found.map_err(|e| refused(words(&e)))?;
        manager.set_metadata(found.metadata);
        let mut scopes = oauth.scopes.clone();
        if scopes.is_empty() {
            scopes = manager.select_initial_scopes(&[]).await;
        }
        let (id, secret) = match &oauth.id {
            Some(id) => (id.clone(), oauth.secret.clone()),
            None => {
                let wanted: Vec<&str> = scopes.iter().map(String::as_str).collect();
                let registered = manager.register_client("mcm", &redirect, &wanted).await;
                let registered = registered.map_err(|e| refused(words(&e)))?;
                (registered.client_id, registered.client_secret)
            }
        };
        // what was kept before counts until the new login is complete
        manager.set_credential_store(Entry {
            masker: self.masker.clone(),
            file: self.file(url),
            secret: secret.clone(),
        });
        let mut request = AuthorizationRequest::new(&redirect)
            .with_preregistered_client(id)
            .with_scopes(scopes);
        if let Some(secret) = secret {
            request = request.with_client_secret(secret);
        }
        let session = AuthorizationSession::new(manager, request)
            .await
            .map_err(|(_, e)| refused(words(&e)))?;
        show(session.get_authorization_url());
        let callback = timeout(limit, come_back(&listener, &redirect)).await;
        let callback = callback
            .map_err(|_| LoginError::TimedOut {
                server: entry.name.clone(),
                limit,
            })?
            .map_err(store)?
            .map_err(refused)?;
        session
            .handle_callback_url(&callback)
            .await
            .map_err(|e| refused(words(&e)))?;
        self.status(entry)?.ok_or_else(|| refused("it gave no token".into()))
    }

    /// Forgets a login; whether there was one.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub fn log_out(&self, entry: &ServerEntry) -> Result<bool, LoginError> {
        let (url, _) = self.place(entry)?;
        match fs::remove_file(self.file(url)) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(LoginError::Store {
                server: entry.name.clone(),
                source,
            }),
        }
    }

    /// What is kept of a login; `None` where there is none.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub fn status(&self, entry: &ServerEntry) -> Result<Option<Login>, LoginError> {
        let (url, _) = self.place(entry)?;
        let kept = read(&self.file(url)).map_err(|source| LoginError::Store {
            server: entry.name.clone(),
            source,
        })?;
        Ok(kept.and_then(|kept| login(&kept.credentials)))
    }

    fn place<'a>(&self, entry: &'a ServerEntry) -> Result<(&'a str, &'a OauthClient), LoginError> {
        match &entry.transport {
            Transport::Http { url, oauth, .. } => Ok((url, oauth)),
            _ => Err(LoginError::Kind {
                server: entry.name.clone(),
            }),
        }
    }

    fn file(&self, url: &str) -> PathBuf {
        let name: String = Sha256::digest(url)
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.folder.join(name + ".json")
    }
}

/// The client with the login at `url`; `None` where the user has not logged in.
pub(super) async fn logged_in(
    logins: &Logins,
    url: &str,
    oauth: &OauthClient,
    client: reqwest::Client,
) -> Result<Option<AuthClient<reqwest::Client>>, Failure> {
    let failed = |message: String| Failure::from(format!("its login cannot be used: {message}"));
    let file = logins.file(url);
    let Some(kept) = read(&file).map_err(|e| failed(e.to_string()))? else {
        return Ok(None);
    };
    let secret = oauth.secret.clone().or(kept.secret);
    let mut manager = AuthorizationManager::new(url).await.map_err(|e| failed(words(&e)))?;
    manager.set_credential_store(Entry {
        masker: logins.masker.clone(),
        file,
        secret: secret.clone(),
    });
    if !manager.initialize_from_store().await.map_err(|e| failed(words(&e)))? {
        return Ok(None);
    }
    if let Some(secret) = secret {
        // nobody is sent to this address: it only completes the client
        let config = OAuthClientConfig::new(kept.credentials.client_id, "http://127.0.0.1/callback");
        let config = config.with_client_secret(secret);
        manager.configure_client(config).map_err(|e| failed(words(&e)))?;
    }
    Ok(Some(AuthClient::new(client, manager)))
}

fn login(kept: &StoredCredentials) -> Option<Login> {
    let token = serde_json::to_value(kept.token_response.as_ref()?).ok()?;
    let lasts = token.get("expires_in").and_then(serde_json::Value::as_u64);
    Some(Login {
        scopes: kept.granted_scopes.clone(),
        expires: lasts.and_then(|lasts| kept.token_received_at?.checked_add(lasts)),
        refreshable: token.get("refresh_token").is_some_and(serde_json::Value::is_string),
    })
}

/// What the server says to somebody who has not logged in: where to, and for what.
async fn challenge(entry: &ServerEntry, url: &str) -> Result<Option<String>, Failure> {
    let headers = match &entry.transport {
        Transport::Http { headers, .. } => headers.as_slice(),
        _ => &[],
    };
    let hello = serde_json::json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "mcm", "version": env!("CARGO_PKG_VERSION") },
        },
    });
    let request = http::client(headers)?
        .post(url)
        .header(ACCEPT, "application/json, text/event-stream")
        .timeout(REQUEST_LIMIT)
        .json(&hello);
    let answer = request.send().await;
    let answer = answer.map_err(|e| Failure::from(format!("it cannot be reached: {}", root_cause(&e))))?;
    let said = answer.headers().get(WWW_AUTHENTICATE);
    Ok(said.and_then(|said| said.to_str().ok()).map(str::to_owned))
}

/// Waits for the browser to be sent back here; the address it came with, or what went wrong there.
async fn come_back(listener: &TcpListener, redirect: &str) -> io::Result<Result<String, String>> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        // a browser may connect and ask for nothing, or for a picture of its own
        let Ok(Ok(target)) = timeout(REQUEST_LIMIT, target(&mut stream)).await else {
            continue;
        };
        let is_callback = target
            .strip_prefix("/callback")
            .is_some_and(|rest| rest.starts_with('?'));
        let said = url_of(redirect, &target);
        let outcome = match &said {
            Some(url) if is_callback => match url.query_pairs().find(|(key, _)| key == "error") {
                Some((_, error)) => {
                    let why = url.query_pairs().find(|(key, _)| key == "error_description");
                    let why = why.map_or_else(String::new, |(_, why)| format!(": {why}"));
                    Some(Err(format!("the login was refused ({error}{why})")))
                }
                None => Some(Ok(url.to_string())),
            },
            _ => None,
        };
        let (status, text) = match &outcome {
            Some(Ok(_)) => (
                "200 OK",
                "You are logged in. You can close this page and go back to the terminal.",
            ),
            Some(Err(_)) => (
                "200 OK",
                "The login was refused. You can close this page and go back to the terminal.",
            ),
            None => ("404 Not Found", "There is nothing here."),
        };
        let page = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        );
        // a browser that does not wait for the page has come back all the same
        let _ = timeout(REQUEST_LIMIT, stream.write_all(page.as_bytes())).await;
        if let Some(outcome) = outcome {
            return Ok(outcome);
        }
    }
}

fn url_of(redirect: &str, target: &str) -> Option<reqwest::Url> {
    reqwest::Url::parse(redirect).ok()?.join(target).ok()
}

/// What the first line of a request asks for.
async fn target(stream: &mut tokio::net::TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await? {
            0 => break,
            n if request.len() + n > MAX_REQUEST => return Err(io::ErrorKind::FileTooLarge.into()),
            n => request.extend_from_slice(&chunk[..n]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    let target = request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
    target
        .map(str::to_owned)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// What a file of a login holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    credentials: StoredCredentials,
    /// Of the client, where registration gave one.
    secret: Option<String>,
}

impl Kept {
    /// What must not be shown of it.
    fn secrets(&self) -> Vec<String> {
        let token = self.credentials.token_response.as_ref();
        let token = token.and_then(|token| serde_json::to_value(token).ok());
        let of = |key: &str| Some(token.as_ref()?.get(key)?.as_str()?.to_owned());
        let tokens = ["access_token", "refresh_token"].into_iter().filter_map(of);
        tokens.chain(self.secret.clone()).collect()
    }
}

/// The file of one login.
#[derive(Clone)]
struct Entry {
    masker: Masker,
    file: PathBuf,
    /// Kept with it.
    secret: Option<String>,
}

impl Entry {
    fn folder(&self) -> &Path {
        self.file.parent().expect("the file was named in a folder")
    }

    fn ready(&self) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(self.folder())
    }

    fn write(&self, credentials: StoredCredentials) -> io::Result<()> {
        self.ready()?;
        let mut file = tempfile::NamedTempFile::new_in(self.folder())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
        let kept = Kept {
            credentials,
            secret: self.secret.clone(),
        };
        self.masker.hide(kept.secrets());
        serde_json::to_writer(&mut file, &kept)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(&self.file)?;
        Ok(())
    }

    /// Held by whoever refreshes, so that a refresh token that counts once is not used twice.
    async fn lock(&self) -> io::Result<File> {
        self.ready()?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.file.with_extension("lock"))?;
        let end = Instant::now() + REFRESH_LIMIT;
        while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if error != rustix::io::Errno::WOULDBLOCK || Instant::now() > end {
                return Err(error.into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(file)
    }
}

#[async_trait::async_trait]
impl CredentialStore for Entry {
    async fn load(&self) -> Result<Option<StoredCredentials>, AuthError> {
        Ok(read(&self.file).map_err(kept)?.map(|kept| {
            self.masker.hide(kept.secrets());
            kept.credentials
        }))
    }

    async fn save(&self, credentials: StoredCredentials) -> Result<(), AuthError> {
        self.write(credentials).map_err(kept)
    }

    async fn clear(&self) -> Result<(), AuthError> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(kept(error)),
            _ => Ok(()),
        }
    }

    async fn acquire_refresh_guard(&self) -> Result<Option<CredentialRefreshGuard>, AuthError> {
        let file = self.lock().await.map_err(kept)?;
        Ok(Some(CredentialRefreshGuard::new(file)))
    }
}

fn read(file: &Path) -> io::Result<Option<Kept>> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| io::Error::other(format!("`{}` is damaged; delete it and log in again", file.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn kept(error: io::Error) -> AuthError {
    AuthError::CredentialStoreError(error.to_string())
}

/// What went wrong, for the user; never what was sent.
fn words(error: &AuthError) -> String {
    match error {
        AuthError::AuthorizationRequired => "it wants a new login".into(),
        AuthError::NoAuthorizationSupport => "it offers no login: there is no OAuth metadata at its address".into(),
        other => other.to_string().chars().take(500).collect(),
    }
}
