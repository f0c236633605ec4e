//! What a model is told of the tools before it writes its first script.
//!
//! - The same catalog, budget and ranking give the same text, which is never over the budget as [`estimate`] counts.
//! - If all signatures are within the budget, they are all there, and what results looked like as far as there is room
//!   for it. If not, there are the servers, and as many signatures
//!   as fit of those that are ranked first; a script finds the others.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use super::{
    catalog::{Catalog, Server, Tool},
    estimate,
    search::{self, Hit, Index},
    stub::{OBSERVED_ROOMS, ShownClasses, Stub},
};

/// Tools from which those that are shown are taken.
const RANKED: usize = 200;
/// Tokens that what the prompt says of searching takes.
const ADVICE: usize = 300;
/// Characters of one signature; a longer one is folded.
const MAX_STUB: usize = 700;
/// The part of the room for signatures that what results looked like may take; those ranked first have it.
const OBSERVED: usize = 4;
/// Signatures that are too long for what is left before it counts as used up.
const MAX_MISSES: usize = 8;
/// Characters of all names of one server's functions.
const MAX_NAMES: usize = 4_000;
/// Words that say what a server is about.
const SUBJECTS: usize = 8;
/// Functions whose names say it better.
const FEW: usize = 3;

/// What a model is told of the tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Python, of signatures and comments.
    pub text: String,
    /// Functions that can be called.
    pub functions: usize,
    /// Those whose signatures are in the text.
    pub shown: usize,
}

impl Context {
    /// All signatures.
    fn whole(catalog: &Catalog) -> Self {
        let functions = count(catalog);
        Self {
            text: catalog.prompt_text(),
            functions,
            shown: functions,
        }
    }

    /// All signatures, if they take no more than `budget` tokens.
    pub fn whole_within(catalog: &Catalog, budget: usize) -> Option<Self> {
        // the shortest signature takes more than four tokens
        if count(catalog) > budget / 4 {
            return None;
        }
        let fits = |whole: &Self| estimate::tokens(&whole.text) <= budget;
        let whole = Some(Self::whole(catalog)).filter(fits);
        whole.or_else(|| {
            let mut tools = catalog.servers.iter().flat_map(|server| &server.tools);
            let has_observed = tools.any(|tool| tool.stub.observed.is_some());
            let mut shorter = OBSERVED_ROOMS
                .into_iter()
                .filter(|_| has_observed)
                .map(|room| Self::whole(&catalog.with_observed_room(room)));
            shorter.find(fits)
        })
    }

    /// The servers and names of their tools, in `budget` tokens.
    pub fn index(catalog: &Catalog, budget: usize) -> Self {
        Self {
            text: index(catalog, &[], budget),
            functions: count(catalog),
            shown: 0,
        }
    }

    /// The servers, and signatures of what is `ranked` first, in `budget` tokens.
    pub fn part(catalog: &Catalog, budget: usize, ranked: &[Hit]) -> Self {
        let room = budget.saturating_sub(ADVICE);
        let found: Vec<(&Server, &Tool)> = ranked.iter().filter_map(|hit| find(catalog, hit)).collect();
        let of_index = if found.is_empty() { room } else { room / 3 };
        let mut text = index(catalog, &found, of_index);
        let (signatures, shown) = signatures(&found, room.saturating_sub(estimate::tokens(&text) + 1));
        if shown > 0 {
            text.push('\n');
            text.push_str(&signatures);
        }
        Self {
            text,
            functions: count(catalog),
            shown,
        }
    }
}

/// What is told of one catalog's tools under one budget, and the search over them; each made when it is first needed.
#[derive(Default)]
pub struct Chooser {
    index: OnceLock<Index>,
    /// All signatures, if they fit, and the budget that they were measured by.
    whole: Mutex<Option<(usize, Option<Context>)>>,
}

impl Chooser {
    /// The search over the catalog.
    pub fn search(&self, catalog: &Catalog) -> &Index {
        self.index.get_or_init(|| Index::new(catalog))
    }

    /// All signatures, if they take no more than `budget` tokens, as [`estimate`] counts them; else the servers, and
    /// signatures of tools that fit the task, where there is one.
    pub fn context(&self, catalog: &Catalog, task: Option<&str>, budget: usize) -> Context {
        let mut known = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(of, _)| *of != budget) {
            *known = Some((budget, Context::whole_within(catalog, budget)));
        }
        let whole = known.as_ref().and_then(|(_, whole)| whole.clone());
        drop(known);
        whole.unwrap_or_else(|| {
            let ranked = task.map(|task| self.search(catalog).for_task(task, RANKED));
            Context::part(catalog, budget, &ranked.unwrap_or_default())
        })
    }
}

fn count(catalog: &Catalog) -> usize {
    catalog.servers.iter().map(|server| server.tools.len()).sum()
}

fn find<'a>(catalog: &'a Catalog, hit: &Hit) -> Option<(&'a Server, &'a Tool)> {
    let server = catalog.server(&hit.server)?;
    Some((server, server.tool(&hit.tool)?))
}

/// A comment of one line for each server, those of the first tools first.
fn index(catalog: &Catalog, found: &[(&Server, &Tool)], room: usize) -> String {
    let place: HashMap<&str, usize> = found
        .iter()
        .enumerate()
        .rev()
        .map(|(at, (s, _))| (s.name.as_str(), at))
        .collect();
    let mut servers: Vec<&Server> = catalog
        .servers
        .iter()
        .filter(|server| !server.tools.is_empty())
        .collect();
    servers.sort_by_key(|server| place.get(server.name.as_str()).copied().unwrap_or(usize::MAX));
    let head = format!("# {} functions on {} servers:", count(catalog), servers.len());
    let rest = |left: usize| format!("# and {left} more servers");
    let tokens = |line: &str| estimate::tokens(line) + 1;
    let mut left = room.saturating_sub(tokens(&head));
    let mut lines: Vec<String> = Vec::new();
    let all: usize = servers.iter().map(|server| tokens(&bare(server))).sum();
    let kept = if all <= left { 0 } else { tokens(&rest(servers.len())) };
    for server in &servers {
        let line = bare(server);
        match left.checked_sub(tokens(&line)).filter(|left| *left >= kept) {
            Some(fewer) => left = fewer,
            None => break,
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return if tokens(&head) <= room {
            head + "\n"
        } else {
            String::new()
        };
    }
    let mut grow = |at: usize, longer: String, lines: &mut Vec<String>| {
        let more = tokens(&longer).saturating_sub(tokens(&lines[at]));
        if longer.len() > lines[at].len() && left >= kept + more {
            left -= more;
            lines[at] = longer;
        }
    };
    for (at, server) in servers.iter().take(lines.len()).enumerate() {
        grow(at, about(server), &mut lines);
    }
    // names of all functions, where there are few
    let mut by_size: Vec<usize> = (0..lines.len()).collect();
    by_size.sort_by_key(|at| servers[*at].tools.len());
    for at in by_size {
        if let Some(line) = named(servers[at]) {
            grow(at, line, &mut lines);
        }
    }
    if lines.len() < servers.len() {
        lines.push(rest(servers.len() - lines.len()));
    }
    lines.insert(0, head);
    lines.join("\n") + "\n"
}

fn bare(server: &Server) -> String {
    format!("# {} ({})", server.name, server.tools.len())
}

fn about(server: &Server) -> String {
    let about = if server.description.is_empty() && server.tools.len() <= FEW {
        return named(server).unwrap_or_else(|| bare(server));
    } else if server.description.is_empty() {
        search::subjects(server, SUBJECTS).join(", ")
    } else {
        server.description.clone()
    };
    format!("{}: {about}", bare(server))
}

fn named(server: &Server) -> Option<String> {
    let length: usize = server.tools.iter().map(|tool| tool.name.len() + 2).sum();
    let names = server.tools.iter().map(|tool| tool.name.as_str());
    let about = if server.description.is_empty() {
        String::new()
    } else {
        format!(" {};", server.description)
    };
    (length <= MAX_NAMES).then(|| format!("{}:{about} {}", bare(server), names.collect::<Vec<_>>().join(", ")))
}

/// As many of the signatures as fit, by server, and how many that are.
fn signatures(found: &[(&Server, &Tool)], room: usize) -> (String, usize) {
    const INDENT: &str = "    ";
    let mut groups: Vec<(&Server, ShownClasses, String)> = Vec::new();
    let (mut left, mut shown, mut misses) = (room, 0, 0);
    let mut for_observed = room / OBSERVED;
    for (server, tool) in found {
        let at = groups.iter().position(|(known, ..)| known.name == server.name);
        let (mut classes, head) = match at {
            Some(at) => (groups[at].1.clone(), String::new()),
            None => (ShownClasses::default(), format!("class {}:\n", server.name)),
        };
        let stub = within(tool.stub.folded(MAX_STUB), &mut for_observed);
        let lines = stub.prompt(&mut classes);
        let text = lines.iter().fold(head, |text, line| text + INDENT + line + "\n");
        let Some(fewer) = left.checked_sub(estimate::tokens(&text) + 1) else {
            misses += 1;
            if misses == MAX_MISSES {
                break;
            }
            continue;
        };
        left = fewer;
        shown += 1;
        match at {
            Some(at) => {
                groups[at].1 = classes;
                groups[at].2.push_str(&text);
            }
            None => groups.push((server, classes, text)),
        }
    }
    let text = groups
        .into_iter()
        .map(|(_, _, text)| text)
        .collect::<Vec<_>>()
        .join("\n");
    (text, shown)
}

/// With as much of what its results looked like as takes no more tokens than are `left` for it.
fn within(stub: Stub, left: &mut usize) -> Stub {
    if stub.observed.is_none() {
        return stub;
    }
    let with = |room: usize| {
        let mut stub = stub.clone();
        stub.set_observed_room(room);
        stub
    };
    let tokens = |stub: &Stub| estimate::tokens(&stub.prompt(&mut ShownClasses::default()).join("\n"));
    let bare = with(0);
    let alone = tokens(&bare);
    let shorter = OBSERVED_ROOMS.map(with).into_iter();
    for shown in std::iter::once(stub.clone()).chain(shorter) {
        if let Some(fewer) = left.checked_sub(tokens(&shown).saturating_sub(alone)) {
            *left = fewer;
            return shown;
        }
    }
    bare
}
