//! Whether there is a model, whether it can be reached, and whether it writes a script that does what was asked.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::timeout;

use super::{
    finding::{Area, Finding},
    sandbox,
};
use crate::{
    agent::{
        conversation::Conversation,
        event::Event,
        extract::{Reply, extract},
        prompt::{self, Fit, Templates},
        run::Run,
        task::Task,
    },
    cli::{
        failure::{Exit, Failure},
        model::{self, Place},
        startup::Startup,
    },
    model::{Completion, Prompt, Usage, masked_url, openai::OpenAi},
    sandbox::Sandbox,
    tools,
};

const AREA: Area = Area::Model;
/// What the model is asked for, and what the answer must hold.
const TASK: &str = "Add up the squares of the whole numbers from 1 to 20, and answer with the sum.";
const ANSWER: &str = "2870";
/// Models that are named.
const SHOWN: usize = 8;
const ANOTHER: &str = "take another model: set `MCM_MODEL`, or type `--model NAME`";

/// Nothing is known of the model.
pub(super) fn left_out() -> Finding {
    Finding::ok(AREA, "endpoint", "not looked at (`--no-model`)")
}

/// Finds the endpoint, asks it for its models and the model for a script, and runs that.
pub(super) async fn check(startup: &Startup, sandbox: Option<&Arc<Sandbox>>, limit: Duration) -> Vec<Finding> {
    let place = match model::place(startup).await {
        Ok(place) => place,
        Err(failure) => return vec![failed("endpoint", failure)],
    };
    let client = match client(startup, &place, limit) {
        Ok(client) => client,
        Err(failure) => return vec![failed("endpoint", failure)],
    };
    let asked = Instant::now();
    let models = match client.models(limit).await {
        Ok(models) => models,
        Err(error) => return vec![failed("endpoint", error.into()).took(asked.elapsed())],
    };
    let mut findings = vec![endpoint(&place, models.as_deref()).took(asked.elapsed())];
    let Some(name) = &place.model else {
        findings.push(failed("model", model::no_model()));
        return findings;
    };
    findings.push(in_list(name, models.as_deref()));
    startup.ui.spin(&Event::ModelAsked { step: 1 });
    findings.push(script(startup, &client, sandbox, limit).await);
    let (elapsed, usage) = (asked.elapsed(), Usage::default());
    startup.ui.spin(&Event::ModelReplied { elapsed, usage });
    findings
}

fn client(startup: &Startup, place: &Place, limit: Duration) -> Result<OpenAi, Failure> {
    let named = Place {
        base_url: place.base_url.clone(),
        model: Some(place.model.clone().unwrap_or_default()),
        listed: Vec::new(),
        program: place.program,
    };
    let mut options = named.options(startup)?;
    options.connect_timeout = options.connect_timeout.min(limit);
    options.idle_timeout = limit;
    options.total_timeout = limit;
    // what may pass by itself is what the user wants to hear of
    options.tries = 1;
    Ok(OpenAi::new(options)?)
}

fn endpoint(place: &Place, models: Option<&[String]>) -> Finding {
    let program = place.program.map_or(String::new(), |program| format!("{program} at "));
    let models = match models {
        None => "it lists no models".to_owned(),
        Some([]) => "it has no models".to_owned(),
        Some(models) => {
            let shown = models
                .iter()
                .take(SHOWN)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let more = if models.len() > SHOWN { ", …" } else { "" };
            let plural = if models.len() == 1 { "" } else { "s" };
            format!("{} model{plural}: {shown}{more}", models.len())
        }
    };
    let address = masked_url(&place.base_url);
    Finding::ok(AREA, "endpoint", format!("{program}`{address}` answers; {models}"))
}

fn in_list(name: &str, models: Option<&[String]>) -> Finding {
    match models {
        // Ollama takes `llama3` for `llama3:latest`
        Some(models)
            if !models
                .iter()
                .any(|model| model == name || model.strip_suffix(":latest") == Some(name)) =>
        {
            let message = format!("`{name}` is not in the endpoint's list");
            Finding::warning(AREA, "model", message, format!("check the name; {ANOTHER}"))
        }
        _ => Finding::ok(AREA, "model", format!("`{name}`")),
    }
}

async fn script(startup: &Startup, client: &OpenAi, sandbox: Option<&Arc<Sandbox>>, limit: Duration) -> Finding {
    let asked = Instant::now();
    let checked = async {
        let completion = client.complete(&prompt(startup)?, &mut |_| {}).await?;
        Ok(judged(&completion, sandbox).await)
    };
    let checked = timeout(limit, checked).await.unwrap_or_else(|_| {
        let message = format!("no script within {} s", limit.as_secs_f64());
        Err(Failure::unreachable(message).hint("give it more time with `--check-timeout`, or take a faster model"))
    });
    checked
        .unwrap_or_else(|failure| failed("script", failure))
        .took(asked.elapsed())
}

/// The first prompt of a run without tools, from the templates that hold here.
fn prompt(startup: &Startup) -> Result<Prompt, Failure> {
    let templates = Templates::new(startup.templates())?;
    let run = Run::new("", Task::new(TASK), startup.run_limits());
    let context = startup.prompt_context_of(tools::context::Context::default());
    Ok(prompt::render(
        &templates,
        &context,
        &Conversation::default(),
        &run,
        Fit::FULL,
    )?)
}

/// What the model's reply is worth.
async fn judged(completion: &Completion, sandbox: Option<&Arc<Sandbox>>) -> Finding {
    let source = match extract(completion) {
        Reply::Script(source) | Reply::Unmarked(source) => source,
        Reply::Text(_) => return Finding::problem(AREA, "script", "it replied without a script", ANOTHER),
        Reply::Empty => return Finding::problem(AREA, "script", "its reply is empty", ANOTHER),
    };
    let Some(sandbox) = sandbox else {
        let message = "it wrote a script, which could not be run without a sandbox";
        return Finding::warning(AREA, "script", message, "mend the sandbox first");
    };
    let ran = async { sandbox::run(&mut sandbox::session(sandbox).await?, &source, sandbox::MEMORY).await };
    match ran.await {
        Err(error) => failed("script", error.into()),
        Ok(execution) if execution.success && execution.result.to_string().contains(ANSWER) => {
            let message = format!("it wrote one, which gave the right answer{}", tokens(completion.usage));
            Finding::ok(AREA, "script", message)
        }
        Ok(execution) if execution.success && execution.stdout.contains(ANSWER) => {
            let message = "its script printed the right answer and did not call `answer`, so tasks take more steps";
            Finding::warning(AREA, "script", message, ANOTHER)
        }
        Ok(execution) => {
            let message = format!("its script did not give {ANSWER}: {}", sandbox::why(&execution));
            Finding::problem(AREA, "script", message, ANOTHER)
        }
    }
}

fn tokens(usage: Usage) -> String {
    match usage.total_tokens {
        0 => String::new(),
        _ => format!(" ({} + {} tokens)", usage.prompt_tokens, usage.completion_tokens),
    }
}

fn failed(name: &str, failure: Failure) -> Finding {
    let fix = if failure.hints.is_empty() {
        "try again; if it stays so, please report it".to_owned()
    } else {
        failure.hints.join("\n")
    };
    match failure.exit {
        Exit::Unreachable => Finding::unreachable(AREA, name, failure.message, fix),
        _ => Finding::problem(AREA, name, failure.message, fix),
    }
}
