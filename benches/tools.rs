//! Figures of the tool context and of the search: tokens, how often the right tool is found, time and memory.
//!
//! ```sh
//! cargo bench --locked --ignore-rust-version --bench tools
//! ```
//!
//! The tools are those of the lists in `tests/toollists`, again and again under other names where that is not enough.
//! Nothing is asserted: read the tables.

#![expect(clippy::unwrap_used, reason = "a figure that cannot be taken ends the program")]
#![expect(clippy::print_stdout, reason = "it prints tables")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use mcm::{
    model::tokens,
    tools::{
        RawTool,
        catalog::{Catalog, ListedServer},
        context::Context,
        search::{Index, WEIGHTS, Weights},
    },
};
use serde_json::{Value, json};

use lists::LISTS;

#[path = "../tests/support/lists.rs"]
mod lists;

const MODEL: &str = "gpt-4o";
const BUDGET: usize = 4_000;
const TASK: &str = "Take the open issues of octo/app with the label bug and write them to a new workbook with a chart";
/// A weight, and how it is set to nothing.
type Part = (&'static str, fn(&mut Weights));
const PARTS: [Part; 10] = [
    ("all", |_| {}),
    ("without synonyms", |w| w.synonym = 0.0),
    ("without words alike", |w| w.alike = 0.0),
    ("without the share of the name", |w| w.covered = 0.0),
    ("without names", |w| w.name = 0.0),
    ("without titles", |w| w.title = 0.0),
    ("without first sentences", |w| w.doc = 0.0),
    ("without the rest of descriptions", |w| w.description = 0.0),
    ("without arguments", |w| w.arguments = 0.0),
    ("without servers", |w| w.server = 0.0),
];
const WORDS: [&str; 4] = ["query", "other", "de", "es"];

fn main() {
    plain();
    println!();
    sizes();
    println!();
    quality();
}

/// All signatures against the same tools in plain tool calling.
fn plain() {
    println!("{:24}{:>10}{:>10}{:>8}", "tokens of all tools", "Python", "JSON", "");
    for list in LISTS {
        let catalog = Catalog::new(vec![lists::listed(list)], &[]);
        let tools = catalog.servers[0].tools.iter().map(|tool| {
            let (description, parameters) = (&tool.raw.description, &tool.raw.input_schema);
            let function = json!({"name": tool.name, "description": description, "parameters": parameters});
            json!({"type": "function", "function": function})
        });
        let plain = tokens::count(MODEL, &Value::from_iter(tools).to_string()).tokens;
        let python = tokens::count(MODEL, &catalog.prompt_text()).tokens;
        println!(
            "{list:24}{python:>10}{plain:>10}{:>7.0}%",
            100.0 * python as f64 / plain as f64
        );
    }
}

/// What 100, 1,000 and 10,000 tools take.
fn sizes() {
    let head = [
        "tools", "servers", "tokens", "shown", "catalog", "index", "memory", "context", "ranking", "search",
    ];
    println!("{}", head.map(|cell| format!("{cell:>12}")).concat());
    let queries = queries("tune");
    for (count, servers) in [(100, 1), (1_000, 12), (10_000, 50), (10_000, 200)] {
        let (catalog, read) = made(count, servers);
        let before = allocated();
        let begun = Instant::now();
        let index = Index::new(&catalog);
        let built = begun.elapsed();
        let memory = allocated().saturating_sub(before);
        let begun = Instant::now();
        let ranking = index.for_task(TASK, 200);
        let ranked = begun.elapsed();
        let begun = Instant::now();
        let context = Context::part(&catalog, BUDGET, &ranking);
        let chosen = begun.elapsed();
        let begun = Instant::now();
        for query in &queries {
            index.search(query["query"].as_str().unwrap(), 10);
        }
        let searched = begun.elapsed() / queries.len() as u32;
        let row = [
            count.to_string(),
            servers.to_string(),
            tokens::count(MODEL, &context.text).tokens.to_string(),
            context.shown.to_string(),
            milliseconds(read),
            milliseconds(built),
            format!("{:.1} MiB", memory as f64 / (1 << 20) as f64),
            milliseconds(chosen),
            milliseconds(ranked),
            milliseconds(searched),
        ];
        println!("{}", row.map(|cell| format!("{cell:>12}")).concat());
    }
}

/// Of a hundred queries, for how many the right tool is the first, and one of the first ten.
fn quality() {
    let head = WORDS.map(|words| format!("{words:>16}")).concat();
    println!("{:36}{head}", "first, in the first ten");
    let names = [
        "github",
        "excel",
        "playwright",
        "filesystem",
        "git",
        "everything",
        "memory",
        "sqlite",
        "time",
    ];
    let tuned = Catalog::new(names.map(lists::listed).into(), &[]);
    for (name, without) in PARTS {
        let mut weights = WEIGHTS;
        without(&mut weights);
        println!("{name:36}{}", measured("tune", &tuned, weights));
    }
    let mut servers = vec![lists::listed("gitlab-jmrplens")];
    servers.extend(lists::split("livemcpbench"));
    let held_out = Catalog::new(servers, &[]);
    println!(
        "{:36}{}",
        "all, of tools not tuned on",
        measured("holdout", &held_out, WEIGHTS)
    );
}

fn measured(set: &str, catalog: &Catalog, weights: Weights) -> String {
    let index = Index::weighted(catalog, weights);
    let keys: Vec<(String, String)> = serde_json::from_str(&read(&format!("{set}.key.json"))).unwrap();
    let queries = queries(set);
    let cells = WORDS.map(|words| {
        let places = keys.iter().zip(&queries).filter_map(|((list, tool), query)| {
            let (server, tool) = match tool.split_once("__") {
                Some((server, tool)) if list == "livemcpbench" => (server, tool),
                _ => (list.as_str(), tool.as_str()),
            };
            let server = catalog.server(server).unwrap();
            let tool = server.tool(tool).unwrap();
            let hits = index.search(query[words].as_str().unwrap(), 10);
            hits.iter()
                .position(|hit| hit.server == server.name && hit.tool == tool.name)
        });
        let places: Vec<usize> = places.collect();
        let first = places.iter().filter(|place| **place == 0).count();
        let share = |count: usize| 100.0 * count as f64 / queries.len() as f64;
        format!("{:>9.1}{:>7.1}", share(first), share(places.len()))
    });
    cells.concat()
}

fn queries(set: &str) -> Vec<Value> {
    let text = read(&format!("{set}.queries.jsonl"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// So many tools on so many servers, and how long it took to read them.
fn made(tools: usize, servers: usize) -> (Catalog, Duration) {
    let all: Vec<RawTool> = LISTS.iter().flat_map(|list| lists::listed(list).tools).collect();
    let mut next = all.iter().cycle();
    let server = |number: usize| ListedServer {
        raw: format!("server_{number}"),
        description: None,
        tools: (0..tools / servers)
            .map(|at| {
                let tool = next.next().unwrap().clone();
                let name = format!("{}_{at}", tool.name);
                RawTool { name, ..tool }
            })
            .collect(),
    };
    let listed = (0..servers).map(server).collect();
    let begun = Instant::now();
    (Catalog::new(listed, &[]), begun.elapsed())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// Bytes of memory that are in use.
fn allocated() -> usize {
    // SAFETY: it reads counters of the allocator, and nothing else runs
    let of_allocator = unsafe { libc::mallinfo2() };
    of_allocator.uordblks + of_allocator.hblkhd
}
