//! Completions from any endpoint that speaks OpenAI's chat completions.
//!
//! What differs between endpoints is learned from their refusals and kept for the client's life.
//!
//! - A try that may succeed later is repeated, with growing waits, at most `tries` times; `on` hears of each.
//! - Connecting, silence and the whole have limits; lines and replies have caps.
//! - The key never enters async-openai, an error or debug output; no other secret is sent.

mod models;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory};
use futures::StreamExt;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderValue},
};
use serde_json::{Value, json};

pub use super::options::Options;
use super::{
    Completion, Delta, Error, Prompt,
    guard::{Failure, Limits, Slot, send},
    options::{http_client, masked_url},
    refusal::{Meaning, Refusal, one_line},
    reply::{MAX_REPLY, Reply},
    retry,
};

/// How long to wait for usage after the finish reason.
const AFTER_THE_END: Duration = Duration::from_secs(5);

/// A client of one endpoint; cheap to use from many tasks at once.
#[derive(Debug)]
pub struct OpenAi {
    options: Options,
    http: reqwest::Client,
    /// Without credentials, query and last slash.
    base: String,
    query: Option<String>,
    authorization: Option<HeaderValue>,
    learned: Mutex<Without>,
}

/// What an endpoint does not take.
#[derive(Debug, Clone, Copy, Default)]
struct Without {
    /// `max_completion_tokens` is sent instead.
    max_tokens: bool,
    temperature: bool,
    stream_options: bool,
    stream: bool,
}

impl OpenAi {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] if URL or key cannot be used.
    pub fn new(options: Options) -> Result<Self, Error> {
        let unusable = |message: &str| Error::Options {
            message: message.to_owned(),
        };
        let shown = masked_url(&options.base_url);
        let url = Url::parse(options.base_url.trim()).ok();
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) else {
            return Err(unusable(&format!(
                "the base URL `{shown}` cannot be used\n  it reads `https://host/v1`"
            )));
        };
        let http = http_client(&url, options.connect_timeout)
            .map_err(|error| unusable(&format!("cannot set up HTTPS: {}", error.without_url())))?;
        // building a request moves the URL's credentials to a header
        let request = http
            .get(url.clone())
            .build()
            .map_err(|_| unusable("the base URL cannot be used"))?;
        let mut authorization = request.headers().get(AUTHORIZATION).cloned();
        if let Some(key) = &options.api_key {
            let value = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
            let mut value = value.map_err(|_| {
                unusable("the API key holds characters that cannot be sent\n  look for a line break or a quote in it")
            })?;
            value.set_sensitive(true);
            authorization = Some(value);
        }
        let mut base = request.url().clone();
        let query = base.query().map(str::to_owned);
        base.set_query(None);
        base.set_fragment(None);
        let in_url = [url.password().map(str::to_owned), query.clone()].into_iter().flatten();
        let key = options.api_key.iter().map(|key| key.expose().to_owned());
        options.masker.hide(key.chain(in_url));
        Ok(Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            query,
            http,
            authorization,
            options,
            learned: Mutex::default(),
        })
    }

    /// The same endpoint, asked for another model.
    pub fn with_model(&self, model: impl Into<String>) -> Self {
        Self {
            options: Options {
                model: model.into(),
                ..self.options.clone()
            },
            http: self.http.clone(),
            base: self.base.clone(),
            query: self.query.clone(),
            authorization: self.authorization.clone(),
            learned: Mutex::default(),
        }
    }

    /// The name of the model.
    pub fn model(&self) -> &str {
        &self.options.model
    }

    /// Asks for one completion, without secrets in what is sent; `on` hears of it while it comes.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn complete(&self, prompt: &Prompt, on: &mut (dyn FnMut(Delta) + Send)) -> Result<Completion, Error> {
        let limit = self.options.total_timeout;
        let mut last = None;
        let prompt = prompt.masked(&self.options.masker);
        match tokio::time::timeout(limit, self.until_served(&prompt, on, &mut last)).await {
            Ok(result) => result,
            Err(_) => {
                let before = last
                    .map(|reason| format!(" (before that: {reason})"))
                    .unwrap_or_default();
                Err(Error::Broken {
                    url: self.shown(),
                    reason: format!("it took longer than {limit:?}{before}"),
                })
            }
        }
    }

    /// Asks until there is a completion, or asking again makes no sense; `last` is why the last try failed.
    async fn until_served(
        &self,
        prompt: &Prompt,
        on: &mut (dyn FnMut(Delta) + Send),
        last: &mut Option<String>,
    ) -> Result<Completion, Error> {
        let mut without = *self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tries = 0;
        loop {
            let failure = match self.attempt(prompt, without, on).await {
                Ok(completion) => {
                    self.learn(without);
                    return Ok(completion);
                }
                Err(failure) => failure,
            };
            if let Failure::Refused(refusal, _) = &failure
                && let Some(less) = self.adapted(without, refusal)
            {
                without = less;
                continue;
            }
            if let Failure::Refused(refusal, _) = &failure
                && !prompt.tools.is_empty()
                && refusal.is_about_tools()
            {
                return Err(self.hinted(refusal.clone(), super::error::NO_TOOLS));
            }
            tries += 1;
            if !failure.may_pass() || tries >= self.options.tries {
                return Err(self.error(failure, tries));
            }
            let asked = if let Failure::Refused(_, asked) = failure {
                asked
            } else {
                None
            };
            let wait = retry::wait(self.options.backoff, tries, asked);
            let reason = failure.reason();
            *last = Some(reason.clone());
            on(Delta::Retry { reason, wait });
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks once.
    async fn attempt(
        &self,
        prompt: &Prompt,
        without: Without,
        on: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<Completion, Failure> {
        let slot = Slot::default();
        let client = self.client(without, slot.clone());
        let failure = |error: OpenAIError| {
            slot.take()
                .unwrap_or_else(|| Failure::Broken(one_line(&self.options.masker.text(&error.to_string()))))
        };
        let request = self.request(prompt, without);
        let mut chunks = client
            .chat()
            .create_stream_byot::<_, Value>(request)
            .await
            .map_err(failure)?;
        let mut reply = Reply::default();
        loop {
            // what follows the end is usage at most, and some endpoints forget to hang up
            let next = match reply.is_complete() {
                true => tokio::time::timeout(AFTER_THE_END, chunks.next())
                    .await
                    .unwrap_or_default(),
                false => chunks.next().await,
            };
            let Some(chunk) = next else { break };
            let values = match chunk {
                Ok(value) => vec![value],
                Err(OpenAIError::JSONDeserialize(_, text)) => self.joined(&text)?,
                Err(_) if reply.is_complete() => break,
                Err(error) => return Err(failure(error)),
            };
            for value in values {
                self.refusal_inside(&value)?;
                reply
                    .take(&value, on)
                    .map_err(|_| Failure::TooLong(format!("the reply is longer than {} MiB", MAX_REPLY >> 20)))?;
            }
        }
        if !reply.is_complete() {
            return Err(Failure::Broken("the connection ended before the reply did".to_owned()));
        }
        Ok(reply.into_completion())
    }

    /// A client for one try, with our sending below async-openai's reading of events.
    fn client(&self, without: Without, slot: Slot) -> Client<OpenAIConfig> {
        let config = OpenAIConfig::new()
            .with_api_base(&self.base)
            .with_api_key("")
            .with_org_id("")
            .with_project_id("");
        let limits = Limits {
            first: if without.stream {
                self.options.total_timeout
            } else {
                self.options.idle_timeout
            },
            idle: self.options.idle_timeout,
        };
        let (http, authorization, query) = (self.http.clone(), self.authorization.clone(), self.query.clone());
        let masker = self.options.masker.clone();
        let service = tower::service_fn(move |factory: HttpRequestFactory| {
            let (http, authorization, query) = (http.clone(), authorization.clone(), query.clone());
            let (masker, slot) = (masker.clone(), slot.clone());
            async move {
                let mut request = factory.build().await?;
                request.headers_mut().remove(AUTHORIZATION);
                if let Some(authorization) = authorization {
                    request.headers_mut().insert(AUTHORIZATION, authorization);
                }
                request.url_mut().set_query(query.as_deref());
                send(&http, request, limits, slot.clone(), &|text| masker.text(text))
                    .await
                    .map_err(|failure| {
                        slot.put(failure);
                        OpenAIError::InvalidArgument("see the slot".to_owned())
                    })
            }
        });
        Client::build(self.http.clone(), config).with_http_service(service)
    }

    fn request(&self, prompt: &Prompt, without: Without) -> Value {
        let mut request = json!({ "model": self.options.model, "messages": prompt.messages });
        if !prompt.tools.is_empty() {
            request["tools"] = json!(prompt.tools);
        }
        if let Some(temperature) = self.options.temperature.filter(|_| !without.temperature) {
            request["temperature"] = json!(temperature);
        }
        if let Some(tokens) = self.options.max_tokens {
            request[if without.max_tokens {
                "max_completion_tokens"
            } else {
                "max_tokens"
            }] = json!(tokens);
        }
        if !without.stream {
            request["stream"] = json!(true);
            if !without.stream_options {
                request["stream_options"] = json!({ "include_usage": true });
            }
        }
        request
    }

    /// What to leave out in answer to `refusal`, if anything that was sent.
    fn adapted(&self, mut without: Without, refusal: &Refusal) -> Option<Without> {
        let sent = |learned: bool, name: &str| !learned && refusal.names(name);
        if self.options.max_tokens.is_some() && sent(without.max_tokens, "max_tokens") {
            without.max_tokens = true;
        } else if self.options.temperature.is_some() && sent(without.temperature, "temperature") {
            without.temperature = true;
        } else if !without.stream && sent(without.stream_options, "stream_options") {
            without.stream_options = true;
        } else if sent(without.stream, "stream") || sent(without.stream, "streaming") {
            without.stream = true;
        } else {
            return None;
        }
        Some(without)
    }

    /// Keeps what a served request went without.
    fn learn(&self, without: Without) {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.max_tokens |= without.max_tokens;
        learned.temperature |= without.temperature;
        learned.stream_options |= without.stream_options;
        learned.stream |= without.stream;
    }

    /// Events that came without the empty line between them.
    fn joined(&self, text: &str) -> Result<Vec<Value>, Failure> {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !matches!(*line, "" | "[DONE]"));
        lines.map(serde_json::from_str).collect::<Result<_, _>>().map_err(|_| {
            let message = format!("the reply holds what is no JSON: {text}");
            Failure::Broken(one_line(&self.options.masker.text(&message)))
        })
    }

    /// Endpoints that have begun to answer can only say inside the reply that they fail.
    fn refusal_inside(&self, value: &Value) -> Result<(), Failure> {
        let named = value
            .get("error")
            .filter(|error| !matches!(error, Value::Null | Value::Bool(false)));
        let whole = Some(value).filter(|value| {
            value.get("object").and_then(Value::as_str) == Some("error")
                || value.get("choices").is_none() && value.get("usage").is_none() && value.get("detail").is_some()
        });
        match named
            .filter(|error| !error.is_boolean())
            .or(whole)
            .or(named.map(|_| value))
        {
            Some(error) => Err(Failure::Refused(
                Refusal::from_error(200, error, &|text| self.options.masker.text(text)),
                None,
            )),
            None => Ok(()),
        }
    }

    fn shown(&self) -> String {
        masked_url(&self.options.base_url)
    }

    /// What the user is told when it is over.
    fn error(&self, failure: Failure, tries: u32) -> Error {
        let url = self.shown();
        let refusal = match failure {
            Failure::Unreachable(reason) => return Error::Unreachable { url, reason },
            Failure::TooLong(reason) => return Error::Broken { url, reason },
            Failure::Broken(reason) => {
                return Error::Broken {
                    url,
                    reason: format!("{reason} (tried {tries}×)"),
                };
            }
            Failure::Refused(refusal, _) => refusal,
        };
        let (meaning, status, message) = (refusal.meaning(), refusal.status, refusal.message.clone());
        let hint = match meaning {
            Meaning::Unauthorized => return Error::Unauthorized { url, status, message },
            Meaning::NoSuchModel => {
                return Error::NoSuchModel {
                    url,
                    model: self.options.model.clone(),
                    message,
                };
            }
            Meaning::ContextTooLong => return Error::ContextTooLong { url, message },
            Meaning::RateLimited => return Error::RateLimited { url, tries, message },
            Meaning::NoQuota => super::error::NO_QUOTA,
            Meaning::Overloaded => "the endpoint is in trouble, also after retries; try later",
            Meaning::Refused => "check the base URL and what the model supports",
        };
        self.hinted(refusal, hint)
    }

    fn hinted(&self, Refusal { status, message, .. }: Refusal, hint: &'static str) -> Error {
        let url = self.shown();
        Error::Refused {
            url,
            status,
            message,
            hint,
        }
    }
}
