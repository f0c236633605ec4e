//! Each setting with its value and who gave it, and what was ignored.

use std::{fmt, path::Path, time::Duration};

use super::finding::{Area, Finding};
use crate::{
    cli::{
        failure::Failure,
        settings::{DOTENV, Error, Origin, Rule, Setting, Settings},
        startup::Startup,
    },
    model::masked_url,
};

/// How a message ends of a setting that nobody gave.
pub(super) const BY_DEFAULT: &str = ", the default";

/// What holds, and what of it makes no sense.
pub(super) fn check(startup: &Startup, errors: &[Error]) -> Vec<Finding> {
    let mut findings = values(&startup.settings);
    findings.extend(errors.iter().filter(|error| !is_of_policy_file(error)).map(fault));
    let ignored = startup.settings.warnings.iter();
    findings.extend(ignored.map(|warning| {
        let fix = "write key and address in the same place, both in `.env` or both in the environment";
        Finding::warning(Area::Settings, DOTENV, warning, fix)
    }));
    if Path::new(DOTENV).is_file() && !errors.iter().any(is_of_dotenv) {
        findings.push(Finding::ok(Area::Settings, DOTENV, "is read"));
    }
    findings
}

/// Whether the policy file is at fault, which is told among the folders.
pub(super) fn is_of_policy_file(error: &Error) -> bool {
    match error {
        Error::Policy { .. } => true,
        Error::File { path, .. } => !is_dotenv(path),
        Error::Value { .. } | Error::DotEnv { .. } => false,
    }
}

/// What an error says, and what to do.
pub(super) fn told(error: &Error) -> (String, String) {
    let failure = Failure::from(error.clone());
    let fix = match error {
        Error::File { path, .. } => format!("see who may read `{}`, and that it is a text", path.display()),
        Error::Value { origin, .. } => format!("correct {origin}, or take it away"),
        Error::DotEnv { path, line, .. } => {
            format!("edit `{}` line {line}: {}", path.display(), failure.hints.join("; "))
        }
        Error::Policy { path, line, .. } => {
            format!("edit `{}` line {line}: {}", path.display(), failure.hints.join("; "))
        }
    };
    (failure.message, fix)
}

fn fault(error: &Error) -> Finding {
    let name = match error {
        Error::Value {
            origin: Origin::Environment(name) | Origin::DotEnv { name, .. },
            ..
        } => name.as_str(),
        _ => DOTENV,
    };
    let (message, fix) = told(error);
    Finding::problem(Area::Settings, name, message, fix)
}

fn is_of_dotenv(error: &Error) -> bool {
    match error {
        Error::DotEnv { .. } => true,
        Error::File { path, .. } => is_dotenv(path),
        Error::Value { .. } | Error::Policy { .. } => false,
    }
}

fn is_dotenv(path: &Path) -> bool {
    path == Path::new(DOTENV)
}

fn values(settings: &Settings) -> Vec<Finding> {
    let key = settings.api_key.as_ref();
    let mut values = vec![
        named("model", settings.model.as_ref(), "not set"),
        named(
            "sub-model",
            settings.sub_model.as_ref(),
            "not set: `llm_query` asks the same model",
        ),
        address(settings),
        named("api-key", key, "not set"),
        given("max-steps", &settings.max_steps, ""),
        given("max-retries", &settings.max_retries, ""),
        seconds("timeout", &settings.timeout),
        seconds("call-timeout", &settings.call_timeout),
        seconds("max-time", &settings.max_time),
        given("memory", &settings.memory, " MiB"),
        given("max-calls", &settings.max_calls, ""),
        given("max-output", &settings.max_output, " characters"),
        given("tool-budget", &settings.tool_budget, " tokens"),
        given("max-result", &settings.max_result, " MiB"),
        given("jobs", &settings.jobs, ""),
        optional("rpm", settings.rpm.as_ref(), " a minute"),
        optional("tpm", settings.tpm.as_ref(), " a minute"),
        optional("max-tokens", settings.max_tokens.as_ref(), ""),
        optional("max-cost", settings.max_cost.as_ref(), ""),
        optional("max-model-calls", settings.max_model_calls.as_ref(), ""),
        prices(settings),
        value_of("module", settings.module.value.name(), &settings.module.origin),
    ];
    let switches = [
        ("read-only", &settings.read_only),
        ("yes", &settings.yes),
        ("trust", &settings.trust),
        ("require-isolation", &settings.require_isolation),
        ("json", &settings.json),
        ("quiet", &settings.quiet),
        ("verbose", &settings.verbose),
        ("show-code", &settings.show_code),
    ];
    values.extend(switches.map(|(name, switch)| {
        let value = if switch.value { "yes" } else { "no" };
        value_of(name, value, &switch.origin)
    }));
    let rules = &settings.rules;
    for (name, rules) in [("allow", &rules.allow), ("ask", &rules.ask), ("deny", &rules.deny)] {
        values.extend(rules.iter().map(|Rule { glob, origin }| value_of(name, glob, origin)));
    }
    if let Some(Setting { value, origin }) = &settings.prompts {
        values.push(value_of("prompts", &value.display().to_string(), origin));
    }
    values
}

/// Credentials in it are not shown.
fn address(settings: &Settings) -> Finding {
    let Setting { value, origin } = &settings.base_url;
    if *origin == Origin::Default && settings.api_key.is_none() {
        let looked_for = "not set: an endpoint on this machine is looked for";
        return Finding::ok(Area::Settings, "base-url", looked_for);
    }
    value_of("base-url", &masked_url(value), origin)
}

fn named<T: fmt::Display>(name: &str, setting: Option<&Setting<T>>, none: &str) -> Finding {
    match setting {
        Some(Setting { value, origin }) => value_of(name, &value.to_string(), origin),
        None => Finding::ok(Area::Settings, name, none),
    }
}

fn given<T: fmt::Display>(name: &str, Setting { value, origin }: &Setting<T>, unit: &str) -> Finding {
    value_of(name, &format!("{value}{unit}"), origin)
}

fn seconds(name: &str, Setting { value, origin }: &Setting<Duration>) -> Finding {
    value_of(name, &format!("{} s", value.as_secs_f64()), origin)
}

/// What has no limit by default.
fn optional<T: fmt::Display>(name: &str, setting: Option<&Setting<T>>, unit: &str) -> Finding {
    match setting {
        Some(setting) => given(name, setting, unit),
        None => value_of(name, "no limit", &Origin::Default),
    }
}

fn prices(settings: &Settings) -> Finding {
    let name = "prices";
    match &settings.prices {
        Some(Setting { value, origin }) => {
            let prices = format!(
                "{} and {} for a million tokens of prompts and replies",
                value.prompt, value.completion
            );
            value_of(name, &prices, origin)
        }
        None => Finding::ok(Area::Settings, name, "not set: the endpoint may say what a reply cost"),
    }
}

fn value_of(name: &str, value: &str, origin: &Origin) -> Finding {
    match origin {
        Origin::Default => Finding::ok(Area::Settings, name, format!("{value}{BY_DEFAULT}")).in_a_word(),
        origin => Finding::ok(Area::Settings, name, format!("{value}, from {origin}")),
    }
}
