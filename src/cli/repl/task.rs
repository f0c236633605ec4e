//! A task, and Python of the user's own, from the line to what is left of it.
//!
//! - After Ctrl-C the variables are as they were before the task, also where it had run scripts by then.

use std::time::Instant;

use serde_json::Value;
use tokio::time::sleep;

use super::{Then, desk::Desk};
use crate::{
    agent::{
        module::Means,
        run::{Run, Status, TotalUsage},
        solve::{Surroundings, conclude, masked, solve},
        task::{Task, thousands},
    },
    cli::{failure::Failure, gather, hosting::Prints, interrupt::Signals, terminal, ui},
    host::Queries,
    sandbox::{Execution, Limits, Script, Stop},
    wire::Code,
};

impl Desk {
    /// Does a task.
    pub(super) async fn task(&mut self, text: String, signals: &mut Signals) -> Then {
        let (started, stop) = (Instant::now(), Stop::new());
        let first = self.conversation.tasks().next().is_none();
        let inputs = if first { self.inputs.clone() } else { Vec::new() };
        let mut run = Run::new(
            gather::run_id(),
            Task {
                text,
                inputs,
                answer: None,
            },
            self.startup.run_limits(),
        );
        let limit = self.startup.settings.max_time.value;
        self.startup.ui.busy("getting ready");
        let failure = signals
            .handled(self.work(&mut run, &stop), &stop, sleep(limit))
            .await
            .err();
        self.startup.ui.rest();
        if self.broken().is_some() {
            return Then::Leave;
        }
        let message = failure.as_ref().map(|failure| failure.message.as_str());
        conclude(&mut run, &stop, &self.startup.out_of_time().message, message);
        let record = run.clone().into_record(started.elapsed());
        let then = self.report(&run, record.status, failure);
        self.footer(&record.usage, started);
        self.keep(run, record.status).await;
        then
    }

    async fn work(&mut self, run: &mut Run, stop: &Stop) -> Result<(), Failure> {
        let startup = self.startup.clone();
        let tools = tokio::select! {
            equipment = self.equipment() => equipment?,
            _ = stop.wait() => return Ok(()),
        };
        let (host, ledger) = (startup.host(&tools.workshop.toolbox, Prints::Aside), startup.ledger());
        let around = Surroundings {
            host: &host.asking(tools.workshop.queries(&ledger, None)),
            earlier: tools.conversation,
            stop,
            ledger: &ledger,
            turn: None,
            listener: &startup.ui.listener(),
        };
        Ok(solve(run, Means::Codeact(tools.session), tools.workshop, &around).await?)
    }

    /// The answer, or why there is none.
    fn report(&self, run: &Run, status: Status, failure: Option<Failure>) -> Then {
        let ui = &self.startup.ui;
        let in_words = run.steps().last().is_some_and(|step| step.script.is_none());
        match (status, failure) {
            (Status::Answered, _) if in_words && ui.replies_are_shown() => Then::GoOn,
            (Status::Answered, _) => match ui.answer(run.answer()) {
                Ok(()) => Then::GoOn,
                Err(e) => {
                    ui.warning(&format!("cannot write the answer: {e}"));
                    Then::Failed
                }
            },
            (Status::Cancelled, _) => {
                ui.tell("  interrupted; the variables are as they were before");
                Then::Failed
            }
            (_, Some(failure)) => {
                ui.failure(&failure);
                Then::Failed
            }
            (_, None) => {
                ui.warning(run.error().unwrap_or("there is no answer"));
                Then::Failed
            }
        }
    }

    fn footer(&self, usage: &TotalUsage, started: Instant) {
        if usage.model_calls == 0 {
            return;
        }
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let tokens = match usage.total_tokens {
            0 => String::new(),
            1 => "1 token, ".into(),
            n => format!("{} tokens, ", thousands(count(n))),
        };
        let models = ui::plural(count(usage.model_calls), "model call");
        let tools = ui::plural(count(usage.tool_calls), "tool call");
        let text = format!("{tokens}{models}, {tools}, {}", ui::time(started.elapsed()));
        for row in ui::wrap(&text, terminal::columns().saturating_sub(2)) {
            self.startup.ui.note(&format!("  {row}"));
        }
    }

    /// What later tasks and commands find of it.
    async fn keep(&mut self, run: Run, status: Status) {
        let mut scripts = run.steps().iter().filter_map(|step| step.script.clone());
        self.last = scripts.next_back().or(self.last.take());
        let succeeded: Vec<String> = run
            .steps()
            .iter()
            .filter(|step| step.succeeded())
            .filter_map(|step| step.script.clone())
            .collect();
        let undone = status == Status::Cancelled && !succeeded.is_empty();
        if let Ok(tools) = self.tools().await
            && undone
        {
            for _ in &succeeded {
                tools.session.undo().await;
            }
        } else {
            self.succeeded(succeeded);
        }
        // one that never began would only have the model wonder
        if !run.steps().is_empty() {
            self.conversation.task(run);
        }
        if undone {
            self.conversation
                .note("The user interrupted that task, so the variables are again as they were before it.");
        }
        self.notice_loss().await;
    }

    /// Runs Python of the user's own.
    pub(super) async fn python(&mut self, code: String, signals: &mut Signals) -> Then {
        let stop = Stop::new();
        let limit = self.startup.settings.max_time.value;
        self.startup.ui.busy("getting ready");
        let work = self.run(&code, &stop);
        let ended = signals.handled(work, &stop, sleep(limit)).await;
        self.startup.ui.rest();
        if self.broken().is_some() {
            return Then::Leave;
        }
        let (execution, answer) = match ended {
            Ok(Some(ran)) => ran,
            Ok(None) => {
                self.startup.ui.tell("  interrupted");
                return Then::Failed;
            }
            Err(failure) => {
                self.startup.ui.failure(&failure);
                return Then::Failed;
            }
        };
        self.last = Some(code.clone());
        let shown = self.masked(&code).await;
        self.conversation.ran(&shown, &execution, self.max_note());
        let then = self.outcome(&execution, answer, &stop);
        if execution.success {
            self.succeeded([code]);
        }
        self.notice_loss().await;
        then
    }

    /// What became of it, without secrets, and what it answered; `None` if it was stopped before it began.
    async fn run(&mut self, code: &str, stop: &Stop) -> Result<Option<(Execution, Option<Value>)>, Failure> {
        let startup = self.startup.clone();
        let queries = tokio::select! {
            queries = self.queries(code) => queries,
            _ = stop.wait() => return Ok(None),
        };
        let tools = tokio::select! {
            tools = self.tools() => tools?,
            _ = stop.wait() => return Ok(None),
        };
        startup.ui.begin_script();
        let host = startup.host(&tools.toolbox, Prints::Streamed).asking(queries);
        let limits = startup.limits(Limits::ANY_LENGTH);
        let script = Script(code.to_owned());
        let execution = tools.session.show(&script, &host, &limits, stop).await?;
        // gives out what it kept of a stream
        drop(host);
        startup.ui.end_script(&execution);
        let answer = execution.answered.then(|| execution.result.clone());
        Ok(Some((masked(execution, tools.toolbox.masker()), answer)))
    }

    /// The way of the user's own script to the session's model, which is waited for where the script may ask it.
    async fn queries(&mut self, code: &str) -> Queries {
        let ledger = self.startup.ledger();
        if !code.contains("llm_query") && !self.has_model() {
            return self.startup.queries(&ledger);
        }
        match self.equipment().await {
            Ok(equipment) => equipment.workshop.queries(&ledger, None),
            Err(failure) => Queries::new(Box::new(|| Err(failure.message)), ledger, None),
        }
    }

    fn outcome(&self, execution: &Execution, answer: Option<Value>, stop: &Stop) -> Then {
        let ui = &self.startup.ui;
        if answer.is_some_and(|answer| ui.answer(&answer).is_err()) {
            return Then::Failed;
        }
        let Some(diagnostics) = &execution.diagnostics else {
            return Then::GoOn;
        };
        match stop.asked() {
            Some(Code::Timeout) => ui.failure(&self.startup.out_of_time()),
            Some(_) => ui.tell("  interrupted; the variables are as they were before"),
            None => {
                ui.say(&diagnostics.message);
                if let Some(hint) = &diagnostics.hint {
                    ui.note(&format!("  {hint}"));
                }
            }
        }
        Then::Failed
    }

    /// Code of the user's own without secrets, for a note for the model.
    pub(super) async fn masked(&mut self, code: &str) -> String {
        match self.tools().await {
            Ok(tools) => tools.toolbox.masker().text(code),
            // there is no model to be told
            Err(_) => code.to_owned(),
        }
    }

    /// Characters of code or output in a note for the model.
    pub(super) fn max_note(&self) -> usize {
        let shown = usize::try_from(self.startup.settings.max_output.value).unwrap_or(usize::MAX);
        shown.min(4_000)
    }

    /// Says so if the variables were lost.
    pub(super) async fn notice_loss(&mut self) {
        let Ok(tools) = self.tools().await else { return };
        if !tools.session.take_loss() {
            return;
        }
        self.scripts.clear();
        let message = "the session's process was ended from outside: its variables are lost, and it began anew";
        self.startup.ui.warning(message);
        self.conversation.note("The variables of all earlier scripts are lost.");
    }
}
