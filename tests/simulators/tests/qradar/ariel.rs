//! Do Ariel searches live and end as contract 3.4 says? (D37, D38)

use serde_json::{Value, json};

use super::support::{Sim, offense};

const QUERY: &str = "SELECT sourceip FROM events WHERE INOFFENSE(1) LIMIT 10 START 0 STOP 9999";

fn sim(ariel: &Value) -> Sim {
    let event = |n: i64| json!({"offense_id": 1, "starttime": 1000 + n, "sourceip": format!("192.0.2.{n}")});
    Sim::new(json!({
        "offenses": [offense(1, json!({}))],
        "events": (1..=4).map(event).collect::<Vec<_>>(),
        "ariel": ariel,
    }))
}

async fn create(sim: &Sim, query: &str) -> super::support::Answer {
    sim.form("/api/ariel/searches", &[("query_expression", query)]).await
}

#[tokio::test]
async fn polls_drive_wait_execute_sorting_completed_and_results_are_404_until_then() {
    let sim = sim(&json!({ "polls_until_done": 4 }));
    let created = create(&sim, QUERY).await;
    assert_eq!((created.status, &created.json["status"]), (201, &json!("WAIT")));
    assert_eq!(created.json["search_id"], created.json["cursor_id"]);
    let path = format!("/api/ariel/searches/{}", created.json["search_id"].as_str().unwrap());
    let mut seen = Vec::new();
    for _ in 0..5 {
        let early = sim.get(&format!("{path}/results")).await;
        if seen.last().is_none_or(|last| last != "COMPLETED") {
            assert_eq!(early.refusal(), (404, 1003), "reading results does not move the search");
        }
        let now = sim.get(&path).await.json;
        seen.push(now["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["EXECUTE", "EXECUTE", "SORTING", "COMPLETED", "COMPLETED"]);
    let done = sim.get(&path).await.json;
    assert_eq!(
        (&done["progress"], &done["record_count"], &done["completed"]),
        (&json!(100), &json!(4), &json!(true))
    );
}

#[tokio::test]
async fn results_are_newest_first_and_ranged_on_the_inner_list_also_as_csv() {
    let sim = sim(&json!({ "polls_until_done": 0 }));
    let created = create(&sim, QUERY).await;
    assert_eq!(
        created.json["status"], "COMPLETED",
        "a fresh search may already have ended"
    );
    let path = format!(
        "/api/ariel/searches/{}/results",
        created.json["search_id"].as_str().unwrap()
    );
    let page = sim.send("GET", &path, &[("Range", "items=1-2")], "").await;
    assert_eq!(
        page.json,
        json!({"events": [{"sourceip": "192.0.2.3"}, {"sourceip": "192.0.2.2"}]})
    );
    assert_eq!((page.status, page.header("content-range")), (200, Some("items 1-2/4")));
    let beyond = sim.send("GET", &path, &[("Range", "items=4-9")], "").await;
    assert_eq!(
        (beyond.json, beyond.headers["content-range"].to_str().unwrap()),
        (json!({"events": []}), "items */4")
    );
    let csv = sim
        .send(
            "GET",
            &path,
            &[("Range", "items=0-0"), ("Accept", "application/csv")],
            "",
        )
        .await;
    assert_eq!(csv.text, "sourceip\n192.0.2.4\n");
    let columns = sim.get(&path.replace("results", "metadata")).await;
    assert_eq!(columns.json["columns"][0]["name"], "sourceip");
}

#[tokio::test]
async fn into_names_the_search_and_a_used_name_is_409_1004_until_deleted() {
    let sim = sim(&json!({}));
    let query = "SELECT sourceip FROM events INTO r_01JABC WHERE INOFFENSE(1) START 0 STOP 9999";
    let created = create(&sim, query).await;
    assert_eq!((created.status, &created.json["search_id"]), (201, &json!("r_01JABC")));
    assert_eq!(create(&sim, query).await.refusal(), (409, 1004));
    assert_eq!(sim.get("/api/ariel/searches").await.json, json!(["r_01JABC"]));
    let deleted = sim.send("DELETE", "/api/ariel/searches/r_01JABC", &[], "").await;
    assert_eq!((deleted.status, &deleted.json["search_id"]), (202, &json!("r_01JABC")));
    assert_eq!(
        sim.send("DELETE", "/api/ariel/searches/r_01JABC", &[], "")
            .await
            .refusal(),
        (404, 1002)
    );
    assert_eq!(create(&sim, query).await.status, 201);
    let log: Vec<_> = sim.effects().into_iter().map(|e| (e.method, e.marker, e.id)).collect();
    let (name, id) = (Some("r_01JABC".to_owned()), Some("r_01JABC".to_owned()));
    assert_eq!(log[0], ("POST".to_owned(), name.clone(), id.clone()));
    assert_eq!(log[1], ("DELETE".to_owned(), None, id.clone()));
    assert_eq!((log.len(), &log[2]), (3, &("POST".to_owned(), name, id)));
}

#[tokio::test]
async fn error_and_canceled_are_ends_too() {
    let failing = sim(&json!({ "end": "ERROR" }));
    let id = create(&failing, QUERY).await.json["search_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let state = failing.get(&format!("/api/ariel/searches/{id}")).await.json;
    assert_eq!(
        (&state["status"], &state["completed"]),
        (&json!("ERROR"), &json!(false))
    );
    assert_eq!(state["error_messages"][0]["severity"], "ERROR");
    assert_eq!(
        failing
            .get(&format!("/api/ariel/searches/{id}/results"))
            .await
            .refusal(),
        (404, 1003)
    );
    let cancelled = sim(&json!({ "end": "CANCELED" }));
    let id = create(&cancelled, QUERY).await.json["search_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        cancelled.get(&format!("/api/ariel/searches/{id}")).await.json["status"],
        "CANCELED"
    );
    let partial = cancelled.get(&format!("/api/ariel/searches/{id}/results")).await;
    assert_eq!(
        partial.json["events"].as_array().unwrap().len(),
        2,
        "partial results stay"
    );
}

#[tokio::test]
async fn a_search_can_be_cancelled_or_kept_on_request() {
    let sim = sim(&json!({ "polls_until_done": 2 }));
    let id = create(&sim, QUERY).await.json["search_id"].as_str().unwrap().to_owned();
    let path = format!("/api/ariel/searches/{id}");
    assert_eq!(sim.get(&path).await.json["status"], "EXECUTE");
    let kept = sim.post(&format!("{path}?save_results=true")).await;
    assert_eq!((kept.status, &kept.json["save_results"]), (200, &json!(true)));
    let cancelled = sim.post(&format!("{path}?status=CANCELED")).await;
    assert_eq!((cancelled.status, &cancelled.json["status"]), (200, &json!("CANCELED")));
    assert_eq!(sim.get(&path).await.json["status"], "CANCELED");
    assert_eq!(
        sim.get(&format!("{path}/results")).await.json["events"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(sim.post(&format!("{path}?status=COMPLETED")).await.refusal(), (422, 11));
    assert_eq!(sim.post(&path).await.refusal(), (422, 1005));
}

#[tokio::test]
async fn busy_ariel_is_503_1010_for_the_given_number_of_creations() {
    let sim = sim(&json!({ "busy": 2 }));
    for _ in 0..2 {
        assert_eq!(create(&sim, QUERY).await.refusal(), (503, 1010));
    }
    assert_eq!(create(&sim, QUERY).await.status, 201);
    assert_eq!(sim.effects().len(), 1);
}

#[tokio::test]
async fn prefer_wait_is_206_while_running_and_200_when_completed() {
    let polls = sim(&json!({ "polls_until_done": 2 }));
    let id = create(&polls, QUERY).await.json["search_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/ariel/searches/{id}");
    let prefer = [("Prefer", "wait=5")];
    let first = polls.send("GET", &path, &prefer, "").await;
    assert_eq!((first.status, &first.json["status"]), (206, &json!("EXECUTE")));
    let second = polls.send("GET", &path, &prefer, "").await;
    assert_eq!((second.status, &second.json["status"]), (200, &json!("COMPLETED")));

    let timed = sim(&json!({ "done_after_ms": 150 }));
    let id = create(&timed, QUERY).await.json["search_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/ariel/searches/{id}");
    let expired = timed.send("GET", &path, &[("Prefer", "wait=0")], "").await;
    assert_eq!(expired.status, 206);
    // The long poll really waits: it comes back completed although nothing else asks.
    let waited = timed.send("GET", &path, &prefer, "").await;
    assert_eq!((waited.status, &waited.json["status"]), (200, &json!("COMPLETED")));
}

#[tokio::test]
async fn virtual_time_ends_searches_and_expires_them_after_a_day() {
    let sim = sim(&json!({ "done_after_ms": 60_000 }));
    let id = create(&sim, QUERY).await.json["search_id"].as_str().unwrap().to_owned();
    let path = format!("/api/ariel/searches/{id}");
    assert_eq!(sim.get(&path).await.json["completed"], false);
    sim.control.set_clock_offset_ms(61_000);
    assert_eq!(sim.get(&path).await.json["status"], "COMPLETED");
    sim.control.set_clock_offset_ms(86_401_000);
    assert_eq!(sim.get(&path).await.refusal(), (404, 1002));
}

#[tokio::test]
async fn creation_wants_exactly_one_parameter_as_query_or_form() {
    let sim = sim(&json!({}));
    let path = "/api/ariel/searches";
    for params in [vec![], vec![("query_expression", QUERY), ("saved_search_id", "1")]] {
        let answer = sim.form(path, &params).await;
        assert_eq!(
            (answer.refusal(), answer.json["message"].as_str().unwrap()),
            ((422, 1005), "Exactly one parameter is required.")
        );
    }
    let body = json!({ "query_expression": QUERY }).to_string();
    let json_body = sim
        .send("POST", path, &[("Content-Type", "application/json")], &body)
        .await;
    assert_eq!(json_body.refusal(), (422, 1005), "a JSON body is ignored (recorded)");
    assert_eq!(
        sim.form(path, &[("saved_search_id", "277612")]).await.refusal(),
        (404, 1002)
    );
    let in_query = sim
        .post(&format!(
            "{path}?{}",
            super::support::encode(&[("query_expression", QUERY)])
        ))
        .await;
    assert_eq!(in_query.status, 201);
    assert_eq!(in_query.json["query_string"], QUERY);
}

#[tokio::test]
async fn an_identical_recent_query_gets_the_earlier_search_unless_it_failed() {
    let same = sim(&json!({}));
    let (first, second) = (create(&same, QUERY).await, create(&same, QUERY).await);
    assert_eq!(
        (second.status, &second.json["search_id"]),
        (201, &first.json["search_id"])
    );
    assert_eq!(same.effects().len(), 1);
    let never = sim(&json!({ "reuse_identical_ms": 0 }));
    assert_ne!(
        create(&never, QUERY).await.json["search_id"],
        create(&never, QUERY).await.json["search_id"]
    );
    let failing = sim(&json!({ "end": "ERROR", "polls_until_done": 0 }));
    assert_ne!(
        create(&failing, QUERY).await.json["search_id"],
        create(&failing, QUERY).await.json["search_id"]
    );
}
