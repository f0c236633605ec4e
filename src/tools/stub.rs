//! A tool as a Python function: what the model reads and what the sandbox compiles.
//!
//! - Both texts come from one [`Stub`], so the signature that is shown is the one that binds.
//! - An optional argument that is left at its default is not sent; `...` stands for a default that is not known.

mod fold;
mod observed;

use std::collections::HashSet;

pub(super) use observed::ROOMS as OBSERVED_ROOMS;
use serde_json::Value;

use super::{
    RawTool, names,
    object::object,
    python,
    schema::{self, ANY, Class, Reader, Type},
    shape::Observed,
};

/// Characters of a one-line description.
const MAX_DOC: usize = 120;
/// Characters of the note on one argument.
const MAX_NOTE: usize = 60;
/// Characters of all notes on one tool's arguments.
const MAX_NOTES: usize = 240;
/// Arguments that are named where there is no room for more of them.
const MAX_NAMED: usize = 15;
/// Characters of a default that is shown; a longer one is `...`.
const MAX_DEFAULT: usize = 60;
/// Characters of a description in the docstring.
const MAX_DOCSTRING: usize = 6_000;
/// Members that hide a result: an output schema with one of them and nothing else is unwrapped.
const WRAPPERS: [&str; 4] = ["content", "result", "text", "output"];

/// Names that stubs use and no class may have.
pub const TYPING: [&str; 5] = ["Any", "Literal", "NotRequired", "Self", "TypedDict"];

/// A tool as a Python function.
#[derive(Debug, Clone, PartialEq)]
pub struct Stub {
    /// The function's name.
    pub name: String,
    /// The name its server knows.
    pub raw: String,
    /// Required ones first, else in the order of the schema.
    pub arguments: Vec<Argument>,
    /// Whether arguments that are not listed may be given.
    pub open: bool,
    /// What it returns; `None` without an output schema.
    pub returns: Option<Type>,
    /// The only member of the declared result, to which it is unwrapped.
    pub unwrap: Option<String>,
    /// What [`Type::Class`] refers to.
    pub classes: Vec<Class>,
    /// The description's first sentence.
    pub doc: String,
    /// The whole description.
    pub description: String,
    /// Whether types are shown as less than they are.
    pub folded: bool,
    /// Optional arguments that are named only.
    pub left_out: Vec<String>,
    /// What earlier results looked like, where no schema says it.
    pub observed: Option<Observed>,
    /// Characters of that which a signature shows.
    observed_room: usize,
}

/// An argument of a [`Stub`].
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its Python name.
    pub name: String,
    /// The name its server knows.
    pub raw: String,
    /// Its type.
    pub ty: Type,
    /// A Python literal; `None` for a required argument.
    pub default: Option<String>,
    /// The whole description.
    pub description: String,
    /// A short note where the description says more than name and type.
    pub note: Option<String>,
}

impl Stub {
    /// The stub of a tool that is called `name`, and a warning for each argument that had to be renamed.
    pub fn new(tool: &RawTool, name: &str) -> (Self, Vec<String>) {
        let mut classes = Vec::new();
        let camel = names::camel_case(&tool.name);
        let input = object(&tool.input_schema, &tool.input_schema);
        let keys: Vec<&str> = input.properties.iter().map(|p| p.key).collect();
        let named = names::arguments(&keys);
        let description = tool
            .description
            .as_deref()
            .filter(|d| !d.trim().is_empty())
            .or(tool.title.as_deref());
        let description = python::cut(description.unwrap_or_default().trim(), MAX_DOCSTRING);
        let doc = python::first_sentence(&description, MAX_DOC);
        let mut reader = Reader::new(&tool.input_schema, &mut classes);
        let mut arguments: Vec<Argument> = input
            .properties
            .iter()
            .zip(&named.pairs)
            .map(|(property, (raw, python))| {
                let ty = reader.read(property.schema, &names::camel_case(raw));
                let default = (!property.required).then(|| default(property.schema, &ty));
                let description = property
                    .schema
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let note = note(description, &[raw, &tool.name, &doc]);
                let description = python::cut(&python::one_line(description), MAX_DOCSTRING);
                Argument {
                    name: python.clone(),
                    raw: raw.clone(),
                    ty,
                    default,
                    description,
                    note,
                }
            })
            .collect();
        arguments.sort_by_key(|argument| argument.default.is_some());
        let (returns, unwrap) = returns(tool.declared_result(), &camel, &mut classes);
        let stub = Self {
            name: name.to_owned(),
            raw: tool.name.clone(),
            arguments,
            open: input.open,
            returns,
            unwrap,
            classes,
            doc,
            description,
            folded: false,
            left_out: Vec::new(),
            observed: None,
            observed_room: observed::MOST,
        };
        (stub, named.warnings)
    }

    /// The lines for the model, without indentation: new classes, then the function.
    pub fn prompt(&self, shown: &mut ShownClasses) -> Vec<String> {
        let (mut lines, signature) = self.lines(shown, &self.name);
        let notes = self.notes(shown);
        let doc = if self.doc.is_empty() {
            "...".to_owned()
        } else {
            python::string(&self.doc)
        };
        let mut line = format!("def {signature}: {doc}");
        if !notes.is_empty() {
            line.push_str("  # ");
            line.push_str(&notes);
        }
        lines.push(line);
        lines
    }

    /// The same for one who reads it on its own: classes, then the call by `path` with its types and notes.
    pub fn call(&self, path: &str) -> String {
        let mut shown = ShownClasses::default();
        let (mut lines, mut call) = self.lines(&mut shown, path);
        let notes = self.notes(&mut shown);
        if !notes.is_empty() {
            call.push_str("  # ");
            call.push_str(&notes);
        }
        lines.push(call);
        lines.join("\n")
    }

    fn lines(&self, shown: &mut ShownClasses, name: &str) -> (Vec<String>, String) {
        let (lines, class_names) = shown.add(self);
        (lines, self.signature(name, &|at| class_names[at].clone()))
    }

    /// What a signature does not say, on one line; what was said of an argument before is not said again.
    fn notes(&self, shown: &mut ShownClasses) -> String {
        let mut notes = Vec::new();
        let mut length = 0;
        if self.returns.is_none() {
            notes.push(self.of_results());
        }
        if self.folded {
            notes.push("folded".to_owned());
        }
        if !self.left_out.is_empty() {
            let named = &self.left_out[..self.left_out.len().min(MAX_NAMED)];
            let more = match self.left_out.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            notes.push(format!("also takes {}{more}", named.join(", ")));
        }
        for argument in &self.arguments {
            let Some(note) = &argument.note else { continue };
            let note = format!("{}: {note}", argument.name);
            if shown.notes.contains(&note) {
                continue;
            }
            length += note.len();
            if length <= MAX_NOTES {
                shown.notes.insert(note.clone());
                notes.push(note);
            }
        }
        notes.join("; ")
    }

    /// The decorated function that the sandbox compiles.
    pub fn source(&self) -> String {
        let (_, class_names) = ShownClasses::default().add(self);
        let class = |at: usize| class_names[at].clone();
        let pairs = self
            .arguments
            .iter()
            .map(|a| format!("{}: {}", python::string(&a.name), python::string(&a.raw)));
        format!(
            "@_tool({}, {{{}}})\ndef {}:\n    {}\n    return locals()\n",
            python::string(&self.raw),
            pairs.collect::<Vec<_>>().join(", "),
            self.signature(&self.name, &class),
            python::string(&self.docstring()),
        )
    }

    /// Everything that is known, for `help()` and `tools.describe`: the description, then each argument's.
    pub fn docstring(&self) -> String {
        let mut text = self.description.clone();
        let described: Vec<_> = self.arguments.iter().filter(|a| !a.description.is_empty()).collect();
        if !described.is_empty() {
            text.push_str("\n\nArgs:");
        }
        for argument in described {
            text.push_str(&format!("\n    {}: {}", argument.name, argument.description));
        }
        if let Some(observed) = &self.observed {
            text.push_str(&format!("\n\n{}", observed.whole()));
        }
        text.trim_start().to_owned()
    }

    fn signature(&self, name: &str, class: &dyn Fn(usize) -> String) -> String {
        let mut parts: Vec<String> = Vec::with_capacity(self.arguments.len() + 1);
        for Argument { name, ty, default, .. } in &self.arguments {
            let ty = ty.text(class);
            parts.push(match default {
                None => format!("{name}: {ty}"),
                Some(default) => format!("{name}: {ty} = {default}"),
            });
        }
        if self.open {
            parts.push("**extra".to_owned());
        } else if !self.left_out.is_empty() {
            parts.push("**more".to_owned());
        }
        let returns = self.returns.as_ref().unwrap_or(&ANY).text(class);
        format!("{name}({}) -> {returns}", parts.join(", "))
    }
}

/// The classes and notes that a server's stubs have shown, so that equal ones are shown once.
#[derive(Debug, Clone, Default)]
pub struct ShownClasses {
    notes: HashSet<String>,
    shown: Vec<(String, String)>,
}

impl ShownClasses {
    /// Lines for the classes that are new, and a name for each of the stub's classes.
    fn add(&mut self, stub: &Stub) -> (Vec<String>, Vec<String>) {
        let mut class_names: Vec<String> = stub.classes.iter().map(|class| class.name.clone()).collect();
        let mut lines = Vec::new();
        // most classes come after the one that contains them: from the last to the first, inner names are settled
        for at in (0..stub.classes.len()).rev() {
            let class = &stub.classes[at];
            let wished = class_names[at].clone();
            let body = body(class, &|inner| {
                if inner == at {
                    "Self".to_owned()
                } else {
                    class_names[inner].clone()
                }
            });
            // names of classes before it are not settled yet
            let settled = !class.fields.iter().any(|field| field.ty.refers_to(&|inner| inner < at));
            if let Some((name, _)) = self.shown.iter().find(|(_, shown)| settled && *shown == body) {
                class_names[at] = name.clone();
                continue;
            }
            let taken =
                |name: &str, this: &Self| TYPING.contains(&name) || this.shown.iter().any(|(shown, _)| shown == name);
            let tool = names::camel_case(&stub.raw);
            let mut name = wished.clone();
            if taken(&name, self) && !name.starts_with(&tool) {
                name = tool + &wished;
            }
            let base = name.clone();
            let mut number = 2;
            while taken(&name, self) {
                name = format!("{base}{number}");
                number += 1;
            }
            class_names[at] = name.clone();
            lines.push((at, name.clone()));
            self.shown.push((name, body));
        }
        let lines = lines.into_iter().map(|(at, name)| {
            let class = &stub.classes[at];
            definition(&name, class, &|inner| class_names[inner].clone())
        });
        (lines.collect(), class_names)
    }
}

/// A `TypedDict` on one line.
fn definition(name: &str, class: &Class, names: &dyn Fn(usize) -> String) -> String {
    let body = body(class, names);
    if !class.fields.iter().all(|field| is_attribute(&field.key)) {
        return format!("{name} = TypedDict({}, {body})", python::string(name));
    }
    format!("class {name}(TypedDict{body}")
}

fn body(class: &Class, names: &dyn Fn(usize) -> String) -> String {
    let total = class.fields.iter().any(|field| field.required);
    let ty = |field: &schema::Field| match field.ty.text(names) {
        ty if field.required || !total => ty,
        ty => format!("NotRequired[{ty}]"),
    };
    if class.fields.iter().all(|field| is_attribute(&field.key)) {
        let fields: Vec<_> = class.fields.iter().map(|f| format!("{}: {}", f.key, ty(f))).collect();
        return format!("{}): {}", if total { "" } else { ", total=False" }, fields.join("; "));
    }
    let fields: Vec<_> = class
        .fields
        .iter()
        .map(|f| format!("{}: {}", python::string(&f.key), ty(f)))
        .collect();
    format!("{{{}}}{}", fields.join(", "), if total { "" } else { ", total=False" })
}

/// Python changes names with two underscores in front inside a class.
pub fn is_attribute(key: &str) -> bool {
    names::is_identifier(key) && !key.starts_with("__")
}

fn default(schema: &Value, ty: &Type) -> String {
    match schema.get("default") {
        Some(value) => Some(python::literal(value)).filter(|text| text.chars().count() <= MAX_DEFAULT),
        None if !ty.is_nullable() => Some("None".to_owned()),
        None => None,
    }
    .unwrap_or_else(|| "...".to_owned())
}

/// The first sentence, if it is short and says more than what is known already.
fn note(description: &str, known: &[&str]) -> Option<String> {
    const COMMON: [&str; 16] = [
        "the", "this", "that", "for", "from", "with", "and", "which", "will", "should", "want", "value", "name", "use",
        "get", "string",
    ];
    let sentence = python::first_sentence(description, MAX_DOC);
    let sentence = sentence.trim_end_matches('.');
    let stem = |word: &str| word.to_lowercase().chars().take(5).collect::<String>();
    let known: Vec<String> = known
        .iter()
        .flat_map(|text| super::search::words(text))
        .map(|w| stem(&w))
        .collect();
    let new = super::search::words(sentence)
        .iter()
        .filter(|word| word.len() > 2 && !COMMON.contains(&word.as_str()) && !known.contains(&stem(word)))
        .count();
    (new >= 2 && sentence.chars().count() <= MAX_NOTE).then(|| sentence.to_owned())
}

fn returns(output: Option<&Value>, camel: &str, classes: &mut Vec<Class>) -> (Option<Type>, Option<String>) {
    let Some(output) = output else {
        return (None, None);
    };
    let mut reader = Reader::new(output, classes);
    let declared = object(output, output);
    match declared.properties.as_slice() {
        [only] if WRAPPERS.contains(&only.key) => {
            let ty = reader.read(only.schema, &format!("{camel}{}", names::camel_case(only.key)));
            (Some(ty), Some(only.key.to_owned()))
        }
        _ => (Some(reader.read(output, &format!("{camel}Result"))), None),
    }
}
