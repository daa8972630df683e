//! What can a hostile answer cost (threat rows 58, 59, 61)?

use std::time::Duration;

use http::Method;

use super::server::{Server, Step, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Egress, Request, Response};
use crate::gate::{Certainty, Failure};

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

async fn write(step: Step) -> Result<Response, Failure> {
    let server = Server::script([step]).await;
    let mut short = settings(&server.url());
    short.request_deadline = Duration::from_millis(400);
    Egress::new(short)
        .unwrap()
        .write(&Request::new(Method::POST, ["x"]))
        .await
}

fn is_too_large(result: &Result<Response, Failure>) -> bool {
    matches!(
        result,
        Err(Failure {
            error: Error::TooLarge(65_536),
            certainty: Certainty::Unknown
        })
    )
}

#[tokio::test]
async fn row_58_an_answer_is_read_up_to_the_limit_whatever_its_length_claims() {
    let claims_much = write(Step::Send(
        b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n".to_vec(),
    ))
    .await;
    assert!(is_too_large(&claims_much), "{claims_much:?}");
    let endless = write(Step::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())).await;
    assert!(is_too_large(&endless), "{endless:?}");
    let chunks = write(Step::Flood([CHUNKED, b"7fffffff\r\n"].concat())).await;
    assert!(is_too_large(&chunks), "{chunks:?}");
    let fits = write(answer("200 OK", "", &"x".repeat(65_536))).await.unwrap();
    assert_eq!(fits.body.len(), 65_536);
}

#[tokio::test]
async fn row_58_a_shorter_body_than_claimed_is_no_answer_and_a_longer_one_is_cut_off() {
    let short = write(Step::SendAndClose(
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}".to_vec(),
    ))
    .await
    .unwrap_err();
    assert_eq!(short.certainty, Certainty::Unknown);
    assert!(matches!(short.error, Error::Unavailable(_)), "{short:?}");
    let long = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
    let server = Server::script([Step::Send(long.to_vec()), answer("200 OK", "", "second")]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let request = Request::new(Method::GET, ["x"]);
    assert_eq!(egress.read(&request).await.unwrap().body, "{}");
    // What was left over must not be taken for the next answer.
    assert_eq!(egress.read(&request).await.unwrap().body, "second");
}

#[tokio::test]
async fn row_58_a_slow_drip_ends_at_the_deadline() {
    let drip = write(Step::Drip(CHUNKED.to_vec(), Duration::from_millis(20)))
        .await
        .unwrap_err();
    assert_eq!(drip.certainty, Certainty::Unknown);
    let drip = write(Step::Drip(
        b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n".to_vec(),
        Duration::from_millis(20),
    ))
    .await
    .unwrap_err();
    assert!(
        matches!(&drip.error, Error::Unavailable(why) if why.contains("400 ms")),
        "{drip:?}"
    );
    let silent = write(Step::Hold).await.unwrap_err();
    assert!(
        matches!(&silent.error, Error::Unavailable(why) if why.contains("400 ms")),
        "{silent:?}"
    );
}

#[tokio::test]
async fn row_59_a_compressed_answer_is_refused_unread() {
    let packed = write(answer("200 OK", "content-encoding: gzip\r\n", "\u{1f}bomb"))
        .await
        .unwrap_err();
    assert!(
        matches!(&packed.error, Error::Other(other) if other.code == "unreadable-answer"),
        "{packed:?}"
    );
    assert_eq!(packed.certainty, Certainty::Unknown);
    assert!(
        write(answer("200 OK", "content-encoding: identity\r\n", "{}"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn garbage_instead_of_http_is_no_answer_and_is_not_quoted() {
    let garbage = write(Step::SendAndClose(b"canary-body \x00\x01 nonsense\r\n\r\n".to_vec()))
        .await
        .unwrap_err();
    assert_eq!(garbage.certainty, Certainty::Unknown);
    assert!(!format!("{garbage:?}").contains("canary"), "{garbage:?}");
    let headers: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let many = write(answer("200 OK", &headers, "{}")).await.unwrap_err();
    assert_eq!(many.certainty, Certainty::Unknown);
}
