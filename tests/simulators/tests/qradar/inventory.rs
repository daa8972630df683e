//! Are machines, log sources, actors, contributions and saved searches shown as a console shows them? (contract 3.1, 3.3 to 3.6)

use serde_json::json;

use super::support::{Sim, offense, recorded};

#[tokio::test]
async fn assets_are_filtered_through_their_interfaces_and_sorted_by_four_fields_only() {
    let sim = Sim::new(recorded());
    let path = "/api/asset_model/assets";
    let all = sim.get(path).await;
    let ip = all
        .json
        .as_array()
        .unwrap()
        .iter()
        .find_map(|asset| asset["interfaces"][0]["ip_addresses"][0]["value"].as_str());
    let filter = format!("interfaces contains ip_addresses contains value = '{}'", ip.unwrap());
    assert_eq!(sim.query(path, &[("filter", &filter)]).await.ids().len(), 1);
    assert_eq!(sim.query(path, &[("sort", "+users")]).await.refusal(), (422, 1012));
    assert_eq!(sim.query(path, &[("sort", "-risk_score_sum")]).await.status, 200);
    let reduced = sim.query(path, &[("fields", "interfaces(ip_addresses(value))")]).await;
    assert!(
        !reduced.text.contains("mac_address") && reduced.text.contains(ip.unwrap()),
        "{}",
        reduced.text
    );
}

#[tokio::test]
async fn a_log_sources_status_is_one_object_and_types_tell_a_customer_little() {
    let mut state = recorded();
    state["tokens"] =
        json!([{"token": "sim-token"}, {"token": "weak", "capabilities": ["log_sources"], "domain_ids": [0]}]);
    let sim = Sim::new(state);
    let root = "/api/config/event_sources/log_source_management";
    let one = sim
        .query(&format!("{root}/log_sources/63"), &[("fields", "id,status(status)")])
        .await;
    assert_eq!(one.json["status"], json!({"status": "ERROR"}), "{}", one.text);
    let types = sim
        .send("GET", &format!("{root}/log_source_types"), &[("sec", "weak")], "")
        .await;
    assert_eq!(types.json[0].as_object().unwrap().len(), 2, "{}", types.text);
}

#[tokio::test]
async fn contributions_and_actors_are_those_of_visible_offenses() {
    let sim = Sim::new(json!({
        "offenses": [offense(1, json!({})), offense(2, json!({"domain_id": 5}))],
        "rule_contributions": [{"id": 1, "rule_id": 9, "offense_id": 1}, {"id": 2, "rule_id": 9, "offense_id": 2}],
        "tokens": [{"token": "sim-token"}, {"token": "narrow", "capabilities": ["offenses", "rules"], "domain_ids": [0]}],
    }));
    let narrow = [("sec", "narrow")];
    let path = "/api/analytics/rules_offense_contributions";
    assert_eq!(sim.get(path).await.ids(), [1, 2]);
    assert_eq!(sim.send("GET", path, &narrow, "").await.ids(), [1]);
    let actors = sim.get("/api/siem/offenses/1/assignable_actors").await;
    assert_eq!(
        actors.json[0],
        json!({"user_id": 1, "username": "admin", "description": ""})
    );
    let foreign = sim
        .send("GET", "/api/siem/offenses/2/assignable_actors", &narrow, "")
        .await;
    assert_eq!(foreign.refusal(), (404, 85_101_001));
}

#[tokio::test]
async fn a_saved_search_is_run_by_its_id() {
    let sim = Sim::new(recorded());
    let made = sim.form("/api/ariel/searches", &[("saved_search_id", "2776")]).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let again = sim.form("/api/ariel/searches", &[("saved_search_id", "2776")]).await;
    assert_eq!(made.json["search_id"], again.json["search_id"]);
    assert_eq!(sim.get("/api/ariel/saved_searches/1").await.refusal(), (404, 1002));
}

#[tokio::test]
async fn flows_are_searched_apart_from_events() {
    let sim = Sim::new(json!({
        "offenses": [offense(1, json!({}))],
        "events": [{"offense_id": 1, "starttime": 1000, "sourceip": "10.0.0.1"}],
        "flows": [{"offense_id": 1, "starttime": 1000, "sourceip": "10.0.0.2", "destinationip": "203.0.113.1"}],
    }));
    let query = "SELECT sourceip AS 'ip' FROM flows WHERE INOFFENSE(1) LIMIT 5 START 0 STOP 2000";
    let made = sim.form("/api/ariel/searches", &[("query_expression", query)]).await;
    let id = made.json["search_id"].as_str().unwrap().to_owned();
    sim.get(&format!("/api/ariel/searches/{id}")).await;
    let results = sim.get(&format!("/api/ariel/searches/{id}/results")).await;
    assert_eq!(results.json, json!({"flows": [{"ip": "10.0.0.2"}]}));
}

#[tokio::test]
async fn a_closing_reason_is_made_once_and_from_54_on() {
    let sim = Sim::new(json!({}));
    let path = "/api/siem/offense_closing_reasons?reason=Duplicate%20alarm";
    let made = sim.post(path).await;
    assert_eq!((made.status, &made.json["id"]), (201, &json!(54)), "{}", made.text);
    assert_eq!(sim.post(path).await.refusal(), (409, 1004));
    assert_eq!(
        sim.post("/api/siem/offense_closing_reasons?reason=abc").await.refusal(),
        (422, 1005)
    );
}
