//! Text for stdout of which parts have a colour, such as a report.

use std::io;

use super::{Colour, Surface, Ui, clean};

/// How a piece of text looks where colour is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// As all text.
    Plain,
    /// A heading.
    Strong,
    /// Of less weight.
    Faint,
    /// It is well.
    Good,
    /// It should be looked at.
    Warning,
    /// It is not well.
    Bad,
}

impl Ui {
    /// Whether stdout shows colours, and marks in the place of words: a terminal, and nobody said no.
    pub fn is_colourful(&self) -> bool {
        self.look.stdout == Surface::Terminal && self.look.colour == Colour::On
    }

    /// Text for stdout, piece by piece; nothing is added.
    ///
    /// # Errors
    /// stdout's; that nobody reads it is none.
    pub fn print_tinted(&self, pieces: &[(Tint, String)]) -> io::Result<()> {
        let colourful = self.is_colourful();
        let texts = pieces.iter().map(|(tint, text)| match tint.code() {
            Some(code) if colourful && !text.is_empty() => format!("\u{1b}[{code}m{}\u{1b}[0m", clean(text)),
            _ if self.look.stdout == Surface::Terminal => clean(text).into_owned(),
            _ => text.clone(),
        });
        self.print_as_it_is(&texts.collect::<String>())
    }
}

impl Tint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Warning => Some("33"),
            Self::Bad => Some("31"),
        }
    }
}
