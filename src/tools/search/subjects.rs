//! What a server is about, from the names of its tools.

use std::collections::HashMap;

use super::{
    synonyms,
    words::{self, terms},
};
use crate::tools::catalog::Server;

/// The words that most of a server's tools have in their names, without those for what is done.
pub fn subjects(server: &Server, limit: usize) -> Vec<String> {
    let own: Vec<String> = terms(&server.raw);
    let mut counted: Vec<(usize, String)> = Vec::new();
    // of a word that says nothing there is no place
    let mut by_word: HashMap<String, Option<usize>> = HashMap::new();
    let mut by_stem: HashMap<String, usize> = HashMap::new();
    for word in server.tools.iter().flat_map(|tool| words::words(&tool.raw.name)) {
        let place = *by_word.entry(word).or_insert_with_key(|word| {
            let stem = words::term(word);
            let is_known = own.contains(&stem) || words::is_filler(word) || synonyms::is_action(&stem);
            (word.len() > 1 && !is_known).then(|| {
                *by_stem.entry(stem).or_insert_with(|| {
                    counted.push((0, word.clone()));
                    counted.len() - 1
                })
            })
        });
        if let Some(place) = place {
            counted[place].0 += 1;
        }
    }
    // the first one first where they are equal
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(_, word)| word).take(limit).collect()
}
