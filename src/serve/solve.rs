//! `solve_task`: the agent does a task for the client.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use rmcp::{
    RoleServer,
    model::{CallToolResult, JsonObject},
    service::RequestContext,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Setup, asking,
    connection::{Connection, arguments},
    execute::{result, stopped_by},
    progress::{self, CallNames, Reporter},
    tools::Tools,
};
use crate::{
    agent::{
        conversation::Conversation,
        event::Listener,
        module::Means,
        run::{Record, Run, Status},
        shorten::shorten,
        solve::{Surroundings, Workshop, conclude, solve},
        task::Task,
    },
    host::{self, Host, Said},
    model::ledger::Ledger,
    program::Program,
    sandbox::Stop,
    signature::Signature,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    task: String,
    returns: Option<String>,
}

impl Connection {
    /// Does a task.
    ///
    /// # Errors
    /// Why it was not begun, in words for the model.
    pub(super) async fn solve(
        &self,
        given: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, String> {
        let Arguments { task, returns } = arguments(given)?;
        let task = read(&task, returns.as_deref())?;
        let started = Instant::now();
        let mut run = Run::new((self.shared.setup.run_id)(), task, self.shared.setup.run);
        let (reporter, relay) = progress::of(context);
        let stop = Stop::new();
        let work = self.solved(&mut run, &stop, context, reporter);
        let done = relay.during(stopped_by(&stop, context, &self.shared, work)).await;
        let limit = self.shared.setup.max_time.as_secs_f64();
        let failure = done.as_ref().err().map(String::as_str);
        conclude(
            &mut run,
            &stop,
            &format!("stopped after {limit} s (`--max-time`)"),
            failure,
        );
        let record = run.into_record(started.elapsed());
        Ok(told(record, &self.shared.setup))
    }

    async fn solved(
        &self,
        run: &mut Run,
        stop: &Stop,
        context: &RequestContext<RoleServer>,
        reporter: Reporter,
    ) -> Result<(), String> {
        let admitted = async {
            let tools = self.shared.tools().await?;
            let entered = self.shared.queue.enter(std::future::ready(())).await;
            Ok::<_, String>((tools, entered.map_err(|full| full.to_string())?))
        };
        let (tools, _place) = tokio::select! {
            admitted = admitted => admitted?,
            _ = stop.wait() => return Ok(()),
        };
        let workshop = workshop(&tools)?;
        tools.toolbox.prepare(Some(&run.task().text));
        let ledger = Arc::new(Ledger::new(self.shared.setup.budget));
        let said = asking::of(context).map_or_else(Said::default, Said::asking);
        let host = Host::remembering(Arc::clone(&tools.toolbox), calls(&reporter), Arc::new(said))
            .wanting(run.task().answer.clone())
            .asking(workshop.queries(&ledger, None));
        let listener: Listener = Arc::new(move |event| reporter.task(&event));
        let module = workshop.choose(run.task(), &listener);
        let mut session = tokio::select! {
            opened = workshop.open(module, &run.task().inputs) => opened.map_err(|e| e.to_string())?,
            _ = stop.wait() => return Ok(()),
        };
        let around = Surroundings {
            host: &host,
            earlier: &Conversation::default(),
            stop,
            ledger: &ledger,
            turn: None,
            listener: &listener,
        };
        let worked = solve(run, Means::new(module, session.as_mut()), workshop, &around).await;
        worked.map_err(|e| e.to_string().lines().next().unwrap_or_default().to_owned())
    }
}

fn workshop(tools: &Tools) -> Result<&Workshop, String> {
    let none = || "no model is configured; the user can set `OPENAI_API_KEY` and `MCM_MODEL`".to_owned();
    tools.workshop.as_ref().ok_or_else(none)
}

fn read(task: &str, returns: Option<&str>) -> Result<Task, String> {
    let program = match returns {
        None => Program::default(),
        Some(text) => {
            let signature = Signature::parse(text).map_err(|fault| format!("`returns`, {fault}"))?;
            if !signature.inputs.is_empty() {
                return Err("`returns` has inputs, before `->`; put them into the task".to_owned());
            }
            Program::of(signature).map_err(|fault| format!("`returns`: {fault}"))?
        }
    };
    if task.trim().is_empty() {
        return Err("`task` is empty".to_owned());
    }
    program.task(Some(task), Vec::new())
}

fn calls(reporter: &Reporter) -> host::Listener {
    let (reporter, names) = (reporter.clone(), Mutex::new(CallNames::default()));
    Arc::new(move |event| reporter.call(&event, &mut names.lock().unwrap_or_else(PoisonError::into_inner)))
}

fn told(record: Record, setup: &Setup) -> CallToolResult {
    let answered = record.status == Status::Answered;
    let steps = record.steps.len();
    let mut value = serde_json::to_value(record).expect("a record has string keys");
    value["steps"] = json!(steps);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("task");
    }
    let value = setup.masker.value(value);
    let text = match (&value["answer"], &value["error"]) {
        (Value::String(answer), _) if answered => answer.clone(),
        (answer, _) if answered => answer.to_string(),
        (_, Value::String(error)) => format!("There is no answer: {error}"),
        _ => "There is no answer.".to_owned(),
    };
    result(value, shorten(&text, setup.max_output), answered)
}
