//! Finds a model server on this machine when none is configured.
//!
//! - Only loopback is asked, side by side, and never longer than the given limit.
//! - Whatever does not answer with a list of models is ignored.

use std::{net::Ipv4Addr, time::Duration};

use futures::future::join_all;
use reqwest::{Client, Response, redirect::Policy};
use serde::Deserialize;

/// Longest list of models that is read, in bytes.
const MAX_LIST: usize = 1 << 20;
/// How long to look.
pub const LIMIT: Duration = Duration::from_millis(500);

/// A port where a model server may listen.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// The program that customarily listens there.
    pub name: &'static str,
    /// On 127.0.0.1.
    pub port: u16,
}

/// Where to look, the preferred first.
pub const CANDIDATES: [Candidate; 4] = [
    Candidate {
        name: "Ollama",
        port: 11434,
    },
    Candidate {
        name: "LM Studio",
        port: 1234,
    },
    Candidate {
        name: "llama.cpp",
        port: 8080,
    },
    Candidate {
        name: "vLLM",
        port: 8000,
    },
];

/// A model server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The program that customarily listens there.
    pub name: &'static str,
    /// With `/v1`.
    pub base_url: String,
    /// As it lists them; may be empty.
    pub models: Vec<String>,
}

impl Found {
    /// Models that may write scripts, as far as their names tell.
    pub fn writers(&self) -> impl Iterator<Item = &str> {
        let names = self.models.iter().map(String::as_str);
        names.filter(|name| {
            let plain = !name.trim().is_empty() && !name.chars().any(char::is_control);
            plain && !name.to_ascii_lowercase().contains("embed")
        })
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

/// The servers that answer within `limit`, in the order of `candidates`.
pub async fn discover(candidates: &[Candidate], limit: Duration) -> Vec<Found> {
    let Ok(http) = Client::builder().no_proxy().redirect(Policy::none()).build() else {
        return Vec::new();
    };
    let asked = candidates
        .iter()
        .map(|candidate| tokio::time::timeout(limit, ask(&http, *candidate)));
    join_all(asked)
        .await
        .into_iter()
        .filter_map(|answer| answer.ok().flatten())
        .collect()
}

async fn ask(http: &Client, candidate: Candidate) -> Option<Found> {
    let base_url = format!("http://{}:{}/v1", Ipv4Addr::LOCALHOST, candidate.port);
    let response = http
        .get(format!("{base_url}/models"))
        .send()
        .await
        .ok()?
        .error_for_status()
        .ok()?;
    Some(Found {
        name: candidate.name,
        base_url,
        models: read_list(response).await?,
    })
}

/// The models in an answer to `GET …/models`; `None` where that is no list.
pub(super) async fn read_list(mut response: Response) -> Option<Vec<String>> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.ok()? {
        body.extend_from_slice(&bytes);
        if body.len() > MAX_LIST {
            return None;
        }
    }
    let list: List = serde_json::from_slice(&body).ok()?;
    Some(list.data.into_iter().map(|entry| entry.id).collect())
}
