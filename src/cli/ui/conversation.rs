//! How a conversation is shown on a terminal: replies while they are written, and one spinner for the rest.

use super::{Detail, Err, Surface, Ui, cut, progress::Progress, stream::Live};
use crate::{agent::event::Event, sandbox::Execution};

impl Ui {
    /// From now on replies are shown while they are written, where a person reads along.
    /// `columns` says how wide the terminal is.
    pub fn converse(&self, columns: fn() -> usize) {
        if self.look.stderr == Surface::Terminal && self.look.detail != Detail::Quiet {
            let mut stderr = self.stderr();
            stderr.live = Some(Live::new(self.look.colour));
            stderr.columns = columns;
        }
    }

    /// Whether whoever reads the answer has read the reply already, while it was written.
    pub fn replies_are_shown(&self) -> bool {
        self.look.stdout == Surface::Terminal && self.stderr().live.is_some()
    }

    /// A task has ended, in whatever way: nothing goes on any more.
    pub fn rest(&self) {
        let mut stderr = self.stderr();
        stderr.live.iter_mut().for_each(Live::end);
        stderr.progress.iter_mut().for_each(Progress::clear);
    }

    /// What a script of a conversation prints, which is not the answer; shown in short, and only on a terminal.
    pub fn aside(&self, text: &str) {
        let mut stderr = self.stderr();
        let columns = (stderr.columns)();
        let lines = stderr.live.as_mut().map(|live| live.printed(text, columns));
        for line in lines.unwrap_or_default() {
            stderr.line(line);
        }
    }

    /// Says in a spinner what goes on, until something else does.
    pub fn busy(&self, text: &str) {
        let mut stderr = self.stderr();
        if stderr.live.is_some()
            && let Some(progress) = &mut stderr.progress
        {
            progress.say(Some(text.to_owned()));
        }
    }

    /// In a conversation, the user's own Python begins; nothing is shown of its source.
    pub fn begin_script(&self) {
        let mut stderr = self.stderr();
        stderr.live.iter_mut().for_each(Live::own_script);
        drop(stderr);
        self.busy("running");
    }

    /// In a conversation, the user's own Python has ended; calls that were too many for a line each are summed up.
    pub fn end_script(&self, execution: &Execution) {
        let mut execution = Execution {
            stdout: String::new(),
            ..execution.clone()
        };
        execution.diagnostics = None;
        self.stderr().streamed(&Event::ScriptEnded { execution });
    }
}

impl Err {
    /// Shows an event in a conversation; false if that is not the way to show it.
    pub(super) fn streamed(&mut self, event: &Event) -> bool {
        if let Event::ServerReady { .. } = event
            && self.live.is_some()
        {
            self.progress.iter_mut().for_each(|progress| progress.update(event));
            return true;
        }
        let ours = !matches!(
            event,
            Event::ServerStarting { .. } | Event::ServerFailed { .. } | Event::Warning { .. }
        );
        let Some(live) = self.live.as_mut().filter(|_| ours) else {
            return false;
        };
        let columns = (self.columns)();
        let lines = live.event(event, columns);
        // beside the spinner and the time
        let status = live.status().map(|status| cut(status, columns.saturating_sub(8)));
        for line in lines {
            self.line(line);
        }
        if let Some(progress) = &mut self.progress {
            progress.say(status);
        }
        true
    }
}
