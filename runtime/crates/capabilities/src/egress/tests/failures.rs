//! Is a failed write as sure as it says (design G3)?

use std::time::Duration;

use http::Method;
use synapse_domain::secret::Secret;
use tokio::net::TcpListener;

use super::server::{Server, Step, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Auth, Egress, Request};
use crate::gate::Certainty;

fn post() -> Request {
    Request::new(Method::POST, ["x"]).json(b"{}".to_vec())
}

#[tokio::test]
async fn a_refused_connection_or_an_unknown_name_means_that_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let egress = Egress::new(settings(&format!("http://127.0.0.1:{port}"))).unwrap();
    let failure = egress.write(&post()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("refused")),
        "{failure:?}"
    );
    let egress = Egress::new(settings("http://no-such-host.invalid")).unwrap();
    let failure = egress.write(&post()).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
}

#[tokio::test]
async fn once_a_byte_may_have_been_sent_the_outcome_is_unknown_and_nothing_is_repeated() {
    let half = b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":".to_vec();
    let breaks = [
        Step::SendAndClose(Vec::new()),
        Step::SendAndReset(Vec::new()),
        Step::SendAndReset(b"HTTP/1.1 201".to_vec()),
        Step::SendAndReset(half.clone()),
        Step::SendAndClose(half),
    ];
    for (n, step) in breaks.into_iter().enumerate() {
        let server = Server::script([step, answer("201 Created", "", "{}")]).await;
        let mut eager = settings(&server.url());
        eager.read_retries = 5;
        let failure = Egress::new(eager).unwrap().write(&post()).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::Unknown, "break {n}: {failure:?}");
        assert_eq!(server.requests().len(), 1, "break {n} was repeated");
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_for_any_status_and_gets_every_status_as_an_answer() {
    for status in [
        "500 Internal Server Error",
        "503 Service Unavailable",
        "429 Too Many Requests",
        "409 Conflict",
    ] {
        let server = Server::script([answer(status, "retry-after: 0\r\n", "{}"), answer("200 OK", "", "{}")]).await;
        let mut eager = settings(&server.url());
        eager.read_retries = 5;
        let response = Egress::new(eager).unwrap().write(&post()).await.unwrap();
        assert!(status.starts_with(&response.status.to_string()));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_write_that_never_got_a_slot_was_not_sent() {
    let server = Server::script([Step::Hold]).await;
    let mut narrow = settings(&server.url());
    narrow.width = 1;
    let egress = Egress::new(narrow).unwrap();
    let first = post();
    let mut second = post();
    second.deadline = Some(Duration::from_millis(50));
    tokio::select! {
        biased;
        first = egress.write(&first) => panic!("the held request was answered: {first:?}"),
        second = egress.write(&second) => {
            let failure = second.unwrap_err();
            assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
            assert!(matches!(&failure.error, Error::Unavailable(why) if why.contains("slot")), "{failure:?}");
        }
    }
    assert!(server.requests().len() <= 1);
}

#[tokio::test]
async fn a_write_never_gets_more_time_than_the_connection_allows() {
    let server = Server::script([Step::Hold]).await;
    let mut short = settings(&server.url());
    short.request_deadline = Duration::from_millis(50);
    let mut greedy = post();
    greedy.deadline = Some(Duration::from_secs(3_600));
    let failure = Egress::new(short).unwrap().write(&greedy).await.unwrap_err();
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("50 ms")),
        "{failure:?}"
    );
}

#[tokio::test]
async fn row_34_no_error_text_holds_a_credential_a_query_value_or_a_body() {
    for step in [
        Step::SendAndReset(Vec::new()),
        Step::SendAndClose(b"HTTP/1.1 canary-line\r\n\r\n".to_vec()),
    ] {
        let server = Server::script([step]).await;
        let mut secret = settings(&server.url());
        secret.auth = Auth::Header {
            name: "SEC".to_owned(),
            value: Secret::new("canary-token"),
        };
        let mut request = Request::new(Method::POST, ["canary-path"]).json(b"\"canary-body\"".to_vec());
        request.query.push(("filter".to_owned(), "canary-filter".to_owned()));
        let failure = Egress::new(secret).unwrap().write(&request).await.unwrap_err();
        assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
        assert!(server.requests()[0].contains("canary-token"));
    }
}
