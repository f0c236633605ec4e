//! The module that fits a task, where the user leaves it to us.
//!
//! - A pure function of task and catalog: the same ones give the same module.

use super::Module;
use crate::{
    agent::task::Task,
    tools::{catalog::Catalog, search::Index},
};

/// Tools that a request of plain tool calling can carry along without harm.
const FEW: usize = 8;
/// Characters of a task that wants one thing.
const SHORT: usize = 120;
/// How much better the first tool must fit than the second.
const AHEAD: f32 = 2.0;
/// Words of tasks that want more than one call, or something computed.
const MORE: [&str; 20] = [
    "and", "then", "all", "each", "every", "both", "many", "any", "most", "least", "sum", "total", "count", "number",
    "average", "compare", "sort", "group", "if", "per",
];

/// [`Module::Chat`] for a single obvious call among few tools: a short sentence without inputs and without a word that
/// speaks of more, which one tool fits far better than any other. [`Module::Codeact`] for all else.
pub(super) fn choose(task: &Task, catalog: &Catalog) -> Module {
    let tools: usize = catalog.servers.iter().map(|server| server.tools.len()).sum();
    let obvious = (1..=FEW).contains(&tools)
        && task.inputs.is_empty()
        && is_one_short_sentence(task.text.trim())
        && is_one_ahead(&task.text, catalog);
    if obvious { Module::Chat } else { Module::Codeact }
}

fn is_one_short_sentence(text: &str) -> bool {
    let within = text.trim_end_matches(['.', '?', '!']);
    let ends = [". ", "? ", "! ", "; ", "\n"];
    let speaks_of_more = |word: &str| MORE.contains(&word.to_lowercase().as_str());
    text.chars().count() <= SHORT
        && !ends.iter().any(|end| within.contains(end))
        && !within.split(|c: char| !c.is_alphanumeric()).any(speaks_of_more)
}

fn is_one_ahead(task: &str, catalog: &Catalog) -> bool {
    match Index::new(catalog).search(task, 2).as_slice() {
        [] => false,
        [_] => true,
        [first, second, ..] => first.score >= AHEAD * second.score,
    }
}
