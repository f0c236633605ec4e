//! Finds the script in a model's reply.
//!
//! - Pure and total: any reply gives a [`Reply`].
//! - Text inside `<think>…</think>` is neither script nor answer.

use crate::model::{
    Completion,
    fence::{self, Part},
};

/// What a reply holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A script: the blocks marked `python` or `py`.
    Script(String),
    /// The reply's only code block, without a mark: a script if it parses, else the reply is text.
    Unmarked(String),
    /// No script; the reply without its thoughts.
    Text(String),
    /// Nothing but thoughts and white space.
    Empty,
}

/// Finds the script in a reply.
pub fn extract(completion: &Completion) -> Reply {
    let parts = fence::parts(&completion.text);
    let blocks: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Block(block) => Some(block),
            Part::Text(_) => None,
        })
        .collect();
    let marked: Vec<_> = blocks.iter().filter(|block| is_python(&block.info)).collect();
    let scripts: Vec<&str> = marked
        .iter()
        .map(|block| block.code.as_str())
        .filter(|code| !code.trim().is_empty())
        .collect();
    if let Some((last, before)) = scripts.split_last() {
        let alone = before.iter().any(|code| answers(code));
        return Reply::Script(if alone { (*last).to_owned() } else { scripts.join("\n") });
    }
    match blocks.as_slice() {
        [only] if only.info.is_empty() && !only.code.trim().is_empty() => Reply::Unmarked(only.code.clone()),
        _ => match completion.visible() {
            text if text.is_empty() || !marked.is_empty() => Reply::Empty,
            text => Reply::Text(text),
        },
    }
}

/// `python`, `py`, `Python`, `python3`, `{python}`, `python title="x"`; not `python-repl`.
fn is_python(info: &str) -> bool {
    let word = info.trim_start_matches(['{', '.', ' ']);
    let end = word
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+')))
        .unwrap_or(word.len());
    let word = word[..end]
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
        .to_ascii_lowercase();
    word == "python" || word == "py"
}

/// Contains `answer(` as a name of its own: `build_answer(` and `x.answer(` are others.
fn answers(code: &str) -> bool {
    code.match_indices("answer(")
        .any(|(at, _)| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '.'))
}
