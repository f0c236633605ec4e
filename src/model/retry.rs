//! How long to wait before the next try.
//!
//! - Waits are spread at random, so that many clients do not come back at once.
//! - What an endpoint asks for is honoured up to [`LONGEST_ASKED`].

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longest wait that an endpoint may ask for.
pub const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// Longest wait of our own.
const LONGEST: Duration = Duration::from_secs(30);

/// The wait after the failed try number `tries` (from 1).
pub fn wait(base: Duration, tries: u32, asked: Option<Duration>) -> Duration {
    if let Some(asked) = asked {
        return asked.min(LONGEST_ASKED);
    }
    let doubled = base.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST).mul_f64(random())
}

/// What the headers ask for: milliseconds, seconds, or a date as seen from the server's own clock.
pub fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let after = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = after.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let wait = http_date(after)? - http_date(text(DATE.as_str())?)?;
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

/// Seconds of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, from a fixed day on.
fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let [_, day, month, year, time, "GMT"] = text.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else {
        return None;
    };
    let number = |text: &str| text.parse::<u16>().ok().map(i64::from);
    // years begin in March, so that a leap day is the last of its year
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()?;
    let (year, month) = if month < 2 {
        (number(year)? - 1, month + 10)
    } else {
        (number(year)?, month - 2)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + number(day)?;
    Some(((days * 24 + number(hour)?) * 60 + number(minute)?) * 60 + number(second)?)
}

/// From 0 to 1; the standard library keys its hashers at random.
fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or(u32::MAX);
    f64::from(bits) / f64::from(u32::MAX)
}
