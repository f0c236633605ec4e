//! `execute_code`: one script, alone or in a session of the client's.
//!
//! - Scripts of one session run one after another; what waits for its turn can be cancelled as well.
//! - What comes back has no secret, and no more output than a model is shown.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::{
    RoleServer,
    model::{CallToolResult, ContentBlock, JsonObject},
    service::RequestContext,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Shared, asking,
    connection::{Connection, arguments},
    offer::MAX_NAME,
    progress::{self, CallNames, Reporter},
    text,
    tools::Tools,
};
use crate::{
    agent::{shorten::shorten, solve::masked},
    host::{Ask, Host, Said},
    sandbox::{
        Error, Execution, Limits, Script, Session, Stop,
        execution::{Code, Diagnostics},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    code: String,
    timeout: Option<f64>,
    session: Option<String>,
}

/// What a session holds between scripts.
pub(super) struct Live {
    session: Session,
    host: Host,
    hearer: Hearer,
    /// Those whose functions its scripts have.
    tools: Arc<Tools>,
}

/// Who hears of the calls of the script that runs.
type Hearer = Arc<Mutex<Option<(Reporter, CallNames)>>>;

/// What became of a script, and what else its model should know.
struct Done {
    execution: Execution,
    notes: Vec<String>,
}

impl Connection {
    /// Runs a script.
    ///
    /// # Errors
    /// Why none was run, in words for the model.
    pub(super) async fn execute(
        &self,
        given: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, String> {
        let Arguments { code, timeout, session } = arguments(given)?;
        let limits = self.limits(timeout)?;
        if let Some(name) = &session
            && (name.is_empty() || name.chars().count() > MAX_NAME)
        {
            return Err(format!("`session`: a name has 1 to {MAX_NAME} characters"));
        }
        let (reporter, relay) = progress::of(context);
        let stop = Stop::new();
        let script = Script(code);
        let work = self.run(&script, session.as_deref(), (&limits, &stop), (context, reporter));
        let done = relay.during(stopped_by(&stop, context, &self.shared, work)).await?;
        let setup = &self.shared.setup;
        let max_output = setup.max_output;
        let mut execution = masked(done.execution, &setup.masker);
        let mut notes = done.notes;
        let text = execution.result.to_string();
        if text.chars().count() > max_output {
            notes.push(format!(
                "The result was longer than {max_output} characters and is cut: keep it in a variable of a session, and look \
                 at parts of it."
            ));
            execution.result = Value::String(shorten(&text, max_output));
        }
        let text = text::execution(&execution, &notes, max_output);
        execution.stdout = shorten(&execution.stdout, max_output);
        execution.stderr = shorten(&execution.stderr, max_output);
        if let Some(diagnostics) = &mut execution.diagnostics {
            diagnostics.message = shorten(&diagnostics.message, max_output);
        }
        let record = serde_json::to_value(&execution).expect("a record has string keys");
        Ok(result(record, text, execution.success))
    }

    fn limits(&self, timeout: Option<f64>) -> Result<Limits, String> {
        let setup = &self.shared.setup;
        let most = setup.max_time.as_secs_f64();
        match timeout {
            None => Ok(setup.limits),
            Some(seconds) if seconds > 0.0 && seconds <= most => Ok(Limits {
                time: std::time::Duration::from_secs_f64(seconds),
                ..setup.limits
            }),
            Some(_) => Err(format!("`timeout`: more than 0 and at most {most} seconds")),
        }
    }

    async fn run(
        &self,
        script: &Script,
        session: Option<&str>,
        (limits, stop): (&Limits, &Stop),
        (context, reporter): (&RequestContext<RoleServer>, Reporter),
    ) -> Result<Done, String> {
        let state = session.map(|name| self.sessions.named(name, Instant::now()));
        let state = state.transpose().map_err(|crowded| crowded.to_string())?;
        let turn = async {
            match &state {
                Some(state) => Some(Arc::clone(state).lock_owned().await),
                None => None,
            }
        };
        let admitted = async {
            let tools = self.shared.tools().await?;
            let entered = self.shared.queue.enter(turn).await;
            Ok::<_, String>((tools, entered.map_err(|full| full.to_string())?))
        };
        let (tools, (mut held, _place)) = tokio::select! {
            admitted = admitted => admitted?,
            code = stop.wait() => return Ok(never_begun(code)),
        };
        let mut alone = None;
        let live = held.as_deref_mut().unwrap_or(&mut alone);
        let mut notes = Vec::new();
        if live.is_none() {
            let begun = Live::begin(&tools, &self.shared, asking::of(context)).await;
            *live = Some(begun.map_err(|e| e.to_string())?);
            notes.extend(session.map(|name| format!("Session `{name}` began with this script.")));
        }
        let ran = live
            .as_mut()
            .expect("it was begun")
            .run(script, limits, stop, reporter)
            .await;
        if let (Some(name), Some(live)) = (session, live.as_mut()) {
            live.notes(name, &tools, &mut notes);
        }
        if ran.is_err() {
            *live = None;
        }
        drop((held, state));
        if let Some(name) = session {
            self.sessions.used(name, Instant::now());
        }
        let execution = ran.map_err(|e| e.to_string())?;
        Ok(Done { execution, notes })
    }
}

impl Live {
    async fn begin(tools: &Arc<Tools>, shared: &Shared, ask: Option<Ask>) -> Result<Self, Error> {
        let session = Session::open(Arc::clone(&tools.template), Vec::new()).await?;
        let hearer = Hearer::default();
        let hears = Arc::clone(&hearer);
        let listener: crate::host::Listener = Arc::new(move |event| {
            if let Some((reporter, names)) = &mut *hears.lock().unwrap_or_else(PoisonError::into_inner) {
                reporter.call(&event, names);
            }
        });
        let said = ask.map_or_else(Said::default, Said::asking);
        let host = Host::remembering(Arc::clone(&tools.toolbox), listener, Arc::new(said));
        Ok(Self {
            session,
            host: host.asking((shared.setup.queries)()),
            hearer,
            tools: Arc::clone(tools),
        })
    }

    async fn run(
        &mut self,
        script: &Script,
        limits: &Limits,
        stop: &Stop,
        reporter: Reporter,
    ) -> Result<Execution, Error> {
        self.hear(Some((reporter, CallNames::default())));
        let ran = self.session.run(script, &self.host, limits, stop).await;
        self.hear(None);
        ran
    }

    fn hear(&self, who: Option<(Reporter, CallNames)>) {
        *self.hearer.lock().unwrap_or_else(PoisonError::into_inner) = who;
    }

    fn notes(&mut self, name: &str, tools: &Arc<Tools>, notes: &mut Vec<String>) {
        if self.session.take_loss() {
            notes.push(format!(
                "Session `{name}` had lost its variables, because its process was ended from outside."
            ));
        }
        if !Arc::ptr_eq(&self.tools, tools) {
            notes.push(format!(
                "The servers' functions have changed since session `{name}` began; a session of another name has them."
            ));
        }
    }
}

/// Does `work`, and asks it to stop when the client cancels the request, or its time is over.
pub(super) async fn stopped_by<T>(
    stop: &Stop,
    context: &RequestContext<RoleServer>,
    shared: &Shared,
    work: impl Future<Output = T>,
) -> T {
    let watch = async {
        tokio::select! {
            () = context.ct.cancelled() => stop.ask(Code::Cancelled),
            () = tokio::time::sleep(shared.setup.max_time) => stop.ask(Code::Timeout),
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        done = work => done,
        () = watch => unreachable!("it goes on until the work ends"),
    }
}

/// A result for clients that read values, and for those that read text.
pub(super) fn result(value: Value, text: String, success: bool) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(value);
    result.is_error = Some(!success);
    result
}

fn never_begun(code: Code) -> Done {
    let message = match code {
        Code::Timeout => "its time was over before its turn came (`--max-time`); nothing of it ran",
        _ => "it was cancelled before its turn came; nothing of it ran",
    };
    Done {
        execution: Execution::failed(Diagnostics {
            code,
            rule: None,
            message: message.to_owned(),
            line: None,
            hint: None,
        }),
        notes: Vec::new(),
    }
}

/// The sessions of one client.
pub(super) type Kept = super::sessions::Sessions<Live>;
