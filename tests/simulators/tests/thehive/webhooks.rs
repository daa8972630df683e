//! Are changes told to webhooks as a real TheHive tells them, and do the knobs lose, double and reorder? (contract 6)

use super::support::{Peer, alert, hive, hive_with, id, with};
use axum::{Router, extract::State, routing::post};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// What a receiver got: the path and query, the `Authorization`, the body.
type Got = Arc<Mutex<Vec<(String, Option<String>, Value)>>>;

/// A receiver that answers 204 and keeps what it gets.
struct Receiver {
    addr: SocketAddr,
    got: Got,
}

impl Receiver {
    async fn start() -> Self {
        async fn take(State(got): State<Got>, request: axum::extract::Request) -> http::StatusCode {
            let (parts, body) = request.into_parts();
            assert_eq!(parts.headers["content-type"], "application/json");
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let authorization = parts
                .headers
                .get("authorization")
                .map(|value| value.to_str().unwrap().to_owned());
            got.lock().unwrap().push((
                parts.uri.to_string(),
                authorization,
                serde_json::from_slice(&body).unwrap(),
            ));
            http::StatusCode::NO_CONTENT
        }
        let got = Got::default();
        let router = Router::new().route("/{*any}", post(take)).with_state(Arc::clone(&got));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { addr, got }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?token=t", self.addr)
    }

    fn bodies(&self) -> Vec<Value> {
        self.got
            .lock()
            .unwrap()
            .iter()
            .map(|(_, _, body)| body.clone())
            .collect()
    }
}

impl Peer {
    async fn hook(&self, endpoint: Value) -> u64 {
        let (status, answer) = self.call("POST", "/_sim/thehive/webhooks", endpoint).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_u64().unwrap()
    }

    /// Waits until nothing is on its way any more.
    async fn told(&self) -> Value {
        let answer = self.get("/_sim/thehive/deliveries?idle=true&wait_ms=30000").await;
        assert_eq!(answer["queued"], 0, "{answer}");
        answer
    }
}

async fn told(endpoint: Value) -> (Peer, Receiver, u64) {
    let (hive, receiver) = (hive().await, Receiver::start().await);
    let mut endpoint = endpoint;
    endpoint["url"] = receiver.url().into();
    let hook = hive.hook(endpoint).await;
    (hive, receiver, hook)
}

fn is_subset(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|other| is_subset(value, other))),
        (part, whole) => part == whole,
    }
}

fn assert_shows(payload: &Value, expected: &Value) {
    assert!(is_subset(expected, payload), "{expected:#} is not in {payload:#}");
}

#[tokio::test]
async fn a_new_case_is_told_in_two_events_of_one_request_and_only_one_is_main() {
    let (hive, receiver, _) = told(json!({"version": 1})).await;
    let case = hive.case().await;
    hive.told().await;
    let events = receiver.bodies();
    assert_eq!(events.len(), 2, "{events:#?}");
    let both = json!({
        "_type": "Audit", "objectType": "Case", "objectId": case, "rootId": case, "requestId": events[0]["requestId"],
        "_createdBy": "synapse@soc.test", "object": {"_id": case, "status": "New", "customFieldValues": {}},
        "context": {"_id": case}, "organisation": {"organisation": "soc"},
    });
    for event in &events {
        assert_shows(event, &both);
    }
    assert_shows(
        &events[0],
        &json!({"action": "create", "mainAction": true, "details": {"_id": case, "title": "c"}}),
    );
    let share = json!({"share": {"organisation": "soc", "profile": "org-admin"}});
    assert_shows(
        &events[1],
        &json!({"action": "update", "mainAction": false, "details": share}),
    );
    assert!(events[1]["_createdAt"].as_i64() < events[0]["_createdAt"].as_i64());
    assert_ne!(events[1]["_id"], events[0]["_id"]);
}

#[tokio::test]
async fn a_closed_case_is_told_with_status_stage_and_summary_in_version_1() {
    let (hive, receiver, _) = told(json!({})).await;
    let case = hive.case().await;
    let close = json!({"status": "TruePositive", "impactStatus": "WithImpact", "summary": "done"});
    assert_eq!(hive.call("PATCH", &format!("/api/v1/case/{case}"), close).await.0, 204);
    hive.told().await;
    let closed = receiver.bodies().pop().unwrap();
    let details = closed["details"].as_object().unwrap();
    let mut names: Vec<_> = details.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["endDate", "impactStatus", "stage", "status", "summary"]);
    assert_shows(
        &closed,
        &json!({"action": "update", "mainAction": true, "details": {"status": "TruePositive", "stage": "Closed"},
                "object": {"status": "TruePositive", "stage": "Closed", "summary": "done"}}),
    );
}

#[tokio::test]
async fn a_closed_case_is_told_as_resolved_without_a_resolution_in_version_0() {
    let (hive, receiver, _) = told(json!({"version": 0})).await;
    let case = hive.case().await;
    let close = json!({"status": "FalsePositive"});
    assert_eq!(hive.call("PATCH", &format!("/api/v1/case/{case}"), close).await.0, 204);
    hive.told().await;
    let events = receiver.bodies();
    let bases: Vec<_> = events.iter().map(|event| event["base"].as_bool().unwrap()).collect();
    assert_eq!(bases, [true, false, true]);
    assert_shows(
        &events[2],
        &json!({
            "_type": "audit", "operation": "Update", "objectType": "case", "details": {"status": "FalsePositive"},
            "object": {"_type": "case", "caseId": 1, "status": "Resolved", "extendedStatus": "FalsePositive",
                       "stage": "Closed", "resolutionStatus": null, "owner": "synapse@soc.test"},
        }),
    );
}

#[tokio::test]
async fn a_promoted_alert_is_told_as_case_then_alert_then_observables() {
    let (hive, receiver, _) = told(json!({})).await;
    let mut fields = alert(1);
    fields["observables"] = json!([{"dataType": "ip", "data": "203.0.113.7"}]);
    let alert = id(&hive.create(fields).await);
    hive.told().await;
    let created = receiver.bodies();
    assert_shows(
        &created[0],
        &json!({"objectType": "Alert", "action": "create", "mainAction": true}),
    );
    // Its audit entry shows no id when it came with the alert.
    assert_shows(
        &created[1],
        &json!({"objectType": "Observable", "_id": "", "rootId": alert, "mainAction": false}),
    );
    let case = id(&hive.made(&format!("/api/v1/alert/{alert}/case"), json!({})).await);
    hive.told().await;
    let events = &receiver.bodies()[2..];
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["objectType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Case", "Case", "Alert", "Observable"]);
    let from = json!({"_id": alert, "type": "qradar", "source": "console", "sourceRef": "1", "title": "t"});
    assert_shows(
        &events[0],
        &json!({"action": "create", "mainAction": true, "details": {"fromAlert": from}}),
    );
    assert_eq!(events[2]["details"], json!({"caseId": case}));
    assert_shows(
        &events[2],
        &json!({"action": "update", "mainAction": false, "rootId": case, "context": {"_id": case}}),
    );
    assert_shows(
        &events[3],
        &json!({"rootId": case, "object": {"case": {"_id": case}}, "mainAction": false}),
    );
    assert!(events.iter().all(|event| event["requestId"] == events[0]["requestId"]));
}

#[tokio::test]
async fn a_deleted_case_is_told_without_object_below_its_organisation() {
    let (hive, receiver, _) = told(json!({})).await;
    let case = hive.case().await;
    assert_eq!(
        hive.call("DELETE", &format!("/api/v1/case/{case}"), Value::Null)
            .await
            .0,
        204
    );
    hive.told().await;
    let gone = receiver.bodies().pop().unwrap();
    assert_shows(
        &gone,
        &json!({"action": "delete", "objectId": case, "details": {"number": 1, "title": "c"}, "context": {"name": "soc"}}),
    );
    assert!(gone.get("object").is_none() && gone["rootId"] == gone["organisation"]["organisationId"]);
}

#[tokio::test]
async fn logs_and_comments_are_told_with_what_they_hang_below() {
    let (hive, receiver, _) = told(json!({})).await;
    let case = hive.case().await;
    let task = id(&hive
        .made(&format!("/api/v1/case/{case}/task"), json!({"title": "t"}))
        .await);
    hive.made(&format!("/api/v1/task/{task}/log"), json!({"message": "m"}))
        .await;
    hive.made(&format!("/api/v1/case/{case}/comment"), json!({"message": "hello"}))
        .await;
    hive.told().await;
    let events = &receiver.bodies()[3..];
    assert_shows(
        &events[0],
        &json!({"objectType": "Log", "rootId": case, "context": {"_id": task}, "mainAction": true,
        "object": {"task": {"case": {"_id": case}}}}),
    );
    // The first log starts its task.
    assert_shows(
        &events[1],
        &json!({"objectType": "Task", "details": {"status": "InProgress"}, "mainAction": false}),
    );
    assert_eq!(events[2]["details"], json!({"author": "synapse@soc.test"}));
    assert_shows(
        &events[2],
        &json!({"objectType": "Comment", "object": {"message": "hello", "alert": null}}),
    );
}

#[tokio::test]
async fn a_refused_change_and_a_change_of_nothing_are_not_told() {
    let (hive, receiver, _) = told(json!({})).await;
    let case = hive.case().await;
    let path = format!("/api/v1/case/{case}");
    assert_eq!(hive.call("PATCH", &path, json!({"severity": 9})).await.0, 400);
    assert_eq!(hive.call("PATCH", &path, json!({"title": "c"})).await.0, 204);
    hive.told().await;
    assert_eq!(receiver.bodies().len(), 2);
}

#[tokio::test]
async fn each_way_to_authenticate_is_sent_as_the_product_sends_it() {
    let (hive, receiver) = (hive().await, Receiver::start().await);
    for auth in [
        json!({"type": "none"}),
        json!({"type": "basic", "username": "u", "password": "p"}),
        json!({"type": "bearer", "key": "k"}),
        json!({"type": "key", "key": "k"}),
        json!({"type": "key", "key": "k", "prefix": "Token"}),
    ] {
        let hook = hive.hook(json!({"url": receiver.url(), "auth": auth})).await;
        hive.create(alert(hook)).await;
        hive.told().await;
        hive.call("DELETE", &format!("/_sim/thehive/webhooks/{hook}"), Value::Null)
            .await;
    }
    let got = receiver.got.lock().unwrap();
    let headers: Vec<_> = got.iter().map(|(_, header, _)| header.as_deref()).collect();
    assert_eq!(
        headers,
        [None, Some("Basic dTpw"), Some("Bearer k"), Some("k"), Some("Token k")]
    );
    assert!(got.iter().all(|(uri, _, _)| uri == "/hook?token=t"));
}

#[tokio::test]
async fn knobs_lose_double_keep_and_reverse_events() {
    let (hive, receiver, hook) = told(json!({"lose": 1, "duplicate": 6})).await;
    let path = format!("/_sim/thehive/webhooks/{hook}");
    for reference in 1..=2 {
        hive.create(alert(reference)).await;
    }
    let answer = hive.told().await;
    assert_eq!(
        receiver.bodies().len(),
        6,
        "the first is lost, the second comes six times"
    );
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 6);
    assert_eq!(answer["deliveries"][5]["status"], 204);
    let knobs = json!({"duplicate": 1, "paused": true, "reorder": true});
    assert_eq!(hive.call("PATCH", &path, knobs).await.0, 204);
    for reference in 3..=4 {
        hive.create(alert(reference)).await;
    }
    hive.told().await;
    assert_eq!(receiver.bodies().len(), 6, "kept");
    assert_eq!(hive.call("PATCH", &path, json!({"paused": false})).await.0, 204);
    hive.told().await;
    let references: Vec<_> = receiver.bodies()[6..]
        .iter()
        .map(|event| event["object"]["sourceRef"].clone())
        .collect();
    assert_eq!(references, [json!("4"), json!("3")]);
    let shown = hive.get("/_sim/thehive/webhooks").await;
    assert_shows(&shown[0], &json!({"lost": 1, "sent": 3, "kept": 0}));
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_not_asked_again() {
    let (hive, closed) = (hive().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("http://{}/hook", closed.local_addr().unwrap());
    drop(closed);
    hive.hook(json!({"url": url})).await;
    hive.create(alert(1)).await;
    let answer = hive.told().await;
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 1);
    assert!(
        answer["deliveries"][0]["error"]
            .as_str()
            .unwrap()
            .contains("connecting")
    );
}

#[tokio::test]
async fn an_endpoint_that_cannot_work_is_refused_by_name() {
    let hive = hive().await;
    for (endpoint, word) in [
        (json!({"url": "https://a/b"}), "http://"),
        (json!({"url": "http://a/b", "version": 2}), "version"),
        (json!({"url": "http://a/b", "duplicate": 0}), "duplicate"),
        (json!({"url": "http://a/b", "auth": {"type": "magic"}}), "magic"),
    ] {
        let (status, answer) = hive.call("POST", "/_sim/thehive/webhooks", endpoint).await;
        assert!(
            status == 400 && answer["error"].as_str().unwrap().contains(word),
            "{answer}"
        );
    }
}

/// A server of another version, a receiver, and the endpoint between them.
async fn told_by(flavour: &str, endpoint: Value) -> (Peer, Receiver) {
    let (hive, receiver) = (hive_with(&json!({"flavour": flavour})).await, Receiver::start().await);
    let mut endpoint = endpoint;
    endpoint["url"] = receiver.url().into();
    hive.hook(endpoint).await;
    (hive, receiver)
}

/// The contract's sample with a name that begins so.
fn sample(file: &str, name: &str) -> Value {
    let path = format!(
        "{}/../../runtime/crates/domain/tests/hive/webhooks-{file}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let found = all.iter().find(|one| one["name"].as_str().unwrap().starts_with(name));
    found.unwrap_or_else(|| panic!("no sample {name}"))["payload"].clone()
}

/// Has it the members of the sample and no others, and so has its object?
fn assert_like(payload: &Value, sample: &Value) {
    let members = |value: &Value| -> Vec<String> {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(members(payload), members(sample), "{payload:#}");
    let (own, wanted) = (members(&payload["object"]), members(&sample["object"]));
    // Of a sample's object every member is there; the simulator knows a few more.
    let missing: Vec<_> = wanted.iter().filter(|name| !own.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} of {sample:#} are not in {payload:#}");
}

impl Peer {
    async fn changed(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        answer
    }
}

/// A case of v0, closed, reopened.
async fn closed_and_reopened(hive: &Peer) -> String {
    let case = id(&hive.made("/api/case", json!({"title": "c", "description": "d"})).await);
    let path = format!("/api/case/{case}");
    let close = json!({"status": "Resolved", "resolutionStatus": "FalsePositive", "impactStatus": "NoImpact", "summary": "done"});
    hive.changed("PATCH", &path, close).await;
    hive.changed("PATCH", &path, json!({"status": "Open"})).await;
    case
}

#[tokio::test]
async fn on_4_a_case_is_told_with_the_pair_of_its_status_and_in_two_events_when_it_is_new() {
    let (hive, receiver) = told_by("v4", json!({})).await;
    let case = closed_and_reopened(&hive).await;
    hive.told().await;
    let events = receiver.bodies();
    assert_eq!(events.len(), 4, "{events:#?}");
    assert_like(&events[0], &sample("v4", "v0 case created"));
    assert_shows(
        &events[0],
        &json!({"operation": "create", "objectType": "case", "objectId": case, "rootId": case, "base": true, "organisation": "soc",
                "details": {"_id": case, "number": 1, "status": "Open"}, "object": {"status": "Open", "caseId": 1}}),
    );
    assert_like(&events[1], &sample("v4", "v0 case share event"));
    assert_shows(
        &events[1],
        &json!({"operation": "update", "base": false, "details": {"share": {"organisation": "soc"}}}),
    );
    assert_like(&events[2], &sample("v4", "v0 case closed"));
    let details = events[2]["details"].as_object().unwrap();
    let mut names: Vec<_> = details.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["endDate", "impactStatus", "resolutionStatus", "status", "summary"]
    );
    assert_shows(
        &events[2],
        &json!({"operation": "update", "base": true, "details": {"status": "Resolved", "resolutionStatus": "FalsePositive"},
                "object": {"status": "Resolved", "resolutionStatus": "FalsePositive"}}),
    );
    assert_eq!(events[3]["details"], json!({"status": "Open"}));
    assert_shows(
        &events[3],
        &json!({"object": {"status": "Open", "resolutionStatus": "FalsePositive"}}),
    );
}

#[tokio::test]
async fn on_4_an_alert_is_told_as_read_and_an_imported_one_shows_its_case() {
    let (hive, receiver) = told_by("v4", json!({})).await;
    let one = id(&hive.made("/api/alert", alert(1)).await);
    hive.changed("POST", &format!("/api/alert/{one}/markAsRead"), json!({}))
        .await;
    hive.changed("POST", &format!("/api/alert/{one}/markAsUnread"), json!({}))
        .await;
    let case = id(&hive.made(&format!("/api/alert/{one}/createCase"), json!({})).await);
    hive.changed("DELETE", &format!("/api/case/{case}"), Value::Null).await;
    hive.told().await;
    let events = receiver.bodies();
    assert_like(&events[0], &sample("v4", "v0 alert created"));
    assert_shows(
        &events[0],
        &json!({"operation": "create", "objectType": "alert", "details": {"read": false}}),
    );
    assert_like(&events[1], &sample("v4", "v0 alert marked read"));
    assert_eq!(events[1]["details"], json!({"read": true}));
    assert_eq!(events[1]["object"]["status"], "Ignored");
    assert_eq!(events[2]["details"], json!({"read": false}));
    let imported = events
        .iter()
        .find(|event| event["details"]["caseId"].is_string())
        .unwrap();
    assert_like(imported, &sample("v4", "v0 alert imported"));
    assert_shows(
        imported,
        &json!({"objectType": "alert", "objectId": one, "rootId": case, "base": false, "object": {"_id": case, "_type": "case"}}),
    );
    let made = events
        .iter()
        .find(|event| event["operation"] == "create" && event["objectId"] == case.as_str())
        .unwrap();
    assert_shows(
        made,
        &json!({"base": true, "details": {"fromAlert": {"_id": one, "sourceRef": "1"}}}),
    );
    let deleted = events.iter().find(|event| event["operation"] == "delete").unwrap();
    assert_shows(deleted, &json!({"objectId": case, "object": {}}));
    assert_ne!(deleted["rootId"], case.as_str());
}

#[tokio::test]
async fn on_4_what_belongs_to_a_case_nests_it_and_a_log_has_its_task_as_root() {
    let (hive, receiver) = told_by("v4", json!({})).await;
    let case = id(&hive.made("/api/case", json!({"title": "c", "description": "d"})).await);
    let task = id(&hive
        .made(&format!("/api/case/{case}/task"), json!({"title": "t"}))
        .await);
    let log = id(&hive
        .made(&format!("/api/case/task/{task}/log"), json!({"message": "m"}))
        .await);
    let ip = json!({"dataType": "ip", "data": "192.0.2.1", "message": "C2", "tags": ["c2"]});
    hive.made(&format!("/api/case/{case}/artifact"), ip).await;
    hive.told().await;
    let events = receiver.bodies();
    let of = |kind: &str| {
        events
            .iter()
            .find(|event| event["objectType"] == kind && event["operation"] == "create")
            .unwrap()
    };
    assert_like(of("case_artifact"), &sample("v4", "v0 observable created"));
    assert_like(of("case_task_log"), &sample("v4", "v0 task log created"));
    assert_shows(
        of("case_task_log"),
        &json!({"objectId": log, "rootId": task, "object": {"case_task": {"_id": task, "case": {"_id": case}}}}),
    );
    let created = of("case_task");
    assert_shows(
        created,
        &json!({"objectId": task, "rootId": task, "object": {"case": {"_id": case}}}),
    );
}

#[tokio::test]
async fn on_4_version_1_has_the_label_and_the_object_of_its_own_v1() {
    let (hive, receiver) = told_by("v4", json!({"version": 1})).await;
    closed_and_reopened(&hive).await;
    hive.told().await;
    let events = receiver.bodies();
    assert_like(&events[0], &sample("v4", "v1 case created"));
    assert_shows(
        &events[2],
        &json!({"objectType": "Case", "operation": "update", "object": {"status": "Resolved", "resolutionStatus": "FalsePositive"}}),
    );
    assert_eq!(events[2]["object"].get("stage"), None, "5 alone has stages");
}

#[tokio::test]
async fn on_3_changes_are_told_in_its_own_names_without_organisation_or_share() {
    let (hive, receiver) = told_by("v3", json!({})).await;
    let case = closed_and_reopened(&hive).await;
    let one = id(&hive
        .made(
            "/api/alert",
            with(
                alert(1),
                &json!({"artifacts": [{"dataType": "ip", "data": "192.0.2.1", "message": "m"}]}),
            ),
        )
        .await);
    hive.changed("POST", &format!("/api/alert/{one}/markAsRead"), json!({}))
        .await;
    let promoted = id(&hive.made(&format!("/api/alert/{one}/createCase"), json!({})).await);
    let task = id(&hive
        .made(&format!("/api/case/{case}/task"), json!({"title": "t"}))
        .await);
    hive.made(&format!("/api/case/task/{task}/log"), json!({"message": "m"}))
        .await;
    hive.changed("DELETE", &format!("/api/case/{case}"), Value::Null).await;
    hive.told().await;
    let events = receiver.bodies();
    assert_like(&events[0], &sample("v3", "case created"));
    assert_shows(
        &events[0],
        &json!({"operation": "Creation", "objectType": "case", "objectId": case, "rootId": case, "details": {"title": "c", "caseId": 1}}),
    );
    assert_like(&events[1], &sample("v3", "case closed"));
    assert_shows(
        &events[1],
        &json!({"operation": "Update", "details": {"status": "Resolved", "resolutionStatus": "FalsePositive", "summary": "done"}}),
    );
    assert_eq!(events[2]["details"], json!({"status": "Open"}));
    assert_like(&events[3], &sample("v3", "alert created"));
    assert_eq!(
        events[3]["details"].get("artifacts"),
        None,
        "the attribute is not audited"
    );
    assert_eq!(
        events[4]["details"],
        json!({"status": "Ignored"}),
        "no event of the alert's observable"
    );
    let imported = events
        .iter()
        .find(|event| event["details"].get("case").is_some())
        .unwrap();
    assert_like(imported, &sample("v3", "alert imported into a case"));
    assert_eq!(imported["details"], json!({"case": promoted, "status": "Imported"}));
    let log = events
        .iter()
        .find(|event| event["objectType"] == "case_task_log")
        .unwrap();
    assert_like(log, &sample("v3", "task log created"));
    assert_eq!(log["rootId"], case.as_str());
    let deleted = events.last().unwrap();
    assert_like(deleted, &sample("v3", "case soft-deleted"));
    assert_shows(
        deleted,
        &json!({"operation": "Delete", "details": {}, "object": {"status": "Deleted"}}),
    );
    assert!(
        events
            .iter()
            .all(|event| event.get("organisation").is_none() && event["details"].get("share").is_none())
    );
}
