//! Reads what a results file holds, without taking in more of it than ids, states and tasks.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Error, Expected, Mode, failed};
use crate::{agent::run::Status, batch::tasks::text_of};

/// Longest line, in bytes.
const MAX_LINE: u64 = 1 << 30;
/// With this every line begins.
const BEGINNING: &[u8] = b"{\"id\":";

/// What a results file holds.
pub(super) struct Scan {
    pub done: Vec<Option<Status>>,
    pub strangers: usize,
    /// From where to where there are lines to be taken out, in order.
    pub dropped: Vec<(u64, u64)>,
    /// Those of them that are results without an answer.
    pub failed: Vec<(u64, u64)>,
    pub tail: Tail,
    pub mended: usize,
    /// The length up to where lines are whole.
    pub whole: u64,
}

/// How the file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// With a line's end, or it is empty.
    Whole,
    /// In the middle of a result.
    Torn,
    /// With a result of which only the line's end is missing.
    WithoutNewline,
}

/// Of a result, what is needed to know whose it is.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    task: Cow<'a, str>,
    #[serde(borrow, default)]
    digest: Option<Cow<'a, str>>,
    status: Status,
}

/// Reads the whole file; changes nothing.
pub(super) fn scan(file: &mut File, path: &Path, mode: Mode, expected: Expected<'_>) -> Result<Scan, Error> {
    let failed = || failed("read", path);
    file.seek(SeekFrom::Start(0)).map_err(failed())?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut seen = Seen::new(path, mode, expected);
    let (mut line, mut number, mut at) = (Vec::new(), 0, 0_u64);
    let (mut dropped, mut failed_results, mut mended, mut tail) = (Vec::new(), Vec::new(), 0, Tail::Whole);
    loop {
        line.clear();
        let read = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(failed())? as u64;
        if read == 0 {
            break;
        }
        number += 1;
        let ended = line.pop_if(|byte| *byte == b'\n').is_some();
        if !ended && read == MAX_LINE {
            return Err(seen.no_result(number));
        }
        match seen.take(&line, number)? {
            Found::Kept if ended => {}
            Found::Kept => tail = Tail::WithoutNewline,
            Found::Remains if !ended => {
                tail = Tail::Torn;
                mended += 1;
                break;
            }
            // the end of a line stands where it should, and yet there is no result before it
            Found::Remains if !line.contains(&0) => return Err(seen.no_result(number)),
            Found::Remains => {
                mended += 1;
                dropped.push((at, at + read));
            }
            Found::Failed => {
                failed_results.push((at, at + read));
                dropped.push((at, at + read));
            }
            Found::Nothing => return Err(seen.no_result(number)),
        }
        at += read;
    }
    let Seen { done, strangers, .. } = seen;
    Ok(Scan {
        done,
        strangers: strangers.len(),
        failed: failed_results,
        dropped,
        tail,
        mended,
        whole: at,
    })
}

/// What a line is.
enum Found {
    /// A result that stays, or an empty line.
    Kept,
    /// A result that is to be tried again.
    Failed,
    /// What a kill or a loss of power left of a result.
    Remains,
    /// Nothing of ours.
    Nothing,
}

struct Seen<'a> {
    path: &'a Path,
    mode: Mode,
    expected: Expected<'a>,
    /// Place of each task by its id.
    places: HashMap<&'a str, usize>,
    done: Vec<Option<Status>>,
    /// Which tasks have a result, be it one that is taken out.
    found: Vec<bool>,
    strangers: HashMap<String, ()>,
    results: usize,
}

impl<'a> Seen<'a> {
    fn new(path: &'a Path, mode: Mode, expected: Expected<'a>) -> Self {
        let entries = expected.entries;
        Self {
            path,
            mode,
            expected,
            places: entries
                .iter()
                .enumerate()
                .map(|(place, entry)| (entry.id.text(), place))
                .collect(),
            done: vec![None; entries.len()],
            found: vec![false; entries.len()],
            strangers: HashMap::new(),
            results: 0,
        }
    }

    fn take(&mut self, line: &[u8], number: u64) -> Result<Found, Error> {
        let result = Some(line).filter(|line| line.starts_with(b"{"));
        let Some(result) = result.and_then(|line| serde_json::from_slice::<Line<'_>>(line).ok()) else {
            let blank = line.trim_ascii().is_empty();
            return Ok(if blank {
                Found::Kept
            } else if self.is_remainder(line) {
                Found::Remains
            } else {
                Found::Nothing
            });
        };
        let Some(id) = text_of(result.id) else {
            return Ok(Found::Nothing);
        };
        self.results += 1;
        let twice = |id: &str| Error::Twice {
            path: self.path.to_owned(),
            line: number,
            id: id.to_owned(),
        };
        let Some(&place) = self.places.get(&*id) else {
            return match self.strangers.insert(id.clone().into_owned(), ()) {
                Some(()) => Err(twice(&id)),
                None => Ok(Found::Kept),
            };
        };
        if self.found[place] {
            return Err(twice(&id));
        }
        self.found[place] = true;
        let entry = &self.expected.entries[place];
        // what is done again may be another one by now
        let is_kept = self.mode != Mode::RetryFailed || result.status == Status::Answered;
        if is_kept && !(self.expected.is_of)(entry, &result.task, result.digest.as_deref()) {
            return Err(Error::OtherTask {
                path: self.path.to_owned(),
                line: number,
                id: id.into_owned(),
            });
        }
        if self.mode == Mode::RetryFailed && result.status != Status::Answered {
            return Ok(Found::Failed);
        }
        self.done[place] = Some(result.status);
        Ok(Found::Kept)
    }

    /// Whether a line that is no result once was one, or was to become one.
    fn is_remainder(&self, line: &[u8]) -> bool {
        let zeros = line.iter().take_while(|byte| **byte == 0).count();
        let rest = line[zeros..].split(|byte| *byte == 0).next().unwrap_or_default();
        let begun = rest.starts_with(BEGINNING) || BEGINNING.starts_with(rest);
        // what is JSON to its end never was a part of a result; the beginning of a line can be lost, but a file that
        // has no result at all is none of ours
        let complete = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        begun && !complete || zeros > 0 && self.results > 0
    }

    fn no_result(&self, line: u64) -> Error {
        Error::NoResult {
            path: self.path.to_owned(),
            line,
        }
    }
}
