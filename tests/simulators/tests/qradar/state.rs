//! Do loading, shifting, generating and resetting the state work?

use serde_json::{Value, json};
use synapse_sim::control::Target;

use super::support::{Sim, offense, recorded};

#[tokio::test]
async fn the_default_state_has_one_token_the_default_domain_and_the_stock_lists() {
    let sim = Sim::new(json!({}));
    sim.simulator.reset();
    assert_eq!(sim.get("/api/siem/offense_closing_reasons").await.ids(), [1, 2, 3]);
    assert_eq!(sim.get("/api/siem/offense_types").await.ids().len(), 17);
    assert_eq!(
        sim.get("/api/siem/offense_types/3").await.json["property_name"],
        "userName"
    );
    assert_eq!(
        sim.get("/api/config/domain_management/domains").await.json[0]["name"],
        ""
    );
    assert_eq!(sim.get("/api/siem/offenses").await.json, json!([]));
    assert_eq!(
        sim.get("/api/siem/offenses").await.header("content-range"),
        Some("items */0")
    );
}

#[tokio::test]
async fn shift_to_now_moves_everything_by_the_same_whole_seconds() {
    let times = json!({"start_time": 1_595_428_843_870_i64, "last_updated_time": 1_595_429_139_082_i64,
        "close_time": 1_595_429_200_000_i64});
    let sim = Sim::new(json!({
        "shift_to_now": true,
        "offenses": [offense(1, json!({})), offense(2, times)],
        "events": [{"offense_id": 1, "starttime": 1_613_395_296_537_i64, "sourceip": "192.0.2.1"}],
        "notes": [{"offense_id": 1, "id": 1, "note_text": "x", "create_time": 1_613_395_306_948_i64, "username": "admin"}],
        "source_addresses": [{"id": 1, "source_ip": "192.0.2.1", "last_event_flow_seen": 1_613_395_306_948_i64,
            "first_event_flow_seen": 0}],
    }));
    let now = sim.control.now_ms();
    let one = sim.get("/api/siem/offenses/1").await.json;
    let number = |value: &Value, name: &str| value[name].as_i64().unwrap();
    let by = number(&one, "last_updated_time") - 1_613_395_306_948;
    assert!(
        by % 1000 == 0 && (0..2000).contains(&(now - number(&one, "last_updated_time"))),
        "newest is now"
    );
    assert_eq!(number(&one, "start_time"), 1_613_395_296_537 + by);
    assert!(number(&one, "last_persisted_time") <= now && number(&one, "last_persisted_time") % 1000 == 0);
    let two = sim.get("/api/siem/offenses/2").await.json;
    assert_eq!(number(&two, "close_time"), 1_595_429_200_000 + by);
    let note = sim.get("/api/siem/offenses/1/notes").await.json;
    assert_eq!(number(&note[0], "create_time"), 1_613_395_306_948 + by);
    let address = sim.get("/api/siem/source_addresses/1").await.json;
    assert_eq!(number(&address, "last_event_flow_seen"), 1_613_395_306_948 + by);
    assert_eq!(number(&address, "first_event_flow_seen"), 0, "0 means never and stays");
    let rows = sim
        .rows(&format!(
            "SELECT starttime FROM events WHERE INOFFENSE(1) START {by} STOP {now}"
        ))
        .await;
    assert_eq!(rows, json!([{"starttime": 1_613_395_296_537 + by}]));
}

#[tokio::test]
async fn loaded_objects_get_the_fields_they_lack_as_null() {
    let sim = Sim::new(json!({ "offenses": [{"id": 1}] }));
    let one = sim.get("/api/siem/offenses/1").await.json;
    for name in ["closing_reason_id", "assigned_to", "last_persisted_time", "status"] {
        assert_eq!(one.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(one["log_sources"], json!([]));
}

#[tokio::test]
async fn a_state_with_a_mistake_is_refused_and_says_where() {
    let sim = Sim::new(json!({}));
    for (state, text) in [
        (json!({"ofenses": []}), "ofenses"),
        (json!({"offenses": [{"id": 1}, {"status": "OPEN"}]}), "offenses[1]"),
        (json!({"events": [{"sourceip": "x"}]}), "events[0]"),
        (json!({"notes": [{"id": 1}]}), "notes[0]"),
        (json!({"console": {"version": "x"}}), "console.version"),
        (json!({"ariel": {"end": "MAYBE"}}), "MAYBE"),
    ] {
        let error = sim.simulator.load(state).unwrap_err();
        assert!(error.contains(text), "{error}");
    }
    assert_eq!(
        sim.get("/api/siem/offenses").await.status,
        200,
        "the old state is still there"
    );
}

#[tokio::test]
async fn generated_offenses_have_addresses_rules_and_events_that_fit() {
    let sim = Sim::new(json!({}));
    let wanted = json!({"offenses": 120, "events_per_offense": 6, "age_ms": 60_000}).to_string();
    let made = sim.send("POST", "/_sim/qradar/generate", &[], &wanted).await;
    assert_eq!(made.json, json!({"first_id": 1, "last_id": 120}), "{}", made.text);
    let more = sim
        .send("POST", "/_sim/qradar/generate", &[], r#"{"offenses": 2}"#)
        .await;
    assert_eq!(more.json["first_id"], 121);
    let one = sim.get("/api/siem/offenses/77").await.json;
    let source = one["source_address_ids"][0].as_i64().unwrap();
    let address = sim.get(&format!("/api/siem/source_addresses/{source}")).await.json;
    assert_eq!(
        (&address["source_ip"], &address["offense_ids"]),
        (&one["offense_source"], &json!([77]))
    );
    let local = one["local_destination_address_ids"][0].as_i64().unwrap();
    let address = sim
        .get(&format!("/api/siem/local_destination_addresses/{local}"))
        .await
        .json;
    assert!(address["offense_ids"].as_array().unwrap().contains(&json!(77)));
    assert_eq!(
        sim.get(&format!("/api/analytics/rules/{}", one["rules"][0]["id"]))
            .await
            .status,
        200
    );
    let (start, stop) = (&one["start_time"], &one["last_updated_time"]);
    let query = format!(
        "SELECT destinationip AS 'ip', SUM(eventcount) AS 'n' FROM events WHERE INOFFENSE(77) AND NOT INCIDR('10.0.0.0/8', destinationip) GROUP BY destinationip START {start} STOP {stop}"
    );
    assert_eq!(sim.rows(&query).await, json!([{"ip": "203.0.113.77", "n": 2.0}]));
    assert!(sim.effects().is_empty() || sim.effects().iter().all(|effect| effect.path == "/api/ariel/searches"));
    let refused = sim
        .send("POST", "/_sim/qradar/generate", &[], r#"{"offenses": 0}"#)
        .await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn the_recorded_state_is_consistent_and_fresh() {
    let sim = Sim::new(recorded());
    let listed = sim.get("/api/siem/offenses?sort=%2Bid").await;
    assert_eq!(listed.ids(), [15, 16, 450]);
    let now = sim.control.now_ms();
    for offense in listed.json.as_array().unwrap() {
        let age = now - offense["last_updated_time"].as_i64().unwrap();
        assert!((0..3 * 3_600_000).contains(&age), "offense {} is recent", offense["id"]);
        for (list, field) in [
            ("source_addresses", "source_address_ids"),
            ("local_destination_addresses", "local_destination_address_ids"),
        ] {
            let ids = offense[field].as_array().unwrap();
            let wanted = ids.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
            let found = sim
                .query(
                    &format!("/api/siem/{list}"),
                    &[("filter", &format!("id in ({wanted})"))],
                )
                .await;
            assert_eq!(found.ids().len(), ids.len(), "{list} of offense {}", offense["id"]);
        }
        let rule = offense["rules"][0]["id"].as_i64().unwrap();
        assert_eq!(sim.get(&format!("/api/analytics/rules/{rule}")).await.status, 200);
        let (start, stop) = (&offense["start_time"], &offense["last_updated_time"]);
        let id = &offense["id"];
        let query =
            format!("SELECT SUM(eventcount) AS 'n' FROM events WHERE INOFFENSE({id}) START {start} STOP {stop}");
        let sum = sim.rows(&query).await[0]["n"].as_f64().unwrap();
        assert_eq!(Some(sum), offense["event_count"].as_f64(), "events of offense {id}");
    }
    let remote = sim
        .rows("SELECT destinationip AS 'ip', SUM(eventcount) AS 'n' FROM events WHERE INOFFENSE(450) AND NOT INCIDR('192.168.0.0/16', destinationip) GROUP BY destinationip ORDER BY \"n\" DESC LIMIT 10 START 0")
        .await;
    assert_eq!(
        remote,
        json!([{"ip": "203.0.113.10", "n": 2.0}, {"ip": "203.0.113.11", "n": 1.0}])
    );
}
