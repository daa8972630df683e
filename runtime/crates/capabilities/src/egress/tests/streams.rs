//! What bounds an answer that is read piece by piece (threat rows 58 and 59)?

use std::time::Duration;

use http::Method;

use super::server::{Server, Step, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Egress, Request, Streamed};
use crate::gate::{Certainty, Failure};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";

fn get() -> Request {
    Request::new(Method::GET, ["x"])
}

/// Reads to the end.
async fn drain(streamed: &mut Streamed) -> Result<usize, Failure> {
    let mut length = 0;
    while let Some(chunk) = streamed.chunk().await? {
        length += chunk.len();
    }
    Ok(length)
}

#[tokio::test]
async fn row_58_a_stream_ends_at_its_own_limit_and_stays_failed() {
    for step in [
        Step::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        Step::Flood(b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n".to_vec()),
    ] {
        let server = Server::script([step]).await;
        let egress = Egress::new(settings(&server.url())).unwrap();
        let mut request = get();
        // More than the connection's limit, which is for answers in memory.
        request.max_bytes = Some(300_000);
        let mut streamed = egress.stream(&request).await.unwrap();
        let result = drain(&mut streamed).await;
        if streamed.headers.contains_key("content-length") {
            assert_eq!(result.unwrap(), 300_000);
            assert!(streamed.chunk().await.unwrap().is_none());
        } else {
            assert!(matches!(result.unwrap_err().error, Error::TooLarge(300_000)));
            assert!(matches!(
                streamed.chunk().await.unwrap_err().error,
                Error::TooLarge(300_000)
            ));
        }
        request.max_bytes = None;
    }
    let claims = Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 300001\r\n\r\n".to_vec());
    let server = Server::script([claims]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let mut request = get();
    request.max_bytes = Some(300_000);
    let failure = egress.stream(&request).await.unwrap_err();
    assert!(matches!(failure.error, Error::TooLarge(300_000)), "{failure:?}");
}

#[tokio::test]
async fn row_58_silence_and_the_deadline_end_a_stream() {
    let silent = Step::Send([HEAD, b"abc"].concat());
    let server = Server::script([silent]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let mut request = get();
    request.deadline = Some(Duration::from_secs(3_600));
    let mut streamed = egress.stream(&request).await.unwrap();
    assert_eq!(streamed.chunk().await.unwrap().unwrap(), "abc");
    // Nothing else happens from here on, so the clock jumps to whatever ends the wait.
    tokio::time::pause();
    let failure = streamed.chunk().await.unwrap_err();
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("30000 ms")),
        "{failure:?}"
    );
    tokio::time::resume();
    let drip = Step::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), Duration::from_millis(20));
    let server = Server::script([drip]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    request.deadline = Some(Duration::from_millis(400));
    let mut streamed = egress.stream(&request).await.unwrap();
    let failure = drain(&mut streamed).await.unwrap_err();
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("400 ms")),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_stream_that_breaks_is_not_taken_for_complete() {
    let server = Server::script([Step::SendAndClose([HEAD, b"abc"].concat())]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let mut streamed = egress.stream(&get()).await.unwrap();
    assert!(drain(&mut streamed).await.is_err());
    let failure = streamed.chunk().await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::Unknown);
}

#[tokio::test]
async fn a_slot_is_held_until_the_body_ends_or_is_dropped() {
    let under_way = Step::Send([HEAD, b"abc"].concat());
    let server = Server::script([under_way, answer("200 OK", "", "second"), answer("200 OK", "", "third")]).await;
    let mut narrow = settings(&server.url());
    narrow.width = 1;
    let egress = Egress::new(narrow).unwrap();
    let streamed = egress.stream(&get()).await.unwrap();
    let mut hasty = get();
    hasty.deadline = Some(Duration::from_millis(50));
    let failure = egress.read(&hasty).await.unwrap_err();
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("slot")),
        "{failure:?}"
    );
    drop(streamed);
    let mut streamed = egress.stream(&get()).await.unwrap();
    assert_eq!(drain(&mut streamed).await.unwrap(), "second".len());
    // At its end it is no longer held, although the value is still there.
    assert_eq!(egress.read(&hasty).await.unwrap().body, "third");
    drop(streamed);
}

#[tokio::test]
async fn the_whole_of_a_stream_has_a_limit_of_its_own() {
    let server = Server::script([answer("200 OK", "", "0123456789"), answer("200 OK", "", "0123456789")]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let response = egress.stream(&get()).await.unwrap().whole(10).await.unwrap();
    assert_eq!((response.status, &response.body[..]), (200, &b"0123456789"[..]));
    let failure = egress.stream(&get()).await.unwrap().whole(9).await.unwrap_err();
    assert!(matches!(failure.error, Error::TooLarge(9)), "{failure:?}");
}

#[tokio::test]
async fn row_59_a_compressed_stream_is_refused_unread() {
    let server = Server::script([answer("200 OK", "content-encoding: gzip\r\n", "\u{1f}bomb")]).await;
    let failure = Egress::new(settings(&server.url()))
        .unwrap()
        .stream(&get())
        .await
        .unwrap_err();
    assert!(
        matches!(&failure.error, Error::Other(other) if other.code == "unreadable-answer"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_stream_is_repeated_until_its_head_is_there() {
    let steps = [
        Step::SendAndReset(Vec::new()),
        answer("503 Service Unavailable", "retry-after: 0\r\n", ""),
        answer("200 OK", "", "third"),
    ];
    let server = Server::script(steps).await;
    let mut eager = settings(&server.url());
    eager.read_retries = 3;
    let streamed = Egress::new(eager).unwrap().stream(&get()).await.unwrap();
    assert_eq!(streamed.whole(100).await.unwrap().body, "third");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_not_collected_in_memory() {
    let server = Server::script([Step::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let mut request = get();
    request.max_bytes = Some(64 << 20);
    let mut streamed = egress.stream(&request).await.unwrap();
    let mut longest = 0;
    loop {
        match streamed.chunk().await {
            Ok(chunk) => longest = longest.max(chunk.unwrap().len()),
            Err(failure) => {
                assert!(matches!(failure.error, Error::TooLarge(67_108_864)), "{failure:?}");
                break;
            }
        }
    }
    assert!(longest < 1 << 20, "{longest}");
}
