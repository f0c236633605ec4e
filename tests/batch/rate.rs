//! The limits of requests and tokens, on a clock that jumps to the next event.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mcm::model::{
    Message, Model, Prompt, Role, Usage,
    ledger::Ledger,
    openai::{OpenAi, Options},
    rate::{Limiter, Rates},
};
use tokio::{task::JoinSet, time::Instant};

use crate::support::endpoint::{Endpoint, Reply};

fn on_paused_clock<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

fn requests(per_minute: u32) -> Rates {
    Rates {
        requests: Some(per_minute),
        tokens: None,
    }
}

fn tokens(per_minute: u64) -> Rates {
    Rates {
        requests: None,
        tokens: Some(per_minute),
    }
}

/// A prompt of about so many tokens.
fn prompt(tokens: usize) -> Prompt {
    Prompt::new(vec![Message::new(Role::User, "abcd".repeat(tokens))])
}

fn usage(prompt: u64, reply: u64) -> Usage {
    Usage {
        prompt_tokens: prompt,
        completion_tokens: reply,
        total_tokens: prompt + reply,
        cost: None,
    }
}

/// When each of `count` tasks was let through, which all ask at once, the youngest first.
async fn passages(rates: Rates, count: u64, spent: Usage, size: usize) -> Vec<(u64, Duration)> {
    let limiter = Limiter::new(rates);
    let (begin, passed) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let mut asking = JoinSet::new();
    for age in (0..count).rev() {
        let (turn, passed) = (limiter.turn(age), Arc::clone(&passed));
        asking.spawn(async move {
            let taken = turn.acquire(&prompt(size)).await;
            passed.lock().unwrap().push((age, begin.elapsed()));
            turn.settle(taken, spent);
        });
    }
    asking.join_all().await;
    Arc::try_unwrap(passed).unwrap().into_inner().unwrap()
}

/// The most that falls into any 60 seconds.
fn busiest_minute(passages: &[(u64, Duration)]) -> usize {
    let within = |begin: Duration| {
        passages
            .iter()
            .filter(|(_, at)| *at >= begin && *at < begin + Duration::from_secs(60))
            .count()
    };
    passages.iter().map(|(_, at)| within(*at)).max().unwrap_or(0)
}

#[test]
fn no_minute_has_more_requests_than_the_limit_and_one_second_s_worth() {
    for per_minute in [1, 7, 60, 90, 600] {
        let passages = on_paused_clock(passages(
            requests(per_minute),
            u64::from(per_minute) * 3,
            Usage::default(),
            1,
        ));
        let busiest = busiest_minute(&passages);
        let (limit, burst) = (per_minute as usize, (per_minute as usize / 60).max(1));
        assert!((limit..=limit + burst).contains(&busiest), "{per_minute}: {busiest}");
        let last = passages.last().unwrap().1;
        assert!(
            last < Duration::from_secs(181),
            "it makes use of what is allowed: {last:?}"
        );
    }
}

#[test]
fn no_minute_has_more_tokens_than_the_limit_and_one_prompt() {
    // 100 tokens of the prompt and 300 that a reply is thought to have
    let passages = on_paused_clock(passages(tokens(4_000), 30, Usage::default(), 100));
    assert!((10..=11).contains(&busiest_minute(&passages)));
    let last = passages.last().unwrap().1;
    assert!((170..180).contains(&last.as_secs()), "{last:?}");
}

#[test]
fn what_was_really_used_corrects_what_was_thought() {
    let time = |used: Usage| {
        on_paused_clock(passages(tokens(4_000), 30, used, 100))
            .last()
            .unwrap()
            .1
            .as_secs()
    };
    let thought = time(Usage::default());
    assert!(
        time(usage(100, 10)) < thought / 2,
        "short replies give back, and are expected later"
    );
    assert!(
        time(usage(100, 900)) > thought * 2,
        "long replies take more, and are expected later"
    );
}

#[test]
fn the_oldest_task_is_let_through_first() {
    let passages = on_paused_clock(passages(requests(60), 20, Usage::default(), 1));
    let order: Vec<u64> = passages.iter().map(|(age, _)| *age).collect();
    // the one that came first found a full bucket
    assert_eq!(order[0], 19);
    assert_eq!(order[1..], (0..19).collect::<Vec<_>>());
}

#[test]
fn a_task_that_gives_up_its_place_keeps_nobody_waiting() {
    on_paused_clock(async {
        let limiter = Limiter::new(requests(60));
        let (first, second, third) = (limiter.turn(0), limiter.turn(1), limiter.turn(2));
        let _ = first.acquire(&prompt(1)).await;
        let small = prompt(1);
        let waits = tokio::time::timeout(Duration::from_millis(10), second.acquire(&small));
        assert!(waits.await.is_err());
        let begin = Instant::now();
        let _ = third.acquire(&prompt(1)).await;
        assert!(begin.elapsed() <= Duration::from_secs(1));
    });
}

#[test]
fn without_limits_nothing_waits() {
    let passages = on_paused_clock(passages(Rates::default(), 1_000, Usage::default(), 1_000_000));
    assert!(passages.iter().all(|(_, at)| *at == Duration::ZERO));
}

#[test]
fn a_prompt_that_is_larger_than_the_bucket_is_let_through_and_paid_for_afterwards() {
    on_paused_clock(async {
        let limiter = Limiter::new(tokens(600));
        let turn = limiter.turn(0);
        let begin = Instant::now();
        let taken = turn.acquire(&prompt(3_000)).await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
        turn.settle(taken, usage(3_000, 0));
        let _ = turn.acquire(&prompt(1)).await;
        let waited = begin.elapsed().as_secs();
        assert!((295..=305).contains(&waited), "five minutes of 600 tokens: {waited}");
    });
}

#[test]
fn a_task_may_wait_for_several_requests_at_once_and_waits_no_longer_for_that() {
    on_paused_clock(async {
        let limiter = Limiter::new(requests(60));
        let turn = limiter.turn(0);
        let begin = Instant::now();
        let passed = futures::future::join_all((0..4).map(|_| async {
            let _ = turn.acquire(&prompt(1)).await;
            begin.elapsed().as_secs()
        }));
        assert_eq!(passed.await, [0, 1, 2, 3]);
        assert_eq!((limiter.waiting(), turn.waited().as_secs()), (0, 3));
    });
}

#[test]
fn time_spent_waiting_is_told_and_does_not_count_as_the_task_s_own() {
    on_paused_clock(async {
        let limiter = Limiter::new(requests(6));
        let (first, turn) = (limiter.turn(0), limiter.turn(1));
        let _ = first.acquire(&prompt(1)).await;
        let begin = Instant::now();
        let limit = Duration::from_secs(5);
        let work = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let _ = turn.acquire(&prompt(1)).await;
            assert_eq!((begin.elapsed().as_secs(), turn.waited().as_secs()), (10, 8));
            assert_eq!(limiter.waiting(), 0);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = work => {}
            () = turn.used_up(begin, limit) => {}
        }
        let own = begin.elapsed() - turn.waited();
        assert!(own >= limit && own < limit + Duration::from_millis(10), "{own:?}");
    });
}

#[test]
fn every_try_is_a_request() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let endpoint = Endpoint::start([
        Reply::error(503, "busy"),
        Reply::error(503, "busy"),
        Reply::text("done"),
    ]);
    runtime.block_on(async {
        let options = Options {
            backoff: Duration::from_millis(1),
            ..Options::new(endpoint.base_url(), "m")
        };
        let limiter = Limiter::new(requests(60));
        let model = Model::OpenAi(OpenAi::new(options).unwrap());
        let turn = limiter.turn(0);
        let ledger = Ledger::default();
        ledger
            .complete(&model, Some(&turn), &prompt(1), &mut |_| {})
            .await
            .unwrap();
        // one was there, and two more were sent: the next has to wait for three
        tokio::time::pause();
        let (begin, next) = (Instant::now(), limiter.turn(1));
        let _ = next.acquire(&prompt(1)).await;
        let waited = begin.elapsed().as_secs_f64();
        assert!((2.0..=3.1).contains(&waited), "{waited}");
    });
}
