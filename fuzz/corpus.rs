//! Inputs that were found to reach something, one a line, with escapes as in a byte string of Rust.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Those of a target.
pub fn read(target: &str) -> Vec<Vec<u8>> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fuzz/corpus", &format!("{target}.txt")]
        .iter()
        .collect();
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    text.lines().map(|line| unescape(line.as_bytes())).collect()
}

pub fn write(file: &Path, inputs: &[Vec<u8>]) {
    let lines: String = inputs
        .iter()
        .map(|input| format!("{}\n", input.escape_ascii()))
        .collect();
    fs::write(file, lines).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
}

fn unescape(mut line: &[u8]) -> Vec<u8> {
    let mut input = Vec::with_capacity(line.len());
    loop {
        line = match line {
            [] => return input,
            [b'\\', b'x', high, low, rest @ ..] => {
                input.push(digit(*high) << 4 | digit(*low));
                rest
            }
            [b'\\', sign, rest @ ..] => {
                input.push(match sign {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                rest
            }
            [byte, rest @ ..] => {
                input.push(*byte);
                rest
            }
        };
    }
}

fn digit(sign: u8) -> u8 {
    let value = char::from(sign).to_digit(16).expect("a digit of a byte");
    u8::try_from(value).expect("it is below 16")
}
