//! Colours a script in the terminal's own palette, so that it reads well on light and dark.

use std::{fmt::Write, sync::LazyLock};

use syntect::{
    easy::HighlightLines,
    highlighting::{Color, Theme},
    parsing::SyntaxSet,
};
use two_face::theme::EmbeddedThemeName;

static PYTHON: LazyLock<(SyntaxSet, Theme)> = LazyLock::new(|| {
    (
        two_face::syntax::extra_newlines(),
        two_face::theme::extra().get(EmbeddedThemeName::Ansi).clone(),
    )
});

/// Python with escape sequences for colours; the text as it is where that fails.
pub(super) fn python(source: &str) -> String {
    let mut lines = Lines::python();
    source
        .lines()
        .map(|line| lines.line(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Colours lines one after another, each in the light of those before it.
pub(super) struct Lines(Option<HighlightLines<'static>>);

impl Lines {
    /// For Python.
    pub(super) fn python() -> Self {
        let (syntaxes, theme) = &*PYTHON;
        let syntax = syntaxes.find_syntax_by_extension("py");
        Self(syntax.map(|syntax| HighlightLines::new(syntax, theme)))
    }

    /// A line, without its end, with escape sequences; as it is where that fails.
    pub(super) fn line(&mut self, line: &str) -> String {
        let whole = format!("{line}\n");
        let Some(Ok(parts)) = self.0.as_mut().map(|lines| lines.highlight_line(&whole, &PYTHON.0)) else {
            return line.to_owned();
        };
        let mut coloured = String::with_capacity(line.len() * 2);
        for (style, text) in parts {
            match (escape(style.foreground), text.trim_end_matches('\n')) {
                (Some(code), text) if !text.is_empty() => {
                    write!(coloured, "\u{1b}[{code}m{text}\u{1b}[0m").expect("a string takes all")
                }
                (_, text) => coloured.push_str(text),
            }
        }
        coloured
    }
}

/// The theme writes a palette number as red with alpha 0, and the default colour as alpha 1.
fn escape(colour: Color) -> Option<String> {
    match colour {
        Color { a: 0, r: n @ 0..8, .. } => Some(format!("{}", 30 + n)),
        Color { a: 0, r: n, .. } => Some(format!("38;5;{n}")),
        Color { a: 1, .. } => None,
        Color { r, g, b, .. } => Some(format!("38;2;{r};{g};{b}")),
    }
}
