//! Does one odd observable ever cost the whole alert (D14, D15)?

use serde_json::json;

use super::{Lab, alert, effect, observable};
use crate::thehive::client::Options;

#[tokio::test]
async fn d15_an_unknown_type_becomes_other_with_its_name_as_a_tag() {
    let lab = Lab::with(
        json!({"observable_types": ["ip", "other", {"name": "file", "isAttachment": true}]}),
        Options::default(),
    )
    .await;
    let mut call = alert("1");
    call.alert.observables = vec![
        observable("source_IP", "192.0.2.1"),
        observable("ip", "192.0.2.2"),
        observable("username", "x"),
        observable("file", "a.exe"),
    ];
    lab.create(&call, &effect("one", false)).await.unwrap();
    let sent = &lab.sim.control.effects(0)[0].body["observables"];
    let pairs: Vec<_> = sent
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["dataType"].clone(), one["tags"].clone()))
        .collect();
    let tagged = |tag: &str| (json!("other"), json!([tag]));
    assert_eq!(
        pairs,
        [
            tagged("type:source_IP"),
            (json!("ip"), json!([])),
            tagged("type:username"),
            tagged("type:file")
        ]
    );
}

#[tokio::test]
async fn d14_equal_observables_are_merged_even_when_only_the_mapping_makes_them_equal() {
    let lab = Lab::with(json!({"observable_types": ["ip", "other"]}), Options::default()).await;
    let mut call = alert("1");
    let mut source = observable("ip", "192.0.2.1");
    source.tags = vec!["source".to_owned(), "both".to_owned()];
    source.message = Some("as source".to_owned());
    source.ignore_similarity = true;
    let mut target = observable("ip", "192.0.2.1");
    target.tags = vec!["both".to_owned(), "target".to_owned()];
    target.message = Some("as target".to_owned());
    target.ioc = true;
    let different_case = observable("ip", "192.0.2.1 ");
    call.alert.observables = vec![
        source,
        observable("user", "x"),
        target,
        observable("account", "x"),
        different_case,
    ];
    lab.create(&call, &effect("one", false)).await.unwrap();
    let sent = &lab.sim.control.effects(0)[0].body["observables"];
    assert_eq!(sent.as_array().unwrap().len(), 3, "{sent}");
    assert_eq!(sent[0]["tags"], json!(["source", "both", "target"]));
    assert_eq!(sent[0]["message"], json!("as source\nas target"));
    assert_eq!(
        (&sent[0]["ioc"], &sent[0]["ignoreSimilarity"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(sent[1]["tags"], json!(["type:user", "type:account"]));
    // The alert is for named recipients only (red), and so are its observables.
    assert_eq!((&sent[0]["tlp"], &sent[0]["pap"]), (&json!(4), &json!(1)));
}

#[tokio::test]
async fn d15_the_types_are_asked_once_for_many_alerts_even_at_once() {
    let lab = Lab::start().await;
    let calls: Vec<_> = (0..5)
        .map(|n| {
            let mut call = alert(&n.to_string());
            call.alert.observables = vec![observable("ip", "192.0.2.1")];
            (call, effect(&n.to_string(), false))
        })
        .collect();
    let made = futures::future::join_all(calls.iter().map(|(call, effect)| lab.create(call, effect))).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    assert_eq!(
        (
            lab.requests("POST", "/api/v1/query"),
            lab.requests("GET", "/api/status"),
            lab.effects()
        ),
        (1, 1, 5)
    );
}
