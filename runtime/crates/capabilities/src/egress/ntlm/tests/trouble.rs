//! What follows when a login or a connection is lost: never a second login with a refused password, never a second write?

use std::time::Duration;

use http::Method;
use synapse_sim::ntlm::Guard;

use super::{account, egress, ntlm, post, start};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::tests::server::{Server, Step, answer};
use crate::egress::{Content, Egress, Part, Request};
use crate::gate::Certainty;

/// A challenge: what a target that was never asked for one would send.
const CHALLENGE: &str = "TlRMTVNTUAACAAAABgAGADgAAAAFgomiCQkJCQkJCQkAAAAAAAAAAAQABAA+AAAACgBjRQAAAA9TAEkATQAAAAAA";

fn challenge() -> Step {
    let page = "x".repeat(5_000);
    answer(
        "401 Unauthorized",
        &format!("www-authenticate: NTLM {CHALLENGE}\r\n"),
        &page,
    )
}

fn refusal() -> Step {
    answer(
        "401 Unauthorized",
        "www-authenticate: Negotiate\r\nwww-authenticate: NTLM\r\n",
        "no",
    )
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_by_however_many() {
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let mut eager = ntlm(&server.url(), "ann", Some("CORP"), "canary-wrong");
    eager.read_retries = 5;
    let egress = Egress::new(eager).unwrap();
    let failure = egress.read(&post(b"x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::Unauthenticated), "{failure:?}");
    assert_eq!(failure.certainty, Certainty::Refused);
    let request = post(b"x");
    let others = futures::future::join_all((0..4).map(|_| egress.write(&request))).await;
    assert!(
        others
            .iter()
            .all(|other| matches!(other, Err(failure) if matches!(failure.error, Error::Unauthenticated)))
    );
    let seen = guard.seen();
    let refused: Vec<_> = seen.iter().flat_map(|connection| &connection.refused).collect();
    assert_eq!(refused, ["password"], "one login in all");
}

#[tokio::test]
async fn requests_that_start_together_find_out_about_a_wrong_password_with_one_login() {
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let egress = Egress::new(ntlm(&server.url(), "ann", Some("CORP"), "canary-wrong")).unwrap();
    let request = post(b"x");
    let all = futures::future::join_all((0..4).map(|_| egress.write(&request))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(
        guard
            .seen()
            .iter()
            .map(|connection| connection.refused.len())
            .sum::<usize>(),
        1
    );
}

#[tokio::test]
async fn a_login_that_the_target_forgot_is_made_again_once_also_for_a_write() {
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let egress = egress(&server.url(), "ann");
    egress.write(&post(b"1")).await.unwrap();
    guard.forget();
    assert_eq!(egress.write(&post(b"22")).await.unwrap().body, "CORP\\ann 2");
    let seen = guard.seen();
    assert_eq!(seen.iter().map(|connection| connection.logins).sum::<u64>(), 2);
    assert_eq!(seen.iter().map(|connection| connection.requests).sum::<u64>(), 2);
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_write_whose_connection_breaks_after_the_login_is_unknown_and_not_repeated() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    for step in [
        Step::SendAndReset(Vec::new()),
        Step::SendAndClose(Vec::new()),
        Step::SendAndReset(half.clone()),
        Step::SendAndClose(half),
    ] {
        // Once in the exchange of the login, and once on a connection that is logged in.
        let first = Server::script([challenge(), step.clone(), challenge(), answer("200 OK", "", "")]).await;
        let later = [
            challenge(),
            answer("200 OK", "", ""),
            step,
            challenge(),
            answer("200 OK", "", ""),
        ];
        let later = Server::script(later).await;
        for (server, before, requests) in [(first, 0, 2), (later, 1, 3)] {
            let egress = egress(&server.url(), "ann");
            for _ in 0..before {
                egress.write(&post(b"x")).await.unwrap();
            }
            let failure = egress.write(&post(b"canary-body")).await.unwrap_err();
            assert_eq!(failure.certainty, Certainty::Unknown, "{failure:?}");
            assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
            assert_eq!(server.requests().len(), requests, "repeated");
        }
    }
}

#[tokio::test]
async fn a_read_whose_old_connection_breaks_is_asked_again_on_a_new_one() {
    let steps = [
        challenge(),
        answer("200 OK", "", "1"),
        Step::SendAndReset(Vec::new()),
        challenge(),
        answer("200 OK", "", "2"),
    ];
    let server = Server::script(steps).await;
    let egress = egress(&server.url(), "ann");
    assert_eq!(egress.read(&post(b"x")).await.unwrap().body, "1");
    assert_eq!(egress.read(&post(b"x")).await.unwrap().body, "2");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_write_whose_old_connection_was_closed_before_it_is_sent_on_a_new_one() {
    let steps = [
        challenge(),
        answer("200 OK", "connection: close\r\n", "1"),
        challenge(),
        answer("200 OK", "", "2"),
    ];
    let server = Server::script(steps).await;
    let egress = egress(&server.url(), "ann");
    assert_eq!(egress.write(&post(b"x")).await.unwrap().body, "1");
    assert_eq!(egress.write(&post(b"x")).await.unwrap().body, "2");
}

#[tokio::test]
async fn before_the_real_body_leaves_every_break_means_not_sent() {
    let closing = format!("connection: close\r\nwww-authenticate: NTLM {CHALLENGE}\r\n");
    for step in [
        Step::SendAndReset(Vec::new()),
        Step::SendAndClose(b"HTTP/1.1 401".to_vec()),
        answer("401 Unauthorized", &closing, ""),
    ] {
        let server = Server::script([step]).await;
        let failure = egress(&server.url(), "ann")
            .write(&post(b"canary-body"))
            .await
            .unwrap_err();
        assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
        assert!(matches!(failure.error, Error::Unavailable(_)), "{failure:?}");
        assert!(server.requests().iter().all(|request| !request.contains("canary-body")));
    }
}

#[tokio::test]
async fn a_write_without_a_body_is_unknown_from_its_first_message_on() {
    let server = Server::script([Step::SendAndReset(Vec::new())]).await;
    let request = Request::new(Method::DELETE, ["ews"]);
    let failure = egress(&server.url(), "ann").write(&request).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::Unknown, "{failure:?}");
}

#[tokio::test]
async fn the_first_message_has_no_body_and_later_requests_have_no_authorization() {
    let steps = [
        challenge(),
        answer("200 OK", "set-cookie: back=end; path=/\r\n", ""),
        answer("200 OK", "", ""),
    ];
    let server = Server::script(steps).await;
    let egress = egress(&server.url(), "ann");
    egress.write(&post(b"real")).await.unwrap();
    egress.write(&post(b"real")).await.unwrap();
    let [first, login, later] = server.requests().try_into().unwrap();
    assert!(
        first.contains("authorization: NTLM TlRMTVNTUAAB") && first.contains("content-length: 0\r\n"),
        "{first}"
    );
    assert!(!first.contains("real") && !first.contains("content-type"));
    assert!(login.contains("authorization: NTLM TlRMTVNTUAAD") && login.ends_with("\r\n\r\nreal"));
    assert!(!later.contains("authorization") && later.ends_with("\r\n\r\nreal"));
    assert!(later.contains("cookie: back=end\r\n") && !login.contains("cookie"));
    for request in [first, login, later] {
        assert!(request.starts_with("POST /ews HTTP/1.1\r\n") && request.contains("accept-encoding: identity\r\n"));
        assert!(request.contains(&format!("host: {}\r\n", server.address)) && request.contains("user-agent: synapse/"));
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_target_that_offers_only_negotiate_gets_ntlm_under_that_name() {
    let only = answer("401 Unauthorized", "www-authenticate: Negotiate\r\n", "");
    let offered = answer(
        "401 Unauthorized",
        &format!("www-authenticate: Negotiate {CHALLENGE}\r\n"),
        "",
    );
    let server = Server::script([only, offered, answer("200 OK", "", "in")]).await;
    assert_eq!(
        egress(&server.url(), "ann").write(&post(b"x")).await.unwrap().body,
        "in"
    );
    let requests = server.requests();
    assert!(
        requests[1].contains("authorization: Negotiate TlRM") && requests[2].contains("authorization: Negotiate TlRM")
    );
}

#[tokio::test]
async fn a_target_that_does_not_offer_ntlm_gets_no_proof_and_no_body() {
    let basic = || answer("401 Unauthorized", "www-authenticate: Basic realm=\"x\"\r\n", "");
    for steps in [
        vec![basic()],
        vec![refusal(), refusal()],
        vec![answer("200 OK", "", "welcome")],
    ] {
        let server = Server::script(steps).await;
        let failure = egress(&server.url(), "ann")
            .write(&post(b"canary-body"))
            .await
            .unwrap_err();
        assert!(matches!(failure.error, Error::Unauthenticated), "{failure:?}");
        assert!(
            server
                .requests()
                .iter()
                .all(|request| !request.contains("canary-body") && !request.contains("TlRMTVNTUAAD"))
        );
    }
}

#[tokio::test]
async fn an_error_before_the_login_is_an_answer_and_a_redirect_is_not_followed() {
    for status in ["503 Service Unavailable", "302 Found", "403 Forbidden"] {
        let server = Server::script([answer(status, "location: http://127.0.0.1:1/\r\n", "why")]).await;
        let response = egress(&server.url(), "ann").write(&post(b"x")).await.unwrap();
        assert!(status.starts_with(&response.status.to_string()));
        assert_eq!((&response.body[..], server.requests().len()), (&b"why"[..], 1));
    }
}

#[tokio::test]
async fn the_deadline_and_the_limit_hold_for_logins_too() {
    let server = Server::script([Step::Hold]).await;
    let mut request = post(b"x");
    request.deadline = Some(Duration::from_millis(100));
    let failure = egress(&server.url(), "ann").write(&request).await.unwrap_err();
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains("100 ms")),
        "{failure:?}"
    );
    assert_eq!(failure.certainty, Certainty::NotSent, "a login alone does nothing");
    let server = Server::script([challenge(), Step::Hold]).await;
    let failure = egress(&server.url(), "ann").write(&request).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::Unknown);
    let endless = format!("HTTP/1.1 401 Unauthorized\r\nwww-authenticate: NTLM {CHALLENGE}\r\n\r\n");
    let server = Server::script([Step::Flood(endless.into_bytes())]).await;
    let failure = egress(&server.url(), "ann").write(&post(b"x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::TooLarge(_)), "{failure:?}");
    let server = Server::script([challenge(), Step::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())]).await;
    let failure = egress(&server.url(), "ann").write(&post(b"x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::TooLarge(65_536)), "{failure:?}");
}

#[tokio::test]
async fn row_45_an_address_that_is_not_permitted_is_not_connected_to() {
    let server = Server::script([]).await;
    let mut settings = ntlm(&server.url(), "ann", None, "canary-ann");
    settings.url = settings.url.replace("127.0.0.1", "127.0.0.2");
    settings.allow = vec!["127.0.0.1/32".parse().unwrap()];
    assert!(Egress::new(settings).is_err());
}

#[tokio::test]
async fn a_large_form_is_sent_once_and_only_after_the_login() {
    const LARGE: u64 = 64 << 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hollow");
    std::fs::File::create(&path).unwrap().set_len(LARGE).unwrap();
    let part = Part {
        name: "attachment".to_owned(),
        file_name: Some("mail.eml".to_owned()),
        media_type: None,
        content: Content::File { path, size: LARGE },
    };
    let request = Request::new(Method::POST, ["ews"]).multipart(vec![part]);
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, None).await;
    let egress = egress(&server.url(), "ann");
    let expected = format!("CORP\\ann {}", request.body_bytes());
    assert_eq!(egress.write(&request).await.unwrap().body, expected);
    // On the connection that is logged in, too.
    assert_eq!(egress.write(&request).await.unwrap().body, expected);
    assert_eq!(server.accepted(), 1);
}
