//! Does running an analyzer make a job, and a responder an action, that end as the test says?

use super::support::{Peer, alert, each, hive, hive_with, id};
use serde_json::{Value, json};

const CORTEX: &str = "/api/v1/connector/cortex";

async fn connected() -> Peer {
    hive_with(&json!({"cortex": {
        "analyzers": [
            {"id": "a-ip", "name": "Reputation", "dataTypeList": ["ip"], "cortexIds": ["c1"], "duration_ms": 60_000,
             "report": {"summary": {"taxonomies": [{"level": "malicious", "predicate": "score", "value": "9"}]}}},
            {"id": "a-bad", "status": "Failure"},
        ],
        "responders": [{"id": "r-case", "dataTypeList": ["thehive:case"], "report": {"message": "sent"}}],
    }}))
    .await
}

async fn observable(hive: &Peer) -> String {
    let case = hive.case().await;
    let input = json!({"dataType": "ip", "data": "203.0.113.7"});
    id(&hive.made(&format!("/api/v1/case/{case}/observable"), input).await)
}

#[tokio::test]
async fn an_analyzers_job_runs_for_its_time_and_leaves_its_report_at_the_observable() {
    let hive = connected().await;
    let observable = observable(&hive).await;
    let input = json!({"analyzerId": "a-ip", "cortexId": "c1", "artifactId": observable});
    let job = hive.made(&format!("{CORTEX}/job"), input).await;
    assert_eq!(
        (&job["_type"], &job["status"], &job["analyzerName"]),
        (&json!("case_artifact_job"), &json!("InProgress"), &json!("Reputation"))
    );
    let path = format!("{CORTEX}/job/{}", id(&job));
    assert_eq!(hive.get(&path).await["status"], "InProgress");
    assert_eq!(
        hive.call("PUT", "/_sim/clock", json!({"offset_ms": 61_000})).await.0,
        204
    );
    let ended = hive.get(&path).await;
    assert_eq!((&ended["status"], &ended["id"]), (&json!("Success"), &job["_id"]));
    assert!(ended["endDate"].as_i64() > ended["startDate"].as_i64());
    let steps = json!([{"_name": "getObservable", "idOrName": observable}, {"_name": "jobs"}]);
    assert_eq!(each(&hive.query(steps).await, "_id"), [&job["_id"]]);
    let shown = hive.get(&format!("/api/v1/observable/{observable}")).await;
    assert_eq!(shown["reports"]["Reputation"]["taxonomies"][0]["level"], "malicious");
    let effect = hive.effects().await.pop().unwrap();
    assert_eq!(
        (
            &effect["path"],
            &effect["objects"][0]["analyzerId"],
            &effect["objects"][0]["observableId"]
        ),
        (&json!(format!("{CORTEX}/job")), &json!("a-ip"), &json!(observable))
    );
}

#[tokio::test]
async fn analyzers_are_listed_by_type_and_take_only_theirs() {
    let hive = connected().await;
    let names = |list: Value| each(&list, "id").into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(hive.get(&format!("{CORTEX}/analyzer")).await),
        [json!("a-ip"), json!("a-bad")]
    );
    assert_eq!(
        names(hive.get("/api/connector/cortex/analyzer/type/mail").await),
        [json!("a-bad")]
    );
    assert_eq!(
        hive.get(&format!("{CORTEX}/analyzer/a-ip")).await["cortexIds"],
        json!(["c1"])
    );
    assert_eq!(
        hive.call("GET", &format!("{CORTEX}/analyzer/none"), Value::Null)
            .await
            .0,
        404
    );
    let alert = id(&hive.create(alert(1)).await);
    let path = format!("/api/v1/alert/{alert}/observable");
    let domain = id(&hive.made(&path, json!({"dataType": "domain", "data": "a.test"})).await);
    let jobs = |analyzer: &str| json!({"jobs": [{"analyzerId": analyzer, "cortexId": "c1", "artifactId": domain}]});
    assert_eq!(
        hive.call("POST", &format!("{CORTEX}/job/_bulk"), jobs("a-ip")).await.0,
        400
    );
    let made = hive.made(&format!("{CORTEX}/job/_bulk"), jobs("a-bad")).await;
    assert_eq!(
        hive.get(&format!("{CORTEX}/job/{}", id(&made))).await["status"],
        "Failure"
    );
}

#[tokio::test]
async fn a_responder_acts_on_the_kinds_it_takes() {
    let hive = connected().await;
    let case = hive.case().await;
    let listed = hive.get(&format!("{CORTEX}/responder/case/{case}")).await;
    assert_eq!(each(&listed, "id"), [&json!("r-case")]);
    let action = |kind: &str, object: &str, responder: &str| json!({"responderId": responder, "objectType": kind, "objectId": object});
    let (status, made) = hive
        .call("POST", &format!("{CORTEX}/action"), action("case", &case, "r-case"))
        .await;
    assert_eq!(
        (status, &made["objectType"], &made["objectId"]),
        (200, &json!("Case"), &json!(case))
    );
    let of_case = hive.get(&format!("{CORTEX}/action/case/{case}")).await;
    assert_eq!(
        (&of_case[0]["status"], &of_case[0]["report"]),
        (&json!("Success"), &json!("{\"message\":\"sent\"}"))
    );
    let alert = id(&hive.create(alert(1)).await);
    for (kind, object, responder, expected) in [
        ("alert", alert.as_str(), "r-case", 400),
        ("case", case.as_str(), "none", 404),
        ("case", "~8", "r-case", 404),
    ] {
        let body = action(kind, object, responder);
        assert_eq!(
            hive.call("POST", &format!("{CORTEX}/action"), body).await.0,
            expected,
            "{kind} {responder}"
        );
    }
}

#[tokio::test]
async fn without_a_cortex_lists_are_empty_and_a_job_waits() {
    let hive = hive().await;
    let observable = observable(&hive).await;
    assert_eq!(hive.get("/api/connector/cortex/analyzer").await, json!([]));
    let input = json!({"analyzerId": "x", "cortexId": "y", "artifactId": observable});
    let job = hive.made("/api/connector/cortex/job", input).await;
    assert_eq!(job["status"], "Waiting");
    // Analyzers can also arrive while the server runs.
    let workers = json!({"analyzers": [{"id": "x"}]});
    assert_eq!(hive.call("PUT", "/_sim/thehive/workers", workers).await.0, 204);
    assert_eq!(
        each(&hive.get(&format!("{CORTEX}/analyzer")).await, "id"),
        [&json!("x")]
    );
}
