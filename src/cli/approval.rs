//! Asks the user on the terminal whether a call may be made.
//!
//! - The question shows the whole call, or says how much of it is folded and how to see the rest.
//! - Nothing else is drawn while it is open.
//! - "always" holds once it is in the policy file; where it cannot be written it is asked again.

pub mod look;

use std::{io, path::PathBuf, sync::Arc};

use futures::FutureExt;

use crate::{
    cli::{
        settings::allow_always,
        terminal::{Echo, Terminal},
        ui::Ui,
    },
    host::{Approval, Ask, Question, policy::Reason},
};
use look::{Look, look};

/// What can be typed, and what it is called.
const CHOICES: [(&str, &str, Choice); 6] = [
    ("yes", "y this call", Choice::Answer(Approval::Call)),
    ("run", "r this run", Choice::Answer(Approval::Run)),
    ("always", "a always", Choice::Answer(Approval::Always)),
    ("never", "n never", Choice::Answer(Approval::Never)),
    // what one types who does not read
    ("no", "", Choice::Answer(Approval::Never)),
    ("view", "v the whole", Choice::View),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Answer(Approval),
    View,
}

/// Puts questions to the user of this terminal. "always" goes to the policy file, for which there may be no place.
pub fn on(terminal: Terminal, ui: Ui, policy: Option<PathBuf>) -> Ask {
    let asker = Arc::new(Asker { terminal, policy });
    Arc::new(move |question| {
        let (asker, ui) = (Arc::clone(&asker), ui.clone());
        async move {
            let _dialogue = asker.terminal.dialogue().await;
            let _pause = ui.pause();
            // a terminal that is gone answers nothing
            asker.ask(&question).await.ok().flatten()
        }
        .boxed()
    })
}

struct Asker {
    terminal: Terminal,
    policy: Option<PathBuf>,
}

impl Asker {
    async fn ask(&self, question: &Question) -> io::Result<Option<Approval>> {
        let look = look(question, self.terminal.size().0);
        self.terminal
            .say(&format!("{}\n{}", look.title, look.folded.join("\n")))
            .await?;
        let mut choices = self.choices(question, &look);
        loop {
            let names: Vec<&str> = choices.iter().map(|(_, name, _)| *name).collect();
            let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
            let line = format!("{}: ", names.join(", "));
            let Some(typed) = self.terminal.line(&line, Echo::Shown).await? else {
                return Ok(None);
            };
            let typed = typed.trim().to_lowercase();
            let fits = |(word, ..): &&(&str, &str, Choice)| !typed.is_empty() && word.starts_with(&typed);
            match choices.iter().find(fits).map(|(.., choice)| *choice) {
                Some(Choice::Answer(Approval::Always)) => match self.remember(question) {
                    Ok(()) => return Ok(Some(Approval::Always)),
                    Err(problem) => {
                        self.terminal.say(&format!("that cannot be kept: {problem}")).await?;
                        choices.retain(|(.., choice)| *choice != Choice::Answer(Approval::Always));
                    }
                },
                Some(Choice::Answer(approval)) => return Ok(Some(approval)),
                Some(Choice::View) => {
                    self.view(&look).await?;
                    self.terminal.say(&look.title).await?;
                }
                None => {}
            }
        }
    }

    /// What can be said to this question. A rule that asks wins over what "always" would write.
    fn choices(&self, question: &Question, look: &Look) -> Vec<(&'static str, &'static str, Choice)> {
        let mut choices = CHOICES.to_vec();
        choices.retain(|(.., choice)| match choice {
            Choice::Answer(Approval::Always) => question.reason == Reason::Writes && self.policy.is_some(),
            Choice::View => look.whole.is_some(),
            Choice::Answer(_) => true,
        });
        choices
    }

    fn remember(&self, question: &Question) -> Result<(), String> {
        let path = self.policy.as_deref().ok_or("there is no folder for your settings")?;
        allow_always(path, &question.server, &question.tool)
    }

    /// The whole call, a screen at a time.
    async fn view(&self, look: &Look) -> io::Result<()> {
        let rows = look.whole.as_ref().unwrap_or(&look.folded);
        let page = self.terminal.size().1.saturating_sub(2).max(5);
        let mut shown = 0;
        for rows_of_page in rows.chunks(page) {
            if shown > 0 {
                let more = format!("{shown} of {} lines; Enter shows more, q ends: ", rows.len());
                let typed = self.terminal.line(&more, Echo::Shown).await?;
                if typed.is_none_or(|typed| typed.trim().starts_with('q')) {
                    return Ok(());
                }
            }
            self.terminal.say(&rows_of_page.join("\n")).await?;
            shown += rows_of_page.len();
        }
        Ok(())
    }
}
