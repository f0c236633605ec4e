//! The modules of a worker: those that scripts may import, what they are made of, and no other.

#[path = "../src/wire/modules.rs"]
mod allowed;
#[path = "../src/worker/stdlib/internal.rs"]
mod internal;

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::program::Program;
use allowed::MODULES;
use internal::INTERNAL;

/// What a script prints that must succeed.
fn printed(script: &str) -> String {
    Program::new(["run", "script.py"])
        .file("script.py", script)
        .run()
        .expect(0)
        .stdout
}

/// What imports those internal modules that are not imported with the module that needs them.
const LATER: &[&str] = &[
    "ast.unparse(ast.parse('x'))",
    "b'x'.decode('cp1252')",
    "'\\xe9'.encode('idna')",
    "concurrent.futures.ThreadPoolExecutor",
    "datetime.datetime.strptime('1', '%d')",
    "xml.etree.ElementTree.fromstring('<a/>')",
    "try:\n    printt\nexcept NameError as error:\n    traceback.format_exception(error)",
    // what describes the exception that ends a script
    "sys.modules['_frozen_importlib']._gcd_import('_mcm_report')",
];

#[test]
fn every_module_of_the_list_can_be_imported() {
    let imports: String = MODULES.iter().map(|name| format!("import {name}\n")).collect();
    assert_eq!(printed(&format!("{imports}print('all')")), "all\n");
}

#[test]
fn what_the_program_holds_besides_is_what_those_are_made_of() {
    let imports: String = MODULES.iter().map(|name| format!("import {name}\n")).collect();
    let later = LATER.join("\n");
    let seen = printed(&format!("{imports}{later}\nprint('\\n'.join(sys.modules))"));
    let seen: BTreeSet<&str> = seen.lines().collect();
    let unused: Vec<_> = INTERNAL
        .iter()
        .filter(|name| !seen.contains(*name) && !name.starts_with("encodings."))
        .collect();
    assert_eq!(unused, Vec::<&&str>::new());
}

#[test]
fn every_codec_that_the_program_holds_works() {
    let names = INTERNAL.iter().filter_map(|name| name.strip_prefix("encodings."));
    let texts: Vec<_> = names
        .filter(|name| !name.ends_with("_codec") && !["aliases", "charmap", "rot_13", "undefined"].contains(name))
        .collect();
    let script = format!(
        "for name in {}:\n    assert 'Ab1'.encode(name).decode(name) == 'Ab1', name",
        json!(texts)
    );
    assert_eq!(printed(&script), "");
    assert!(texts.len() > 30);
}

#[test]
fn no_other_module_can_be_had_by_any_way_of_importing() {
    let script = r#"
import sys
builtins, imp, boot = sys.modules["builtins"], sys.modules["_imp"], sys.modules["_frozen_importlib"]
importer = getattr(builtins, "__imp" "ort__")


class Spec:
    def __init__(self, name):
        self.name, self.origin, self.loader, self.submodule_search_locations = name, "built-in", None, None


def loaders():
    for finder in sys.meta_path:
        yield finder
    for cls in object.__subclasses__():
        if cls.__name__ in ("BuiltinImporter", "FrozenImporter"):
            yield cls


def ways(name):
    yield lambda: importer(name)
    yield lambda: importer(name, fromlist=["x"])
    yield lambda: boot._gcd_import(name)
    yield lambda: sys.modules["importlib"].import_module(name)
    yield lambda: sys.modules[name]
    yield lambda: imp.create_builtin(Spec(name))
    yield lambda: imp.init_frozen(name)
    yield lambda: imp.get_frozen_object(name)
    yield lambda: imp.get_frozen_object(name, b"\xe3\x00")
    yield lambda: boot._load(boot.ModuleSpec(name, boot.BuiltinImporter))
    yield lambda: boot._load(boot.ModuleSpec(name, boot.FrozenImporter))
    for loader in loaders():
        yield lambda: loader.find_spec(name).loader
        yield lambda: loader.load_module(name)


import inspect

tried = 0
for name in NAMES:
    for way in ways(name):
        tried += 1
        try:
            got = way()
        except (ImportError, KeyError, AttributeError, NotImplementedError, TypeError, ValueError):
            continue
        if got is not None:
            print("got", name, got)
print(tried > 100)
"#;
    let names = [
        "_ctypes",
        "ctypes",
        "_socket",
        "_signal_",
        "_posixsubprocess",
        "_interpreters",
        "_testinternalcapi",
        "_symtable",
        "faulthandler",
        "gc",
        "mmap",
        "fcntl",
        "resource",
        "pickle",
        "_pickle",
        "code",
        "pdb",
        "doctest",
        "idlelib",
        "test",
        "unittest",
        "tempfile",
        "shutil",
        "pathlib",
        "glob",
        "site",
        "runpy",
        "multiprocessing",
        "http.client",
        "ssl",
        "sqlite3",
        "tkinter",
        "urllib.request",
        "asyncio.selector_events",
        "asyncio.windows_events",
        "_remote_debugging",
        "_multibytecodec",
        "syslog",
        "pwd",
        "grp",
        "termios",
        "__hello__",
        "zipimport",
        "pkgutil",
        "importlib.metadata",
        "importlib.resources",
    ];
    assert_eq!(
        printed(&script.replace("NAMES", &json!(names.as_slice()).to_string())),
        "True\n"
    );
}

#[test]
fn code_can_neither_be_made_nor_changed_nor_read_from_bytes() {
    let script = r#"
import copy
import sys
import types

code = (lambda: 1).__code__
marshal = sys.modules.get("marshal") or sys.modules["_frozen_importlib"]._gcd_import("marshal")
for way in (
    lambda: code.replace(co_code=b"\xff" * 64),
    lambda: copy.replace(code, co_code=b""),
    lambda: types.CodeType(0, 0, 0, 0, 0, 0, b"", (), (), (), "f", "f", "f", 1, b"", b""),
    lambda: type(code).__new__(types.CodeType, *range(16)),
    lambda: object.__new__(types.CodeType),
    lambda: marshal.loads(b"\xe3" * 64),
    lambda: marshal.dumps(code),
):
    try:
        print("got", way())
    except (NotImplementedError, TypeError) as error:
        print(type(error).__name__)
"#;
    let refused = printed(script);
    assert_eq!(refused.lines().count(), 7, "{refused}");
    assert!(!refused.contains("got"), "{refused}");
}
