//! Logins at servers that ask for one: OAuth 2.1 with PKCE, discovery, registration and refresh.
//!
//! - What a login gave is kept in one file per server address, which only the user can read.
//! - A token that has run out is refreshed in the middle of a run, once however many processes need it.
//! - No message holds a token, a code or a secret.

mod callback;
mod kept;

use std::{fs, io, net::Ipv4Addr, path::PathBuf, time::Duration};

use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use rmcp::transport::auth::{
    AuthClient, AuthError, AuthorizationManager, AuthorizationRequest, AuthorizationSession, OAuthClientConfig,
    StoredCredentials,
};
use tokio::{net::TcpListener, time::timeout};

use self::{
    callback::come_back,
    kept::{Entry, read},
};
use super::{
    http,
    start::{Failure, root_cause},
};
use crate::{
    files,
    mask::Masker,
    tools::servers::{OauthClient, ServerEntry, Transport},
};

/// How long a browser may take to send its request.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

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
        let name = files::name_of(url);
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

/// What went wrong, for the user; never what was sent.
fn words(error: &AuthError) -> String {
    match error {
        AuthError::AuthorizationRequired => "it wants a new login".into(),
        AuthError::NoAuthorizationSupport => "it offers no login: there is no OAuth metadata at its address".into(),
        other => other.to_string().chars().take(500).collect(),
    }
}
