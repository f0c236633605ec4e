//! The type of an answer: as the model reads it, and as it is checked.

use serde_json::Value;

use super::{Check, read_reply};
use crate::tools::{
    python,
    schema::{Class, Reader, Type},
    stub,
};

/// Characters of a note on one key.
const MAX_NOTE: usize = 200;
/// What the value is called in messages.
const ROOT: &str = "answer";
/// The class of an answer that is an object.
const CLASS: &str = "Answer";

/// What `answer(…)` must be given.
#[derive(Debug)]
pub struct Answer {
    schema: Value,
    check: Check,
    python: String,
}

impl Answer {
    /// Of a JSON Schema.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(schema: Value) -> Result<Self, String> {
        if !schema.is_object() {
            return Err("a JSON Schema is an object".to_owned());
        }
        Ok(Self {
            check: Check::new(&schema)?,
            python: python(&schema),
            schema,
        })
    }

    /// Its JSON Schema.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// As Python: its classes, then `def answer(value: …): ...`.
    pub fn python(&self) -> &str {
        &self.python
    }

    /// The value in a model's reply.
    ///
    /// # Errors
    /// What does not fit.
    pub fn read(&self, reply: &str) -> Result<Value, String> {
        read_reply(reply, &self.check, ROOT).map_err(misfit)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// One line: each place, what was expected there, and what was found.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.check.check(value, ROOT).map_err(misfit)
    }
}

fn misfit(faults: String) -> String {
    format!("the answer does not fit: {faults}")
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema
    }
}

/// The Python type of a schema, on one line.
pub fn type_of(schema: &Value) -> String {
    let mut classes = Vec::new();
    let ty = Reader::new(schema, &mut classes).read(schema, "dict");
    ty.text(&|_| "dict".to_owned())
}

fn python(schema: &Value) -> String {
    let mut classes = Vec::new();
    let ty = Reader::new(schema, &mut classes).read(schema, CLASS);
    let names = unique(&classes);
    let class = |at: usize| names[at].clone();
    let mut text = String::new();
    // most classes come after the one that contains them
    for (class_of, name) in classes.iter().zip(&names).rev() {
        text.push_str(&definition(name, class_of, &class));
    }
    let note = match schema.get("description").and_then(Value::as_str) {
        Some(said) if !matches!(ty, Type::Class(_)) => format!("  # {}", comment(said)),
        _ => String::new(),
    };
    text.push_str(&format!("def answer(value: {}): ...{note}", ty.text(&class)));
    text
}

/// A name for each class that no other class and nothing of `typing` has.
fn unique(classes: &[Class]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for class in classes {
        let taken = |name: &String| stub::TYPING.contains(&name.as_str()) || names.contains(name);
        let numbered = (2..).map(|number| format!("{}_{number}", class.name));
        let mut all = std::iter::once(class.name.clone()).chain(numbered);
        let free = all
            .find(|name| !taken(name))
            .expect("there are more numbers than classes");
        names.push(free);
    }
    names
}

/// A `TypedDict`, a line for each key.
fn definition(name: &str, class: &Class, names: &dyn Fn(usize) -> String) -> String {
    let ty = |text: String, required: bool| if required { text } else { format!("NotRequired[{text}]") };
    let as_class = class.fields.iter().all(|field| stub::is_attribute(&field.key));
    let mut text = if as_class {
        format!("class {name}(TypedDict):\n")
    } else {
        format!("{name} = TypedDict({}, {{\n", python::string(name))
    };
    for field in &class.fields {
        let ty = ty(field.ty.text(names), field.required);
        let line = if as_class {
            format!("    {}: {ty}", field.key)
        } else {
            format!("    {}: {ty},", python::string(&field.key))
        };
        text.push_str(&line);
        if !field.note.is_empty() {
            text.push_str(&format!("  # {}", comment(&field.note)));
        }
        text.push('\n');
    }
    if !as_class {
        text.push_str("})\n");
    }
    text
}

fn comment(said: &str) -> String {
    python::cut(&python::one_line(said), MAX_NOTE)
}
