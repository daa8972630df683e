//! Are reads repeated when that helps, and no longer? Time is paused: no test waits.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use tokio::time::Instant;

use super::server::{Server, Step, answer};
use super::settings;
use crate::egress::answer::Response;
use crate::egress::fault::Fault;
use crate::egress::{Egress, Request, retry, retry_after};

const DEADLINE: Duration = Duration::from_secs(20);

fn response(status: u16, after: Option<&str>) -> Result<Response, Fault> {
    let mut headers = HeaderMap::new();
    if let Some(after) = after {
        headers.insert(RETRY_AFTER, HeaderValue::from_str(after).unwrap());
    }
    Ok(Response {
        status,
        headers,
        body: Bytes::new(),
    })
}

/// How the read ended, when each attempt began, and how long the last one was allowed to take.
async fn run(retries: u32, script: Vec<Result<Response, Fault>>) -> (Result<u16, Fault>, Vec<Duration>, Duration) {
    let start = Instant::now();
    let times = Mutex::new(Vec::new());
    let last = Mutex::new(Duration::ZERO);
    let script = Mutex::new(script.into_iter());
    let result = retry::read(
        retries,
        DEADLINE,
        || Duration::from_secs(1_000),
        |left| {
            times.lock().unwrap().push(start.elapsed());
            *last.lock().unwrap() = left;
            let next = script.lock().unwrap().next().expect("an attempt too many");
            async move { next }
        },
    )
    .await;
    (
        result.map(|response| response.status),
        times.into_inner().unwrap(),
        last.into_inner().unwrap(),
    )
}

#[tokio::test(start_paused = true)]
async fn transient_statuses_and_faults_are_repeated_with_growing_jittered_pauses() {
    let script = vec![
        response(502, None),
        response(503, None),
        response(504, None),
        response(429, None),
        Err(Fault::Broken("reset".to_owned())),
        Err(Fault::Connect("refused".to_owned())),
        response(200, None),
    ];
    let (result, times, _) = run(8, script).await;
    assert_eq!(result, Ok(200));
    let pauses: Vec<u128> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    for (pause, whole) in pauses.iter().zip([200, 400, 800, 1_600, 3_200, 5_000]) {
        // One millisecond is the timer's own grain.
        assert!((whole / 2..=whole + 1).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn row_67_retry_after_is_honoured_and_capped() {
    let (result, times, _) = run(3, vec![response(429, Some("7")), response(200, None)]).await;
    assert_eq!((result, times[1].as_secs()), (Ok(200), 7));
    let (_, times, _) = run(
        3,
        vec![
            response(503, Some("Thu, 01 Jan 1970 00:16:50 GMT")),
            response(200, None),
        ],
    )
    .await;
    assert_eq!(times[1].as_secs(), 10);
    let (_, times, _) = run(3, vec![response(503, Some("315360000")), response(200, None)]).await;
    assert_eq!(times[1].as_secs(), 30, "ten years are cut to the cap");
    let mut headers = HeaderMap::new();
    assert_eq!(retry_after(&headers, Duration::ZERO), None);
    headers.insert(RETRY_AFTER, HeaderValue::from_static("soon"));
    assert_eq!(retry_after(&headers, Duration::ZERO), None);
}

#[tokio::test(start_paused = true)]
async fn a_500_is_repeated_once_and_other_answers_never() {
    let (result, times, _) = run(5, vec![response(500, None), response(500, None)]).await;
    assert_eq!((result, times.len()), (Ok(500), 2));
    for status in [200, 204, 302, 400, 401, 403, 404, 409, 501] {
        let (result, times, _) = run(5, vec![response(status, None)]).await;
        assert_eq!((result, times.len()), (Ok(status), 1));
    }
    for fault in [
        Fault::TooLarge(1),
        Fault::Blocked(String::new()),
        Fault::Untrusted(String::new()),
        Fault::Encoded,
    ] {
        let (result, times, _) = run(5, vec![Err(fault.clone())]).await;
        assert_eq!((result, times.len()), (Err(fault), 1));
    }
}

#[tokio::test(start_paused = true)]
async fn all_attempts_together_stay_inside_the_budget() {
    let (result, times, left) = run(100, vec![response(503, Some("25")); 3]).await;
    // 0 s, 25 s, 50 s; another pause would pass 60 s, three deadlines.
    assert_eq!((result, times.len()), (Ok(503), 3));
    assert_eq!(left.as_secs(), 10, "the last attempt gets what is left");
    let (result, times, _) = run(2, vec![response(503, Some("0")); 3]).await;
    assert_eq!((result, times.len()), (Ok(503), 3));
}

#[tokio::test]
async fn a_read_survives_a_broken_connection_on_a_real_socket() {
    let server = Server::script([
        Step::SendAndReset(Vec::new()),
        answer("503 Service Unavailable", "retry-after: 0\r\n", ""),
        answer("200 OK", "", "{}"),
    ])
    .await;
    let mut patient = settings(&server.url());
    patient.read_retries = 2;
    let response = Egress::new(patient)
        .unwrap()
        .read(&Request::new(Method::GET, ["x"]))
        .await
        .unwrap();
    assert_eq!((response.status, server.requests().len()), (200, 3));
}
