//! What goes into a run: the task, its inputs and its id.

use std::{
    collections::{BTreeSet, hash_map::RandomState},
    hash::{BuildHasher, Hasher},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    agent::task::{Input, InputValue},
    cli::{
        failure::Failure,
        inputs::{self, InputSpec, Piped, Taken},
        startup::{Startup, reserved_names},
    },
    sandbox::Binding,
    tools::names::Names,
};

/// Whether the task or script itself is read from stdin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positional {
    /// It is `-`.
    Stdin,
    /// It is an argument.
    Argument,
}

impl Positional {
    /// Whether `text` is `-`.
    pub fn of(text: &str) -> Self {
        if text == "-" { Self::Stdin } else { Self::Argument }
    }
}

/// The task as typed, or from stdin for `-`.
///
/// # Errors
/// An empty task; stdin wanted twice or not text.
pub fn task(typed: &str, specs: &[InputSpec]) -> Result<String, Failure> {
    let text = match Positional::of(typed) {
        Positional::Argument => typed.to_owned(),
        Positional::Stdin => {
            inputs::check_stdin(specs, Some("the task"))?;
            inputs::read_stdin()?
        }
    };
    if text.trim().is_empty() {
        return Err(Failure::usage("the task is empty").hint("say what is to be done: `mcm ask \"…\"`"));
    }
    Ok(text)
}

/// The values of `--input`, and piped stdin where nothing else reads it.
///
/// # Errors
/// A name that cannot be used; a file that cannot be read.
pub fn inputs(
    startup: &Startup,
    specs: &[InputSpec],
    servers: &Names,
    positional: Positional,
) -> Result<Vec<Input>, Failure> {
    let names = TakenNames::new(servers);
    inputs::check_stdin(specs, (positional == Positional::Stdin).then_some("the script"))?;
    let wants_stdin = specs.iter().any(|spec| spec.source == inputs::Source::Stdin);
    let mut read = named_inputs(specs, &names)?;
    let named = specs.iter().any(|spec| spec.name == inputs::STDIN) || names.servers.contains(inputs::STDIN);
    if positional == Positional::Argument && !wants_stdin && !named {
        match inputs::piped_stdin(startup.settings.max_time.value)? {
            Piped::Text(text) if !text.is_empty() => {
                read.push(Input {
                    name: inputs::STDIN.to_owned(),
                    value: InputValue::Text(text),
                });
            }
            Piped::Silent => startup
                .ui
                .warning("stdin is open but nothing came; it is left alone (`</dev/null` closes it)"),
            Piped::Text(_) | Piped::Nothing => {}
        }
    }
    Ok(read)
}

/// The values of `--input`.
///
/// # Errors
/// A name that cannot be used; a file that cannot be read.
pub fn named_inputs(specs: &[InputSpec], names: &TakenNames) -> Result<Vec<Input>, Failure> {
    inputs::check_names(specs, names.taken())?;
    inputs::read(specs)?.into_iter().map(input).collect()
}

/// Names that inputs cannot have.
pub struct TakenNames {
    reserved: BTreeSet<String>,
    servers: BTreeSet<String>,
}

impl TakenNames {
    /// With these servers.
    pub fn new(servers: &Names) -> Self {
        Self {
            reserved: reserved_names(),
            servers: servers.pairs.iter().map(|(_, name)| name.clone()).collect(),
        }
    }

    /// The same, borrowed.
    pub fn taken(&self) -> Taken<'_> {
        Taken {
            reserved: &self.reserved,
            servers: &self.servers,
        }
    }
}

fn input(read: inputs::Input) -> Result<Input, Failure> {
    let value = match read.value {
        inputs::InputValue::Text(text) => InputValue::Text(text),
        inputs::InputValue::Json(text) => InputValue::Json(
            serde_json::from_str(&text).map_err(|e| Failure::usage(format!("input `{}`: {e}", read.name)))?,
        ),
    };
    Ok(Input { name: read.name, value })
}

/// The inputs as the sandbox takes them.
pub fn bindings(inputs: &[Input]) -> Vec<Binding> {
    inputs.iter().map(Input::binding).collect()
}

/// An id for a run: when it began, in seconds, and a random part.
pub fn run_id() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    // a new hasher state is random
    format!(
        "{seconds:x}-{:08x}",
        RandomState::new().build_hasher().finish() & 0xffff_ffff
    )
}
