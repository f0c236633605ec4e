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
    program::Program,
    sandbox::Binding,
    signature::Field,
    tools::names::Names,
};

/// Whether the task or script itself is read from stdin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positional {
    /// It is `-`.
    Stdin,
    /// It is an argument, or there is none.
    Argument,
    /// The same, and everything that a program is given is named.
    Filled,
}

impl Positional {
    /// Of a task.
    pub fn of(task: Option<&str>, program: &Program, specs: &[InputSpec]) -> Self {
        let has = |name: &str| specs.iter().any(|spec| spec.name == name);
        if task == Some("-") {
            Self::Stdin
        } else if !program.inputs.is_empty() && program.inputs.iter().all(|field| has(&field.name)) {
            Self::Filled
        } else {
            Self::Argument
        }
    }
}

/// The task as typed, or from stdin for `-`; `None` where a program says it.
///
/// # Errors
/// An empty task; stdin wanted twice or not text.
pub fn task(typed: Option<&str>, program: &Program, specs: &[InputSpec]) -> Result<Option<String>, Failure> {
    let text = match typed {
        None if program.is_whole() => return Ok(None),
        None => {
            return Err(Failure::usage("there is no task").hint("say what is to be done: `mcm ask \"…\"`"));
        }
        Some(typed) if typed != "-" => typed.to_owned(),
        Some(_) => {
            inputs::check_stdin(specs, Some("the task"))?;
            inputs::read_stdin()?
        }
    };
    if text.trim().is_empty() {
        return Err(Failure::usage("the task is empty").hint("say what is to be done: `mcm ask \"…\"`"));
    }
    Ok(Some(text))
}

/// The values of `--input`, and piped stdin where nothing else reads it.
///
/// # Errors
/// A name that cannot be used; a file that cannot be read.
pub fn inputs(
    startup: &Startup,
    specs: &[InputSpec],
    servers: &Names,
    (positional, fields): (Positional, &[Field]),
) -> Result<Vec<Input>, Failure> {
    let names = TakenNames::new(servers);
    inputs::check_stdin(specs, (positional == Positional::Stdin).then_some("the script"))?;
    let wants_stdin = specs.iter().any(|spec| spec.source == inputs::Source::Stdin);
    let mut read = named_inputs(specs, &names, fields)?;
    let named = specs.iter().any(|spec| spec.name == inputs::STDIN) || names.servers.contains(inputs::STDIN);
    if positional == Positional::Argument && !wants_stdin && !named {
        match inputs::piped_stdin(startup.settings.max_time.value)? {
            Piped::Text(text) if !text.is_empty() => {
                read.push(Input::new(inputs::STDIN, InputValue::Text(text)));
            }
            Piped::Silent => startup
                .ui
                .warning("stdin is open but nothing came; it is left alone (`</dev/null` closes it)"),
            Piped::Text(_) | Piped::Nothing => {}
        }
    }
    Ok(read)
}

/// The values of `--input`; those of these fields are texts.
///
/// # Errors
/// A name that cannot be used; a file that cannot be read.
pub fn named_inputs(specs: &[InputSpec], names: &TakenNames, fields: &[Field]) -> Result<Vec<Input>, Failure> {
    inputs::check_names(specs, names.taken())?;
    let read = inputs::read(specs)?.into_iter();
    read.map(|read| input(read, fields)).collect()
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

fn input(read: inputs::Input, fields: &[Field]) -> Result<Input, Failure> {
    let is_typed = fields.iter().any(|field| field.name == read.name);
    let value = match read.value {
        // its type says how it is read
        inputs::InputValue::Json(text) if is_typed => InputValue::Text(text),
        inputs::InputValue::Text(text) => InputValue::Text(text),
        inputs::InputValue::Json(text) => InputValue::Json(
            serde_json::from_str(&text).map_err(|e| Failure::usage(format!("input `{}`: {e}", read.name)))?,
        ),
    };
    Ok(Input::new(read.name, value))
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
