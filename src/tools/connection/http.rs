//! How requests are made over HTTP.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rmcp::transport::{
    StreamableHttpClientTransport,
    streamable_http_client::{StreamableHttpClient, StreamableHttpClientTransportConfig},
};

use super::start::{Failure, root_cause};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// An event over the client's limit closes the connection, so a merely long one is let in and
/// refused later.
const EVENT_FACTOR: usize = 4;

/// A client that sends these headers with every request, and to no other host.
pub(super) fn client(headers: &[(String, String)]) -> Result<reqwest::Client, Failure> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || format!("the header `{name}` cannot be sent");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .default_headers(map)
        // a redirect would carry the headers to another host
        .redirect(reqwest::redirect::Policy::none())
        .build();
    client.map_err(|e| root_cause(&e).into())
}

/// Streamable HTTP; `limit`: bytes of the longest answer.
pub(super) fn streamable<C: StreamableHttpClient + Sync>(
    client: C,
    url: &str,
    limit: usize,
) -> StreamableHttpClientTransport<C> {
    let config = StreamableHttpClientTransportConfig::with_uri(url)
        .max_sse_event_size(limit.saturating_mul(EVENT_FACTOR))
        .max_json_response_size(limit);
    StreamableHttpClientTransport::with_client(client, config)
}
