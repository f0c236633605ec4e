//! The order of precedence, and what a `.env` may say.

mod money;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{
    ApiKey, Configuration, DEFAULT_BASE_URL, Error, Flags, Origin, Place, Rule, Rules, Setting, Settings, Sources,
    dotenv, limits, limits::Limit, policy,
};
use crate::{
    agent::module::{Module, Wanted},
    tools::servers::dotenv::Variable,
};

/// Variables that a `.env` may not set.
const OF_THE_USER_ALONE: [&str; 14] = [
    "MCM_MODULE",
    "MCM_CONFIG",
    "MCM_TRUST",
    "MCM_YES",
    "MCM_READ_ONLY",
    "MCM_REQUIRE_ISOLATION",
    "MCM_ALLOW",
    "MCM_ASK",
    "MCM_DENY",
    "MCM_PROMPTS",
    "MCM_JSON",
    "MCM_QUIET",
    "MCM_VERBOSE",
    "MCM_SHOW_CODE",
];
/// Variables that it may set, besides limits.
const OF_DOTENV: [&str; 6] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "MCM_MODEL",
    "MCM_SUB_MODEL",
    money::PRICE_PROMPT,
    money::PRICE_COMPLETION,
];

/// Decides what holds.
///
/// # Errors
/// A value that makes no sense, a broken `.env` or policy file.
pub fn resolve(flags: &Flags, sources: Sources) -> Result<Settings, Error> {
    let dotenv = match &sources.dotenv {
        Some(file) => Layer::dotenv(file)?,
        None => Layer::default(),
    };
    let mut found = Found {
        environment: sources.environment,
        dotenv,
        warnings: Vec::new(),
    };
    let (api_key, base_url) = endpoint(flags, &mut found)?;
    let (run, script, budget) = (&flags.run, &flags.script, &flags.budget);
    Ok(Settings {
        configurations: configurations(flags, &found, sources.folder_configuration, sources.user_configuration),
        trust: found.switch(flags.servers.trust, "--trust", "MCM_TRUST")?,
        model: found.text(flags.model.model.as_deref(), "--model", "MCM_MODEL"),
        sub_model: found.text(flags.model.sub_model.as_deref(), "--sub-model", "MCM_SUB_MODEL"),
        base_url,
        api_key,
        module: found.module(flags.module.module)?,
        max_steps: found.limit(run.max_steps, &limits::MAX_STEPS)?,
        max_retries: found.limit(run.max_retries, &limits::MAX_RETRIES)?,
        timeout: found.time(script.timeout, &limits::TIMEOUT)?,
        call_timeout: found.time(script.call_timeout, &limits::CALL_TIMEOUT)?,
        max_time: found.time(script.max_time, &limits::MAX_TIME)?,
        memory: found.limit(script.memory, &limits::MEMORY)?,
        max_calls: found.limit(script.max_calls, &limits::MAX_CALLS)?,
        max_output: found.limit(run.max_output, &limits::MAX_OUTPUT)?,
        max_result: found.limit(script.max_result, &limits::MAX_RESULT)?,
        tool_budget: found.limit(flags.tools.tool_budget, &limits::TOOL_BUDGET)?,
        max_tokens: found.optional(budget.max_tokens, &limits::MAX_TOKENS)?,
        max_cost: found.money(budget.max_cost, &limits::MAX_COST)?,
        max_model_calls: found.optional(budget.max_model_calls, &limits::MAX_MODEL_CALLS)?,
        prices: found.prices()?,
        jobs: found.limit(flags.batch.jobs, &limits::JOBS)?,
        rpm: found.optional(flags.batch.rpm, &limits::RPM)?,
        tpm: found.optional(flags.batch.tpm, &limits::TPM)?,
        read_only: found.switch(flags.policy.read_only, "--read-only", "MCM_READ_ONLY")?,
        yes: found.switch(flags.yes, "--yes", "MCM_YES")?,
        require_isolation: found.switch(script.require_isolation, "--require-isolation", "MCM_REQUIRE_ISOLATION")?,
        rules: rules(flags, &found, sources.policy.as_ref())?,
        json: found.switch(flags.output.json, "--json", "MCM_JSON")?,
        quiet: found.switch(flags.output.quiet, "--quiet", "MCM_QUIET")?,
        verbose: found.switch(flags.output.verbose, "--verbose", "MCM_VERBOSE")?,
        show_code: found.switch(flags.show_code, "--show-code", "MCM_SHOW_CODE")?,
        prompts: match &flags.prompts {
            Some(path) => Some(Setting {
                value: path.clone(),
                origin: Origin::Flag("--prompts"),
            }),
            None => found.environment("MCM_PROMPTS").map(|s| Setting {
                value: s.value.into(),
                origin: s.origin,
            }),
        },
        warnings: found.warnings,
        environment: found.environment,
        dotenv: found.dotenv.others,
        user_directory: sources.user_directory,
        cache_directory: sources.cache_directory,
    })
}

/// Whether the program reads this variable.
pub(super) fn is_setting(name: &str) -> bool {
    OF_THE_USER_ALONE.contains(&name) || may_stand_in_dotenv(name)
}

fn may_stand_in_dotenv(name: &str) -> bool {
    OF_DOTENV.contains(&name) || limits::ALL.iter().any(|limit| limit.variable == name)
}

/// The variables of a `.env`: settings it may give, and others, which the configuration may name.
#[derive(Default)]
struct Layer {
    settings: BTreeMap<String, (String, Origin)>,
    others: BTreeMap<String, (String, Origin)>,
}

impl Layer {
    fn dotenv(file: &dotenv::DotEnvText) -> Result<Self, Error> {
        let mut layer = Self::default();
        for Variable { name, value, line } in dotenv::read(file)? {
            let origin = Origin::DotEnv {
                name: name.clone(),
                path: file.path.clone(),
                line,
            };
            let part = if may_stand_in_dotenv(&name) {
                &mut layer.settings
            } else {
                &mut layer.others
            };
            part.insert(name, (value, origin));
        }
        Ok(layer)
    }
}

/// All that is known before a setting is asked for. An empty variable counts as not set.
struct Found {
    environment: BTreeMap<String, String>,
    dotenv: Layer,
    warnings: Vec<String>,
}

impl Found {
    fn environment(&self, name: &str) -> Option<Setting<String>> {
        let value = self.environment.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())?;
        Some(Setting {
            value: value.to_owned(),
            origin: Origin::Environment(name.to_owned()),
        })
    }

    fn dotenv(&self, name: &str) -> Option<Setting<String>> {
        let (value, origin) = self.dotenv.settings.get(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| Setting {
            value: value.to_owned(),
            origin: origin.clone(),
        })
    }

    fn variable(&self, name: &str) -> Option<Setting<String>> {
        self.environment(name).or_else(|| self.dotenv(name))
    }

    fn text(&self, typed: Option<&str>, flag: &'static str, name: &str) -> Option<Setting<String>> {
        let typed = typed.map(|value| Setting {
            value: value.to_owned(),
            origin: Origin::Flag(flag),
        });
        typed.or_else(|| self.variable(name))
    }

    fn limit(&self, typed: Option<u64>, limit: &Limit) -> Result<Setting<u64>, Error> {
        self.number(typed, limit, Limit::count, limit.default)
    }

    /// A limit that is none where nobody sets it.
    fn optional(&self, typed: Option<u64>, limit: &Limit) -> Result<Option<Setting<u64>>, Error> {
        let setting = self.limit(typed, limit)?;
        Ok(Some(setting).filter(|setting| setting.origin != Origin::Default))
    }

    fn time(&self, typed: Option<Duration>, limit: &Limit) -> Result<Setting<Duration>, Error> {
        self.number(typed, limit, Limit::seconds, Duration::from_secs(limit.default))
    }

    fn number<T>(
        &self,
        typed: Option<T>,
        limit: &Limit,
        parse: fn(&Limit, &str) -> Result<T, String>,
        default: T,
    ) -> Result<Setting<T>, Error> {
        if let Some(value) = typed {
            return Ok(Setting {
                value,
                origin: Origin::Flag(limit.flag),
            });
        }
        match self.variable(limit.variable) {
            Some(Setting { value, origin }) => match parse(limit, &value) {
                Ok(value) => Ok(Setting { value, origin }),
                Err(problem) => Err(Error::Value { origin, problem }),
            },
            None => Ok(Setting {
                value: default,
                origin: Origin::Default,
            }),
        }
    }

    fn module(&self, typed: Option<Wanted>) -> Result<Setting<Wanted>, Error> {
        if let Some(value) = typed {
            let origin = Origin::Flag("--module");
            return Ok(Setting { value, origin });
        }
        let Some(Setting { value, origin }) = self.environment("MCM_MODULE") else {
            return Ok(Setting {
                value: Wanted::Module(Module::default()),
                origin: Origin::Default,
            });
        };
        match Wanted::named(&value) {
            Some(value) => Ok(Setting { value, origin }),
            None => Err(Error::Value {
                origin,
                problem: format!("must be one of `{}`", Wanted::NAMES.join("`, `")),
            }),
        }
    }

    fn switch(&self, typed: bool, flag: &'static str, name: &str) -> Result<Setting<bool>, Error> {
        if typed {
            return Ok(Setting {
                value: true,
                origin: Origin::Flag(flag),
            });
        }
        let Some(Setting { value, origin }) = self.environment(name) else {
            return Ok(Setting {
                value: false,
                origin: Origin::Default,
            });
        };
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Setting { value: true, origin }),
            "0" | "false" | "no" | "off" => Ok(Setting { value: false, origin }),
            _ => Err(Error::Value {
                origin,
                problem: "must be `1` or `0`".into(),
            }),
        }
    }
}

/// The key and where it goes. A `.env` names an endpoint only for the key that it gives itself.
fn endpoint(flags: &Flags, found: &mut Found) -> Result<(Option<Setting<ApiKey>>, Setting<String>), Error> {
    let key = found.variable("OPENAI_API_KEY");
    if let Some(Setting { value, origin }) = &key
        && !value.bytes().all(|b| b.is_ascii_graphic())
    {
        return Err(Error::Value {
            origin: origin.clone(),
            problem: "must be one word of ASCII characters".into(),
        });
    }
    let key_of_dotenv = matches!(
        key,
        Some(Setting {
            origin: Origin::DotEnv { .. },
            ..
        })
    );
    let of_dotenv = found.dotenv("OPENAI_BASE_URL");
    let typed = flags.model.base_url.clone().map(|value| Setting {
        value,
        origin: Origin::Flag("--base-url"),
    });
    let base_url = match typed.or_else(|| found.environment("OPENAI_BASE_URL")) {
        Some(setting) => setting,
        None => match of_dotenv {
            Some(setting) if key_of_dotenv => setting,
            other => {
                if let Some(Setting { origin, .. }) = other {
                    let reason = "it counts only where `OPENAI_API_KEY` comes from the same file";
                    found.warnings.push(format!("{origin} is ignored: {reason}"));
                }
                Setting {
                    value: DEFAULT_BASE_URL.into(),
                    origin: Origin::Default,
                }
            }
        },
    };
    match base_url_problem(&base_url.value) {
        Some(problem) => Err(Error::Value {
            origin: base_url.origin,
            problem: problem.into(),
        }),
        None => Ok((
            key.map(|s| Setting {
                value: ApiKey::new(&s.value),
                origin: s.origin,
            }),
            base_url,
        )),
    }
}

/// What is wrong with an endpoint's address.
pub(in crate::cli) fn base_url_problem(url: &str) -> Option<&'static str> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let good = host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && !h.contains(char::is_whitespace));
    (!good).then_some("must be an address such as `https://host/v1`")
}

/// Those of the first place that names any.
fn configurations(flags: &Flags, found: &Found, folder: Option<PathBuf>, user: Option<PathBuf>) -> Vec<Configuration> {
    let listed = found.environment("MCM_CONFIG").map(|setting| setting.value);
    let listed = listed.iter().flat_map(std::env::split_paths);
    let places = [
        (flags.servers.config.clone(), Place::CommandLine),
        (
            listed.filter(|path| !path.as_os_str().is_empty()).collect(),
            Place::Environment,
        ),
        (folder.into_iter().collect(), Place::CurrentFolder),
        (user.into_iter().collect(), Place::UserDirectory),
    ];
    let named = places.into_iter().find(|(paths, _)| !paths.is_empty());
    let (paths, place) = named.unwrap_or((Vec::new(), Place::UserDirectory));
    paths.into_iter().map(|path| Configuration { path, place }).collect()
}

/// Rules of all places together: none takes back what another denies.
fn rules(flags: &Flags, found: &Found, file: Option<&policy::PolicyText>) -> Result<Rules, Error> {
    let mut rules = Rules::default();
    let parts = [
        (&flags.policy.allow, "--allow", "MCM_ALLOW", &mut rules.allow),
        (&flags.policy.ask, "--ask", "MCM_ASK", &mut rules.ask),
        (&flags.policy.deny, "--deny", "MCM_DENY", &mut rules.deny),
    ];
    for (typed, flag, name, to) in parts {
        to.extend(typed.iter().map(|glob| Rule {
            glob: glob.clone(),
            origin: Origin::Flag(flag),
        }));
        let Some(Setting { value, origin }) = found.environment(name) else {
            continue;
        };
        for text in value.split_whitespace() {
            let glob = policy::glob(text).map_err(|problem| Error::Value {
                origin: origin.clone(),
                problem,
            })?;
            to.push(Rule {
                glob,
                origin: origin.clone(),
            });
        }
    }
    match file {
        Some(file) => rules.add_file(file).map(|()| rules),
        None => Ok(rules),
    }
}
