//! Does an alert keep its limits, its triple and its place in the lists?

use crate::support::{KEY, alert, hive, hive_with, with};
use serde_json::{Value, json};

fn references(alerts: &Value) -> Vec<String> {
    alerts
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| alert["sourceRef"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn d19_pages_of_11_and_101_alerts_cover_each_exactly_once() {
    for size in [11_usize, 101] {
        let alerts: Vec<Value> = (0..size).map(|number| alert(format!("{number:03}"))).collect();
        let hive = hive_with(&json!({"alerts": alerts})).await;
        let everything = hive.query(json!([{"_name": "listAlert"}])).await;
        assert_eq!(
            everything.as_array().unwrap().len(),
            size,
            "without a page there is no default limit of 10"
        );
        let mut seen = Vec::new();
        for from in (0..).step_by(10) {
            let body = json!({"query": [
                {"_name": "listAlert"},
                {"_name": "sort", "_fields": [{"_createdAt": "asc"}]},
                {"_name": "page", "from": from, "to": from + 10, "extraData": ["total"]},
            ]});
            let response = hive.send("POST", "/api/v1/query?name=test", &body).await.unwrap();
            assert_eq!(response.headers()["x-total"].to_str().unwrap(), size.to_string());
            let page: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
            if references(&page).is_empty() {
                break;
            }
            seen.extend(references(&page));
        }
        let expected: Vec<String> = (0..size).map(|number| format!("{number:03}")).collect();
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn d13_a_duplicate_triple_is_400_or_409_create_error_and_changes_nothing() {
    for status in [400, 409] {
        let hive = hive_with(&json!({"duplicate_status": status})).await;
        hive.create(alert(1)).await;
        let (answered, body) = hive.call("POST", "/api/v1/alert", alert(1)).await;
        assert_eq!((answered, &body["type"]), (status, &json!("CreateError")));
        assert_eq!(
            body["message"],
            "Alert qradar:console:1 already exist in organisation soc"
        );
        assert_eq!((hive.count().await, hive.effects().await.len()), (json!(1), 1));
    }
}

#[tokio::test]
async fn the_triple_is_unique_per_organisation_and_follows_updates_and_deletion() {
    let hive = hive().await;
    let first = hive.create(alert(1)).await;
    let elsewhere = hive.request("POST", "/api/v1/alert").header("x-organisation", "other");
    let elsewhere = elsewhere
        .header("content-type", "application/json")
        .body(alert(1).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.status(), 201);
    let by_triple = hive
        .call("GET", "/api/v1/alert/qradar%3Bconsole%3B1", Value::Null)
        .await;
    assert_eq!(by_triple, (200, first.clone()), "the one of the own organisation");

    let path = format!("/api/v1/alert/{}", first["_id"].as_str().unwrap());
    assert_eq!(hive.call("PATCH", &path, json!({"sourceRef": "2"})).await.0, 204);
    assert_eq!(
        hive.call("GET", "/api/v1/alert/qradar;console;1", Value::Null).await.0,
        404
    );
    hive.create(alert(1)).await;
    assert_eq!(
        hive.call("PATCH", &path, json!({"sourceRef": "1"})).await.1["type"],
        "CreateError"
    );
    assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 404);
    hive.create(alert(2)).await;
}

#[tokio::test]
async fn d14_equal_observables_inside_one_alert_refuse_the_whole_alert() {
    let hive = hive().await;
    let twice =
        json!([{"dataType": "ip", "data": "10.0.0.1"}, {"dataType": "ip", "data": "10.0.0.1", "tags": ["dst"]}]);
    let (status, body) = hive
        .call("POST", "/api/v1/alert", with(alert(1), &json!({"observables": twice})))
        .await;
    assert_eq!(
        (status, &body["type"], &body["object"]["data"]),
        (400, &json!("CreateError"), &json!("10.0.0.1"))
    );
    assert_eq!((hive.count().await, hive.effects().await.len()), (json!(0), 0));
    let same_data = json!([{"dataType": "ip", "data": "10.0.0.1"}, {"dataType": "other", "data": "10.0.0.1"}]);
    hive.create(with(alert(1), &json!({"observables": same_data}))).await;
}

#[tokio::test]
async fn d15_an_unknown_data_type_refuses_the_whole_alert() {
    let hive = hive_with(&json!({"observable_types": ["ip", "other", {"name": "file", "isAttachment": true}]})).await;
    for unknown in ["source_IP", "domain"] {
        let observables = json!([{"dataType": "ip", "data": "10.0.0.1"}, {"dataType": unknown, "data": "x"}]);
        let (status, body) = hive
            .call(
                "POST",
                "/api/v1/alert",
                with(alert(1), &json!({"observables": observables})),
            )
            .await;
        let message = format!("ObservableType {unknown} not found");
        assert_eq!(
            (status, body),
            (404, json!({"type": "NotFoundError", "message": message}))
        );
    }
    assert_eq!(hive.count().await, 0);
}

#[tokio::test]
async fn limits_of_the_contract_name_the_field() {
    let hive = hive().await;
    for (field, length) in [("type", 32), ("source", 32), ("sourceRef", 128), ("title", 512)] {
        let (status, body) = hive
            .call(
                "POST",
                "/api/v1/alert",
                with(alert(1), &json!({field: "é".repeat(length + 1)})),
            )
            .await;
        assert_eq!(
            (status, &body["type"], &body["errors"][0]["name"]),
            (400, &json!("AttributeCheckingError"), &json!(field))
        );
    }
    let (_, body) = hive
        .call("POST", "/api/v1/alert", json!({"type": "t", "titel": "x"}))
        .await;
    let problems = body["errors"].as_array().unwrap();
    assert!(
        problems.contains(&json!({"name": "sourceRef", "type": "MissingAttributeError"})),
        "{body}"
    );
    assert!(
        problems.contains(&json!({"name": "titel", "type": "UnknownAttributeError", "field": "x"})),
        "{body}"
    );
    let long = json!({"observables": [{"dataType": "other", "data": "x".repeat(4097)}]});
    assert_eq!(hive.call("POST", "/api/v1/alert", with(alert(1), &long)).await.0, 400);
    assert!(hive.effects().await.is_empty());
}

#[tokio::test]
async fn a_json_body_without_json_content_type_is_refused_before_anything_happens() {
    let hive = hive().await;
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let mut request = hive.request("POST", "/api/v1/alert").body(alert(1).to_string());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{content_type:?}");
        assert!(response.text().await.unwrap().contains("BadRequest"));
    }
    let charset = hive
        .request("POST", "/api/v1/alert")
        .header("content-type", "application/json; charset=utf-8");
    assert_eq!(charset.body(alert(1).to_string()).send().await.unwrap().status(), 201);
    assert_eq!(
        hive.call("POST", "/api/v1/alert/qradar;console;1/follow", Value::Null)
            .await
            .0,
        204,
        "no body, no type"
    );
}

#[tokio::test]
async fn authentication_organisation_and_permissions() {
    let hive = hive().await;
    let get = async |header: &str, value: &str| {
        let url = format!("{}/api/v1/user/current", hive.sim.url());
        let response = hive.client.get(url).header(header, value).send().await.unwrap();
        (
            response.status().as_u16(),
            serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap(),
        )
    };
    let (status, body) = get("authorization", "Bearer wrong").await;
    assert_eq!((status, &body["type"]), (401, &json!("AuthenticationError")));
    assert_eq!(
        get("authorization", "Basic YWRtaW5AdGhlaGl2ZS5sb2NhbDpzZWNyZXQ=")
            .await
            .1["organisation"],
        "admin"
    );
    assert_eq!(get("authorization", KEY).await.1["organisation"], "soc");

    let foreign = hive
        .request("GET", "/api/v1/user/current")
        .header("x-organisation", "admin")
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403);
    let request = hive
        .client
        .post(format!("{}/api/v1/alert", hive.sim.url()))
        .header("authorization", "Bearer k-reader");
    let refused = request
        .header("content-type", "application/json")
        .body(alert(1).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 403);
    assert!(
        refused
            .text()
            .await
            .unwrap()
            .contains("haven't the permission manageAlert/create")
    );

    let (_, user) = hive
        .call("POST", "/api/v1/login", json!({"user": "admin", "password": "secret"}))
        .await;
    assert_eq!(user["login"], "admin@thehive.local", "the default domain is appended");
    assert!(hive.effects().await.is_empty());
}

#[tokio::test]
async fn a_lagging_index_hides_new_alerts_from_lists_but_not_from_reads() {
    let hive = hive_with(&json!({"index_lag_ms": 60_000, "alerts": [alert("old")]})).await;
    let made = hive
        .create(with(
            alert("new"),
            &json!({"observables": [{"dataType": "ip", "data": "10.0.0.1"}]}),
        ))
        .await;
    let id = made["_id"].as_str().unwrap();
    assert_eq!(hive.count().await, 1);
    let filter = json!({"_name": "filter", "_eq": {"_field": "sourceRef", "_value": "new"}});
    assert_eq!(
        hive.query(json!([{"_name": "listAlert"}, filter])).await,
        json!([]),
        "not even by equality"
    );
    assert_eq!(
        hive.call("GET", "/api/v1/alert/qradar;console;new", Value::Null)
            .await
            .0,
        200
    );
    let observables = json!([{"_name": "getAlert", "idOrName": id}, {"_name": "observables"}, {"_name": "count"}]);
    assert_eq!(hive.query(observables).await, 1, "a traversal follows edges");
    hive.call("PUT", "/_sim/clock", json!({"offset_ms": 60_001})).await;
    assert_eq!(
        references(&hive.query(json!([{"_name": "listAlert"}, filter])).await),
        ["new"]
    );
}

#[tokio::test]
async fn effects_carry_body_marker_and_id_of_every_accepted_change() {
    let hive = hive().await;
    let made = hive.create(with(alert(1), &json!({"tags": ["x", "synapse:0a"]}))).await;
    let id = made["_id"].as_str().unwrap();
    let path = format!("/api/v1/alert/{id}");
    hive.call("PATCH", &path, json!({"addTags": ["synapse:0b"]})).await;
    hive.call(
        "PATCH",
        "/api/v1/alert/qradar;console;1",
        json!({"customFields": {"synapse-ref": "synapse:0c"}}),
    )
    .await;
    hive.call(
        "POST",
        &format!("{path}/comment"),
        json!({"message": "m\n<!-- synapse:0d -->"}),
    )
    .await;
    hive.call("PATCH", &path, json!({"titel": "refused"})).await;
    hive.call("DELETE", &path, Value::Null).await;
    let effects = hive.effects().await;
    let seen: Vec<_> = effects
        .iter()
        .map(|one| (one["method"].as_str().unwrap(), one["marker"].clone()))
        .collect();
    let expected = [
        ("POST", json!("synapse:0a")),
        ("PATCH", json!("synapse:0b")),
        ("PATCH", json!("synapse:0c")),
        ("POST", json!("synapse:0d")),
        ("DELETE", Value::Null),
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        (&effects[0]["id"], &effects[0]["body"]["sourceRef"]),
        (&json!(id), &json!("1"))
    );
    assert_eq!(
        (&effects[2]["id"], &effects[2]["path"]),
        (&json!(id), &json!(path)),
        "a triple is logged by its id"
    );
}

#[tokio::test]
async fn d18_a_create_whose_answer_is_lost_exists_and_can_be_found_by_its_triple() {
    let hive = hive().await;
    hive.fault(json!({"match": {"method": "POST", "path": "/api/v1/alert", "body": "\"1\""}, "action": {"drop_response": true}}))
        .await;
    assert!(hive.send("POST", "/api/v1/alert", &alert(1)).await.is_err());
    assert_eq!(
        hive.call("GET", "/api/v1/alert/qradar;console;1", Value::Null).await.0,
        200
    );
    assert_eq!(
        hive.call("POST", "/api/v1/alert", alert(1)).await.1["type"],
        "CreateError"
    );
    assert_eq!(hive.fired().await, [1]);
}

#[tokio::test]
async fn reset_returns_to_the_state_of_the_start_and_a_wrong_state_is_refused_with_its_reason() {
    let hive = hive_with(&json!({"alerts": [alert("start")]})).await;
    hive.create(alert(1)).await;
    hive.call("POST", "/_sim/reset", Value::Null).await;
    assert_eq!(
        references(&hive.query(json!([{"_name": "listAlert"}])).await),
        ["start"]
    );
    for (wrong, reason) in [
        (json!({"alert": []}), "alert"),
        (json!({"alerts": [alert(1)]}), "organisation"),
        (
            json!({"organisations": ["soc"], "alerts": [{"type": "t"}]}),
            "MissingAttributeError",
        ),
        (json!({"duplicate_status": 500}), "duplicate_status"),
    ] {
        let (status, body) = hive.call("PUT", "/_sim/state", wrong).await;
        assert!(
            status == 400 && body["error"].as_str().unwrap().contains(reason),
            "{body}"
        );
    }
    let (_, dump) = hive.call("GET", "/_sim/state", Value::Null).await;
    assert_eq!(
        (&dump["alerts"][0]["sourceRef"], &dump["alerts"][0]["organisation"]),
        (&json!("start"), &json!("soc"))
    );
}

#[tokio::test]
async fn concurrent_creates_of_one_triple_make_one_alert() {
    let hive = std::sync::Arc::new(hive().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let hive = std::sync::Arc::clone(&hive);
            tokio::spawn(async move { hive.call("POST", "/api/v1/alert", alert("same")).await.0 })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(hive.count().await, 1);
}
