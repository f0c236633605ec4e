//! Tools for a whole task, which has several parts and does not say all that has to be done.

use std::collections::HashSet;

use super::{Hit, Index, MAX_TEXT, words};

/// Parts of a task that are looked up on their own.
const MAX_CLAUSES: usize = 12;
/// What every task begins with, though few say so: something is looked at.
const IMPLIED: &str = "list";
/// How much that counts, compared with a word of the task.
const IMPLIED_SHARE: f32 = 0.6;

impl Index {
    /// The best tools for the whole of a task, then the best for each of its parts, then the second best.
    pub fn for_task(&self, task: &str, limit: usize) -> Vec<Hit> {
        let end = task.char_indices().nth(MAX_TEXT).map_or(task.len(), |(end, _)| end);
        let task = &task[..end];
        let mut clauses = words::clauses(task);
        if clauses.len() < 2 {
            clauses.clear();
        }
        clauses.truncate(MAX_CLAUSES);
        clauses.insert(0, task.to_owned());
        let lists: Vec<Vec<Hit>> = clauses.iter().map(|clause| self.part(clause, limit)).collect();
        let mut seen = HashSet::new();
        let mut hits = Vec::new();
        for place in 0..limit {
            for hit in lists.iter().filter_map(|list| list.get(place)) {
                if seen.insert((&hit.server, &hit.tool)) {
                    hits.push(hit.clone());
                }
            }
        }
        hits.truncate(limit);
        hits
    }

    fn part(&self, clause: &str, limit: usize) -> Vec<Hit> {
        let mut meanings = self.meanings(clause);
        if !meanings.is_empty() {
            let implied = self.meaning(IMPLIED).into_iter();
            meanings.push(implied.map(|(word, share)| (word, share * IMPLIED_SHARE)).collect());
        }
        self.ranked(&meanings, limit)
    }
}
