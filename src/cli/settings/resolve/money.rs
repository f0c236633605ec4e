//! Limits of money, and what tokens cost.

use super::Found;
use crate::{
    cli::settings::{Error, Origin, Setting, limits, limits::Limit},
    model::{Cost, Prices},
};

/// What a million tokens of prompts cost.
pub(super) const PRICE_PROMPT: &str = "MCM_PRICE_PROMPT";
/// What a million tokens of replies cost.
pub(super) const PRICE_COMPLETION: &str = "MCM_PRICE_COMPLETION";

impl Found {
    /// A limit that is none where nobody sets it.
    pub(super) fn money(&self, typed: Option<Cost>, limit: &Limit) -> Result<Option<Setting<Cost>>, Error> {
        let setting = self.number(typed, limit, Limit::amount, Cost::default())?;
        Ok(Some(setting).filter(|setting| setting.origin != Origin::Default))
    }

    /// Both prices, or none.
    pub(super) fn prices(&self) -> Result<Option<Setting<Prices>>, Error> {
        let read = |name: &str, other: &str| {
            let Some(Setting { value, origin }) = self.variable(name) else {
                return Ok(None);
            };
            let problem = match limits::amount(&value) {
                None => "must be what a million tokens cost, such as 0.15".to_owned(),
                Some(_) if self.variable(other).is_none() => format!("needs `{other}`, too"),
                Some(value) => return Ok(Some(Setting { value, origin })),
            };
            Err(Error::Value { origin, problem })
        };
        let prompt = read(PRICE_PROMPT, PRICE_COMPLETION)?;
        let completion = read(PRICE_COMPLETION, PRICE_PROMPT)?;
        Ok(prompt.zip(completion).map(|(prompt, completion)| Setting {
            value: Prices {
                prompt: prompt.value,
                completion: completion.value,
            },
            origin: prompt.origin,
        }))
    }
}
