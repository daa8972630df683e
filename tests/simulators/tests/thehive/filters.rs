//! Do filters, sorts and pages mean what 5.x means by them? What a client cannot see from the vendor's suite.

use super::support::{Peer, alert, each, hive, with};
use serde_json::{Value, json};

async fn titles(hive: &Peer, operator: Value) -> Vec<Value> {
    let mut filter = json!({"_name": "filter"});
    filter
        .as_object_mut()
        .unwrap()
        .extend(operator.as_object().cloned().unwrap());
    let found = hive.query(json!([{"_name": "listAlert"}, filter])).await;
    each(&found, "title").into_iter().cloned().collect()
}

async fn three() -> Peer {
    let hive = hive().await;
    for (reference, title) in [
        (1, "Suspicious login from Berlin"),
        (2, "Malware found"),
        (3, "login again"),
    ] {
        let more = json!({"title": title, "severity": reference, "date": reference * 100});
        hive.create(with(alert(reference), &more)).await;
    }
    hive
}

#[tokio::test]
async fn text_operators_know_case_words_and_stars() {
    let hive = three().await;
    let first = json!("Suspicious login from Berlin");
    for (operator, value, count) in [
        ("_like", "login from", 1),
        ("_like", "*login*", 2),
        ("_like", "Susp*", 1),
        ("_like", "LOGIN", 0),
        ("_startsWith", "login", 1),
        ("_endsWith", "Berlin", 1),
        ("_match", "berlin", 1),
        ("_match", "logi", 0),
    ] {
        let filter = json!({ operator: {"_field": "title", "_value": value}});
        assert_eq!(titles(&hive, filter).await.len(), count, "{operator} {value}");
    }
    let filter = json!({"_like": {"_field": "title", "_value": first}});
    assert_eq!(
        titles(&hive, filter).await,
        [first],
        "without a star the same text matches"
    );
}

#[tokio::test]
async fn between_takes_its_lower_bound_and_not_its_upper_one() {
    let hive = three().await;
    let filter = json!({"_between": {"_field": "date", "_from": 100, "_to": 300}});
    assert_eq!(titles(&hive, filter).await.len(), 2);
    let filter = json!({"_not": {"_or": [
        {"_gte": {"_field": "severity", "_value": 3}}, {"_in": {"_field": "title", "_values": ["Malware found", "x"]}},
    ]}});
    assert_eq!(titles(&hive, filter).await, [json!("Suspicious login from Berlin")]);
}

#[tokio::test]
async fn a_page_has_the_total_in_its_header_and_without_page_everything_comes() {
    let hive = hive().await;
    for reference in 0..35 {
        hive.create(with(
            alert(reference),
            &json!({"severity": reference % 2 + 1, "title": format!("{reference:02}")}),
        ))
        .await;
    }
    assert_eq!(
        hive.query(json!([{"_name": "listAlert"}]))
            .await
            .as_array()
            .unwrap()
            .len(),
        35
    );
    let page =
        json!({"query": [{"_name": "listAlert"}, {"_name": "page", "from": 0, "to": 2, "extraData": ["total"]}]});
    let response = hive.send("POST", "/api/v1/query", &page).await.unwrap();
    assert_eq!(response.headers()["x-total"], "35");
    let sorted =
        json!([{"_name": "listAlert"}, {"_name": "sort", "_fields": [{"severity": "desc"}, {"title": "asc"}]}]);
    let found = hive.query(sorted).await;
    let keys: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (-one["severity"].as_i64().unwrap(), one["title"].to_string()))
        .collect();
    assert!(keys.is_sorted());
}
