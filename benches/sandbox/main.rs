//! Figures of the sandbox, with baselines that were taken on the same machine in the same minutes.
//!
//! ```sh
//! cargo bench --locked --ignore-rust-version --bench sandbox [-- PART_OF_A_NAME…]
//! ```
//!
//! The host is in this program and answers at once; the worker is the built `mcm`. All sides take turns, figures are
//! medians, and what counts is the ratio. Nothing is asserted: read the table.
//!
//! `bare` is the least that there can be: for a script, RustPython with the same features and allocator in a process
//! of its own; for calls and results, as many bytes through a socket between two processes. pydantic-monty is found
//! in `python3`, or in the Python that `MONTY_PYTHON` names.

#![expect(clippy::unwrap_used, reason = "a figure that cannot be taken ends the program")]
#![expect(clippy::print_stdout, reason = "it prints a table")]

mod bare;
mod memory;
mod others;
mod ours;

use std::time::Instant;

/// As in `mcm`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sessions that are open at a time.
const SESSIONS: usize = 200;
/// How often all sides have their turn.
const ROUNDS: usize = 5;
/// And with what takes seconds.
const FEW_ROUNDS: usize = 2;

/// What is measured.
enum What {
    /// Milliseconds of `print(1 + 1)` in a new session, a new process for others.
    Fresh,
    /// Milliseconds of `print(1 + 1)` in a session that is there.
    Same,
    /// Milliseconds of a whole program that prints.
    Cold,
    /// Milliseconds of 1,000 calls, which is microseconds of one.
    Calls,
    /// Milliseconds of 20 calls of 100 ms, side by side.
    Parallel,
    /// Milliseconds of a call that gives so many bytes.
    Result(usize),
    /// By how many times its size such a result makes the parent larger.
    Growth(usize),
    /// Megabytes that one child has for itself.
    Private,
    /// Milliseconds that a script takes, as it says itself.
    Script(String),
    /// Milliseconds to open all sessions and run a script in each.
    Sessions,
    /// Megabytes of all of them.
    SessionsMemory,
}

/// One figure, or why there is none.
enum Cell {
    Figure(f64),
    Text(String),
    Empty,
}

impl From<Result<f64, String>> for Cell {
    fn from(figure: Result<f64, String>) -> Self {
        figure.map_or_else(Self::Text, Self::Figure)
    }
}

/// Whoever is compared.
trait Side {
    fn name(&self) -> &'static str;
    fn measure(&mut self, what: &What) -> Cell;
}

/// What is aimed at.
enum Goal {
    Below(f64),
    /// So many times the figure of this side.
    BelowOf(&'static str, f64),
    None,
}

struct Row {
    name: String,
    unit: &'static str,
    what: What,
    /// Figures in each round; 0 for one in few of them.
    times: usize,
    goal: Goal,
    /// Of each side.
    figures: Vec<Vec<Cell>>,
}

fn main() {
    // cargo adds `--bench`
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["bare"] => bare::run(),
        ["echo"] => bare::echo(),
        ["growth", size] => ours::growth(size.parse().unwrap()),
        _ => compare(&words),
    }
}

fn compare(parts: &[&str]) {
    let mut sides: [Box<dyn Side>; 4] = [
        Box::new(ours::Mcm::new()),
        Box::new(others::CPython::new()),
        Box::new(others::Monty::new()),
        Box::new(bare::Bare::new()),
    ];
    let mut rows = rows();
    rows.retain(|row| parts.is_empty() || parts.iter().any(|part| row.name.contains(part)));
    let begin = Instant::now();
    for row in &mut rows {
        row.figures = sides.iter().map(|_| Vec::new()).collect();
    }
    for round in 0..ROUNDS {
        for row in rows.iter_mut().filter(|row| row.times > 0 || round < FEW_ROUNDS) {
            for _ in 0..row.times.max(1) {
                for (side, figures) in sides.iter_mut().zip(&mut row.figures) {
                    figures.push(side.measure(&row.what));
                }
            }
        }
    }
    let names: Vec<&str> = sides.iter().map(|side| side.name()).collect();
    println!(
        "| what | {} | goal |\n| --- | {}--- |",
        names.join(" | "),
        "---: | ".repeat(names.len())
    );
    for row in &rows {
        println!("{}", row.line(&names));
    }
    println!("\n(× n): mcm takes n times as much. {} s", begin.elapsed().as_secs());
}

fn rows() -> Vec<Row> {
    let row = |name: &str, unit, what, times, goal| Row {
        name: name.to_owned(),
        unit,
        what,
        times,
        goal,
        figures: Vec::new(),
    };
    let below = Goal::Below;
    let mut rows = vec![
        row("fresh run", "ms", What::Fresh, 20, below(1.5)),
        row("same session", "ms", What::Same, 40, below(1.0)),
        row("cold start", "ms", What::Cold, 4, Goal::BelowOf("CPython", 1.0)),
        row("one tool call", "µs", What::Calls, 2, below(40.0)),
        row("20 calls of 100 ms", "ms", What::Parallel, 1, below(130.0)),
        row("result of 1 MB", "ms", What::Result(1_000_000), 3, Goal::None),
        row("result of 10 MB", "ms", What::Result(10_000_000), 2, Goal::None),
        row("parent's growth by 10 MB", "×", What::Growth(10_000_000), 1, below(4.0)),
        row("private memory", "MB", What::Private, 1, below(2.0)),
    ];
    let scripts = [
        ("fib", include_str!("scripts/fib.py")),
        ("dict loop", include_str!("scripts/dict_loop.py")),
        ("JSON", include_str!("scripts/json_round.py")),
        ("sort", include_str!("scripts/sort.py")),
        ("regex", include_str!("scripts/regex.py")),
    ];
    rows.extend(scripts.map(|(name, source)| {
        let what = What::Script(timed(source));
        row(&format!("script: {name}"), "ms", what, 2, Goal::BelowOf("bare", 1.05))
    }));
    rows.push(row("200 sessions", "ms", What::Sessions, 0, Goal::None));
    rows.push(row("200 sessions' memory", "MB", What::SessionsMemory, 0, Goal::None));
    rows
}

impl Row {
    fn line(&self, names: &[&str]) -> String {
        let medians: Vec<Option<f64>> = self.figures.iter().map(|cells| median(cells)).collect();
        let ours = medians[0].unwrap_or(f64::NAN);
        let cells = self
            .figures
            .iter()
            .zip(&medians)
            .enumerate()
            .map(|(at, (cells, median))| match (median, cells.first()) {
                (Some(figure), _) if at == 0 => format!("{figure:.2} {}", self.unit),
                (Some(figure), _) => format!("{figure:.2} (× {:.2})", ours / figure),
                (None, Some(Cell::Text(why))) => why.clone(),
                _ => String::new(),
            });
        let cells: Vec<String> = cells.collect();
        let met = |limit: f64| if ours < limit { "met" } else { "missed" };
        let goal = match self.goal {
            Goal::Below(limit) => format!("< {limit}: {}", met(limit)),
            Goal::BelowOf(side, factor) => {
                let other = names.iter().position(|name| *name == side).and_then(|at| medians[at]);
                let limit = other.map_or(f64::NAN, |other| other * factor);
                format!("< {factor} × {side}: {}", met(limit))
            }
            Goal::None => String::new(),
        };
        format!("| {} | {} | {goal} |", self.name, cells.join(" | "))
    }
}

fn median(cells: &[Cell]) -> Option<f64> {
    let figures = cells.iter().filter_map(|cell| match cell {
        Cell::Figure(figure) => Some(*figure),
        _ => None,
    });
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// A script that leaves the milliseconds it took in `elapsed`, those of its imports left out.
fn timed(source: &str) -> String {
    let (imports, rest): (Vec<&str>, Vec<&str>) = source.lines().partition(|line| line.starts_with("import "));
    let (imports, rest) = (imports.join("\n"), rest.join("\n"));
    format!(
        "import time\n{imports}\n_begin = time.perf_counter()\n{rest}\nelapsed = (time.perf_counter() - _begin) * 1000"
    )
}

fn milliseconds(work: impl FnOnce()) -> Cell {
    let begin = Instant::now();
    work();
    Cell::Figure(begin.elapsed().as_secs_f64() * 1e3)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
