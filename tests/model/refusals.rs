//! What endpoints refuse: told apart, adapted to, and free of secrets.

use super::*;

#[test]
fn refusals_are_told_apart() {
    for status in [401, 403] {
        assert!(matches!(
            error(Reply::error(status, "bad key")),
            Error::Unauthorized { .. }
        ));
    }
    let unknown = json!({ "error": { "message": "The model does not exist", "code": "model_not_found" } });
    for reply in [Reply::bytes(404, "404 page not found"), Reply::json(400, &unknown)] {
        let error = error(reply);
        assert!(
            matches!(&error, Error::NoSuchModel { model, .. } if model == "test-model"),
            "{error:?}"
        );
    }
}

#[test]
fn a_prompt_that_is_too_long_is_recognised_in_the_words_of_many_endpoints() {
    let said = |message: &str| json!({ "error": { "message": message } });
    let cases = [
        (
            400,
            json!({ "error": { "message": "too much", "code": "context_length_exceeded" } }),
        ),
        (
            400,
            said("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"),
        ),
        (
            400,
            json!({ "object": "error", "message": "'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum context length is 4096 tokens", "param": "max_tokens" }),
        ),
        (
            400,
            json!({ "error": { "code": 400, "message": "the request exceeds the available context size, try increasing it", "type": "exceed_context_size_error" } }),
        ),
        (
            500,
            said("the request exceeds the available context size. try increasing the context size"),
        ),
        (
            400,
            json!({ "error": "Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens" }),
        ),
        (
            200,
            json!({ "error": "The number of tokens to keep from the initial prompt is greater than the context length" }),
        ),
        (
            400,
            json!({ "error": "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)" }),
        ),
        (400, said("prompt too long; exceeded max context length by 12 tokens")),
        (400, said("prompt is too long: 213462 tokens > 200000 maximum")),
        (
            400,
            said("The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)"),
        ),
        (400, said("Please reduce the length of the messages or completion.")),
        (413, json!({})),
    ];
    for (status, body) in cases {
        let endpoint = Endpoint::start([Reply::json(status, &body)]);
        let (result, _) = ask_with(Options {
            max_tokens: Some(9000),
            ..options(&endpoint)
        });
        assert!(
            matches!(result, Err(Error::ContextTooLong { .. })),
            "{body}: {result:?}"
        );
        assert_eq!(endpoint.requests().len(), 1);
    }
}

#[test]
fn what_an_endpoint_does_not_take_is_left_out_once_and_remembered() {
    let refused = |name: &str, message: &str| {
        Reply::json(
            400,
            &json!({ "error": { "message": message, "param": name, "code": "unsupported_parameter" } }),
        )
    };
    let cases = [
        (
            refused("max_tokens", "Use 'max_completion_tokens' instead."),
            "max_tokens",
            Some("max_completion_tokens"),
        ),
        (
            refused("temperature", "Only the default (1) value is supported."),
            "temperature",
            None,
        ),
        (
            Reply::bytes(422, "extra fields not permitted: stream_options"),
            "stream_options",
            None,
        ),
        (Reply::error(400, "stream=true is not supported"), "stream", None),
        (Reply::error(501, "streaming is not implemented"), "stream", None),
    ];
    for (refusal, name, instead) in cases {
        let endpoint = Endpoint::start([refusal, Reply::text("one"), Reply::text("two")]);
        let options = Options {
            temperature: Some(0.0),
            max_tokens: Some(7),
            ..options(&endpoint)
        };
        let model = Model::OpenAi(OpenAi::new(options).unwrap());
        let (one, two) = (hear(&model), hear(&model));
        assert_eq!(
            (one.0.unwrap().text, two.0.unwrap().text),
            ("one".to_owned(), "two".to_owned())
        );
        assert!(retries(&one.1).is_empty());
        let [first, second, third] = &endpoint.requests()[..] else {
            panic!("{name}: three requests")
        };
        assert!(first.body.get(name).is_some());
        for request in [second, third] {
            assert_eq!(request.body.get(name), None);
            assert!(instead.is_none_or(|name| request.body[name] == 7));
        }
    }
}

#[test]
fn an_endpoint_that_refuses_everything_is_given_up() {
    let endpoint = Endpoint::start([Reply::error(400, "max_tokens temperature stream_options stream").when("hello")]);
    let options = Options {
        temperature: Some(0.0),
        max_tokens: Some(7),
        ..options(&endpoint)
    };
    let model = Model::OpenAi(OpenAi::new(options).unwrap());
    assert!(matches!(hear(&model).0, Err(Error::Refused { .. })));
    assert_eq!(endpoint.requests().len(), 5);
    assert!(matches!(hear(&model).0, Err(Error::Refused { .. })));
    assert_eq!(endpoint.requests().len(), 10, "what did not help is not remembered");
}

#[test]
fn a_reply_beyond_all_measure_is_refused() {
    let text = |length: usize| json!({ "choices": [{ "delta": { "content": "x".repeat(length) } }] });
    let long_text = Reply::events((0..9).map(|_| text(500_000)));
    let long_line = Reply::bytes(200, format!("data: {}\n\n", text(2 << 20)));
    let long_whole = Reply::json(
        200,
        &json!({ "choices": [{ "message": { "content": "x".repeat(17 << 20) } }] }),
    );
    for (reply, said) in [(long_text, "4 MiB"), (long_line, "1 MiB"), (long_whole, "16 MiB")] {
        let endpoint = Endpoint::start([reply]);
        let message = ask(&endpoint).0.unwrap_err().to_string();
        assert!(message.contains(said), "{message}");
        assert_eq!(endpoint.requests().len(), 1);
    }
}

#[test]
fn no_error_holds_the_key_or_more_than_three_lines() {
    let echo = format!("no `{KEY}`\nhere\n{}", "and so on ".repeat(200));
    let inside = json!({ "error": { "message": echo } });
    let replies = [400, 401, 404, 413, 429, 500].map(|status| Reply::error(status, &echo));
    let others = [
        Reply::bytes(400, echo.as_str()),
        Reply::json(200, &inside),
        Reply::bytes(200, format!("data: {KEY}\n\n")),
    ];
    for reply in replies.into_iter().chain(others) {
        let endpoint = Endpoint::start([reply.when("hello")]);
        let (result, heard) = ask_with(Options {
            tries: 2,
            ..options(&endpoint)
        });
        let error = result.unwrap_err();
        let message = error.to_string();
        assert!(
            message.lines().count() <= 3 && message.chars().count() < 800,
            "{message}"
        );
        assert!(message.contains(&endpoint.base_url()), "{message}");
        for shown in [message, format!("{error:?}"), format!("{heard:?}")] {
            assert!(!shown.contains(KEY), "{shown}");
        }
    }
    let endpoint = Endpoint::start([]);
    assert!(!format!("{:?}", OpenAi::new(options(&endpoint)).unwrap()).contains(KEY));
}

#[test]
fn options_that_cannot_be_used_are_refused_before_anything_is_sent() {
    for url in ["", "localhost:1234", "ftp://host/v1", "http://", "user:pa55word@host"] {
        let error = OpenAi::new(Options::new(url, "m")).unwrap_err();
        assert!(matches!(error, Error::Options { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains("pa55word"));
    }
    let key = Some(Secret::new("sk-1\n"));
    let error = OpenAi::new(Options {
        api_key: key,
        ..Options::new("http://localhost/v1", "m")
    })
    .unwrap_err();
    assert!(error.to_string().contains("line break"), "{error}");
}

#[test]
fn many_tasks_may_ask_one_client_at_once() {
    let endpoint = Endpoint::start([Reply::text("hello to you").when("hello")]);
    let model = OpenAi::new(options(&endpoint)).unwrap();
    let prompt = prompt("hello");
    let texts = block_on(futures::future::join_all(
        (0..20).map(|_| async { model.complete(&prompt, &mut |_| {}).await.unwrap().text }),
    ));
    assert_eq!(texts, vec!["hello to you"; 20]);
}
