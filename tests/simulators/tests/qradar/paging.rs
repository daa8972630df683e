//! Does `Range` cut lists as contract 2.4 says? (D39: exactly one page, one more, one less)

use super::support::{Sim, offenses};

const PAGE: i64 = 50;

async fn page(sim: &Sim, range: &str) -> (Vec<i64>, Option<String>) {
    let answer = sim
        .send(
            "GET",
            "/api/siem/offenses?sort=%2Bid&fields=id",
            &[("Range", range)],
            "",
        )
        .await;
    (answer.ids(), answer.header("content-range").map(str::to_owned))
}

#[tokio::test]
async fn exactly_one_page_one_more_and_one_less() {
    for (total, first_range, second) in [
        (PAGE, "items 0-49/50", (vec![], "items */50")),
        (PAGE + 1, "items 0-49/51", (vec![51], "items 50-50/51")),
        (PAGE - 1, "items 0-48/49", (vec![], "items */49")),
    ] {
        let sim = Sim::new(offenses(total));
        let (ids, range) = page(&sim, "items=0-49").await;
        assert_eq!(ids, (1..=total.min(PAGE)).collect::<Vec<_>>());
        assert_eq!(range.as_deref(), Some(first_range));
        let (ids, range) = page(&sim, "items=50-99").await;
        assert_eq!((ids, range.as_deref()), (second.0, Some(second.1)));
    }
}

#[tokio::test]
async fn a_range_is_answered_with_200_and_the_total_after_the_filter() {
    let sim = Sim::new(offenses(12));
    let answer = sim
        .send(
            "GET",
            "/api/siem/offenses?filter=id+%3E+4",
            &[("Range", "items=0-2")],
            "",
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("content-range")),
        (200, Some("items 0-2/8"))
    );
    // Newest first without `sort` (recorded).
    assert_eq!(answer.ids(), [12, 11, 10]);
}

#[tokio::test]
async fn without_range_everything_comes_and_content_range_is_configurable() {
    let sim = Sim::new(offenses(120));
    let all = sim.get("/api/siem/offenses").await;
    assert_eq!(
        (all.ids().len(), all.header("content-range")),
        (120, Some("items 0-119/120"))
    );
    let mut state = offenses(2);
    state["settings"] = serde_json::json!({ "content_range_without_range": false });
    let sim = Sim::new(state);
    assert_eq!(sim.get("/api/siem/offenses").await.header("content-range"), None);
}

#[tokio::test]
async fn malformed_and_negative_ranges_are_422_36() {
    let sim = Sim::new(offenses(3));
    for range in [
        "items=0-",
        "items=-5",
        "0-49",
        "items=a-b",
        "bytes=0-49",
        "items=0-49-50",
        "items=0-49,60-70",
    ] {
        let answer = sim.send("GET", "/api/siem/offenses", &[("Range", range)], "").await;
        assert_eq!(answer.refusal(), (422, 36), "{range}");
    }
    let negative = sim
        .send("GET", "/api/siem/offenses", &[("Range", "items=3-0")], "")
        .await;
    assert_eq!(negative.refusal(), (422, 36));
    assert!(negative.json["message"].as_str().unwrap().contains("negative"));
}

#[tokio::test]
async fn an_id_watermark_walks_all_pages_without_loss() {
    let sim = Sim::new(offenses(101));
    let (mut seen, mut last) = (Vec::<i64>::new(), 0);
    loop {
        let uri = format!("/api/siem/offenses?filter=id%20%3E%20{last}&sort=%2Bid&fields=id");
        let ids = sim.send("GET", &uri, &[("Range", "items=0-49")], "").await.ids();
        seen.extend(&ids);
        match ids.last() {
            Some(id) if ids.len() == 50 => last = *id,
            _ => break,
        }
    }
    assert_eq!(seen, (1..=101).collect::<Vec<_>>());
}

#[tokio::test]
async fn sort_orders_by_several_keys_with_nulls_last_and_refuses_unknown_or_unsigned_keys() {
    use super::support::offense;
    use serde_json::json;
    let sim = Sim::new(json!({ "offenses": [
        offense(1, json!({"magnitude": 5, "close_time": null})), offense(2, json!({"magnitude": 9, "close_time": 7})),
        offense(3, json!({"magnitude": 5, "close_time": 3})),
    ] }));
    for (sort, expected) in [
        ("-magnitude,+id", [2, 1, 3]),
        ("+magnitude,-id", [3, 1, 2]),
        ("+close_time", [3, 2, 1]),
        ("-id", [3, 2, 1]),
    ] {
        assert_eq!(
            sim.query("/api/siem/offenses", &[("sort", sort)]).await.ids(),
            expected,
            "{sort}"
        );
    }
    for sort in ["+nonsense", "id", "", "+id,,-id"] {
        assert_eq!(
            sim.query("/api/siem/offenses", &[("sort", sort)]).await.refusal(),
            (422, 1030),
            "{sort}"
        );
    }
    assert_eq!(
        sim.query("/api/siem/offense_types", &[("sort", "+x")]).await.refusal(),
        (422, 1012)
    );
    // An unescaped plus arrives as a blank (contract 2.3).
    assert_eq!(sim.get("/api/siem/offenses?sort=+id").await.refusal(), (422, 1030));
}

#[tokio::test]
async fn fields_reduce_objects_also_nested_and_unknown_names_are_422_30() {
    let sim = Sim::new(offenses(1));
    let path = "/api/siem/offenses/1";
    let some = sim
        .query(path, &[("fields", "id, status,rules(id),log_sources(id,name)")])
        .await;
    let expected = r#"{"id":1,"status":"OPEN","rules":[{"id":100056}],"log_sources":[{"name":"cre","id":63}]}"#;
    assert_eq!(some.text, expected);
    for fields in ["foo", "id,foo", "rules(foo)", "rules(id", "id(x)", "id,"] {
        assert_eq!(
            sim.query(path, &[("fields", fields)]).await.refusal(),
            (422, 30),
            "{fields}"
        );
    }
    let unknown = sim.query(path, &[("fields", "foo")]).await;
    let text = r#"Specified field "foo" is not recognized by this endpoint for media type "application/json""#;
    assert_eq!(unknown.json["message"], text);
}
