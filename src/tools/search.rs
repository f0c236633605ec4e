//! Finds tools by words: BM25 over names, descriptions, arguments and servers.
//!
//! - The same catalog and query give the same hits in the same order.

use bm25::{Embedder, EmbedderBuilder, Scorer, Tokenizer};

use super::catalog::Catalog;

/// How often a tool's name counts, compared with its description.
const NAME_WEIGHT: usize = 3;

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
    embedder: Embedder<u64, Words>,
    scorer: Scorer<usize, u64>,
    tools: Vec<(String, String)>,
}

impl Index {
    /// Reads all tools of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        let mut tools = Vec::new();
        let mut documents = Vec::new();
        for server in &catalog.servers {
            for tool in &server.tools {
                let mut document = format!("{} ", tool.raw.name).repeat(NAME_WEIGHT);
                let title = tool.raw.title.as_deref().unwrap_or_default();
                let arguments: Vec<_> = tool.parameters.iter().map(|p| p.raw.as_str()).collect();
                let rest = [
                    server.raw.as_str(),
                    title,
                    tool.stub.description.as_str(),
                    &arguments.join(" "),
                ];
                document.push_str(&rest.join(" "));
                documents.push(document);
                tools.push((server.name.clone(), tool.name.clone()));
            }
        }
        let corpus: Vec<&str> = documents.iter().map(String::as_str).collect();
        let embedder = EmbedderBuilder::with_tokenizer_and_fit_to_corpus(Words, &corpus).build();
        let mut scorer = Scorer::new();
        for (at, document) in documents.iter().enumerate() {
            scorer.upsert(&at, embedder.embed(document));
        }
        Self {
            embedder,
            scorer,
            tools,
        }
    }

    /// The best `limit` tools, best first; equal ones by name.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self
            .scorer
            .matches(&self.embedder.embed(query))
            .into_iter()
            .map(|found| {
                let (server, tool) = self.tools[found.id].clone();
                Hit {
                    server,
                    tool,
                    score: found.score,
                }
            })
            .collect();
        hits.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| (&a.server, &a.tool).cmp(&(&b.server, &b.tool)))
        });
        hits.truncate(limit);
        hits
    }
}

/// The words of a text in lower case: `snake_case` and `camelCase` are taken apart, plurals lose their `s`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts = c.is_uppercase()
            && (before.is_lowercase()
                || (before.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase())));
        if !c.is_alphanumeric() || starts {
            words.extend(finished(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.extend(finished(&mut word));
    words
}

fn finished(word: &mut String) -> Option<String> {
    let word = std::mem::take(word);
    let singular = match word.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ => match word.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
            _ => word,
        },
    };
    (!singular.is_empty()).then_some(singular)
}

struct Words;

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        words(text)
    }
}
