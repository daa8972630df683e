//! Can a value change what a request is?

use http::Method;
use http::header::HeaderName;
use proptest::prelude::*;
use synapse_domain::secret::Secret;

use super::server::{Server, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::base::Base;
use crate::egress::{Auth, Body, Egress, Request};
use crate::gate::Certainty;

proptest! {
    #[test]
    fn row_29_no_segment_leaves_its_place_in_the_path(segments in proptest::collection::vec(hostile(), 1..4)) {
        let base = Base::parse(&settings("http://127.0.0.1:1234/context")).unwrap();
        let Ok(url) = base.join(&segments, &[]) else {
            let bad = |segment: &String| segment.is_empty() || segment == "." || segment == ".." || segment.chars().any(char::is_control);
            prop_assert!(segments.iter().any(bad), "refused without a reason: {segments:?}");
            return Ok(());
        };
        prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
        prop_assert_eq!((url.port(), url.query(), url.fragment()), (Some(1234), None, None));
        let path: Vec<&str> = url.path().split('/').skip(1).collect();
        prop_assert_eq!(path.len(), segments.len() + 1);
        prop_assert_eq!(path[0], "context");
        for (sent, asked) in path[1..].iter().zip(&segments) {
            prop_assert_eq!(&decoded(sent), asked);
        }
    }

    #[test]
    fn row_27_no_query_value_becomes_another_parameter(pairs in proptest::collection::vec((hostile(), any::<String>()), 1..4)) {
        let base = Base::parse(&settings("http://127.0.0.1:1234")).unwrap();
        let url = base.join(&["x".to_owned()], &pairs).unwrap();
        let read: Vec<(String, String)> = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        prop_assert_eq!(read, pairs);
    }
}

/// Any text, and often the kind that has escaped from paths before.
fn hostile() -> impl Strategy<Value = String> {
    let known = [
        "..",
        ".",
        "%2e%2e",
        "../../etc/passwd",
        "a/b",
        "\\",
        "?x=1",
        "#x",
        "//",
        ";",
        "%00",
        "%",
        "@host",
        "a:b",
        "é",
        "\u{202e}",
    ];
    prop_oneof![
        any::<String>(),
        proptest::sample::select(known.map(str::to_owned).to_vec())
    ]
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            hex::decode([rest.next().unwrap(), rest.next().unwrap()]).unwrap()[0]
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn row_30_control_characters_are_refused_before_anything_is_sent() {
    let server = Server::script([]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    for bad in ["a\rb", "a\nb", "a\0b", "a\r\nX-Admin: yes"] {
        let mut in_header = Request::new(Method::GET, ["x"]);
        in_header
            .headers
            .push((HeaderName::from_static("x-organisation"), bad.to_owned()));
        for request in [in_header, Request::new(Method::GET, ["x", bad])] {
            let failure = egress.write(&request).await.unwrap_err();
            assert!(
                matches!(failure.error, Error::Invalid(_)) && failure.certainty == Certainty::NotSent,
                "{failure:?}"
            );
        }
        let mut in_settings = settings(&server.url());
        in_settings.extra_headers = vec![("X-Organisation".to_owned(), bad.to_owned())];
        assert!(Egress::new(in_settings).is_err());
        let mut in_secret = settings(&server.url());
        in_secret.auth = Auth::Bearer(Secret::new(bad));
        let refused = Egress::new(in_secret).unwrap_err();
        assert!(refused.place == "auth" && !refused.problem.contains(bad), "{refused}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_request_carries_what_was_configured_and_nothing_else() {
    let ok = || answer("200 OK", "set-cookie: session=canary\r\n", "{}");
    let server = Server::script([ok(), ok()]).await;
    let mut with = settings(&format!("{}/context/", server.url()));
    with.auth = Auth::Basic {
        user: "alice".to_owned(),
        password: Secret::new("canary-password"),
    };
    with.extra_headers = vec![("X-Organisation".to_owned(), "société".to_owned())];
    let egress = Egress::new(with).unwrap();
    let mut form = Request::new(Method::POST, ["api", "ariel"]);
    form.body = Body::Form(vec![("query".to_owned(), "SELECT 'ä&b=c' + 1".to_owned())]);
    form.query = vec![("name".to_owned(), "a b".to_owned())];
    egress.read(&form).await.unwrap();
    egress
        .read(&Request::new(Method::GET, ["x"]).json(b"{}".to_vec()))
        .await
        .unwrap();
    let [first, second] = server.requests().try_into().unwrap();
    assert!(
        first.starts_with("POST /context/api/ariel?name=a%20b HTTP/1.1\r\n"),
        "{first}"
    );
    assert!(
        first.contains("authorization: Basic YWxpY2U6Y2FuYXJ5LXBhc3N3b3Jk\r\n"),
        "{first}"
    );
    assert!(
        first.contains("accept-encoding: identity\r\n") && first.contains("x-organisation: société\r\n"),
        "{first}"
    );
    assert!(
        first.contains("content-type: application/x-www-form-urlencoded; charset=UTF-8\r\n"),
        "{first}"
    );
    assert!(
        first.ends_with("\r\n\r\nquery=SELECT+%27%C3%A4%26b%3Dc%27+%2B+1"),
        "{first}"
    );
    // Row 61: cookies are not kept, and nobody is told where we were before.
    assert!(
        second.contains("content-type: application/json\r\n") && !second.contains("canary\r\n"),
        "{second}"
    );
    assert!(!second.contains("cookie:") && !second.contains("referer:"), "{second}");
    let shown = format!("{egress:?}");
    assert!(!shown.contains("canary") && !shown.contains("YWxpY2U6"), "{shown}");
    assert_eq!(
        egress.scrub("got Basic YWxpY2U6Y2FuYXJ5LXBhc3N3b3Jk for canary-password"),
        "got Basic [redacted] for [redacted]"
    );
}
