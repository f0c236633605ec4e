//! What a program says of its task: a template, with the inputs as variables.

use std::{collections::BTreeSet, fmt};

use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};

/// The only template of its environment.
const NAME: &str = "instructions";

/// A template that parses.
#[derive(Debug, Clone)]
pub struct Instructions(Environment<'static>);

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// Where, in bytes.
    pub at: usize,
    /// What.
    pub message: String,
}

impl Instructions {
    /// Parses a template.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(source: &str) -> Result<Self, TemplateFault> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| fault(source, &error))?;
        Ok(Self(environment))
    }

    /// Names that it wants to be given.
    pub fn variables(&self) -> BTreeSet<String> {
        let template = self.0.get_template(NAME).expect("it was added when this was made");
        template.undeclared_variables(false).into_iter().collect()
    }

    /// With these values.
    ///
    /// # Errors
    /// A value that is missing, or with which it cannot do what it says.
    pub fn render(&self, values: &Map<String, Value>) -> Result<String, TemplateFault> {
        let template = self.0.get_template(NAME).expect("it was added when this was made");
        let text = template.render(minijinja::value::Serde(values));
        text.map(|text| text.trim().to_owned())
            .map_err(|error| fault(template.source(), &error))
    }
}

fn fault(source: &str, error: &minijinja::Error) -> TemplateFault {
    let kind = error.kind();
    let line = error.line().unwrap_or(1);
    let start = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    TemplateFault {
        at: error.range().map_or(start, |range| range.start),
        message: error
            .detail()
            .map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the instructions cannot be rendered: {}", self.message)
    }
}
