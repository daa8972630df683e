//! Do queries find cases and what hangs below them, by index and by traversal?

use crate::support::{alert, each, hive, hive_with, id};
use serde_json::{Value, json};

fn eq(field: &str, value: &Value) -> Value {
    json!({"_name": "filter", "_eq": {"_field": field, "_value": value}})
}

#[tokio::test]
async fn cases_are_found_by_tag_title_number_custom_field_and_time() {
    let cases: Vec<Value> = (0..5)
        .map(|number| {
            json!({
                "title": format!("case {number}"), "description": "d", "tags": [format!("synapse:{number}"), "all"],
                "customFields": {"synapse-ref": format!("ref-{number}")},
            })
        })
        .collect();
    let hive = hive_with(&json!({"cases": cases})).await;
    let all = hive.query(json!([{"_name": "listCase"}])).await;
    assert_eq!(each(&all, "number"), [1, 2, 3, 4, 5]);
    for filter in [
        eq("tags", &json!("synapse:3")),
        eq("title", &json!("case 3")),
        eq("number", &json!(4)),
        eq("customFields.synapse-ref", &json!("ref-3")),
        eq("_createdAt", &all[3]["_createdAt"]),
        json!({"_name": "filter", "_and": [{"_eq": {"_field": "tags", "_value": "all"}}, {"_in": {"_field": "number", "_values": [4, 9]}}]}),
        json!({"_name": "filter", "_like": {"_field": "title", "_value": "*3"}}),
    ] {
        let found = hive.query(json!([{"_name": "listCase"}, filter])).await;
        assert_eq!(each(&found, "title"), ["case 3"], "{filter}");
    }
    let sorted = hive
        .query(json!([{"_name": "listCase"}, {"_name": "sort", "_fields": [{"number": "desc"}]}, {"_name": "page", "from": 1, "to": 3}]))
        .await;
    assert_eq!(each(&sorted, "number"), [4, 3]);
    assert_eq!(
        hive.query(json!([{"_name": "listCase"}, eq("tags", &json!("all")), {"_name": "count"}]))
            .await,
        5
    );
    let changed = json!({"removeTags": ["synapse:3"], "customFields": {"synapse-ref": "new"}});
    hive.call("PATCH", "/api/v1/case/4", changed).await;
    assert_eq!(
        hive.query(json!([{"_name": "listCase"}, eq("tags", &json!("synapse:3"))]))
            .await,
        json!([])
    );
    let moved = hive
        .query(json!([{"_name": "listCase"}, eq("customFields.synapse-ref", &json!("new"))]))
        .await;
    assert_eq!(each(&moved, "number"), [4]);
}

#[tokio::test]
async fn traversals_go_down_and_up() {
    let hive = hive().await;
    let case = hive.case().await;
    let other = hive.case().await;
    let task = id(&hive
        .made(&format!("/api/v1/case/{case}/task"), json!({"title": "t"}))
        .await);
    let log = id(&hive
        .made(&format!("/api/v1/task/{task}/log"), json!({"message": "m"}))
        .await);
    let observable = id(&hive
        .made(
            &format!("/api/v1/case/{case}/observable"),
            json!({"dataType": "ip", "data": "10.0.0.1"}),
        )
        .await);
    let comment = id(&hive
        .made(&format!("/api/v1/case/{case}/comment"), json!({"message": "c"}))
        .await);
    let made = id(&hive.create(alert(1)).await);
    hive.call("POST", &format!("/api/v1/alert/{made}/merge/{case}"), Value::Null)
        .await;
    let deep = id(&hive
        .made(&format!("/api/v1/alert/{made}/comment"), json!({"message": "deep"}))
        .await);
    for (get, from, steps, expected) in [
        ("getCase", &case, vec!["tasks"], vec![&task]),
        ("getCase", &case, vec!["tasks", "logs"], vec![&log]),
        ("getCase", &case, vec!["observables"], vec![&observable]),
        ("getCase", &case, vec!["comments"], vec![&comment]),
        ("getCase", &case, vec!["allComments"], vec![&comment, &deep]),
        ("getCase", &case, vec!["alerts"], vec![&made]),
        ("getCase", &other, vec!["alerts"], vec![]),
        ("getAlert", &made, vec!["case"], vec![&case]),
        ("getTask", &task, vec!["case"], vec![&case]),
        ("getTask", &task, vec!["logs"], vec![&log]),
        ("getLog", &log, vec!["task", "case"], vec![&case]),
        ("getObservable", &observable, vec!["case"], vec![&case]),
        ("getComment", &comment, vec![], vec![&comment]),
    ] {
        let mut query = vec![json!({"_name": get, "idOrName": from})];
        query.extend(steps.iter().map(|step| json!({"_name": step})));
        assert_eq!(
            each(&hive.query(json!(query)).await, "_id"),
            expected,
            "{get} {steps:?}"
        );
    }
    let waiting = hive.query(json!([{"_name": "waitingTasks"}])).await;
    assert_eq!(waiting, json!([]), "the log started it");
    assert_eq!(each(&hive.query(json!([{"_name": "myTasks"}])).await, "_id"), [&task]);
}

#[tokio::test]
async fn a_page_carries_the_extra_data_it_asks_for() {
    let hive = hive().await;
    let case = hive.case().await;
    hive.made(&format!("/api/v1/case/{case}/task"), json!({"title": "t"}))
        .await;
    let page = |names: Value| json!({"_name": "page", "from": 0, "to": 9, "extraData": names});
    let cases = hive
        .query(json!([{"_name": "listCase"}, page(json!(["taskStats", "alertCount", "total"]))]))
        .await;
    assert_eq!(cases[0]["extraData"]["taskStats"]["Waiting"], 1);
    assert_eq!(cases[0]["extraData"]["alertCount"], 0);
    let tasks = hive
        .query(json!([{"_name": "listTask"}, page(json!(["case", "caseId"]))]))
        .await;
    assert_eq!(
        (
            &tasks[0]["extraData"]["caseId"],
            &tasks[0]["extraData"]["case"]["number"]
        ),
        (&json!(case), &json!(1))
    );
    let users = hive.query(json!([{"_name": "listUser"}])).await;
    assert_eq!(each(&users, "login"), ["synapse@soc.test", "reader@soc.test"]);
}

#[tokio::test]
async fn a_lagging_index_hides_new_cases_from_lists_but_not_from_traversals() {
    let hive = hive_with(&json!({"index_lag_ms": 60_000})).await;
    let body = json!({"title": "t", "description": "d", "tags": ["synapse:0a"], "tasks": [{"title": "t"}]});
    let case = hive.made("/api/v1/case", body).await;
    let by_tag = json!([{"_name": "listCase"}, eq("tags", &json!("synapse:0a"))]);
    assert_eq!(hive.query(by_tag.clone()).await, json!([]));
    let tasks = json!([{"_name": "getCase", "idOrName": id(&case)}, {"_name": "tasks"}, {"_name": "count"}]);
    assert_eq!(hive.query(tasks).await, 1);
    hive.call("PUT", "/_sim/clock", json!({"offset_ms": 60_001})).await;
    assert_eq!(each(&hive.query(by_tag).await, "number"), [1]);
}

#[tokio::test]
async fn the_dump_shows_cases_with_all_below_them() {
    let loaded = json!({
        "title": "t", "description": "d", "tasks": [{"title": "task"}],
        "observables": [{"dataType": "ip", "data": "10.0.0.1"}], "comments": [{"message": "said"}],
    });
    let hive = hive_with(&json!({"cases": [loaded], "case_templates": [{"name": "tpl"}]})).await;
    let task = id(&hive.query(json!([{"_name": "listTask"}])).await);
    hive.made(&format!("/api/v1/task/{task}/log"), json!({"message": "logged"}))
        .await;
    let dump = hive.get("/_sim/state").await;
    let case = &dump["cases"][0];
    assert_eq!(case["organisation"], "soc");
    assert_eq!(case["tasks"][0]["logs"][0]["message"], "logged");
    assert_eq!(case["observables"][0]["data"], "10.0.0.1");
    assert_eq!(case["comments"][0]["message"], "said");
    assert_eq!(dump["case_templates"][0]["name"], "tpl");
}

#[tokio::test]
async fn what_5x_is_not_known_to_accept_in_a_query_is_refused() {
    let hive = hive().await;
    for steps in [
        json!([{"_name": "listAlert"}, {"_name": "filter", "_field": "title", "_value": "t"}]),
        json!([{"_name": "listAlert"}, {"_name": "filter", "_string": "title:t"}]),
        json!([{"_name": "listAlert"}, {"_name": "filter", "_eq": {"_field": "nope", "_value": 1}}]),
        json!([{"_name": "listAlert"}, {"_name": "sort", "_fields": [{"nope": "asc"}]}]),
        json!([{"_name": "listNothing"}]),
        json!([{"_name": "listAlert"}, {"_name": "page", "from": -1, "to": 10}]),
        json!([]),
    ] {
        let (status, body) = hive.call("POST", "/api/v1/query", json!({"query": steps})).await;
        assert_eq!(status, 400, "{steps}: {body}");
    }
}
