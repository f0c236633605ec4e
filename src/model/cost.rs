//! Money, in whatever currency the prices are in.
//!
//! - Kept as a whole number, so that sums do not depend on their order.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Usage;

/// Parts of one unit of the currency.
const PARTS: f64 = 1e12;
/// Tokens that a price is for.
const PRICED: u128 = 1_000_000;

/// An amount, exact to a millionth of a millionth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(u64);

impl Cost {
    /// `None` for what is no amount: negative, or not a number.
    pub fn new(amount: f64) -> Option<Self> {
        // more than there are parts becomes the largest amount
        (amount.is_finite() && amount >= 0.0).then(|| Self((amount * PARTS).round() as u64))
    }

    /// In the currency's units.
    pub fn amount(self) -> f64 {
        self.0 as f64 / PARTS
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.amount())
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.amount())
    }
}

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let amount = f64::deserialize(from)?;
        Self::new(amount).ok_or_else(|| serde::de::Error::custom("no amount of money"))
    }
}

/// What a million tokens cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// Of prompts.
    pub prompt: Cost,
    /// Of replies.
    pub completion: Cost,
}

impl Prices {
    /// What these tokens cost.
    pub fn of(self, usage: Usage) -> Cost {
        let part = |price: Cost, tokens: u64| u128::from(price.0) * u128::from(tokens);
        // what an endpoint counts as neither is taken for the dearer
        let rest = usage
            .total_tokens
            .saturating_sub(usage.prompt_tokens.saturating_add(usage.completion_tokens));
        let parts = part(self.prompt, usage.prompt_tokens)
            + part(self.completion, usage.completion_tokens)
            + part(self.prompt.max(self.completion), rest);
        Cost(u64::try_from(parts / PRICED).unwrap_or(u64::MAX))
    }
}
