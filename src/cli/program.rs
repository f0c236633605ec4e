//! `--program`, `--returns` and `mcm program`: what a task is where it is more than a text.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};

use clap::Parser as _;

use crate::{
    agent::task::Task,
    cli::{
        args::{ProgramArgs, ProgramFlags, ProgramSettings, ProgramVerb},
        configured::{Configured, Which},
        failure::{Exit, Failure},
        gather::{self, TakenNames},
        inputs::InputSpec,
        settings::{Flags, limits},
        startup::{self, Startup},
    },
    host::policy,
    program::{self, Placed, Program, Setting},
    signature::{Signature, SyntaxError, type_of},
    tools::names::Names,
};

/// Longest JSON Schema, in bytes.
const MAX_SCHEMA: u64 = 4 << 20;
/// What a program's file may set besides limits.
const SETTABLE: [&str; 3] = ["--model", "--sub-model", "--module"];
/// Limits that are not one task's.
const OF_A_BATCH: [&str; 3] = ["--jobs", "--rpm", "--tpm"];
/// How the name of a program's file ends.
const SUFFIX: &str = ".program.md";

/// A program, and the file that it was read from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What it says.
    pub program: Program,
    path: Option<PathBuf>,
}

/// What the flags name; a program that says nothing where they name nothing.
///
/// # Errors
/// A file that cannot be read, or anything that is wrong in it.
pub fn load(flags: &ProgramFlags) -> Result<Loaded, Failure> {
    if let Some(path) = &flags.program {
        return read(path);
    }
    let program = match &flags.returns {
        None => Program::default(),
        Some(text)
            if Path::new(text)
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("json")) =>
        {
            schema(Path::new(text))?
        }
        Some(text) => {
            let refused = |error: SyntaxError| {
                let place = match error.line {
                    1 => format!("column {}", error.column),
                    line => format!("line {line}, column {}", error.column),
                };
                Failure::usage(format!("`--returns`, {place}: {}\n{}", error.message, error.excerpt))
            };
            let signature = Signature::parse(text).map_err(refused)?;
            Program::of(signature).map_err(|fault| Failure::usage(format!("`--returns`: {fault}")))?
        }
    };
    Ok(Loaded { program, path: None })
}

fn read(path: &Path) -> Result<Loaded, Failure> {
    let mut text = String::new();
    let file = fs::File::open(path);
    // one byte more than a program may have, which says so
    let read = file.and_then(|file| file.take(program::MAX_FILE + 1).read_to_string(&mut text));
    read.map_err(|e| Failure::usage(format!("cannot read the program `{}`: {e}", path.display())))?;
    let program = program::read(&text).map_err(|error| {
        let SyntaxError {
            line,
            column,
            message,
            excerpt,
        } = error;
        Failure::usage(format!("`{}`:{line}:{column}: {message}\n{excerpt}", path.display()))
    })?;
    Ok(Loaded {
        program,
        path: Some(path.to_owned()),
    })
}

fn schema(path: &Path) -> Result<Program, Failure> {
    let shown = path.display();
    let failed = |fault: &dyn std::fmt::Display| Failure::usage(format!("`--returns {shown}`: {fault}"));
    if fs::metadata(path).map_err(|e| failed(&e))?.len() > MAX_SCHEMA {
        return Err(failed(&"a JSON Schema has at most 4 MiB"));
    }
    let text = fs::read_to_string(path).map_err(|e| failed(&e))?;
    let schema = serde_json::from_str(&text).map_err(|e| failed(&format!("not JSON: {e}")))?;
    Program::returning(schema).map_err(|fault| failed(&fault))
}

impl Loaded {
    /// What was typed, and where nothing was what the program sets.
    ///
    /// # Errors
    /// A setting that there is not, or of a value that makes no sense.
    pub fn settings(&self, typed: Flags) -> Result<Flags, Failure> {
        let mut flags = typed;
        for Setting { flag, value } in &self.program.settings {
            let flag = format!("--{flag}");
            let is_limit = limits::ALL.iter().any(|limit| limit.flag == flag) && !OF_A_BATCH.contains(&flag.as_str());
            if !is_limit && !SETTABLE.contains(&flag.as_str()) {
                return Err(self.refused(value, &format!("`{}` is nothing that a program can set", &flag[2..])));
            }
            // the user's own word counts more than a file's that may be another's
            let variable = limits::ALL
                .iter()
                .find(|limit| limit.flag == flag)
                .map(|limit| limit.variable);
            if variable.is_some_and(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
                continue;
            }
            let set = ProgramSettings::try_parse_from([&flag, &value.text]).map_err(|error| {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                self.refused(value, line.trim_start_matches("error: "))
            })?;
            set.fill(&mut flags);
        }
        Ok(flags)
    }

    /// What the program may use, as far as it says so.
    ///
    /// # Errors
    /// A server that is not configured; a glob that is none; an input whose name means something else in scripts.
    pub fn restrict(&self, startup: &mut Startup, configured: &Configured) -> Result<Which, Failure> {
        self.check(&configured.names)?;
        if let Some(tools) = &self.program.tools {
            startup.only = Some(tools.iter().map(|glob| glob.text.clone()).collect());
        }
        let Some(servers) = &self.program.servers else {
            return Ok(Which::All);
        };
        let pairs = &configured.names.pairs;
        let found = servers.iter().map(|server| {
            let known = pairs.iter().find(|(raw, python)| [raw, python].contains(&&server.text));
            known.map(|(_, python)| python.clone()).ok_or_else(|| {
                let all: Vec<String> = pairs.iter().map(|(raw, _)| format!("`{raw}`")).collect();
                let all = if all.is_empty() {
                    "none".to_owned()
                } else {
                    all.join(", ")
                };
                self.refused(
                    server,
                    &format!("no server `{}` is configured; there are {all}", server.text),
                )
            })
        });
        Ok(Which::Named(found.collect::<Result<_, _>>()?))
    }

    /// The task that was typed, with its inputs.
    ///
    /// # Errors
    /// There is none; an input that is missing, unknown, or of another type.
    pub fn task(
        &self,
        startup: &Startup,
        configured: &Configured,
        (typed, specs): (Option<&str>, &[InputSpec]),
    ) -> Result<Task, Failure> {
        let program = &self.program;
        let text = gather::task(typed, program, specs)?;
        let positional = gather::Positional::of(typed, program, specs);
        let inputs = gather::inputs(startup, specs, &configured.names, (positional, &program.inputs))?;
        program.task(text.as_deref(), inputs).map_err(Failure::usage)
    }

    /// Whether inputs have names that scripts can use, and globs are some.
    fn check(&self, servers: &Names) -> Result<(), Failure> {
        let names = TakenNames::new(servers);
        for field in &self.program.inputs {
            if let Some(problem) = names.taken().problem(&field.name) {
                return Err(Failure::usage(format!(
                    "the signature's input `{}`: {problem}",
                    field.name
                )));
            }
        }
        for glob in self.program.tools.iter().flatten() {
            policy::globs([glob.text.as_str()]).map_err(|fault| self.refused(glob, &fault.to_string()))?;
        }
        Ok(())
    }

    fn refused(&self, place: &Placed, message: &str) -> Failure {
        let path = self
            .path
            .as_deref()
            .map_or(String::new(), |path| path.display().to_string());
        Failure::usage(format!("`{path}`:{}:{}: {message}", place.line, place.column))
    }
}

/// `mcm program`.
///
/// # Errors
/// What is wrong with the program, or why it cannot be written.
pub fn program(args: &ProgramArgs) -> Result<Exit, Failure> {
    let startup = startup::begin(&Flags::default())?;
    match &args.verb {
        ProgramVerb::Check { file } => {
            let loaded = read(file)?;
            loaded.settings(Flags::default())?;
            loaded.check(&Names::default())?;
            let Program {
                inputs,
                answer,
                demonstrations,
                ..
            } = &loaded.program;
            let mut text = format!("`{}` can be used\n", file.display());
            for field in inputs {
                let optional = if field.required { "" } else { ", may be left out" };
                let description = field.schema.get("description").and_then(serde_json::Value::as_str);
                let description = description.map_or(String::new(), |said| format!("  # {said}"));
                text.push_str(&format!(
                    "input {}: {}{optional}{description}\n",
                    field.name,
                    type_of(&field.schema)
                ));
            }
            if let Some(answer) = answer {
                text.push_str(&format!("{}\n", answer.python()));
            }
            if !demonstrations.is_empty() {
                text.push_str(&format!("demonstrations: {}\n", demonstrations.len()));
            }
            let printed = startup.ui.print(&text);
            printed.map_err(|e| Failure::usage(format!("cannot write to stdout: {e}")))?;
        }
        ProgramVerb::New { name } => {
            let path = PathBuf::from(if name.ends_with(SUFFIX) {
                name.clone()
            } else {
                format!("{name}{SUFFIX}")
            });
            let shown = path.display();
            let file = OpenOptions::new().write(true).create_new(true).open(&path);
            file.and_then(|mut file| file.write_all(program::sample().as_bytes()))
                .map_err(|e| match e.kind() {
                    ErrorKind::AlreadyExists => {
                        Failure::usage(format!("`{shown}` is there already, and stays as it is"))
                    }
                    _ => Failure::usage(format!("cannot write `{shown}`: {e}")),
                })?;
            startup.ui.note(&format!(
                "wrote `{shown}`; type: mcm ask --program {shown} --input NAME=VALUE"
            ));
        }
    }
    Ok(Exit::Answered)
}
