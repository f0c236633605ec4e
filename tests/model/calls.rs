//! Tool calls, in whatever pieces they come.

use mcm::model::ToolCall;

use super::*;

fn chunk(calls: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "tool_calls": calls } }] })
}

fn end() -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })
}

/// Id, name and arguments of each call of a reply that comes in these pieces.
fn streamed(pieces: Vec<Value>) -> Vec<(String, String, String)> {
    let events = pieces.into_iter().map(chunk).chain([end()]);
    let calls = completion(Reply::events(events)).calls.into_iter();
    calls.map(|call| (call.id, call.name, call.arguments)).collect()
}

#[track_caller]
fn gives(pieces: Vec<Value>, expected: &[(&str, &str, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(id, name, arguments)| ((*id).to_owned(), (*name).to_owned(), (*arguments).to_owned()))
        .collect();
    assert_eq!(streamed(pieces), expected);
}

#[test]
fn calls_come_in_pieces_one_after_another_or_mixed() {
    let of = |index: u64, id: Value, name: Value, arguments: &str| json!([{ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": arguments } }]);
    gives(
        vec![
            of(0, json!("a"), json!("one"), ""),
            of(1, json!("b"), json!("two"), "{"),
            of(0, Value::Null, Value::Null, "{\"x\""),
            of(1, Value::Null, Value::Null, "}"),
            of(0, Value::Null, Value::Null, ": 1}"),
        ],
        &[("a", "one", "{\"x\": 1}"), ("b", "two", "{}")],
    );
    // id and name with every piece
    gives(
        vec![
            of(0, json!("a"), json!("one"), "{"),
            of(0, json!("a"), json!("one"), "}"),
        ],
        &[("a", "one", "{}")],
    );
    // the same number for every call
    gives(
        vec![
            of(0, json!("a"), json!("one"), "{}"),
            of(0, json!("b"), json!("one"), "{}"),
        ],
        &[("a", "one", "{}"), ("b", "one", "{}")],
    );
}

#[test]
fn calls_without_numbers_or_ids_are_told_apart_and_get_ids() {
    let of = |name: &str, arguments: Value| json!({ "function": { "name": name, "arguments": arguments } });
    gives(
        vec![
            json!([of("one", json!({ "x": 1 })), of("two", Value::Null)]),
            json!([of("two", json!("{}"))]),
        ],
        &[
            ("call_1", "one", "{\"x\":1}"),
            ("call_2", "two", ""),
            ("call_3", "two", "{}"),
        ],
    );
    gives(
        vec![
            json!([of("one", json!("{"))]),
            json!([{ "function": { "arguments": "}" } }]),
        ],
        &[("call_1", "one", "{}")],
    );
    let twice = json!({ "id": "call_2", "index": 0, "function": { "name": "one", "arguments": "{}" } });
    let mut second = twice.clone();
    second["index"] = json!(1);
    gives(
        vec![json!([twice]), json!([second])],
        &[("call_2", "one", "{}"), ("call_3", "one", "{}")],
    );
    gives(vec![json!([{ "id": "x" }, 7, null, { "function": null }])], &[]);
}

#[test]
fn a_whole_reply_and_one_that_is_sent_once_more_at_the_end_hold_each_call_once() {
    let call = json!({ "id": "a", "type": "function", "function": { "name": "one", "arguments": "{}" } });
    let message = json!({ "choices": [{ "index": 0, "message": { "content": null, "tool_calls": [call] }, "finish_reason": "tool_calls" }] });
    let expected = [ToolCall {
        id: "a".to_owned(),
        name: "one".to_owned(),
        arguments: "{}".to_owned(),
    }];
    assert_eq!(completion(Reply::json(200, &message)).calls, expected);
    let mut first = call.clone();
    first["index"] = json!(0);
    let again = Reply::events([chunk(json!([first])), message]);
    assert_eq!(completion(again).calls, expected);
}

#[test]
fn calls_count_for_the_longest_reply() {
    let piece = json!([{ "index": 0, "id": "a", "function": { "name": "one", "arguments": "x".repeat(500_000) } }]);
    let endless: Vec<Value> = (0..10).map(|_| chunk(piece.clone())).collect();
    let error = error(Reply::events(endless));
    assert!(error.to_string().contains("longer than 4 MiB"), "{error}");
    let many: Vec<Value> = (0..500).map(|_| json!({ "function": { "name": "a" } })).collect();
    let many: Vec<Value> = (0..100).map(|_| chunk(json!(many))).collect();
    let error = self::error(Reply::events(many));
    assert!(error.to_string().contains("longer than 4 MiB"), "{error}");
}
