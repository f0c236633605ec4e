//! The templates of all messages: the built-in ones, and files of the user's that stand for them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use minijinja::{Environment, UndefinedBehavior, syntax::SyntaxConfig};
use serde::Serialize;

use crate::agent::shorten::{fenced, inline_code};

const EMBEDDED: [(&str, &str); 11] = [
    ("system.j2", include_str!("../../../prompts/system.j2")),
    ("user.j2", include_str!("../../../prompts/user.j2")),
    ("demonstration.j2", include_str!("../../../prompts/demonstration.j2")),
    ("next.j2", include_str!("../../../prompts/next.j2")),
    ("feedback.j2", include_str!("../../../prompts/feedback.j2")),
    ("chat.j2", include_str!("../../../prompts/chat.j2")),
    ("chat_user.j2", include_str!("../../../prompts/chat_user.j2")),
    ("chat_feedback.j2", include_str!("../../../prompts/chat_feedback.j2")),
    ("execute_code.j2", include_str!("../../../prompts/execute_code.j2")),
    ("guide.j2", include_str!("../../../prompts/guide.j2")),
    ("use_tools.j2", include_str!("../../../prompts/use_tools.j2")),
];
/// Longest template, in bytes.
const MAX_TEMPLATE: u64 = 1 << 20;
/// Why there is no prompt; the run cannot go on until the template is mended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of templates, or a file in it, cannot be read.
    #[error("cannot read the template `{}`", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the folder stands for no template.
    #[error("`{}` replaces no template", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A template cannot be parsed, or cannot be rendered with what it is given.
    #[error("template `{file}`, line {line}: {message}")]
    Template {
        /// Its path, or its name where it is the embedded one.
        file: String,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

impl Error {
    /// What the user can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("templates are UTF-8 text of at most 1 MiB".to_owned()),
            Self::Unknown { .. } => Some(format!(
                "the templates are {}",
                EMBEDDED.map(|(name, _)| format!("`{name}`")).join(", ")
            )),
            Self::Template { .. } => None,
        }
    }
}

/// The templates of all messages.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    replaced: BTreeMap<String, PathBuf>,
}

impl Templates {
    /// The embedded templates; files of the same name in `folder` replace single ones.
    ///
    /// # Errors
    /// When the folder cannot be read, holds an unknown `.j2` file, or one that does not parse.
    pub fn new(folder: Option<&Path>) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("the default delimiters do not clash"));
        environment.add_filter("fenced", |text: &str, info: Option<&str>| {
            fenced(text, info.unwrap_or_default())
        });
        environment.add_filter("code", inline_code);
        let mut templates = Self {
            environment,
            replaced: BTreeMap::new(),
        };
        for (name, source) in EMBEDDED {
            templates.add(name, source.to_owned())?;
        }
        for path in folder.map_or(Ok(Vec::new()), files)? {
            let known = EMBEDDED
                .iter()
                .find(|(name, _)| path.file_name().is_some_and(|file| file == *name));
            let Some((name, _)) = known else {
                return Err(Error::Unknown { path });
            };
            let source = read(&path).map_err(|source| Error::Read {
                path: path.clone(),
                source,
            })?;
            templates.replaced.insert((*name).to_owned(), path);
            templates.add(name, source)?;
        }
        Ok(templates)
    }

    fn add(&mut self, name: &'static str, source: String) -> Result<(), Error> {
        self.environment
            .add_template_owned(name, source)
            .map_err(|e| place(&self.replaced, name, &e))
    }

    pub(super) fn render(&self, name: &str, variables: impl Serialize) -> Result<String, Error> {
        let template = self.environment.get_template(name);
        let text = template.and_then(|t| t.render(minijinja::value::Serde(variables)));
        text.map(|text| text.trim().to_owned())
            .map_err(|e| place(&self.replaced, name, &e))
    }
}

/// The templates in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "j2") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_TEMPLATE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TEMPLATE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    Ok(text)
}

fn place(replaced: &BTreeMap<String, PathBuf>, name: &str, error: &minijinja::Error) -> Error {
    let name = error.name().unwrap_or(name);
    let file = replaced
        .get(name)
        .map_or_else(|| name.to_owned(), |path| path.display().to_string());
    let kind = error.kind();
    let message = error
        .detail()
        .map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}"));
    Error::Template {
        file,
        line: error.line().unwrap_or(1),
        message,
    }
}
