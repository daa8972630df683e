//! Does a raw request stay below `/api/`, whatever a guest writes?

use serde_json::{Value, json};

use super::{KEY, Lab, effect};
use crate::bindings::synapse::thehive::raw::{Method, RawRequest};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write};
use crate::thehive::{RawRead, RawWrite};

fn request(method: Method, path: &str, body: Option<&str>) -> RawRequest {
    RawRequest {
        method,
        path: path.to_owned(),
        body: body.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_plain_request_is_sent_and_whatever_came_back_is_the_answer() {
    let lab = Lab::start().await;
    let id = lab.case().await;
    let read = |path: &str| RawRead {
        request: request(Method::Get, path, None),
    };
    let answer = lab.ask(&read(&format!("/api/v1/case/{id}"))).await.unwrap();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, body["_id"].as_str()), (200, Some(id.as_str())));
    assert_eq!(lab.ask(&read("/api/v1/case/~999999")).await.unwrap().status, 404);
    let write = RawWrite {
        request: request(Method::Patch, &format!("/api/v1/case/{id}"), Some(r#"{"title":"Raw"}"#)),
    };
    assert_eq!(lab.send(&write, &effect("1", false)).await.unwrap().answer.status, 204);
    let refused = RawWrite {
        request: request(Method::Patch, &format!("/api/v1/case/{id}"), Some(r#"{"severity":9}"#)),
    };
    assert_eq!(
        lab.send(&refused, &effect("2", false)).await.unwrap().answer.status,
        400
    );
    lab.fault("PATCH", "/api/v1/case/*", &json!({"lie": "did_it", "status": 502}));
    let unknown = lab.send(&write, &effect("3", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    assert!(write.probe(&lab.client, &effect("3", false)).await.is_err());
    lab.fault("GET", "/api/v1/case/*", &json!({"status": 200, "raw_body": KEY}));
    let echoed = lab.ask(&read(&format!("/api/v1/case/{id}"))).await.unwrap();
    assert!(!echoed.body.contains(KEY));
}

#[tokio::test]
async fn row_27_paths_that_lead_elsewhere_or_read_in_two_ways_are_refused_and_nothing_is_sent() {
    let lab = Lab::start().await;
    let before = lab.sim.control.requests(0).len();
    for path in [
        "",
        "/",
        "/api",
        "api/v1/case",
        "//api/v1/case",
        "/API/v1/case",
        "/api//v1/case",
        "/api/v1/case/",
        "/api/../admin",
        "/api/v1/../../x",
        "/api/./v1",
        "/api/v1/%2e%2e/x",
        "/api/v1/%2E./x",
        "/api/v1/.%2e/x",
        "/api/v1/..;/x",
        "/api/v1/case%2f..%2f..",
        "/api/v1/a%2Fb",
        "/api/v1/a%5cb",
        "/api/v1/a\\b",
        "/api/v1/%252e%252e/x",
        "/api/v1/a%00b",
        "/api/v1/a%0d%0aHost:x",
        "/api/v1/a\r\nX: y",
        "/api/v1/a b",
        "/api/v1/ä",
        "/api/v1/%ff",
        "/api/v1/%2",
        "/api/v1/%zz",
        "/api/v1/x#y",
        "/api/v1/x%23y",
        "/api/v1/x%3fy=1",
        "/api/v1/x?a=%0d%0a",
        "/api/v1/x?a=%zz",
        "https://evil.test/api/v1/case",
        "@evil.test/api/v1/case",
        "/@evil.test/api/v1",
        &format!("/api/v1/{}", "x".repeat(3_000)),
    ] {
        let read = RawRead {
            request: request(Method::Get, path, None),
        };
        assert!(matches!(lab.ask(&read).await, Err(Error::Invalid(_))), "{path:?}");
        let write = RawWrite {
            request: request(Method::Delete, path, None),
        };
        assert!(write.check().is_err(), "{path:?}");
    }
    assert_eq!(lab.sim.control.requests(0).len(), before);
}

#[test]
fn row_41_a_body_that_names_a_marker_is_refused_however_it_is_written() {
    for body in [
        r#"{"tags":["synapse:0123456789abcdef"]}"#,
        r#"{"tags":["\u0073ynapse:0123456789abcdef"]}"#,
        r#"{"addTags":[" SYNAPSE:x"]}"#,
        r#"{"a":{"b":[{"synapse:x":1}]}}"#,
        "not json",
    ] {
        let call = RawWrite {
            request: request(Method::Patch, "/api/v1/case/~1", Some(body)),
        };
        assert!(call.check().is_err(), "{body}");
    }
    let with_body = RawRead {
        request: request(Method::Get, "/api/v1/case/~1", Some("{}")),
    };
    assert!(crate::thehive::check::raw(&with_body.request).is_err());
    let search = RawWrite {
        request: request(
            Method::Post,
            "/api/v1/query",
            Some(r#"{"query":[{"_value":"synapse:1"}]}"#),
        ),
    };
    assert!(search.check().is_ok());
}
