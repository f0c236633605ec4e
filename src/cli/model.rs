//! Which model answers: a recording, the endpoint that was named, or one that runs on this machine.

use std::sync::Arc;

use crate::{
    cli::{args::Tape, failure::Failure, settings::Origin, startup::Startup},
    host::{Masker, Queries},
    model::{
        Model, Secret,
        discover::{self, discover},
        ledger::{Budget, Ledger},
        openai::{OpenAi, Options},
        replay::{self, Recorder, Replay},
    },
};

/// What a script reads that asks where nobody has said whom.
const NOT_NAMED: &str = "there is no model to ask: the user can set `OPENAI_API_KEY` and `MCM_MODEL` (and \
                         `OPENAI_BASE_URL`), or type `--model NAME` and `--base-url URL`";

/// A model to ask.
#[derive(Debug)]
pub struct Chosen {
    /// Itself.
    pub model: Model,
    /// What scripts ask.
    pub queries: Model,
    /// Its name; of a recording, that it is one.
    pub name: String,
    /// Models that its endpoint listed, where it was asked for them.
    pub listed: Vec<String>,
}

/// The model of a run, recorded if that is wanted; `name` counts more than the settings.
///
/// # Errors
/// No endpoint was named and none is found; a recording that cannot be read or written.
pub async fn choose(startup: &Startup, name: Option<&str>, tape: Tape<'_>, masker: &Masker) -> Result<Chosen, Failure> {
    if let Some(path) = tape.replay {
        return Ok(Chosen {
            model: Model::Replay(Replay::open(path)?),
            queries: Model::Queries(replay::Queries::of(path)),
            name: format!("the recording `{}`", path.display()),
            listed: Vec::new(),
        });
    }
    let mut place = place(startup).await?;
    if let Some(name) = name {
        place.model = Some(name.to_owned());
    }
    let listed = std::mem::take(&mut place.listed);
    let mut chosen = Chosen::at(&there(startup, place)?, startup);
    chosen.listed = listed;
    if let Some(path) = tape.record {
        let masker = masker.clone();
        let recorder = Recorder::append(path, Box::new(move |text| masker.text(text)))?;
        chosen.queries = Model::Recorded(Box::new(chosen.queries), recorder.of_queries());
        chosen.model = Model::Recorded(Box::new(chosen.model), recorder);
    }
    Ok(chosen)
}

impl Chosen {
    /// The models at an endpoint; its connections are shared.
    pub fn at(endpoint: &OpenAi, startup: &Startup) -> Self {
        let name = endpoint.model().to_owned();
        let sub_model = startup.settings.sub_model.as_ref();
        let queries = endpoint.with_model(sub_model.map_or(&name, |sub_model| &sub_model.value));
        Self {
            model: Model::OpenAi(endpoint.with_model(&name)),
            queries: Model::OpenAi(queries),
            name,
            listed: Vec::new(),
        }
    }
}

impl Startup {
    /// What a run may use of the model.
    pub fn budget(&self) -> Budget {
        let settings = &self.settings;
        Budget {
            tokens: settings.max_tokens.as_ref().map(|limit| limit.value),
            calls: settings.max_model_calls.as_ref().map(|limit| limit.value),
            cost: settings.max_cost.as_ref().map(|limit| limit.value),
            prices: settings.prices.as_ref().map(|prices| prices.value),
        }
    }

    /// Whether the settings name a model and where it is asked.
    pub fn names_a_model(&self) -> bool {
        let settings = &self.settings;
        settings.model.is_some() && (settings.api_key.is_some() || settings.base_url.origin != Origin::Default)
    }

    /// Counts what one run uses of it.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::new(Ledger::new(self.budget()))
    }

    /// The way of the user's own script to the model that the settings name, which it may never ask: so nothing is
    /// looked for, and nothing set up before it does.
    pub fn queries(&self, ledger: &Arc<Ledger>) -> Queries {
        let settings = &self.settings;
        let known = settings.api_key.is_some() || settings.base_url.origin != Origin::Default;
        let model = settings.sub_model.as_ref().or(settings.model.as_ref());
        let place = model.filter(|_| known).map(|model| Place {
            base_url: settings.base_url.value.clone(),
            model: Some(model.value.clone()),
            listed: Vec::new(),
            program: None,
        });
        let options = place.map(|place| place.options(self));
        let source = move || match options {
            Some(Ok(options)) => match OpenAi::new(options) {
                Ok(model) => Ok(Arc::new(Model::OpenAi(model))),
                Err(error) => Err(error.to_string()),
            },
            _ => Err(NOT_NAMED.to_owned()),
        };
        Queries::new(Box::new(source), Arc::clone(ledger), None)
    }
}

/// The endpoint that was named, or one of this machine.
///
/// # Errors
/// No endpoint was named and none is found.
pub async fn endpoint(startup: &Startup) -> Result<OpenAi, Failure> {
    let place = place(startup).await?;
    there(startup, place)
}

fn there(startup: &Startup, place: Place) -> Result<OpenAi, Failure> {
    let options = place.options(startup)?;
    if let Some(program) = place.program {
        startup.ui.note(&format!(
            "using {program} at {} with model {}",
            place.base_url, options.model
        ));
    }
    Ok(OpenAi::new(options)?)
}

/// Where a model is asked, and which.
pub struct Place {
    /// Up to and including `/v1`.
    pub base_url: String,
    /// `None`: nobody named one, and the endpoint lists none.
    pub model: Option<String>,
    /// All of its models, where it was asked for them.
    pub listed: Vec<String>,
    /// What listens there customarily, where it was not named but found.
    pub program: Option<&'static str>,
}

impl Place {
    /// How to ask there.
    ///
    /// # Errors
    /// No model was named.
    pub fn options(&self, startup: &Startup) -> Result<Options, Failure> {
        let mut options = Options::new(&self.base_url, self.model.clone().ok_or_else(no_model)?);
        options.api_key = startup
            .settings
            .api_key
            .as_ref()
            .map(|key| Secret::new(key.value.expose()));
        options.masker = startup.ui.masker().clone();
        Ok(options)
    }
}

/// The endpoint that was named, else one on the usual ports of this machine.
///
/// # Errors
/// There is none.
pub async fn place(startup: &Startup) -> Result<Place, Failure> {
    let settings = &startup.settings;
    let model = settings.model.as_ref().map(|model| model.value.clone());
    if settings.api_key.is_some() || settings.base_url.origin != Origin::Default {
        return Ok(Place {
            base_url: settings.base_url.value.clone(),
            model,
            listed: Vec::new(),
            program: None,
        });
    }
    let found = discover(&discover::CANDIDATES, discover::LIMIT).await;
    let Some(first) = found.into_iter().next() else {
        return Err(Failure::unreachable("there is no model to ask: no key, no base URL, and nothing on this machine")
            .hint("a model of your own: start Ollama, LM Studio, llama.cpp or vLLM here, and try again")
            .hint("a service: set `OPENAI_API_KEY` and `MCM_MODEL` (and `OPENAI_BASE_URL`), in the environment or in `.env`")
            .hint("without a model: `mcm run -c CODE` runs your own script, `mcm prompt TASK` shows what would be sent"));
    };
    Ok(Place {
        model: model.or_else(|| first.writers().next().map(str::to_owned)),
        base_url: first.base_url,
        listed: first.models,
        program: Some(first.name),
    })
}

pub fn no_model() -> Failure {
    Failure::usage("no model was named").hint("name one with `--model NAME` or `MCM_MODEL`")
}
