//! Which endpoint is asked, and how.
//!
//! - Debug output shows neither key nor credentials.

use std::{fmt, time::Duration};

use reqwest::Url;

use super::Secret;
use crate::mask::Masker;

/// Which endpoint, and how to ask it.
#[derive(Clone)]
pub struct Options {
    /// Up to and including `/v1`; may hold credentials, and a query that is sent along.
    pub base_url: String,
    /// Sent as bearer token.
    pub api_key: Option<Secret>,
    /// Hides secrets in what is sent and in what is told; it learns the key and the credentials in the URL.
    pub masker: Masker,
    /// As the endpoint names it.
    pub model: String,
    /// Sent only if set.
    pub temperature: Option<f32>,
    /// Longest reply in tokens; sent only if set.
    pub max_tokens: Option<u32>,
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// Between two pieces of the reply, and until the first one where the endpoint streams.
    pub idle_timeout: Duration,
    /// For a completion with all its tries.
    pub total_timeout: Duration,
    /// How often to ask, from 1.
    pub tries: u32,
    /// Longest first wait between tries; doubled each time.
    pub backoff: Duration,
}

impl Options {
    /// `model` at `base_url` with customary limits.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            masker: Masker::default(),
            model: model.into(),
            temperature: None,
            max_tokens: None,
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            total_timeout: Duration::from_secs(600),
            tries: 5,
            backoff: Duration::from_secs(1),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("base_url", &masked_url(&self.base_url))
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// `url` without credentials and query, for people to read.
pub fn masked_url(url: &str) -> String {
    let Some(mut parsed) = Url::parse(url).ok().filter(Url::has_host) else {
        let guessed = url.split('?').next().unwrap_or_default();
        return if url.contains('@') {
            "(not a URL)".to_owned()
        } else {
            guessed.to_owned()
        };
    };
    if !parsed.username().is_empty() || parsed.password().is_some() {
        // fails only for URLs that can have no credentials
        let _ = parsed.set_username("***");
        let _ = parsed.set_password(None);
    }
    parsed.set_query(None);
    parsed.set_fragment(None);
    parsed.as_str().trim_end_matches('/').to_owned()
}

/// A client that goes past any proxy to this machine.
pub fn http_client(url: &Url, connect_timeout: Duration) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .connect_timeout(connect_timeout)
        .user_agent(concat!("mcm/", env!("CARGO_PKG_VERSION")));
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if local {
        builder.no_proxy().build()
    } else {
        builder.build()
    }
}
