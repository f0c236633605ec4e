//! `search`: lines that match a regular expression, with ripgrep's own searcher.
//!
//! - All matching lines are counted; those over the limits are counted only, and the result says so.
//! - A file that was not searched is named with the reason.

use std::{
    collections::VecDeque,
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use globset::GlobMatcher;
use grep::{
    regex::{RegexMatcher, RegexMatcherBuilder},
    searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Stop,
    look::{filter, here, matcher},
    root::{Root, escaped, parse, shown},
    walk::{End, Seen, Walk},
};

/// Matches of one call.
const MAX_MATCHES: usize = 10_000;
/// Lines of context on either side.
const MAX_CONTEXT: usize = 50;
/// Characters of a line.
const MAX_LINE: usize = 1_000;
/// Characters of all lines that are given.
const MAX_TEXT: usize = 8 << 20;
/// Files and folders named that were not searched.
const MAX_SKIPPED: usize = 20;
/// Bytes that a compiled expression, and the longest line, may take.
const MAX_MEMORY: usize = 8 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    pattern: String,
    #[serde(default = "here")]
    path: String,
    glob: Option<String>,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    context: usize,
    #[serde(default = "limit")]
    limit: usize,
    per_file: Option<usize>,
    #[serde(default)]
    all: bool,
}

fn limit() -> usize {
    1_000
}

pub(super) fn search(root: &Root, arguments: &Arguments, stop: &Stop) -> Result<Value, String> {
    let path = parse(&arguments.path)?;
    let regex = compile(arguments)?;
    let wanted = arguments.glob.as_deref().map(Wanted::new).transpose()?;
    let context = arguments.context.min(MAX_CONTEXT);
    let searcher = SearcherBuilder::new()
        .line_number(true)
        .before_context(context)
        .after_context(context)
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(MAX_MEMORY))
        .build();
    let mut search = Search {
        regex,
        searcher,
        stop,
        found: Found::new(arguments, context),
    };
    let whole = root.dir().metadata(&path).map_err(|e| root.explain(&path, &e))?;
    if !whole.is_dir() {
        let (file, _) = root.file(&path)?;
        search.file(&path, file)?;
        return Ok(search.found.value(End::Through));
    }
    let walk = Walk {
        root,
        filter: filter(arguments.all, arguments.glob.as_deref().unwrap_or_default()),
        depth: usize::MAX,
        stop,
    };
    let end = walk.files(&path, &mut |seen| {
        match seen {
            Seen::Unreadable(folder, e) => search.found.skip(folder, &reason(e)),
            Seen::File(file, below) => {
                if wanted.as_ref().is_none_or(|wanted| wanted.holds(below)) {
                    match root.walked_file(file) {
                        Ok(open) => search.file(file, open)?,
                        // it has gone since
                        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                        Err(e) => search.found.skip(file, &reason(&e)),
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(search.found.value(end))
}

fn compile(arguments: &Arguments) -> Result<RegexMatcher, String> {
    let built = RegexMatcherBuilder::new()
        .case_insensitive(arguments.ignore_case)
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .size_limit(MAX_MEMORY)
        .dfa_size_limit(MAX_MEMORY)
        .build(&arguments.pattern);
    built.map_err(|e| {
        format!(
            "`pattern` is no regular expression that matches within a line: {e}\nplain text goes through `re.escape`"
        )
    })
}

/// Which files are searched; a pattern without `/` is one for names, and `!` in front turns it round.
struct Wanted {
    matcher: GlobMatcher,
    matches: bool,
}

impl Wanted {
    fn new(glob: &str) -> Result<Self, String> {
        let (glob, matches) = match glob.strip_prefix('!') {
            Some(rest) => (rest, false),
            None => (glob, true),
        };
        let glob = glob.trim_start_matches("./");
        let whole = if glob.contains('/') {
            glob.to_owned()
        } else {
            format!("**/{glob}")
        };
        let matcher = matcher(&whole)?;
        Ok(Self { matcher, matches })
    }

    fn holds(&self, path: &Path) -> bool {
        self.matcher.is_match(path) == self.matches
    }
}

struct Search<'a> {
    regex: RegexMatcher,
    searcher: Searcher,
    stop: &'a Stop,
    found: Found,
}

impl Search<'_> {
    fn file(&mut self, path: &Path, file: impl Read) -> Result<(), String> {
        self.found.begin(path);
        let reader = Stoppable { file, stop: self.stop };
        let searched = self.searcher.search_reader(&self.regex, reader, &mut self.found);
        self.stop.check()?;
        match searched {
            Ok(()) => {}
            // the searcher's own error: its buffer would have to grow over the limit
            Err(e) if e.kind() == io::ErrorKind::Other && e.raw_os_error().is_none() => {
                let reason = format!("a line is over {} MiB", MAX_MEMORY >> 20);
                self.found.skip(path, &reason);
            }
            Err(e) => self.found.skip(path, &reason(&e)),
        }
        Ok(())
    }
}

/// A file whose reading ends when the call is cancelled.
struct Stoppable<'a, R> {
    file: R,
    stop: &'a Stop,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        self.file.read(buffer)
    }
}

#[derive(Serialize)]
struct Found {
    matches: Vec<Line>,
    total: usize,
    truncated: bool,
    skipped: Vec<String>,
    #[serde(skip)]
    skips: usize,
    #[serde(skip)]
    text: usize,
    #[serde(skip)]
    limit: usize,
    #[serde(skip)]
    per_file: usize,
    #[serde(skip)]
    context: usize,
    #[serde(skip)]
    file: CurrentFile,
}

/// A line that matches.
#[derive(Serialize)]
struct Line {
    path: String,
    line: u64,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<String>>,
}

/// The file that is being searched.
#[derive(Default)]
struct CurrentFile {
    path: PathBuf,
    matches: usize,
    /// The last lines seen, with their numbers.
    last: VecDeque<(u64, String)>,
}

impl Found {
    fn new(arguments: &Arguments, context: usize) -> Self {
        Self {
            matches: Vec::new(),
            total: 0,
            truncated: false,
            skipped: Vec::new(),
            skips: 0,
            text: 0,
            limit: arguments.limit.min(MAX_MATCHES),
            per_file: arguments.per_file.unwrap_or(usize::MAX),
            context,
            file: CurrentFile::default(),
        }
    }

    fn begin(&mut self, path: &Path) {
        self.file = CurrentFile {
            path: path.to_owned(),
            ..CurrentFile::default()
        };
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.skips += 1;
        if self.skips <= MAX_SKIPPED {
            self.skipped.push(format!("{}: {reason}", shown(path)));
        }
    }

    fn matched(&mut self, number: u64, text: String) {
        self.total += 1;
        let full = self.matches.len() >= self.limit || self.text > MAX_TEXT;
        if full || self.file.matches >= self.per_file {
            self.truncated = true;
        } else {
            self.file.matches += 1;
            let before = || self.file.last.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
            let before = (self.context > 0).then(before);
            self.text += text.len() + before.iter().flatten().map(String::len).sum::<usize>();
            self.matches.push(Line {
                path: escaped(self.file.path.as_os_str()),
                line: number,
                text: text.clone(),
                after: before.as_ref().map(|_| Vec::new()),
                before,
            });
        }
        self.pass(number, text);
    }

    /// The line is context of the matches around it.
    fn context(&mut self, number: u64, text: String) {
        self.follow(number, &text);
        self.pass(number, text);
    }

    fn follow(&mut self, number: u64, text: &str) {
        let (near, count) = (number.saturating_sub(self.context as u64), self.file.matches);
        for line in self.matches.iter_mut().rev().take(count) {
            if line.line < near {
                break;
            }
            if let Some(after) = &mut line.after {
                self.text += text.len();
                after.push(text.to_owned());
            }
        }
    }

    fn pass(&mut self, number: u64, text: String) {
        if self.context > 0 {
            self.file.last.push_back((number, text));
            if self.file.last.len() > self.context {
                self.file.last.pop_front();
            }
        }
    }

    /// Lines that do not follow on the last one are no context of what comes.
    fn drop_distant(&mut self, number: u64) {
        let near = number.saturating_sub(self.context as u64);
        while self.file.last.front().is_some_and(|(last, _)| *last < near) {
            self.file.last.pop_front();
        }
    }

    fn value(mut self, end: End) -> Value {
        self.truncated |= end == End::Limit;
        if let Some(more @ 1..) = self.skips.checked_sub(MAX_SKIPPED) {
            self.skipped.push(format!("{more} more"));
        }
        serde_json::to_value(self).unwrap_or_else(|_| json!({}))
    }
}

impl Sink for Found {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let (number, text) = (found.line_number().unwrap_or_default(), line(found.bytes()));
        self.drop_distant(number);
        if self.context > 0 {
            self.follow(number, &text);
        }
        self.matched(number, text);
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> io::Result<bool> {
        self.context(found.line_number().unwrap_or_default(), line(found.bytes()));
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        let path = std::mem::take(&mut self.file.path);
        self.skip(&path, "binary");
        Ok(false)
    }
}

/// A line without its end; a long one is cut.
fn line(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    // no character has more than four bytes
    let (head, cut) = match bytes.get(..4 * MAX_LINE) {
        Some(head) => (head, head.len() < bytes.len()),
        None => (bytes, false),
    };
    let mut text = String::from_utf8_lossy(head).into_owned();
    match text.char_indices().nth(MAX_LINE) {
        Some((end, _)) => {
            text.truncate(end);
            text.push('…');
        }
        None if cut => text.push('…'),
        None => {}
    }
    text
}

/// Why a file was not searched.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "no permission".into(),
        _ if error.raw_os_error() == Some(libc::ELOOP) => "it has become a link".into(),
        _ => error.to_string(),
    }
}
