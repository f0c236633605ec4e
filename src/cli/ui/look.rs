//! How things are shown: as the streams and the user say.

use std::{
    borrow::Cow,
    io::{self, IsTerminal},
};

use super::clean::clean;
use crate::cli::settings::Settings;

/// How things are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What stdout is.
    pub stdout: Surface,
    /// What stderr is.
    pub stderr: Surface,
    /// Whether stderr may have colours.
    pub colour: Colour,
    /// What is worth a line.
    pub detail: Detail,
    /// Whether scripts are shown.
    pub code: Code,
}

/// Where text ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// A person reads it now.
    Terminal,
    /// A file or another program.
    Plain,
}

/// Whether escape sequences for colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// They are.
    On,
    /// Not one.
    Off,
}

/// What is worth a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What servers say of themselves, too (`--verbose`).
    Verbose,
    /// Important events.
    Normal,
    /// Warnings and errors (`--quiet`).
    Quiet,
}

/// Whether scripts are shown before they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// `--show-code`
    Shown,
    /// They are not.
    Hidden,
}

impl Look {
    /// For a program on the other side, whatever the settings are.
    pub const PLAIN: Self = Self {
        stdout: Surface::Plain,
        stderr: Surface::Plain,
        colour: Colour::Off,
        detail: Detail::Normal,
        code: Code::Hidden,
    };

    /// As the streams and the user say. `NO_COLOR` counts if it is not empty.
    pub fn detect(settings: &Settings) -> Self {
        let surface = |is_terminal| if is_terminal { Surface::Terminal } else { Surface::Plain };
        let dumb = settings.environment("TERM") == Some("dumb");
        let stderr = surface(io::stderr().is_terminal() && !dumb);
        let plain = settings.environment("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            stdout: surface(io::stdout().is_terminal()),
            stderr,
            colour: if stderr == Surface::Terminal && !plain {
                Colour::On
            } else {
                Colour::Off
            },
            detail: if settings.verbose.value {
                Detail::Verbose
            } else if settings.quiet.value {
                Detail::Quiet
            } else {
                Detail::Normal
            },
            code: if settings.show_code.value {
                Code::Shown
            } else {
                Code::Hidden
            },
        }
    }
}

/// `text` in a colour, by the number that terminals know it by.
pub(super) fn paint(colour: Colour, number: &str, text: &str) -> String {
    match colour {
        Colour::On => format!("\u{1b}[{number}m{text}\u{1b}[0m"),
        Colour::Off => text.to_owned(),
    }
}

/// `text` as this surface may show it.
pub(super) fn for_surface(surface: Surface, text: &str) -> Cow<'_, str> {
    match surface {
        Surface::Terminal => clean(text),
        Surface::Plain => text.into(),
    }
}
