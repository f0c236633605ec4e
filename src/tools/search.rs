//! Finds tools by words: BM25 over names, descriptions, arguments and servers, with one weight for each.
//!
//! - The same catalog and query give the same hits in the same order; equal ones are in the order of their names.
//! - A word counts also for those that mean the same, and one that no tool has for those that begin alike.

mod subjects;
mod synonyms;
mod task;
mod words;

use std::collections::HashMap;

pub use subjects::subjects;
pub use words::words;

use super::catalog::{Catalog, Tool};
use words::terms;

/// How much each part of a tool, and each way of being alike, counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Words of the tool's name.
    pub name: f32,
    /// Words of its title.
    pub title: f32,
    /// Words of its description's first sentence.
    pub doc: f32,
    /// Words of the rest of its description.
    pub description: f32,
    /// Names of its arguments.
    pub arguments: f32,
    /// The server's name and description.
    pub server: f32,
    /// How fast a word that comes again counts less.
    pub saturation: f32,
    /// How much a long part counts less than a short one: 0 to 1.
    pub length: f32,
    /// A word that means the same, compared with the word itself.
    pub synonym: f32,
    /// A word that begins alike, or the first letters of two.
    pub alike: f32,
    /// What is added for the share of the tool's name that the query has.
    pub covered: f32,
}

/// Found by measurement on `tests/search/tune.queries.jsonl`; `benches/tools` prints what each of them brings.
pub const WEIGHTS: Weights = Weights {
    name: 2.0,
    title: 0.5,
    doc: 0.7,
    description: 0.5,
    arguments: 0.7,
    server: 3.0,
    saturation: 0.85,
    length: 0.25,
    synonym: 0.6,
    alike: 0.35,
    covered: 0.5,
};

/// A tool that fits a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The server's Python name.
    pub server: String,
    /// The tool's Python name.
    pub tool: String,
    /// Higher fits better; comparable within one answer only.
    pub score: f32,
}

/// A catalog made ready for queries.
pub struct Index {
    weights: Weights,
    /// By server and tool.
    tools: Vec<(String, String)>,
    /// Places in `tools` by name, for equal scores.
    order: Vec<u32>,
    /// Places in `postings`.
    vocabulary: HashMap<String, u32>,
    /// Words in the order of the alphabet, for those that begin alike.
    alphabet: Vec<(String, u32)>,
    /// Which tools have a word, and how much it counts there.
    postings: Vec<Vec<Posting>>,
    /// Words of each tool's name.
    names: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    tool: u32,
    weight: f32,
}

/// What a word of a query stands for: words of the index, and how much each counts.
type Meaning = Vec<(u32, f32)>;

impl Index {
    /// Reads all tools of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self::weighted(catalog, WEIGHTS)
    }

    /// The same with other weights.
    pub fn weighted(catalog: &Catalog, weights: Weights) -> Self {
        let mut index = Self {
            weights,
            tools: Vec::new(),
            order: Vec::new(),
            vocabulary: HashMap::new(),
            alphabet: Vec::new(),
            postings: Vec::new(),
            names: Vec::new(),
        };
        let mut documents = Vec::new();
        for server in &catalog.servers {
            let about = format!("{} {}", server.raw, server.description);
            let about = index.numbered(&about);
            for tool in &server.tools {
                documents.push(index.read(tool, &about));
                index.tools.push((server.name.clone(), tool.name.clone()));
            }
        }
        index.post(&documents);
        index.alphabet = index.vocabulary.iter().map(|(word, at)| (word.clone(), *at)).collect();
        index.alphabet.sort();
        let mut by_name: Vec<u32> = (0..index.tools.len() as u32).collect();
        by_name.sort_by_key(|at| &index.tools[*at as usize]);
        index.order = vec![0; by_name.len()];
        for (place, at) in by_name.into_iter().enumerate() {
            index.order[at as usize] = place as u32;
        }
        index
    }

    /// The parts of a tool as numbers of words, in the order of [`Weights::parts`].
    fn read(&mut self, tool: &Tool, server: &[u32]) -> [Vec<u32>; PARTS] {
        let whole = tool.stub.description.as_str();
        let (doc, rest) = words::first_sentence(whole);
        let arguments: Vec<_> = tool.parameters.iter().map(|p| p.raw.as_str()).collect();
        let name = self.numbered(&tool.raw.name);
        let mut own: Vec<u32> = name.iter().copied().filter(|word| !server.contains(word)).collect();
        own.sort_unstable();
        own.dedup();
        self.names.push(own);
        [
            name,
            self.numbered(tool.raw.title.as_deref().unwrap_or_default()),
            self.numbered(doc),
            self.numbered(rest),
            self.numbered(&arguments.join(" ")),
            server.to_vec(),
        ]
    }

    fn numbered(&mut self, text: &str) -> Vec<u32> {
        let number = |word: String| {
            let next = self.vocabulary.len() as u32;
            *self.vocabulary.entry(word).or_insert(next)
        };
        terms(text).into_iter().map(number).collect()
    }

    fn post(&mut self, documents: &[[Vec<u32>; PARTS]]) {
        let weights = self.weights.parts();
        let mut average = [0.0_f32; PARTS];
        for (part, average) in average.iter_mut().enumerate() {
            let total: usize = documents.iter().map(|document| document[part].len()).sum();
            *average = (total as f32 / documents.len().max(1) as f32).max(1.0);
        }
        self.postings = vec![Vec::new(); self.vocabulary.len()];
        for (tool, document) in documents.iter().enumerate() {
            let mut counts: HashMap<u32, f32> = HashMap::new();
            for (part, words) in document.iter().enumerate() {
                let long = 1.0 - self.weights.length + self.weights.length * words.len() as f32 / average[part];
                for word in words {
                    *counts.entry(*word).or_default() += weights[part] / long;
                }
            }
            for (word, count) in counts {
                let weight = count * (self.weights.saturation + 1.0) / (count + self.weights.saturation);
                let tool = tool as u32;
                self.postings[word as usize].push(Posting { tool, weight });
            }
        }
        let all = documents.len() as f32;
        for postings in &mut self.postings {
            let having = postings.len() as f32;
            let rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
            for posting in postings {
                posting.weight *= rarity;
            }
        }
    }

    /// The best `limit` tools, best first; equal ones by name.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        self.ranked(&self.meanings(query), limit)
    }

    fn ranked(&self, meanings: &[Meaning], limit: usize) -> Vec<Hit> {
        let mut scores = vec![0.0_f32; self.tools.len()];
        let mut best = vec![0.0_f32; self.tools.len()];
        for meaning in meanings {
            let mut touched = Vec::new();
            for (word, share) in meaning {
                for posting in &self.postings[*word as usize] {
                    let best = &mut best[posting.tool as usize];
                    if *best == 0.0 {
                        touched.push(posting.tool);
                    }
                    *best = best.max(posting.weight * share);
                }
            }
            for tool in touched {
                scores[tool as usize] += std::mem::take(&mut best[tool as usize]);
            }
        }
        // how much of each word the query has
        let mut shares = vec![0.0_f32; self.postings.len()];
        for (word, share) in meanings.iter().flatten() {
            let known = &mut shares[*word as usize];
            *known = known.max(*share);
        }
        let mut found: Vec<(u32, f32)> = (0..)
            .zip(scores)
            .filter(|(_, score)| *score > 0.0)
            .map(|(tool, score)| {
                let covered = self.covered(tool, &shares);
                (tool, score * (1.0 + self.weights.covered * covered))
            })
            .collect();
        let order = |tool: u32| self.order[tool as usize];
        let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then_with(|| order(a.0).cmp(&order(b.0)));
        if found.len() > limit {
            // most of them need no order
            found.select_nth_unstable_by(limit, better);
            found.truncate(limit);
        }
        found.sort_unstable_by(better);
        let hit = |(tool, score): (u32, f32)| {
            let (server, tool) = self.tools[tool as usize].clone();
            Hit { server, tool, score }
        };
        found.into_iter().map(hit).collect()
    }

    /// The share of the words of a tool's name that the query has.
    fn covered(&self, tool: u32, shares: &[f32]) -> f32 {
        let name = &self.names[tool as usize];
        name.iter().map(|word| shares[*word as usize]).sum::<f32>() / name.len().max(1) as f32
    }

    fn meanings(&self, query: &str) -> Vec<Meaning> {
        let end = query.char_indices().nth(MAX_TEXT).map_or(query.len(), |(end, _)| end);
        let mut words = terms(&query[..end]);
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| !words::is_filler(word) && seen.insert(word.clone()));
        let mut meanings: Vec<Meaning> = words.iter().map(|word| self.meaning(word)).collect();
        for (at, pair) in words.windows(2).enumerate() {
            // `time zone` for `timezone`, and `mr` for `merge request`
            let joined = pair.concat();
            let initials: String = pair.iter().filter_map(|word| word.chars().next()).collect();
            for short in [joined, initials] {
                if let Some(number) = self.vocabulary.get(&short) {
                    meanings[at].push((*number, self.weights.alike));
                    meanings[at + 1].push((*number, self.weights.alike));
                }
            }
        }
        meanings
    }

    fn meaning(&self, word: &str) -> Meaning {
        let mut meaning = Meaning::new();
        self.add(word, 1.0, &mut meaning);
        if word.len() > words::LONGEST {
            return meaning;
        }
        self.add_synonyms(word, 1.0, &mut meaning);
        if meaning.is_empty() {
            let alike = self.alike(word).map(|number| (number, self.weights.alike));
            meaning.extend(alike);
        }
        if meaning.is_empty() {
            // a compound, such as `Dateiname`
            for (first, second) in words::halves(word) {
                let mut parts = [Meaning::new(), Meaning::new()];
                for (part, meaning) in [first, second].into_iter().zip(&mut parts) {
                    self.add(part, self.weights.alike, meaning);
                    self.add_synonyms(part, self.weights.alike, meaning);
                }
                if parts.iter().all(|part| !part.is_empty()) {
                    return parts.concat();
                }
            }
        }
        meaning
    }

    fn add(&self, word: &str, share: f32, to: &mut Meaning) {
        if let Some(number) = self.vocabulary.get(word)
            && to.iter().all(|(known, _)| known != number)
        {
            to.push((*number, share));
        }
    }

    fn add_synonyms(&self, word: &str, share: f32, to: &mut Meaning) {
        for other in synonyms::of(word) {
            self.add(other, share * self.weights.synonym, to);
        }
    }

    /// Words that begin like this one, or with which it begins.
    fn alike(&self, word: &str) -> impl Iterator<Item = u32> {
        let head: String = word.chars().take(words::ALIKE).collect();
        let long = head.chars().count() == words::ALIKE;
        let start = self.alphabet.partition_point(|(known, _)| *known < head);
        let near = self.alphabet[start..]
            .iter()
            .take_while(move |(known, _)| long && known.starts_with(&head));
        let word = word.to_owned();
        near.filter(move |(known, _)| words::are_alike(known, &word))
            .map(|(_, number)| *number)
    }
}

/// Characters of a query or a task that are read.
const MAX_TEXT: usize = 8_000;
/// Parts of a tool that are weighted.
const PARTS: usize = 6;

impl Weights {
    fn parts(&self) -> [f32; PARTS] {
        [
            self.name,
            self.title,
            self.doc,
            self.description,
            self.arguments,
            self.server,
        ]
    }
}
