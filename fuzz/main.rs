//! Feeds made-up inputs to what reads text of unknown origin: frames, the gate, the converter, stubs.
//!
//! ```sh
//! cargo run --locked --ignore-rust-version --example fuzz -- frames 1000000
//! ```
//!
//! First come the target's real cases and the inputs in `fuzz/corpus/`, then changes of them. With
//! `RUSTC_WORKSPACE_WRAPPER=fuzz/instrumented` before it, inputs that reach something new are built upon, and
//! the lines reached are printed; a file as third argument gets the shortest of them that reach as much.
//!
//! - The same command does the same, if it was built the same.
//! - An input that ends the program is kept in a file, which is named at the start.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

mod corpus;
mod coverage;
mod mutate;
mod seeds;
mod targets;

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use coverage::{Coverage, processor_time};
use mutate::{Random, mutate};
use targets::{TARGETS, Target};

/// Processor time that no input may take.
const SLOW: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, inputs, keep) = match words[..] {
        [name, inputs] => (name, inputs.parse(), None),
        [name, inputs, keep] => (name, inputs.parse(), Some(Path::new(keep))),
        _ => return usage(),
    };
    match (TARGETS.iter().find(|target| target.name == name), inputs) {
        (Some(target), Ok(inputs)) => fuzz(target, inputs, keep),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    println!("fuzz frames|gate|converter|stubs INPUTS [FILE]");
    ExitCode::from(2)
}

fn fuzz(target: &Target, inputs: usize, keep: Option<&Path>) -> ExitCode {
    let current = Current::new(target.name);
    println!("{}: the current input is in {}", target.name, current.path.display());
    let mut run = (target.start)();
    let mut coverage = Coverage::new();
    let mut random = Random(1);
    let (begin, mut slowest) = (Instant::now(), Duration::ZERO);
    let mut one = |input: &[u8]| {
        current.set(input);
        let begin = processor_time();
        let new = coverage.of(|| run(input));
        slowest = slowest.max(processor_time() - begin);
        new
    };
    let mut pool = (target.seeds)();
    let real = pool.len();
    pool.extend(corpus::read(target.name));
    let seeds = pool.len();
    for input in &pool {
        one(input);
    }
    for _ in 0..inputs {
        // what was found last is what least was made of
        let from = if random.below(2) == 0 { 0 } else { pool.len() * 7 / 8 };
        let input = &pool[from + random.below(pool.len() - from)];
        let other: &Vec<u8> = random.pick(&pool);
        let made = mutate(&mut random, input, other, target.words);
        if one(&made) {
            pool.push(made);
        }
    }
    println!(
        "{}: {seeds} cases and {inputs} inputs in {:.1} s, the slowest in {:.0} ms, {} of them new: ok",
        target.name,
        begin.elapsed().as_secs_f64(),
        slowest.as_secs_f64() * 1e3,
        pool.len() - seeds,
    );
    for (file, (reached, missed)) in coverage.lines(target.files) {
        println!(
            "  {file}: {reached} of {} lines; not {missed:?}",
            reached + missed.len()
        );
    }
    if let Some(file) = keep {
        let made = pool.split_off(real);
        corpus::write(file, &enough(&pool, made, run));
    }
    current.remove();
    if slowest < SLOW {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The shortest of the made inputs that together reach all that they reach beyond the real ones.
fn enough(real: &[Vec<u8>], mut made: Vec<Vec<u8>>, mut run: targets::Taker) -> Vec<Vec<u8>> {
    let mut coverage = Coverage::new();
    for input in real {
        coverage.of(|| run(input));
    }
    made.sort_by_key(Vec::len);
    let mut blocks = coverage.blocks();
    made.retain(|input| {
        coverage.of(|| run(input));
        std::mem::replace(&mut blocks, coverage.blocks()) < coverage.blocks()
    });
    made
}

/// The input that is being tried, for whoever finds the program dead.
struct Current {
    path: PathBuf,
    file: File,
}

impl Current {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mcm-fuzz-{name}-{}", std::process::id()));
        let file = File::create(&path).expect("a temporary file");
        Self { path, file }
    }

    fn set(&self, input: &[u8]) {
        self.file.write_all_at(input, 0).expect("it can be written to");
        self.file.set_len(input.len() as u64).expect("it can be cut");
    }

    fn remove(self) {
        fs::remove_file(self.path).expect("it is there");
    }
}
