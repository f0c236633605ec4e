//! Lost connections, silence, limits and retries.

use super::*;

#[test]
fn a_reply_that_was_cut_off_is_asked_for_again_and_said_to_be_void() {
    let part = json!({ "choices": [{ "delta": { "content": "lost" } }] });
    let broken = [
        Reply::text("a reply that is cut").cut_after(2),
        Reply::text("cut before it begins").cut_after(0),
        Reply::events([part.to_string()]),
        Reply::events([part.to_string(), "[DONE]".to_owned()]),
        Reply::events([part.to_string(), "{oops".to_owned()]),
        Reply::bytes(200, b"data: \xff\xfe\x00garbage\n\n"),
        Reply::bytes(200, ""),
    ];
    for reply in broken {
        let endpoint = Endpoint::start([reply, Reply::text("whole")]);
        let (result, heard) = ask(&endpoint);
        assert_eq!(result.unwrap().text, "whole");
        assert_eq!(retries(&heard).len(), 1, "{heard:?}");
        let void = heard
            .iter()
            .position(|delta| matches!(delta, Delta::Retry { .. }))
            .unwrap();
        assert_eq!(joined(&heard[void..]), "whole");
    }
}

#[test]
fn what_is_lost_after_the_finish_reason_is_not_missed() {
    let endpoint = Endpoint::start([Reply::text("whole").chunks_of(9).cut_after(3)]);
    assert_eq!(ask(&endpoint).0.unwrap().text, "whole");
}

#[test]
fn an_endpoint_that_does_not_hang_up_after_the_finish_reason_is_left() {
    let endpoint = Endpoint::start([Reply::text("whole").chunks_of(9).silent_after(3)]);
    let (result, _) = ask_with(Options {
        idle_timeout: Duration::from_millis(50),
        ..options(&endpoint)
    });
    assert_eq!(result.unwrap().text, "whole");
    endpoint.wait_for_hang_ups(1);
}

#[test]
fn a_silent_endpoint_is_given_up_after_the_idle_limit() {
    for pieces in [0, 3] {
        let endpoint = Endpoint::start([Reply::text("never to its end").silent_after(pieces)]);
        let idle_timeout = Duration::from_millis(50);
        let (result, _) = ask_with(Options {
            idle_timeout,
            tries: 1,
            ..options(&endpoint)
        });
        assert!(
            matches!(&result, Err(Error::Broken { reason, .. }) if reason.contains("50ms")),
            "{result:?}"
        );
        endpoint.wait_for_hang_ups(1);
    }
}

#[test]
fn an_endpoint_that_does_not_even_send_a_head_is_given_up_after_the_idle_limit() {
    let gate = Gate::default();
    let endpoint = Endpoint::start([Reply::text("too late").after(&gate)]);
    let (result, _) = ask_with(Options {
        idle_timeout: Duration::from_millis(50),
        tries: 1,
        ..options(&endpoint)
    });
    gate.open();
    assert!(matches!(result, Err(Error::Broken { .. })), "{result:?}");
    assert_eq!(endpoint.wait_for_requests(1).len(), 1);
}

#[test]
fn the_whole_has_a_limit_too_and_tells_what_went_wrong_before() {
    let endpoint = Endpoint::start([Reply::error(503, "warming up").header("retry-after", "30")]);
    let total_timeout = Duration::from_millis(300);
    let message = ask_with(Options {
        total_timeout,
        ..options(&endpoint)
    })
    .0
    .unwrap_err()
    .to_string();
    assert!(
        message.contains("300ms") && message.contains("503") && message.contains("warming up"),
        "{message}"
    );
}

#[test]
fn dropping_the_future_hangs_up() {
    let endpoint = Endpoint::start([Reply::text("a long reply").silent_after(3)]);
    let model = OpenAi::new(options(&endpoint)).unwrap();
    block_on(async {
        let (heard, mut text) = tokio::sync::mpsc::unbounded_channel();
        let prompt = prompt("hello");
        let mut on = move |delta| heard.send(delta).unwrap();
        tokio::select! {
            _ = model.complete(&prompt, &mut on) => panic!("it never ends"),
            delta = text.recv() => assert!(matches!(delta, Some(Delta::Text(_)))),
        }
        let hung_up = tokio::task::spawn_blocking(move || endpoint.wait_for_hang_ups(1));
        hung_up.await.unwrap();
    });
}

#[test]
fn trouble_that_may_pass_is_retried() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let endpoint = Endpoint::start([Reply::bytes(status, "not now"), Reply::text("now")]);
        let (result, heard) = ask(&endpoint);
        assert_eq!(result.unwrap().text, "now");
        let [(reason, wait)] = retries(&heard)[..] else {
            panic!("one retry after {status}: {heard:?}")
        };
        assert_eq!(reason, format!("status {status}: not now"));
        assert!(wait <= Duration::from_millis(1));
    }
}

#[test]
fn trouble_that_an_endpoint_tells_inside_a_reply_is_retried_if_it_may_pass() {
    let inside = |error: Value| Reply::events([json!({ "error": error })]);
    for error in [
        json!({ "code": 429, "message": "slow down" }),
        json!({ "code": "502", "message": "bad gateway" }),
        json!({ "type": "overloaded_error", "message": "busy" }),
    ] {
        let endpoint = Endpoint::start([inside(error), Reply::text("now")]);
        assert_eq!(ask(&endpoint).0.unwrap().text, "now");
    }
    for refusal in [
        inside(json!("no such thing")),
        Reply::json(
            200,
            &json!({ "object": "error", "message": "no such thing", "code": 40303 }),
        ),
        Reply::json(200, &json!({ "error": { "message": "no such thing" }, "choices": [] })),
        Reply::json(200, &json!({ "error": true, "message": "no such thing" })),
        Reply::json(200, &json!({ "detail": "no such thing" })),
    ] {
        let error = error(refusal);
        assert!(
            matches!(&error, Error::Refused { message, .. } if message == "no such thing"),
            "{error:?}"
        );
    }
}

#[test]
fn the_wait_that_an_endpoint_asks_for_is_kept() {
    let date = "Sun, 01 Mar 2026 00:00:02 GMT";
    let cases = [
        (vec![("retry-after", "0")], 0),
        (vec![("retry-after-ms", "20")], 20),
        (vec![("retry-after", "0.03")], 30),
        (vec![("date", date), ("retry-after", date)], 0),
        (
            vec![("date", date), ("retry-after", "Sat, 28 Feb 2026 23:59:00 GMT")],
            0,
        ),
    ];
    for (headers, millis) in cases {
        let busy = headers
            .iter()
            .fold(Reply::error(429, "slow down"), |reply, (name, value)| {
                reply.header(name, value)
            });
        let (result, heard) = ask(&Endpoint::start([busy, Reply::text("now")]));
        assert_eq!(result.unwrap().text, "now");
        assert_eq!(retries(&heard)[0].1, Duration::from_millis(millis), "{headers:?}");
    }
}

#[test]
fn no_endpoint_can_ask_for_more_than_a_minute() {
    let cases = [
        (vec![("retry-after", "86400")], 60),
        (vec![("retry-after", "7")], 7),
        (
            vec![
                ("date", "Sat, 28 Feb 2026 23:59:50 GMT"),
                ("retry-after", "Sun, 01 Mar 2026 00:00:02 GMT"),
            ],
            12,
        ),
    ];
    for (headers, seconds) in cases {
        let busy = headers
            .iter()
            .fold(Reply::error(429, "slow down"), |reply, (name, value)| {
                reply.header(name, value)
            });
        let endpoint = Endpoint::start([busy]);
        let model = OpenAi::new(options(&endpoint)).unwrap();
        block_on(async {
            let (heard, mut retry) = tokio::sync::mpsc::unbounded_channel();
            let prompt = prompt("hello");
            let mut on = move |delta| heard.send(delta).unwrap();
            tokio::select! {
                _ = model.complete(&prompt, &mut on) => panic!("it waits"),
                delta = retry.recv() => {
                    let Some(Delta::Retry { wait, .. }) = delta else { panic!("{delta:?}") };
                    assert_eq!(wait, Duration::from_secs(seconds));
                }
            }
        });
    }
}

#[test]
fn tries_are_counted_and_a_limited_rate_is_told_at_the_end() {
    let endpoint = Endpoint::start([Reply::error(429, "slow down").when("hello")]);
    let (result, heard) = ask_with(Options {
        tries: 3,
        ..options(&endpoint)
    });
    assert!(matches!(result, Err(Error::RateLimited { tries: 3, .. })), "{result:?}");
    assert_eq!((endpoint.requests().len(), retries(&heard).len()), (3, 2));
}

#[test]
fn what_cannot_pass_is_not_retried() {
    let quota = json!({ "error": { "message": "You exceeded your quota", "code": "insufficient_quota" } });
    for (reply, hint) in [
        (Reply::json(429, &quota), "balance"),
        (Reply::error(402, "pay"), "balance"),
        (Reply::error(400, "bad request"), "base URL"),
        (Reply::bytes(200, "<!doctype html><p>welcome"), "base URL"),
    ] {
        let endpoint = Endpoint::start([reply]);
        let message = ask(&endpoint).0.unwrap_err().to_string();
        assert!(message.contains(hint), "{message}");
        assert_eq!(endpoint.requests().len(), 1);
    }
}

#[test]
fn a_server_that_does_not_listen_is_unreachable_at_once() {
    let (result, heard) = ask_with(Options {
        total_timeout: PATIENCE,
        ..Options::new(NOBODY, "m")
    });
    assert!(matches!(result, Err(Error::Unreachable { .. })), "{result:?}");
    assert_eq!(heard, []);
}
