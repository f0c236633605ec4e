//! The line editor as the user sees it: prompt, keys, menu, hints, colours.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use reedline::{
    Color, ColumnarMenu, Completer, CompletionResult, DefaultHinter, EditCommand, Emacs, Highlighter, KeyCode,
    KeyModifiers, MenuBuilder, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, Reedline, ReedlineEvent,
    ReedlineMenu, Span, StyledText, Suggestion, ValidationResult, Validator, default_emacs_keybindings,
};

use super::{
    open::goes_on,
    words::{self, Words},
};
use crate::cli::ui::{self, Colour};

/// Before a line.
pub const PROMPT: &str = "mcm> ";
/// Before the lines that go on with it.
pub const CONTINUATION: &str = "...> ";
/// The menu's name.
const MENU: &str = "names";
/// Longest description of a completion, in characters.
const MAX_ABOUT: usize = 60;

/// The editor.
pub fn editor(words: &Arc<Mutex<Words>>, colour: Colour) -> Reedline {
    let plain = colour == Colour::Off;
    let editor = Reedline::create()
        .with_ansi_colors(!plain)
        .with_validator(Box::new(Complete))
        .with_completer(Box::new(Names(Arc::clone(words))))
        .with_menu(ReedlineMenu::EngineCompleter(menu(colour)))
        .with_quick_completions(true)
        .with_partial_completions(true)
        .with_history_exclusion_prefix(Some(" ".into()))
        .with_highlighter(Box::new(Marks))
        .with_edit_mode(Box::new(Emacs::new(keys())));
    if plain {
        // without colours a hint could not be told from what was typed
        return editor;
    }
    editor.with_hinter(Box::new(
        DefaultHinter::default()
            .with_style(Color::DarkGray.normal())
            .with_min_chars(2),
    ))
}

fn menu(colour: Colour) -> Box<ColumnarMenu> {
    let menu = ColumnarMenu::default()
        .with_name(MENU)
        .with_columns(4)
        .with_column_padding(2)
        .with_marker("")
        .with_text_style(Color::Default.normal())
        .with_description_text_style(Color::DarkGray.normal());
    Box::new(match colour {
        Colour::On => menu
            .with_selected_text_style(Color::Cyan.reverse())
            .with_selected_match_text_style(Color::Cyan.reverse())
            .with_match_text_style(Color::Default.normal()),
        Colour::Off => menu,
    })
}

fn keys() -> reedline::Keybindings {
    let mut keys = default_emacs_keybindings();
    let tab = vec![ReedlineEvent::Menu(MENU.into()), ReedlineEvent::MenuNext];
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, ReedlineEvent::UntilFound(tab));
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    let newline = || ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, newline());
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::Enter, newline());
    // there is no other editor to open
    keys.remove_binding(KeyModifiers::CONTROL, KeyCode::Char('o'));
    keys
}

/// What stands before lines.
pub struct Prompt(());

impl Prompt {
    /// The only one.
    pub fn new() -> Self {
        Self(())
    }
}

impl reedline::Prompt for Prompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        PROMPT.into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        CONTINUATION.into()
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let found = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => ", not found",
        };
        format!("(search: {}{found}) ", search.term).into()
    }

    fn get_prompt_color(&self) -> Color {
        Color::Cyan
    }

    fn get_prompt_multiline_color(&self) -> Color {
        Color::DarkGray
    }

    fn get_indicator_color(&self) -> Color {
        Color::DarkGray
    }
}

/// Enter submits what is complete.
struct Complete;

impl Validator for Complete {
    fn validate(&self, line: &str) -> ValidationResult {
        if goes_on(line) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Complete
        }
    }
}

/// Tab completes names.
pub(super) struct Names(pub(super) Arc<Mutex<Words>>);

impl Completer for Names {
    fn complete(&mut self, line: &str, cursor: usize) -> CompletionResult {
        let words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = words::complete(&words, line, cursor).into_iter();
        let suggestions: Vec<Suggestion> = found
            .map(|completion| Suggestion {
                value: completion.text,
                description: Some(ui::one_line(&completion.about, MAX_ABOUT)).filter(|about| !about.is_empty()),
                span: Span::new(completion.start, cursor),
                ..Suggestion::default()
            })
            .collect();
        if suggestions.is_empty() {
            // of nothing the menu would say that there are "no records"
            return CompletionResult::Pending;
        }
        CompletionResult::fresh(suggestions)
    }
}

/// Commands and the mark of Python stand out a little.
struct Marks;

impl Highlighter for Marks {
    fn highlight(&self, line: &str, _: usize) -> StyledText {
        let marked = match line.trim_start().chars().next() {
            Some('!') => line.find('!').map_or(0, |at| at + 1),
            Some('/') => {
                let start = line.len() - line.trim_start().len();
                start + line[start..].find(char::is_whitespace).unwrap_or(line.len() - start)
            }
            _ => 0,
        };
        let mut text = StyledText::new();
        for (style, part) in [
            (Color::Cyan.normal(), &line[..marked]),
            (Color::Default.normal(), &line[marked..]),
        ] {
            if !part.is_empty() {
                text.push((style, part.to_owned()));
            }
        }
        text
    }
}
