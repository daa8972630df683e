//! Are alerts created, found and read as the server holds them?

use crate::gate::observed::CarryOutRead as _;
use serde_json::json;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::{Lab, MARKER, alert, effect};
use crate::bindings::synapse::thehive::alerts::{AlertKey, CustomField, CustomValue, Severity};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::client::Options;
use crate::thehive::{FindAlerts, GetAlert, ObservableTypes};

fn key(kind: &str, source: &str, reference: &str) -> AlertKey {
    AlertKey {
        type_: kind.to_owned(),
        source: source.to_owned(),
        source_ref: reference.to_owned(),
    }
}

#[tokio::test]
async fn a_new_alert_holds_what_was_asked_and_the_marker_and_links_to_its_page() {
    let public = Options {
        public_url: Some("https://thehive.example/".to_owned()),
        ..Options::default()
    };
    let lab = Lab::with(json!({}), public).await;
    let mut call = alert("42");
    call.alert.custom_fields = vec![CustomField {
        name: "score".to_owned(),
        value: CustomValue::Number(2.5),
    }];
    let effect = effect("one", false);
    let done = lab.create(&call, &effect).await.unwrap();
    assert_eq!(done.how, How::Performed);
    assert_eq!(done.answer.key, key("qradar", "console-a", "42"));
    assert_eq!(
        (done.answer.severity, done.answer.date),
        (Severity::High, 1_700_000_000_123)
    );
    assert_eq!(
        (done.answer.status.as_str(), done.answer.stage.as_str()),
        ("New", "New")
    );
    assert_eq!(done.answer.tags, ["qradar".to_owned(), effect.marker()]);
    assert_eq!(
        done.answer.link,
        format!("https://thehive.example/alerts/{}/details", done.answer.id)
    );
    let read = lab.get(&done.answer.id).await.unwrap();
    assert_eq!(read.tags, done.answer.tags);
    let sent = &lab.sim.control.effects(0)[0];
    assert_eq!(sent.marker, Some(effect.marker()));
    // Red is 4 on version 5: by label, not by number.
    assert_eq!(
        (&sent.body["tlp"], &sent.body["pap"], &sent.body["severity"]),
        (&json!(4), &json!(1), &json!(3))
    );
    assert_eq!(sent.body["customFields"], json!([{"name": "score", "value": 2.5}]));
}

#[tokio::test]
async fn a_hundred_keys_of_several_sources_are_one_request_and_answers_keep_their_order() {
    let lab = Lab::start().await;
    for reference in ["1", "2", "3"] {
        lab.create(&alert(reference), &effect(reference, false)).await.unwrap();
    }
    let mut other = alert("1");
    other.source = "console-b".to_owned();
    lab.create(&other, &effect("other", false)).await.unwrap();
    let before = lab.requests("POST", "/api/v1/query");
    let mut keys = vec![
        key("qradar", "console-b", "1"),
        key("qradar", "console-a", "3"),
        key("qradar", "console-a", "3"),
    ];
    keys.extend((100..197).map(|n| key("qradar", "console-a", &n.to_string())));
    let found = FindAlerts { keys: keys.clone() }
        .carry_out(&lab.client, &Scopes::new())
        .await
        .unwrap();
    assert_eq!(lab.requests("POST", "/api/v1/query"), before + 1);
    assert_eq!(found.len(), 100);
    for (key, alert) in keys.iter().zip(&found).take(3) {
        assert_eq!(&alert.as_ref().unwrap().key, key);
    }
    assert!(found[3..].iter().all(Option::is_none));
    keys.push(key("a", "b", "c"));
    let refused = FindAlerts { keys }
        .carry_out(&lab.client, &Scopes::new())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Invalid(argument) if argument.field == "keys"));
    assert_eq!(
        FindAlerts { keys: Vec::new() }
            .carry_out(&lab.client, &Scopes::new())
            .await,
        Ok(Vec::new())
    );
}

#[tokio::test]
async fn an_alert_outside_the_grant_answers_like_one_that_does_not_exist() {
    let lab = Lab::start().await;
    let id = lab.create(&alert("1"), &effect("one", false)).await.unwrap().answer.id;
    let scopes = |name: &str, value: &str| Scopes::from([(name.to_owned(), [value.to_owned()].into())]);
    let get = GetAlert { id };
    assert!(
        get.carry_out(&lab.client, &scopes("alert-source", "console-a"))
            .await
            .is_ok()
    );
    for foreign in [scopes("alert-source", "console-b"), scopes("alert-type", "ews")] {
        let hidden = get.carry_out(&lab.client, &foreign).await;
        let absent = GetAlert {
            id: "~999999999".to_owned(),
        }
        .carry_out(&lab.client, &foreign)
        .await;
        assert_eq!((hidden, absent), (Err(Error::NotFound), Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn row_65_another_alert_than_asked_for_is_not_an_answer() {
    let lab = Lab::start().await;
    let one = lab.create(&alert("1"), &effect("one", false)).await.unwrap().answer.id;
    let swapped = json!({"_id": "~1", "type": "t", "source": "s", "sourceRef": "r", "title": "x", "severity": 1, "date": 1,
        "status": "New", "stage": "New", "_createdAt": 1});
    lab.fault("GET", "/api/v1/alert/*", &json!({"body": swapped}));
    let answer = lab.get(&one).await;
    assert!(
        matches!(&answer, Err(Error::Other(other)) if other.code == "upstream-inconsistent"),
        "{answer:?}"
    );
    lab.fault("POST", "/api/v1/query*", &json!({"body": [swapped]}));
    let answer = FindAlerts {
        keys: vec![key("a", "b", "c")],
    }
    .carry_out(&lab.client, &Scopes::new())
    .await;
    assert!(
        matches!(&answer, Err(Error::Other(other)) if other.code == "upstream-inconsistent"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_grant_for_an_id_is_not_a_grant_for_a_natural_key() {
    let lab = Lab::start().await;
    lab.create(&alert("1"), &effect("one", false)).await.unwrap();
    for id in [
        "qradar;console-a;1",
        "~",
        "~1/../2",
        "1",
        "",
        "~1;2",
        "~1234567890123456789012345",
    ] {
        let answer = lab.get(id).await;
        assert!(
            matches!(&answer, Err(Error::Invalid(argument)) if argument.field == "id"),
            "{id}: {answer:?}"
        );
    }
    assert_eq!(lab.requests("GET", "/api/v1/alert"), 0);
}

#[tokio::test]
async fn d07_the_version_is_asked_once_and_what_only_5_has_is_unsupported_elsewhere() {
    let lab = Lab::start().await;
    for _ in 0..3 {
        ObservableTypes {}.carry_out(&lab.client, &Scopes::new()).await.unwrap();
    }
    assert_eq!(lab.requests("GET", "/api/status"), 1);
    let old = Lab::with(json!({"version": "2.13.2-1"}), Options::default()).await;
    let answer = old.ask(&crate::thehive::LinkKinds {}).await;
    assert!(
        matches!(&answer, Err(Error::Unsupported(text)) if text.contains("TheHive 2")),
        "{answer:?}"
    );
    // A server that no longer has the old status call is asked by the new one.
    let new = Lab::start().await;
    new.fault("GET", "/api/status", &json!({"status": 404}));
    ObservableTypes {}.carry_out(&new.client, &Scopes::new()).await.unwrap();
    assert_eq!(new.requests("GET", "/api/v1/status/public"), 1);
    let told = Lab::with(
        json!({}),
        Options {
            major: Some(5),
            ..Options::default()
        },
    )
    .await;
    ObservableTypes {}
        .carry_out(&told.client, &Scopes::new())
        .await
        .unwrap();
    assert_eq!(told.requests("GET", "/api/status"), 0);
}

#[tokio::test]
async fn a_marker_can_live_in_a_custom_field_instead_of_a_tag() {
    let field = Options {
        marker_field: Some("synapse-ref".to_owned()),
        ..Options::default()
    };
    let lab = Lab::with(json!({}), field).await;
    let effect = effect("one", false);
    let made = lab.create(&alert("1"), &effect).await.unwrap();
    assert!(!made.answer.tags.iter().any(|tag| tag.starts_with(MARKER)));
    let repeated = lab.create(&alert("1"), &super::effect("one", true)).await.unwrap();
    assert_eq!((repeated.how, repeated.answer.id), (How::Adopted, made.answer.id));
    let mut forged = alert("2");
    forged.alert.custom_fields = vec![CustomField {
        name: "synapse-ref".to_owned(),
        value: CustomValue::Text(effect.marker()),
    }];
    let refused = lab.create(&forged, &effect).await.unwrap_err();
    assert!(matches!(refused.error, Error::Invalid(_)));
    assert_eq!(lab.effects(), 1);
}
