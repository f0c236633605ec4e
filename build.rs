//! Puts together the Python library of the worker: the modules that scripts may import, what those are made of,
//! and our own sources, which come last and win.
//!
//! - A module that is on neither list is not in the program.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

#[path = "src/worker/stdlib/internal.rs"]
mod internal;
#[path = "src/wire/modules.rs"]
mod modules;

/// Our own modules.
const OURS: &str = "src/worker/python";
/// What is put at the end of modules of Python's own, by the same paths.
const ENDINGS: &str = "src/worker/endings";

fn main() -> io::Result<()> {
    for read in [
        "build.rs",
        "src/worker/stdlib/internal.rs",
        "src/wire/modules.rs",
        OURS,
        ENDINGS,
    ] {
        println!("cargo:rerun-if-changed={read}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    // for a benchmark, which compares with an interpreter that has nothing of ours
    freeze(&out, "plain")?;
    let library = freeze(&out, "frozen")?;
    each_file(Path::new(OURS), &mut |file, path| copy(file, &library.join(path)))?;
    each_file(Path::new(ENDINGS), &mut |file, path| append(file, &library.join(path)))
}

/// Gives a folder with Python's own modules, and beside it the file to include that freezes what is in the folder.
fn freeze(out: &Path, name: &str) -> io::Result<PathBuf> {
    let library = out.join(name);
    if library.exists() {
        fs::remove_dir_all(&library)?;
    }
    for module in modules::MODULES.iter().chain(internal::INTERNAL) {
        copy_module(module, &library)?;
    }
    fs::write(
        out.join(format!("{name}.rs")),
        format!("rustpython_vm::py_freeze!(dir = \"{name}\", crate_name = \"rustpython_vm\")"),
    )?;
    Ok(library)
}

/// Copies the source of a module, if it has one: the native ones are in the interpreter.
fn copy_module(module: &str, library: &Path) -> io::Result<()> {
    let path = module.replace('.', "/");
    for path in [format!("{path}.py"), format!("{path}/__init__.py")] {
        let file = Path::new(rustpython_pylib::LIB_PATH).join(&path);
        if file.exists() {
            return copy(&file, &library.join(path));
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to.parent().expect("a file is in a folder"))?;
    fs::write(to, fs::read(from)?)
}

fn append(from: &Path, to: &Path) -> io::Result<()> {
    let whole = [fs::read(to)?, fs::read(from)?].concat();
    fs::write(to, whole)
}

/// Gives every file below a folder, and its path from there.
fn each_file(folder: &Path, to: &mut impl FnMut(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(folder).expect("found below the folder").to_owned();
                to(&path, &inside)?;
            }
        }
    }
    Ok(())
}
