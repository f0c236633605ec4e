//! `mcm demo`: the walk that needs no key.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::support::{asked::holds, program::Program};

#[test]
fn the_demo_looks_fails_repairs_and_answers_and_says_that_its_replies_are_recorded() {
    let temporary = tempfile::tempdir().unwrap();
    let ended = Program::new(["demo"]).env("TMPDIR", temporary.path()).run().expect(0);
    let answer: BTreeMap<String, f64> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer, revenue());
    holds(
        &ended.stderr,
        &[
            "its replies were recorded",
            "step 1: asking the model",
            "  | paths = workspace.glob(pattern=\"**/*\")",
            "workspace.read: ok",
            "the script failed in line 27",
            "1,249.00",
            "step 3: asking the model",
            "the script succeeded",
            "mcm init",
        ],
    );
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "its folder is gone");
}

/// The right answer, in cents so that no sum is rounded.
fn revenue() -> BTreeMap<String, f64> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/files");
    let read = |name: &str| fs::read_to_string(files.join(name)).unwrap();
    let cents = |amount: &str| {
        let (whole, part) = amount.split_once('.').unwrap();
        whole.replace(',', "").parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
    };
    let customers: Vec<Value> = serde_json::from_str(&read("customers.json")).unwrap();
    let country = |id: &str| {
        let customer = customers.iter().find(|c| c["id"] == id).unwrap();
        customer["country"].as_str().unwrap().to_owned()
    };
    let (mut sums, mut of_order) = (BTreeMap::<String, i64>::new(), BTreeMap::new());
    for month in ["2026-01", "2026-02", "2026-03"] {
        for line in read(&format!("orders/{month}.csv")).lines().skip(1) {
            let fields: Vec<&str> = line.splitn(4, ',').collect();
            *sums.entry(country(fields[1])).or_default() += cents(fields[3].trim_matches('"'));
            of_order.insert(fields[0].to_owned(), country(fields[1]));
        }
    }
    for line in read("refunds.jsonl").lines() {
        let refund: Value = serde_json::from_str(line).unwrap();
        let country = of_order[&refund["order_id"].to_string()].clone();
        *sums.get_mut(&country).unwrap() -= cents(&refund["amount"].to_string());
    }
    sums.into_iter()
        .map(|(country, sum)| (country, sum as f64 / 100.0))
        .collect()
}
