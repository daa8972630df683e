//! Does a connection keep to its rate, in order, and does whoever cannot begin in time say so? Time is paused where time is what counts.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use http::Method;
use tokio::time::Instant;

use super::server::{Server, Step, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::rate::Rate;
use crate::egress::{Egress, Request, sending};
use crate::gate::Certainty;

const EVERY: Duration = Duration::from_millis(200);

#[tokio::test(start_paused = true)]
async fn a_seconds_worth_begins_at_once_and_then_one_after_the_other() {
    let rate = Rate::new(5).unwrap();
    let start = Instant::now();
    for n in 0..5 {
        assert!(!rate.turn().await, "turn {n} waited");
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    for n in 1..=20 {
        assert!(rate.turn().await);
        let due = EVERY * n;
        let at = start.elapsed();
        // Timers have the grain of a millisecond.
        assert!(at >= due && at < due + Duration::from_millis(25), "turn {n} at {at:?}");
    }
    // A rest earns a second's worth, and not more.
    tokio::time::advance(Duration::from_secs(60)).await;
    let rested = Instant::now();
    for _ in 0..5 {
        rate.turn().await;
    }
    assert_eq!(rested.elapsed(), Duration::ZERO);
    rate.turn().await;
    assert!(rested.elapsed() >= EVERY);
}

#[tokio::test(start_paused = true)]
async fn whoever_asked_first_goes_first() {
    let rate = Arc::new(Rate::new(1).unwrap());
    rate.turn().await;
    let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
    // One deployment asks eight times, then another one once, then the first again.
    let names = ["many"; 8].into_iter().chain(["once"]).chain(["many"; 8]);
    let mut tasks = tokio::task::JoinSet::new();
    for name in names {
        let (rate, told) = (Arc::clone(&rate), told.clone());
        tasks.spawn(async move {
            rate.turn().await;
            told.send(name).unwrap();
        });
        // It has asked before the next one does.
        tokio::task::yield_now().await;
    }
    tasks.join_all().await;
    drop(told);
    let mut seen = Vec::new();
    while let Some(name) = order.recv().await {
        seen.push(name);
    }
    assert_eq!(seen.iter().position(|name| *name == "once"), Some(8), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_nobody_waits_for_any_more_is_not_lost() {
    let rate = Rate::new(1).unwrap();
    rate.turn().await;
    let start = Instant::now();
    for _ in 0..10 {
        let turn = tokio::time::timeout(Duration::from_millis(90), rate.turn()).await;
        assert!(turn.is_err());
    }
    rate.turn().await;
    assert!(start.elapsed() < Duration::from_millis(1_100), "{:?}", start.elapsed());
}

#[test]
fn no_rate_is_no_limit() {
    assert!(Rate::new(0).is_none());
}

fn get() -> Request {
    Request::new(Method::GET, ["x"])
}

#[tokio::test]
async fn a_request_that_cannot_begin_before_its_deadline_was_not_sent() {
    let server = Server::script([answer("200 OK", "", "1"), answer("200 OK", "", "2")]).await;
    let mut slow = settings(&server.url());
    slow.requests_per_second = 1;
    slow.read_retries = 5;
    let egress = Egress::new(slow).unwrap();
    egress.read(&get()).await.unwrap();
    let mut hasty = get();
    hasty.deadline = Some(Duration::from_millis(50));
    for failure in [
        egress.read(&hasty).await.unwrap_err(),
        egress.write(&hasty).await.unwrap_err(),
    ] {
        assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
        assert!(
            matches!(&failure.error, Error::Unavailable(why) if why.contains("requests_per_second")),
            "{failure:?}"
        );
    }
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        egress.health().standing().failures,
        0,
        "it says nothing about the target"
    );
}

#[tokio::test]
async fn a_write_uses_the_turn_that_was_kept_for_it_once() {
    let server = Server::script((0..3).map(|_| answer("200 OK", "", ""))).await;
    let mut slow = settings(&server.url());
    slow.requests_per_second = 1;
    let egress = Egress::new(slow).unwrap();
    assert!(!egress.turn().await.unwrap());
    let both = sending(Duration::from_secs(10), async {
        // At once: its turn was taken above.
        let first = egress.write(&get()).now_or_never();
        assert!(first.is_none(), "it is on its way");
        egress.write(&get()).await.unwrap();
    });
    let mut hasty = get();
    hasty.deadline = Some(Duration::from_millis(1));
    both.await;
    assert!(egress.write(&hasty).await.is_err(), "the bucket is empty");
}

#[tokio::test]
async fn g2_a_write_gets_only_what_is_left_of_the_time_that_its_settling_counts_on() {
    let server = Server::script([Step::Hold]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let failure = sending(Duration::from_millis(400), egress.write(&get()))
        .await
        .unwrap_err();
    assert_eq!(failure.certainty, Certainty::Unknown, "{failure:?}");
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("did not answer completely within")),
        "{failure:?}"
    );
    let failure = sending(Duration::ZERO, egress.write(&get())).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_connections_health_is_what_its_target_said_last_and_maintenance_mutes_it() {
    let server = Server::script([
        answer("200 OK", "", ""),
        answer("404 Not Found", "", ""),
        answer("503 Service Unavailable", "", ""),
        Step::SendAndClose(Vec::new()),
        answer("401 Unauthorized", "", ""),
        Step::SendAndClose(Vec::new()),
        answer("200 OK", "", ""),
    ])
    .await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let ask = || async {
        egress.read(&get()).await.ok();
        let now = egress.health().standing();
        (now.answers, now.failures, now.in_a_row)
    };
    assert_eq!(ask().await, (1, 0, 0));
    assert_eq!(ask().await, (2, 0, 0), "a refusal is an answer");
    assert_eq!(ask().await, (2, 1, 1), "a gateway's word is none");
    assert_eq!(ask().await, (2, 2, 2));
    assert_eq!(ask().await, (2, 3, 3), "nor are refused credentials");
    egress.health().mute(true);
    assert_eq!(ask().await, (2, 3, 0), "under maintenance nothing is counted");
    egress.health().mute(false);
    assert_eq!(ask().await, (3, 3, 0));
    let now = egress.health().standing();
    assert!(now.answered_at >= now.failed_at && now.failed_at.is_some() && !now.muted);
}
