//! `read`: a file's text, whole or some of its lines.
//!
//! - Lines are read from a file of any size; what is before them is passed over without being kept.
//! - What is given is exactly what the file holds, or an error.

use std::io::{self, BufRead, BufReader, Read};

use cap_std::fs::File;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Stop, only,
    root::{Root, parse, shown},
};

/// Bytes that one call gives.
const MAX_BYTES: u64 = 8 << 20;
const BUFFER: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    path: String,
    #[serde(default = "first")]
    start_line: u64,
    limit: Option<u64>,
}

fn first() -> u64 {
    1
}

pub(super) fn read(root: &Root, arguments: &Arguments, stop: &Stop) -> Result<Value, String> {
    let path = parse(&arguments.path)?;
    let name = shown(&path);
    let (file, found) = root.file(&path)?;
    let failed = |e: io::Error| root.explain(&path, &e);
    let too_large = |size: u64| {
        let size = size.max(MAX_BYTES + 1);
        format!(
            "`{name}` has {size} bytes, and at most {} MiB are read at once: read it by lines (`start_line`, `limit`), \
             or use `search`",
            MAX_BYTES >> 20
        )
    };
    let (bytes, offset) = if arguments.start_line <= 1 && arguments.limit.is_none() {
        if found.len() > MAX_BYTES {
            return Err(too_large(found.len()));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
        (bytes, 0)
    } else {
        let lines = Lines {
            start: arguments.start_line.max(1),
            limit: arguments.limit.unwrap_or(u64::MAX),
        };
        lines.read(file, stop).map_err(|e| match e {
            Unread::Stopped(message) => message,
            Unread::Failed(e) => failed(e),
            Unread::TooLong { line } if line == lines.start => format!(
                "line {line} of `{name}` alone is over {} MiB, which is more than is read at once",
                MAX_BYTES >> 20
            ),
            Unread::TooLong { line } => format!(
                "lines {} to {line} of `{name}` are over {} MiB: ask for fewer with `limit`",
                lines.start,
                MAX_BYTES >> 20
            ),
        })?
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let place = offset + e.utf8_error().valid_up_to() as u64;
        format!("`{name}` is not UTF-8 text: byte {place} is not part of a character")
    })?;
    Ok(only(text))
}

/// Which lines of a file are wanted.
struct Lines {
    /// From 1.
    start: u64,
    limit: u64,
}

enum Unread {
    Stopped(String),
    Failed(io::Error),
    /// The lines up to this one are over the limit.
    TooLong {
        line: u64,
    },
}

impl Lines {
    /// The lines, with their ends, and where in the file they begin.
    fn read(&self, file: File, stop: &Stop) -> Result<(Vec<u8>, u64), Unread> {
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let (mut line, mut offset) = (1, 0);
        let mut wanted = Vec::new();
        while line < self.start.saturating_add(self.limit) {
            stop.check().map_err(Unread::Stopped)?;
            let available = reader.fill_buf().map_err(Unread::Failed)?;
            if available.is_empty() {
                break;
            }
            let mut used = 0;
            while used < available.len() && line < self.start.saturating_add(self.limit) {
                let rest = &available[used..];
                let end = rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
                let part = &rest[..end.unwrap_or(rest.len())];
                if line < self.start {
                    offset += part.len() as u64;
                } else if (wanted.len() + part.len()) as u64 > MAX_BYTES {
                    return Err(Unread::TooLong { line });
                } else {
                    wanted.extend_from_slice(part);
                }
                used += part.len();
                line += u64::from(end.is_some());
            }
            reader.consume(used);
        }
        Ok((wanted, offset))
    }
}
