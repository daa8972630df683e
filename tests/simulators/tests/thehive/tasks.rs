//! Do tasks and their logs follow the rules of contract 2.5?

use crate::support::{Form, each, hive, id};
use serde_json::{Value, json};

#[tokio::test]
async fn the_first_log_starts_a_waiting_task_and_no_other() {
    let hive = hive().await;
    hive.case().await;
    let task = hive.made("/api/v1/case/1/task", json!({"title": "t"})).await;
    assert_eq!(
        (&task["status"], &task["order"], &task["flag"]),
        (&json!("Waiting"), &json!(0), &json!(false))
    );
    let path = format!("/api/v1/task/{}", id(&task));
    assert_eq!(hive.get(&path).await, task);
    let log = hive
        .made(&format!("{path}/log"), json!({"message": "m", "startDate": 5}))
        .await;
    assert_eq!(
        (&log["date"], &log["owner"], &log["attachments"]),
        (&json!(5), &json!("synapse@soc.test"), &json!([]))
    );
    let started = hive.get(&path).await;
    assert_eq!(
        (&started["status"], &started["assignee"]),
        (&json!("InProgress"), &json!("synapse@soc.test"))
    );
    assert!(started["startDate"].is_i64());
    assert_eq!(hive.call("PATCH", &path, json!({"status": "Completed"})).await.0, 204);
    hive.made(&format!("{path}/log"), json!({"message": "late"})).await;
    let done = hive.get(&path).await;
    assert!(done["status"] == "Completed" && done["endDate"].is_i64(), "{done}");
}

#[tokio::test]
async fn a_log_carries_several_files_and_loses_them_one_by_one() {
    let hive = hive().await;
    hive.case().await;
    let task = id(&hive.made("/api/v1/case/1/task", json!({"title": "t"})).await);
    // The vendor's client sends the JSON like a file.
    let json = json!({"message": "with files"}).to_string();
    let form = Form::default()
        .part(
            "name=\"_json\"; filename=\"_json\"",
            "Content-Type: application/json\r\n",
            json.as_bytes(),
        )
        .file("attachments", "a.txt", b"one")
        .file("attachments", "b.txt", b"two");
    let (status, log) = hive.upload(&format!("/api/v1/task/{task}/log"), &form).await;
    assert_eq!(
        (status, each(&log["attachments"], "name")),
        (201, vec![&json!("a.txt"), &json!("b.txt")])
    );
    let path = format!("/api/v1/log/{}", id(&log));
    let first = &log["attachments"][0];
    let bytes = hive
        .request("GET", &format!("{path}/attachment/{}/download", id(first)))
        .send()
        .await
        .unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), "one");
    let form = Form::default().file("attachments", "c.txt", b"three");
    assert_eq!(hive.upload(&format!("{path}/attachments"), &form).await.0, 204);
    assert_eq!(
        hive.call("DELETE", &format!("{path}/attachments/{}", id(first)), Value::Null)
            .await
            .0,
        204
    );
    let steps = json!([{"_name": "getLog", "idOrName": id(&log)}]);
    let shown = hive.query(steps.clone()).await;
    assert_eq!(each(&shown[0]["attachments"], "name"), ["b.txt", "c.txt"]);
    let effects = hive.effects().await;
    let made = effects
        .iter()
        .find(|effect| effect["objects"][0]["kind"] == "Log")
        .unwrap();
    assert_eq!(each(&made["objects"][0]["files"], "name"), ["a.txt", "b.txt"]);
    assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(hive.query(steps).await, json!([]));
}

#[tokio::test]
async fn a_task_keeps_its_limits() {
    let hive = hive().await;
    hive.case().await;
    for refused in [
        json!({}),
        json!({"title": "x".repeat(129)}),
        json!({"title": "t", "status": "Done"}),
        json!({"title": "t", "group": ""}),
        json!({"title": "t", "owner": "synapse@soc.test"}),
    ] {
        assert_eq!(
            hive.call("POST", "/api/v1/case/1/task", refused.clone()).await.0,
            400,
            "{refused}"
        );
    }
    let unknown = json!({"title": "t", "assignee": "nobody@soc.test"});
    assert_eq!(hive.call("POST", "/api/v1/case/1/task", unknown).await.0, 404);
    assert_eq!(
        hive.call("POST", "/api/v1/task/~1/log", json!({"message": "m"}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn tasks_are_changed_together_or_not_at_all() {
    let hive = hive().await;
    hive.case().await;
    let mut ids = Vec::new();
    for title in ["a", "b"] {
        ids.push(id(&hive.made("/api/v1/case/1/task", json!({"title": title})).await));
    }
    let bulk = |ids: &[String]| json!({"ids": ids, "group": "g"});
    assert_eq!(
        hive.call("PATCH", "/api/v1/task/_bulk", bulk(&[ids[0].clone(), "~1".to_owned()]))
            .await
            .0,
        404
    );
    assert_eq!(hive.get(&format!("/api/v1/task/{}", ids[0])).await["group"], "default");
    assert_eq!(hive.call("PATCH", "/api/v1/task/_bulk", bulk(&ids)).await.0, 204);
    assert_eq!(
        each(&hive.query(json!([{"_name": "listTask"}])).await, "group"),
        ["g", "g"]
    );
    assert_eq!(
        hive.call("DELETE", &format!("/api/v1/task/{}", ids[0]), Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(hive.query(json!([{"_name": "listTask"}, {"_name": "count"}])).await, 1);
}
