//! What is seen of results of tools, and what a prompt tells of it.

mod kept;

use mcm::tools::{
    RawTool,
    catalog::{Catalog, ListedServer},
    context::Context,
    estimate,
    search::Index,
    shape::{Observed, Shape},
};
use serde_json::{Value, json};

fn of(json: &str) -> Observed {
    Observed::one(Shape::of_json(json.as_bytes()).unwrap_or_else(|| panic!("JSON: {json}")))
}

fn all(results: impl IntoIterator<Item = Observed>) -> Observed {
    results.into_iter().reduce(Observed::join).unwrap()
}

/// Results of each case, and what is to be seen of them.
fn cases() -> Vec<(Vec<&'static str>, &'static str)> {
    let blocks = include_str!("shapes/cases.txt").split("\n\n");
    let case = |block: &'static str| {
        let lines = block.lines().filter(|line| !line.starts_with('#'));
        let (seen, results): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("= "));
        Some((results, seen.first()?.strip_prefix("= ")?))
    };
    blocks.filter_map(case).collect()
}

#[test]
fn a_shape_has_names_and_types_and_no_key_that_is_data() {
    let cases = cases();
    assert!(cases.len() > 20);
    for (results, seen) in cases {
        let observed = all(results.iter().map(|result| of(result)));
        assert_eq!(observed.shape.whole(), seen, "{results:#?}");
        assert_eq!(observed.results, results.len() as u64);
        let kept = serde_json::to_string(&observed.shape).unwrap();
        assert_eq!(serde_json::from_str::<Shape>(&kept).unwrap(), observed.shape);
    }
}

#[test]
fn the_order_of_results_does_not_count_and_nothing_new_changes_nothing() {
    let results: Vec<&str> = cases().into_iter().flat_map(|(results, _)| results).collect();
    for (at, one) in results.iter().enumerate() {
        let same = of(one).join(of(one));
        assert_eq!(same.shape, of(one).shape, "{one}");
        for (other_at, other) in results.iter().enumerate() {
            assert_eq!(of(one).join(of(other)), of(other).join(of(one)), "{one} {other}");
            let third = results[(at * 7 + other_at * 3) % results.len()];
            let left = of(one).join(of(other)).join(of(third));
            let right = of(one).join(of(other).join(of(third)));
            assert_eq!(left, right, "{one} {other} {third}");
            assert_eq!(left.clone().join(of(other)).shape, left.shape, "{one} {other} {third}");
        }
    }
}

#[test]
fn a_shape_is_bounded_whatever_the_results_have() {
    let name = |n: usize| ["ab", "cd", "ef", "gh"].map(|part| &part[n % 2..]).join("_") + &"x".repeat(n % 15);
    let wide: Value = (0..500)
        .map(|n| (format!("{}{}", name(n), "y".repeat(n / 15)), json!({ "a": n })))
        .collect();
    assert!(of(&wide.to_string()).shape.whole().starts_with("dict[str, {a: int}]"));
    let record = |depth: usize| {
        (0..depth).fold(json!(1), |inner, _| {
            let keys = ["id", "name", "text", "kind", "size", "next"];
            keys.into_iter().map(|key| (key, inner.clone())).collect()
        })
    };
    let text = of(&record(6).to_string()).shape.whole();
    assert!(text.len() < 8_000 && text.contains("Any"), "{} bytes", text.len());
    let long = format!("[{}]", vec![r#"{"id": 1}"#; 100_000].join(","));
    assert_eq!(of(&long).shape.whole(), "list[{id: int}]");
    assert_eq!(Shape::of_json(format!("\"{}\"", "x".repeat(5 << 20)).as_bytes()), None);
    assert_eq!(Shape::of_json(b"{\"a\": 1} x"), None);
}

#[test]
fn a_long_shape_is_cut_inside_first_and_says_what_is_left_out() {
    let observed = all([
        of(r#"[{"id": 1, "owner": {"login": "a", "roles": [{"name": "x", "scope": {"of": "y"}}]}, "open": true}]"#),
        of(r#"[{"id": 1, "owner": {"login": "a", "roles": []}, "open": true, "closed_by": null}]"#),
    ]);
    let texts = [300, 120, 60, 40, 20, 10].map(|most| observed.shape.short(most));
    insta::assert_snapshot!(texts.join("\n"));
}

/// Tools that declare nothing of their results, and what these looked like.
fn catalog(tools: usize, keys: usize) -> Catalog {
    let tool = |n: usize| RawTool {
        name: format!("tool_{n}"),
        title: None,
        description: Some("Does something.".into()),
        input_schema: json!({ "type": "object", "properties": { "id": { "type": "integer" } } }),
        output_schema: None,
        read_only: true,
    };
    let server = ListedServer {
        raw: "s".into(),
        description: None,
        tools: (0..tools).map(tool).collect(),
    };
    let mut catalog = Catalog::new(vec![server], &[]);
    let names = [
        "key_a", "key_b", "key_c", "key_d", "key_e", "key_f", "key_g", "key_h", "key_i",
    ];
    let mut result: Value = names[..keys].iter().map(|key| (*key, json!("x"))).collect();
    // values of one kind would make the keys data
    result["key_a"] = json!(1);
    for n in (0..tools).filter(|_| keys > 0) {
        catalog.observe("s", &format!("tool_{n}"), of(&result.to_string()));
    }
    catalog
}

#[test]
fn shapes_stay_within_the_budget_and_push_no_signature_out() {
    let (bare, seen) = (catalog(40, 0), catalog(40, 9));
    let alone = estimate::tokens(&bare.prompt_text());
    let full = estimate::tokens(&seen.prompt_text());
    assert!(full > alone + 40 * 20);
    let mut shown = Vec::new();
    for budget in [full, full - 1, alone] {
        let context = Context::whole_within(&seen, budget).expect("all signatures fit");
        assert_eq!(context.shown, 40, "{}", context.text);
        assert!(estimate::tokens(&context.text) <= budget);
        shown.push(context.text.matches("key_").count());
    }
    assert!(
        shown[0] == 40 * 9 && shown[1] < shown[0] && shown[1] > 0 && shown[2] == 0,
        "{shown:?}"
    );
    assert!(Context::whole_within(&bare, 600).is_none());
    let ranked = Index::new(&seen).for_task("tool does something", 40);
    let part = Context::part(&seen, alone - 200, &ranked);
    assert!(estimate::tokens(&part.text) <= alone - 200, "{}", part.text);
    let told = part.text.matches("observed: ").count();
    let without = Context::part(&bare, alone - 200, &ranked).shown;
    assert!((1..part.shown).contains(&told), "{}", part.text);
    assert!(part.shown * 4 >= without * 3, "{} and {without} are shown", part.shown);
}
