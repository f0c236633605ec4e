//! Spinners for what goes on right now.

use std::{collections::HashMap, fmt::Write, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{
    clean::one_line,
    lines::{call, name, plural},
    tally::{Standing, remarks},
};
use crate::agent::event::Event;

/// Tool calls shown at a time; each spinner costs a line of the screen.
const MAX_CALLS: usize = 8;

/// Characters of what a server says of a call's progress.
const MAX_WORDS: usize = 80;

/// What a spinner stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Activity {
    Server(String),
    Model,
    Script,
    Call(u64),
    /// Of a conversation, where one spinner says everything.
    Talk,
}

pub(super) struct Progress {
    bars: MultiProgress,
    active: HashMap<Activity, ProgressBar>,
    /// Characters of the reply so far.
    received: usize,
    /// Of a batch.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// On stderr.
    pub(super) fn new() -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self {
            bars,
            active: HashMap::new(),
            received: 0,
            bar: None,
        }
    }

    /// Moves the bar of a batch, which appears with the first call.
    pub(super) fn standing(&mut self, standing: &Standing) {
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{bar:30} {pos}/{len} {per_sec} {msg} {eta:.dim}";
            let style = ProgressStyle::with_template(template).expect("the template is fixed");
            let style = style.with_key("per_sec", |state: &ProgressState, text: &mut dyn Write| {
                // a text that cannot be written is not shown
                let _ = write!(text, "{:.1}/s", state.per_sec());
            });
            self.bars.add(ProgressBar::new(standing.total as u64).with_style(style))
        });
        bar.set_message(remarks(standing).join(", "));
        bar.set_position(standing.counted.finished.all() as u64);
    }

    pub(super) fn update(&mut self, event: &Event) {
        match event {
            Event::ServerStarting { server } => {
                self.start(
                    Activity::Server(server.clone()),
                    format!("starting server `{}`", name(server)),
                );
            }
            Event::ServerReady { server, .. } | Event::ServerFailed { server, .. } => {
                self.end(&Activity::Server(server.clone()));
            }
            Event::ModelAsked { step } => {
                self.received = 0;
                self.start(Activity::Model, format!("step {step}: the model thinks"));
            }
            Event::ModelText { text } => self.receive("writes", text),
            Event::ModelReasoning { text } => self.receive("thinks", text),
            Event::ModelRetry { .. } => {
                self.received = 0;
                self.start(Activity::Model, "waiting to ask the model again".into());
            }
            Event::ModelReplied { .. } => self.end(&Activity::Model),
            Event::ScriptStarted { .. } => self.start(Activity::Script, "the script runs".into()),
            Event::CallStarted { id, server, tool, .. } => {
                if self
                    .active
                    .keys()
                    .filter(|active| matches!(active, Activity::Call(_)))
                    .count()
                    < MAX_CALLS
                {
                    self.start(Activity::Call(*id), call(server, tool));
                }
            }
            Event::CallProgress { id, text } => {
                if let Some(bar) = self.active.get(&Activity::Call(*id)) {
                    bar.set_message(format!("{} {}", bar.prefix(), one_line(text, MAX_WORDS)));
                }
            }
            Event::CallEnded { id, .. } => self.end(&Activity::Call(*id)),
            Event::ScriptEnded { .. } => {
                let of_script = |activity: &&Activity| matches!(activity, Activity::Script | Activity::Call(_));
                for activity in self.active.keys().filter(of_script).cloned().collect::<Vec<_>>() {
                    self.end(&activity);
                }
            }
            Event::ModuleChosen { .. } | Event::ServerSays { .. } | Event::Warning { .. } => {}
        }
    }

    /// Shows one spinner with this text, or takes it away.
    pub(super) fn say(&mut self, text: Option<String>) {
        match (text, self.active.get(&Activity::Talk)) {
            (Some(text), Some(bar)) => bar.set_message(text),
            (Some(text), None) => self.start(Activity::Talk, text),
            (None, _) => self.end(&Activity::Talk),
        }
    }

    /// Runs `write` with nothing on the screen that it could collide with.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bars.suspend(write)
    }

    /// Draws nothing until [`Progress::show`].
    pub(super) fn hide(&self) {
        // a screen that cannot be cleared is gone
        let _ = self.bars.clear();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
    }

    pub(super) fn show(&self) {
        self.bars.set_draw_target(ProgressDrawTarget::stderr());
    }

    pub(super) fn clear(&mut self) {
        self.bar = None;
        for activity in self.active.keys().cloned().collect::<Vec<_>>() {
            self.end(&activity);
        }
        let _ = self.bars.clear();
    }

    fn start(&mut self, activity: Activity, message: String) {
        self.end(&activity);
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}").expect("the template is fixed");
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        // what comes behind it may change
        bar.set_prefix(message.clone());
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        self.active.insert(activity, bar);
    }

    fn end(&mut self, activity: &Activity) {
        if let Some(bar) = self.active.remove(activity) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    fn receive(&mut self, verb: &str, text: &str) {
        self.received += text.chars().count();
        if let Some(bar) = self.active.get(&Activity::Model) {
            bar.set_message(format!("the model {verb}: {}", plural(self.received, "character")));
        }
    }
}
