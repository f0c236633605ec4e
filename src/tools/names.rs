//! What servers, tools and arguments are called in Python.
//!
//! - Every name is an identifier and no keyword, and unique among its kind.
//! - A server's name depends on the configuration only, not on which servers could be started.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

/// Names given to a list of raw names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Raw name and Python name, in the order of the raw names; a raw name that comes twice is left out the second time.
    pub pairs: Vec<(String, String)>,
    /// One line for each name that had to be changed because it was taken.
    pub warnings: Vec<String>,
}

impl Names {
    /// The Python name of a raw name.
    pub fn get(&self, raw: &str) -> Option<&str> {
        self.pairs.iter().find(|(r, _)| r == raw).map(|(_, name)| name.as_str())
    }
}

/// The identifier nearest to a raw name, by the contract's rules for tools.
pub fn identifier(raw: &str) -> String {
    let mut name = String::with_capacity(raw.len());
    for c in raw.nfkc() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    if name.is_empty() {
        name.push_str("tool");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        // `1` → `_1`
        name.insert(0, '_');
    }
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// Names for all configured servers. `reserved`: allow-listed modules, builtins of ours, functions of `tools`.
pub fn servers(raw: &[&str], reserved: &[&str]) -> Names {
    unique("servers", raw, |raw| {
        let name = identifier(raw);
        let top = |module: &str| module.split('.').next() == Some(name.as_str());
        if PYTHON_BUILTINS.contains(&name.as_str()) || reserved.iter().any(|r| top(r)) {
            name + "_"
        } else {
            name
        }
    })
}

/// Names for the tools of one server.
pub fn tools(raw: &[&str]) -> Names {
    // the worker uses these names beside the compiled functions
    unique("tools", raw, |raw| {
        behind(identifier(raw), &["_raw", "_tool", "locals"])
    })
}

/// Names for the arguments of one tool.
pub fn arguments(raw: &[&str]) -> Names {
    // the compiled source calls `locals` and collects further arguments in `extra`
    unique("arguments", raw, |raw| behind(identifier(raw), &["locals", "extra"]))
}

/// Whether Python takes the text as a name.
pub fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
}

/// `ReadTextFile` of `read_text-file`.
pub fn camel_case(raw: &str) -> String {
    let name = identifier(raw);
    let mut camel = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut chars = word.chars();
        camel.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(chars.as_str());
    }
    identifier(&camel)
}

fn behind(name: String, taken: &[&str]) -> String {
    if taken.contains(&name.as_str()) {
        name + "_"
    } else {
        name
    }
}

fn unique(kind: &str, raw: &[&str], wish: impl Fn(&str) -> String) -> Names {
    let mut seen = HashSet::new();
    let mut warnings = Vec::new();
    let mut wanted: Vec<(usize, &str, String)> = Vec::new();
    for (at, raw) in raw.iter().enumerate() {
        if seen.insert(*raw) {
            wanted.push((at, raw, wish(raw)));
        } else {
            warnings.push(format!(
                "two {kind} are called `{}`, the second is left out",
                shown(raw)
            ));
        }
    }
    // the exact one keeps the name, the others follow in order of their raw names
    wanted.sort_by(|a, b| (a.1 != a.2, a.1).cmp(&(b.1 != b.2, b.1)));
    let wishes: HashSet<String> = wanted.iter().map(|(_, _, name)| name.clone()).collect();
    let mut owners: HashSet<String> = HashSet::new();
    let mut pairs = Vec::with_capacity(wanted.len());
    for (at, raw, wished) in wanted {
        let mut name = wished.clone();
        let mut number = 2;
        while owners.contains(&name) || (name != wished && wishes.contains(&name)) {
            name = format!("{wished}_{number}");
            number += 1;
        }
        if name != wished {
            warnings.push(format!(
                "{kind}: `{}` is called `{name}`, because `{wished}` is taken",
                shown(raw)
            ));
        }
        owners.insert(name.clone());
        pairs.push((at, raw.to_owned(), name));
    }
    pairs.sort_by_key(|(at, ..)| *at);
    Names {
        pairs: pairs.into_iter().map(|(_, raw, name)| (raw, name)).collect(),
        warnings,
    }
}

fn shown(raw: &str) -> String {
    super::python::cut(&super::python::one_line(raw), 80)
}

/// What can never be a name.
pub const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What `dir(builtins)` of Python 3.14 holds, and what its prompt adds.
#[rustfmt::skip]
pub const PYTHON_BUILTINS: &[&str] = &[
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup", "BlockingIOError",
    "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError", "ConnectionAbortedError", "ConnectionError",
    "ConnectionRefusedError", "ConnectionResetError", "DeprecationWarning", "EOFError", "Ellipsis", "EncodingWarning",
    "EnvironmentError", "Exception", "ExceptionGroup", "FileExistsError", "FileNotFoundError", "FloatingPointError",
    "FutureWarning", "GeneratorExit", "IOError", "ImportError", "ImportWarning", "IndentationError", "IndexError",
    "InterruptedError", "IsADirectoryError", "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError",
    "ModuleNotFoundError", "NameError", "NotADirectoryError", "NotImplemented", "NotImplementedError", "OSError",
    "OverflowError", "PendingDeprecationWarning", "PermissionError", "ProcessLookupError", "PythonFinalizationError",
    "RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError", "RuntimeWarning", "StopAsyncIteration",
    "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError", "SystemExit", "TabError", "TimeoutError",
    "TypeError", "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError",
    "UnicodeTranslateError", "UnicodeWarning", "UserWarning", "ValueError", "Warning", "ZeroDivisionError", "_",
    "__build_class__", "__debug__", "__doc__", "__import__", "__loader__", "__name__", "__package__", "__spec__",
    "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray", "bytes", "callable",
    "chr", "classmethod", "compile", "complex", "copyright", "credits", "delattr", "dict", "dir", "divmod",
    "enumerate", "eval", "exec", "exit", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr",
    "hash", "help", "hex", "id", "input", "int", "isinstance", "issubclass", "iter", "len", "license", "list",
    "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord", "pow", "print", "property",
    "quit", "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum",
    "super", "tuple", "type", "vars", "zip",
];
