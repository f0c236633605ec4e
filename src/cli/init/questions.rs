//! What `mcm init` asks on a terminal.

use std::io;

use super::files::{self, Access, Endpoint, ModelChoice};
use crate::{
    cli::{
        failure::Failure,
        settings::{DEFAULT_BASE_URL, Origin, base_url_problem},
        startup::Startup,
        terminal::{Echo, Terminal},
    },
    model::{discover::Found, masked_url},
};

/// Models that are shown by number; others can be typed.
const MAX_SHOWN: usize = 20;

/// Which model writes the scripts.
///
/// # Errors
/// The terminal's; it ended.
pub(super) async fn model(terminal: &Terminal, startup: &Startup, found: &[Found]) -> Result<ModelChoice, Failure> {
    let settings = &startup.settings;
    if settings.api_key.is_some() || settings.base_url.origin != Origin::Default {
        let place = masked_url(&settings.base_url.value);
        let question = format!("the environment names the endpoint `{place}`");
        let model = match &settings.model {
            Some(_) => None,
            None => name(terminal, &question).await?,
        };
        return Ok(ModelChoice { model, endpoint: None });
    }
    let mut options: Vec<String> = found.iter().map(option).collect();
    options.extend(["a service, with a key".to_owned(), "none for now".to_owned()]);
    let chosen = menu(terminal, "which model shall write the scripts?", &options).await?;
    match found.get(chosen) {
        Some(endpoint) => Ok(ModelChoice {
            model: model_of(terminal, endpoint).await?,
            // the first one is found again at each start
            endpoint: (chosen > 0).then(|| Endpoint::Local {
                base_url: endpoint.base_url.clone(),
            }),
        }),
        None if chosen == found.len() => service(terminal).await,
        None => Ok(ModelChoice::default()),
    }
}

/// What scripts may do with the files of the folder.
///
/// # Errors
/// The terminal's; it ended.
pub(super) async fn workspace(terminal: &Terminal) -> Result<Option<Access>, Failure> {
    let options = ["read them", "read and write them", "neither"].map(str::to_owned);
    let chosen = menu(terminal, "what may scripts do with the files in this folder?", &options).await?;
    Ok([Some(Access::Read), Some(Access::Write), None][chosen])
}

fn option(found: &Found) -> String {
    let models = match found.writers().count() {
        1 => "1 model".to_owned(),
        n => format!("{n} models"),
    };
    format!("{} at {} ({models})", found.name, found.base_url)
}

async fn model_of(terminal: &Terminal, endpoint: &Found) -> Result<Option<String>, Failure> {
    let mut models: Vec<String> = endpoint.writers().map(str::to_owned).collect();
    if models.is_empty() || models.len() > MAX_SHOWN {
        let question = format!("{} has {} models", endpoint.name, models.len());
        return name(terminal, &question).await;
    }
    let chosen = menu(terminal, "which of its models?", &models).await?;
    Ok(Some(models.swap_remove(chosen)))
}

async fn service(terminal: &Terminal) -> Result<ModelChoice, Failure> {
    let question = format!("the service's address [{DEFAULT_BASE_URL}]: ");
    let base_url = loop {
        match answer(terminal, &question, Echo::Shown).await?.as_str() {
            "" | DEFAULT_BASE_URL => break None,
            url if base_url_problem(url).is_none() && files::can_be_written(url) => break Some(url.to_owned()),
            _ => say(terminal, "an address reads `https://host/v1`").await?,
        }
    };
    let key = loop {
        let key = answer(terminal, "its key, which is not shown (empty: later): ", Echo::Hidden).await?;
        if key.bytes().all(|byte| byte.is_ascii_graphic()) {
            break (!key.is_empty()).then_some(key);
        }
        say(terminal, "a key is one word of ASCII characters").await?;
    };
    let model = name(terminal, "a service has many models").await?;
    Ok(ModelChoice {
        model,
        endpoint: Some(Endpoint::Service { base_url, key }),
    })
}

/// A model's name, typed.
async fn name(terminal: &Terminal, why: &str) -> Result<Option<String>, Failure> {
    loop {
        let question = format!("{why}; the name of the one to ask (empty: later): ");
        let name = answer(terminal, &question, Echo::Shown).await?;
        if name.is_empty() {
            return Ok(None);
        }
        if files::can_be_written(&name) {
            return Ok(Some(name));
        }
    }
}

/// The index of an option, chosen by its number or its text; the first one by an empty line.
async fn menu(terminal: &Terminal, title: &str, options: &[String]) -> Result<usize, Failure> {
    let mut question = format!("{title}\n");
    for (at, option) in options.iter().enumerate() {
        question.push_str(&format!("  {}  {option}\n", at + 1));
    }
    question.push_str("number [1]: ");
    loop {
        let typed = answer(terminal, &question, Echo::Shown).await?;
        let by_number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let by_text = || options.iter().position(|option| *option == typed);
        match by_number.filter(|at| *at < options.len()).or_else(by_text) {
            Some(at) => return Ok(at),
            None if typed.is_empty() => return Ok(0),
            None => question = format!("a number from 1 to {} [1]: ", options.len()),
        }
    }
}

async fn answer(terminal: &Terminal, question: &str, echo: Echo) -> Result<String, Failure> {
    let line = terminal.line(question, echo).await.map_err(broken)?;
    line.map(|line| line.trim().to_owned())
        .ok_or_else(|| Failure::usage("the questions were not answered; nothing was written"))
}

async fn say(terminal: &Terminal, text: &str) -> Result<(), Failure> {
    terminal.say(text).await.map_err(broken)
}

fn broken(error: io::Error) -> Failure {
    Failure::usage(format!("cannot ask on the terminal: {error}; nothing was written"))
        .hint("`mcm init --yes` asks nothing")
}
