//! What a request holds, and how replies of all kinds are read.

use super::*;

#[test]
fn a_streamed_reply_is_heard_piece_by_piece_and_comes_whole_with_its_usage() {
    let endpoint = Endpoint::start([Reply::text("grüße, 世界")
        .reasoning("hm, hm")
        .chunks_of(2)
        .usage(30, 12)]);
    let (result, heard) = ask(&endpoint);
    let expected = Completion {
        text: "grüße, 世界".to_owned(),
        reasoning: Some("hm, hm".to_owned()),
        calls: Vec::new(),
        finish_reason: Some("stop".to_owned()),
        usage: Usage {
            prompt_tokens: 30,
            completion_tokens: 12,
            total_tokens: 42,
            cost: None,
        },
    };
    assert_eq!(result.unwrap(), expected);
    assert_eq!(joined(&heard), "grüße, 世界");
    assert_eq!(heard.len(), 3 + 5);
}

#[test]
fn a_request_holds_the_prompt_and_nothing_that_was_not_set() {
    let endpoint = Endpoint::start([Reply::text("a"), Reply::text("b")]);
    ask(&endpoint).0.unwrap();
    ask_with(Options {
        api_key: None,
        temperature: Some(0.5),
        max_tokens: Some(99),
        ..options(&endpoint)
    })
    .0
    .unwrap();
    let [bare, full] = &endpoint.requests()[..] else {
        panic!("two requests")
    };
    let expected = json!({
        "model": "test-model",
        "messages": [
            { "role": "system", "content": "You write Python." },
            { "role": "user", "content": "hello" },
        ],
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    assert_eq!(bare.body, expected);
    assert_eq!((&bare.method[..], &bare.path[..]), ("POST", "/v1/chat/completions"));
    assert_eq!(bare.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(full.header("authorization"), None);
    assert_eq!(full.body["temperature"], 0.5);
    assert_eq!(full.body["max_tokens"], 99);
}

#[test]
fn credentials_and_query_of_the_base_url_are_sent_but_never_shown() {
    let endpoint = Endpoint::start([Reply::error(400, "not for user:pa55word")]);
    let url = format!("http://user:pa55word@127.0.0.1:{}/v1/?token=t0ken", endpoint.port());
    let options = Options {
        base_url: url,
        api_key: None,
        ..options(&endpoint)
    };
    let debug = format!("{options:?}");
    let message = ask_with(options).0.unwrap_err().to_string();
    let request = &endpoint.requests()[0];
    assert_eq!(request.path, "/v1/chat/completions?token=t0ken");
    assert_eq!(request.header("authorization"), Some("Basic dXNlcjpwYTU1d29yZA=="));
    for shown in [debug, message] {
        assert!(shown.contains("http://***@127.0.0.1:"), "{shown}");
        assert!(!shown.contains("pa55word") && !shown.contains("t0ken"), "{shown}");
    }
}

#[test]
fn whatever_form_a_whole_reply_takes_it_is_read() {
    let said = |message: Value| json!({ "choices": [{ "message": message }] });
    let cases = [
        (said(json!({ "content": "plain" })), "plain", None),
        (
            said(json!({ "content": [{ "type": "text", "text": "in " }, "parts"] })),
            "in parts",
            None,
        ),
        (said(json!({ "content": null })), "", None),
        (said(json!({})), "", None),
        (
            said(json!({ "content": null, "refusal": "I will not" })),
            "I will not",
            None,
        ),
        (
            said(json!({ "content": "a", "reasoning_content": "r" })),
            "a",
            Some("r"),
        ),
        (
            said(json!({ "content": "a", "reasoning": "r", "reasoning_content": "r" })),
            "a",
            Some("r"),
        ),
        (
            said(json!({ "content": [
                { "type": "thinking", "thinking": [{ "type": "text", "text": "r" }] },
                { "type": "text", "text": "a" },
            ] })),
            "a",
            Some("r"),
        ),
        (
            json!({ "id": 7, "created": "now", "choices": [{ "text": "old", "finish_reason": "eos" }] }),
            "old",
            None,
        ),
        (
            json!({ "choices": [{ "index": 1, "message": { "content": "b" } },
            { "index": 0, "message": { "content": "a" } }] }),
            "a",
            None,
        ),
        (
            json!({ "choices": [{ "message": { "content": "a" } }], "error": null, "usage": null }),
            "a",
            None,
        ),
    ];
    for (body, text, reasoning) in cases {
        let got = completion(Reply::json(200, &body));
        assert_eq!(
            (got.text.as_str(), got.reasoning.as_deref()),
            (text, reasoning),
            "{body}"
        );
    }
}

#[test]
fn usage_may_be_partial_odd_or_missing() {
    let usage = |usage: Value| {
        let body = json!({ "choices": [{ "message": { "content": "a" } }], "usage": usage });
        let Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens,
            ..
        } = completion(Reply::json(200, &body)).usage;
        [prompt_tokens, completion_tokens, total_tokens]
    };
    assert_eq!(usage(Value::Null), [0, 0, 0]);
    assert_eq!(
        usage(json!({ "prompt_tokens": 5, "completion_tokens": null })),
        [5, 0, 5]
    );
    assert_eq!(
        usage(json!({ "prompt_tokens": 5.0, "completion_tokens": "6", "total_tokens": 11 })),
        [5, 6, 11]
    );
    assert_eq!(usage(json!({ "input_tokens": 5, "output_tokens": 6 })), [5, 6, 11]);
    assert_eq!(usage(json!("many")), [0, 0, 0]);
}

#[test]
fn odd_streams_are_read() {
    let delta = |text: &str| json!({ "choices": [{ "delta": { "content": text } }] }).to_string();
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": "weird" }] }).to_string();
    let whole = json!({ "choices": [{ "message": { "content": "ab" }, "finish_reason": "stop" }] }).to_string();
    let usage = json!({ "choices": [], "usage": { "total_tokens": 3 } }).to_string();
    let (a, b) = (delta("a"), delta("b"));
    let streams = [
        ("no [DONE]", format!("data: {a}\n\ndata: {b}\n\ndata: {end}\n\n")),
        (
            "usage instead of a finish reason",
            format!("data: {a}\n\ndata: {b}\n\ndata: {usage}\n\ndata: [DONE]\n\n"),
        ),
        (
            "comments, names, CRLF, no space",
            format!(": hi\r\n\r\nevent: x\r\ndata:{a}\r\n\r\ndata:{b}\r\n\r\ndata:{end}\r\n\r\n"),
        ),
        (
            "a last event without an empty line",
            format!("data: {a}\n\ndata: {b}\n\ndata: {end}"),
        ),
        (
            "no empty lines at all",
            format!("data: {a}\ndata: {b}\ndata: {end}\ndata: [DONE]\n"),
        ),
        (
            "the whole message once more",
            format!("data: {a}\n\ndata: {b}\n\ndata: {whole}\n\n"),
        ),
        (
            "a whole message as the only event",
            format!("data: {whole}\n\ndata: [DONE]\n\n"),
        ),
        ("lines of JSON", format!("{a}\n{b}\n{end}\n")),
        (
            "one JSON text, spread over lines",
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(&whole).unwrap()).unwrap(),
        ),
        ("white space first", format!("\n\n {whole}")),
    ];
    for (name, body) in streams {
        let (result, heard) = ask(&Endpoint::start([Reply::bytes(200, body)]));
        assert_eq!(
            result.unwrap_or_else(|error| panic!("{name}: {error}")).text,
            "ab",
            "{name}"
        );
        assert_eq!(joined(&heard), "ab", "{name}");
    }
}

#[test]
fn a_stream_may_end_without_usage_and_for_any_reason() {
    let got = completion(Reply::text("cut by length").finish("length").without_usage());
    assert_eq!(
        (got.finish_reason.as_deref(), got.usage),
        (Some("length"), Usage::default())
    );
    let error = error(Reply::text("no reason, no usage").finish(Value::Null).without_usage());
    assert!(matches!(error, Error::Broken { .. }), "{error:?}");
}

#[test]
fn an_empty_reply_is_a_completion() {
    let got = completion(Reply::text(""));
    assert_eq!(
        (got.text.as_str(), got.reasoning, got.finish_reason.as_deref()),
        ("", None, Some("stop"))
    );
}
