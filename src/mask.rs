//! Takes secrets out of text before it leaves: for a record, a prompt, an error, a log.
//!
//! - A secret is found as it is, as JSON and URLs write it, and in base64, wherever in it that begins.
//! - What that costs grows with the text, not with the number of secrets.
//! - Clones know the same secrets, also those that one of them is told later.

mod forms;
mod stream;

use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
};

use aho_corasick::AhoCorasick;
use serde_json::Value;

pub use stream::Stream;

/// Stands for a secret.
pub const MASK: &str = "********";

/// Shorter values would hide ordinary words, and are not looked for.
const SHORTEST: usize = 6;

/// Secrets that are hidden.
#[derive(Clone, Default)]
pub struct Masker(Arc<RwLock<Arc<Known>>>);

#[derive(Default)]
struct Known {
    secrets: BTreeSet<String>,
    search: Option<Search>,
}

/// All forms of all secrets.
struct Search {
    automaton: AhoCorasick,
    sorted: Vec<Vec<u8>>,
    /// Bytes of the longest.
    longest: usize,
}

impl Masker {
    /// Hides these values; ones of fewer than 6 characters are left out.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let masker = Self::default();
        masker.hide(secrets);
        masker
    }

    /// Hides these as well, from now on, and wherever a clone is used.
    pub fn hide(&self, secrets: impl IntoIterator<Item = String>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = known.secrets.clone();
        let secrets = secrets.into_iter().map(|secret| secret.trim().to_owned());
        all.extend(secrets.filter(|secret| secret.chars().count() >= SHORTEST));
        if all.len() > known.secrets.len() {
            let search = Some(Search::new(&all));
            *known = Arc::new(Known { secrets: all, search });
        }
    }

    /// The text without secrets.
    pub fn text(&self, text: &str) -> String {
        match &self.known().search {
            Some(search) => replaced(text, &search.find(text, Vec::new())),
            None => text.to_owned(),
        }
    }

    /// The value without secrets in its strings and keys.
    pub fn value(&self, value: Value) -> Value {
        match &self.known().search {
            Some(search) => search.value(value),
            None => value,
        }
    }

    /// Hides secrets in text that comes in pieces.
    pub fn stream(&self) -> Stream {
        Stream::new(self.clone())
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masker({} secrets)", self.known().secrets.len())
    }
}

impl Search {
    fn new(secrets: &BTreeSet<String>) -> Self {
        let forms: BTreeSet<Vec<u8>> = secrets.iter().flat_map(|secret| forms::of(secret)).collect();
        let sorted: Vec<Vec<u8>> = forms.into_iter().collect();
        Self {
            automaton: AhoCorasick::new(&sorted).expect("settings and variables are far smaller than its limits"),
            longest: sorted.iter().map(Vec::len).max().unwrap_or_default(),
            sorted,
        }
    }

    /// Where secrets stand, in order, `found` before them. Ones that overlap are one place, so that nothing is left
    /// of either; ones side by side are two.
    fn find(&self, text: &str, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        for place in self.automaton.find_overlapping_iter(text) {
            let mut place = place.range();
            // they come by their ends, so one may begin before several that are known
            while let Some(last) = found.pop_if(|last| last.end > place.start) {
                place = place.start.min(last.start)..place.end.max(last.end);
            }
            found.push(place);
        }
        found
    }

    /// Where the longest end of `text` begins that may become a secret with what follows; its end where none does.
    fn pending(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let first = bytes.len().saturating_sub(self.longest);
        let may_grow = |end: &[u8]| {
            let at = self.sorted.partition_point(|form| form.as_slice() <= end);
            self.sorted.get(at).is_some_and(|form| form.starts_with(end))
        };
        (first..bytes.len())
            .find(|at| text.is_char_boundary(*at) && may_grow(&bytes[*at..]))
            .unwrap_or(bytes.len())
    }

    fn value(&self, value: Value) -> Value {
        let text = |text: String| match self.find(&text, Vec::new()) {
            found if found.is_empty() => text,
            found => replaced(&text, &found),
        };
        match value {
            Value::String(string) => Value::String(text(string)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(entries) => entries
                .into_iter()
                .map(|(key, value)| (text(key), self.value(value)))
                .collect(),
            other => other,
        }
    }
}

fn replaced(text: &str, found: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = 0;
    for place in found {
        masked.push_str(&text[rest..place.start]);
        masked.push_str(MASK);
        rest = place.end;
    }
    masked.push_str(&text[rest..]);
    masked
}
