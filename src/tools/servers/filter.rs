//! Which tools of a server there are, as its entry says.

use globset::{Glob, GlobMatcher};

use crate::tools::{RawTool, names::identifier};

/// Which tools of a server scripts may see: globs on raw or Python names; `deny` wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolFilter {
    /// `None`: all.
    pub allow: Option<Vec<String>>,
    /// Not these.
    pub deny: Vec<String>,
}

/// What a filter left of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filtered {
    /// In the order of the list.
    pub tools: Vec<RawTool>,
    /// Names of those that were taken out.
    pub hidden: Vec<String>,
    /// Globs that match no tool of the list.
    pub idle: Vec<String>,
}

impl ToolFilter {
    /// The tools of a list that scripts may see.
    pub fn apply(&self, listed: Vec<RawTool>) -> Filtered {
        let globs = |globs: &[String]| globs.iter().map(|glob| compiled(glob)).collect::<Vec<_>>();
        let (allow, deny) = (self.allow.as_deref().map(globs), globs(&self.deny));
        let all = || allow.iter().flatten().chain(&deny);
        let mut used = vec![false; all().count()];
        let mut filtered = Filtered::default();
        for tool in listed {
            let python = identifier(&tool.name);
            let hit: Vec<bool> = all().map(|glob| hits(glob, &tool.name, &python)).collect();
            let (allowed, denied) = hit.split_at(hit.len() - deny.len());
            used.iter_mut().zip(&hit).for_each(|(used, hit)| *used |= hit);
            if (allow.is_none() || allowed.contains(&true)) && !denied.contains(&true) {
                filtered.tools.push(tool);
            } else {
                filtered.hidden.push(tool.name);
            }
        }
        let typed = self.allow.iter().flatten().chain(&self.deny);
        filtered.idle = typed
            .zip(used)
            .filter(|(_, used)| !used)
            .map(|(glob, _)| glob.clone())
            .collect();
        filtered
    }
}

/// What is wrong with a glob.
pub(super) fn problem(glob: &str) -> Option<String> {
    Glob::new(glob).err().map(|error| error.kind().to_string())
}

/// `None`: it is none, which no file can hold, and fits nothing.
fn compiled(glob: &str) -> Option<GlobMatcher> {
    Some(Glob::new(glob).ok()?.compile_matcher())
}

fn hits(glob: &Option<GlobMatcher>, raw: &str, python: &str) -> bool {
    glob.as_ref()
        .is_some_and(|glob| glob.is_match(raw) || glob.is_match(python))
}
