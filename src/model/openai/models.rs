//! What an endpoint says that it has.

use std::time::Duration;

use reqwest::{Response, StatusCode, header::AUTHORIZATION};

use super::{
    super::{Error, discover::read_list, refusal::Meaning, refusal::Refusal},
    Failure, OpenAi,
};

/// Longest refusal that is read, in bytes.
const MAX_REFUSAL: usize = 64 << 10;

impl OpenAi {
    /// The models that the endpoint lists, within `limit`; `None` where it answers and lists none.
    ///
    /// # Errors
    ///
    /// It cannot be reached, or refuses the key.
    pub async fn models(&self, limit: Duration) -> Result<Option<Vec<String>>, Error> {
        match tokio::time::timeout(limit, self.ask_for_models()).await {
            Ok(models) => models,
            Err(_) => Err(Error::Unreachable {
                url: self.shown(),
                reason: format!("no answer within {} s", limit.as_secs_f64()),
            }),
        }
    }

    async fn ask_for_models(&self) -> Result<Option<Vec<String>>, Error> {
        let unreachable = |error: reqwest::Error| {
            let reason = innermost(&error.without_url());
            Error::Unreachable {
                url: self.shown(),
                reason: self.options.masker.text(&reason),
            }
        };
        let mut request = self
            .http
            .get(format!("{}/models", self.base))
            .build()
            .map_err(unreachable)?;
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        request.url_mut().set_query(self.query.as_deref());
        let response = self.http.execute(request).await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => Ok(read_list(response).await),
            status => self.refused(status, response).await,
        }
    }

    /// A refusal of the key is told, and trouble; an endpoint that has no list is not in trouble.
    async fn refused(&self, status: StatusCode, mut response: Response) -> Result<Option<Vec<String>>, Error> {
        let mut body = Vec::new();
        while let Ok(Some(bytes)) = response.chunk().await
            && body.len() < MAX_REFUSAL
        {
            body.extend_from_slice(&bytes);
        }
        let refusal = Refusal::from_body(status.as_u16(), &body, &|text| self.options.masker.text(text));
        match refusal.meaning() {
            Meaning::Unauthorized | Meaning::NoQuota | Meaning::RateLimited | Meaning::Overloaded => {
                Err(self.error(Failure::Refused(refusal, None), 1))
            }
            Meaning::NoSuchModel | Meaning::ContextTooLong | Meaning::Refused => Ok(None),
        }
    }
}

/// The innermost cause; outer ones repeat the address.
fn innermost(mut error: &(dyn std::error::Error + 'static)) -> String {
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
