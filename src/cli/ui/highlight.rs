//! Colours a script in the terminal's own palette, so that it reads well on light and dark.

use std::{fmt::Write, sync::LazyLock};

use syntect::{
    easy::HighlightLines,
    highlighting::{Color, Theme},
    parsing::SyntaxSet,
    util::LinesWithEndings,
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
    let (syntaxes, theme) = &*PYTHON;
    let Some(syntax) = syntaxes.find_syntax_by_extension("py") else {
        return source.to_owned();
    };
    let mut lines = HighlightLines::new(syntax, theme);
    let mut coloured = String::with_capacity(source.len() * 2);
    for line in LinesWithEndings::from(source) {
        let Ok(parts) = lines.highlight_line(line, syntaxes) else {
            return source.to_owned();
        };
        for (style, text) in parts {
            match (escape(style.foreground), text.trim_end_matches('\n')) {
                (Some(code), text) if !text.is_empty() => {
                    write!(coloured, "\u{1b}[{code}m{text}\u{1b}[0m").expect("a string takes all")
                }
                (_, text) => coloured.push_str(text),
            }
        }
        coloured.push_str(if line.ends_with('\n') { "\n" } else { "" });
    }
    coloured
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
