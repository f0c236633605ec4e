//! Which model answers: a recording, the endpoint that was named, or one that runs on this machine.

use crate::{
    cli::{args::Ask, failure::Failure, settings::Origin, startup::Startup},
    host::Masker,
    model::{
        Model, Secret,
        discover::{self, discover},
        openai::{OpenAi, Options},
        replay::{Recorder, Replay},
    },
};

/// The model of a run, recorded if that is wanted.
///
/// # Errors
/// No endpoint was named and none is found; a recording that cannot be read or written.
pub async fn choose(startup: &Startup, args: &Ask, masker: &Masker) -> Result<Model, Failure> {
    if let Some(path) = &args.replay {
        return Ok(Model::Replay(Replay::open(path)?));
    }
    let model = Model::OpenAi(endpoint(startup).await?);
    let Some(path) = &args.record else { return Ok(model) };
    let masker = masker.clone();
    let recorder = Recorder::append(path, Box::new(move |text| masker.text(text)))?;
    Ok(Model::Recorded(Box::new(model), recorder))
}

/// The endpoint that was named, or one of this machine.
///
/// # Errors
/// No endpoint was named and none is found.
pub async fn endpoint(startup: &Startup) -> Result<OpenAi, Failure> {
    let settings = &startup.settings;
    let named = settings.api_key.is_some() || settings.base_url.origin != Origin::Default;
    let (base_url, model) = if named {
        let model = settings.model.as_ref().map(|model| model.value.clone());
        (settings.base_url.value.clone(), model.ok_or_else(no_model)?)
    } else {
        local(startup).await?
    };
    let mut options = Options::new(base_url, model);
    options.api_key = settings.api_key.as_ref().map(|key| Secret::new(key.value.expose()));
    Ok(OpenAi::new(options)?)
}

/// An endpoint on one of the usual ports of this machine, and a model of it.
async fn local(startup: &Startup) -> Result<(String, String), Failure> {
    let found = discover(&discover::CANDIDATES, discover::LIMIT).await;
    let Some(first) = found.into_iter().next() else {
        return Err(Failure::unreachable("there is no model to ask: no key, no base URL, and nothing on this machine")
            .hint("a model of your own: start Ollama, LM Studio, llama.cpp or vLLM here, and try again")
            .hint("a service: set `OPENAI_API_KEY` and `MCM_MODEL` (and `OPENAI_BASE_URL`), in the environment or in `.env`")
            .hint("without a model: `mcm run -c CODE` runs your own script, `mcm prompt TASK` shows what would be sent"));
    };
    let wanted = startup.settings.model.as_ref().map(|model| model.value.clone());
    let model = wanted.or_else(|| first.models.first().cloned()).ok_or_else(no_model)?;
    startup.ui.note(&format!(
        "using {} at {} with model {model}",
        first.name, first.base_url
    ));
    Ok((first.base_url, model))
}

fn no_model() -> Failure {
    Failure::usage("no model was named").hint("name one with `--model NAME` or `MCM_MODEL`")
}
