//! What can be changed on an offense, and what does the effects log say? (contract 3.1, 3.2)

use serde_json::json;

use super::support::{Sim, offense, offenses};

#[tokio::test]
async fn closing_sets_reason_user_time_and_inactive_and_is_terminal() {
    let sim = Sim::new(offenses(2));
    let closed = sim.post("/api/siem/offenses/1?status=CLOSED&closing_reason_id=2").await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    assert_eq!(closed.json["status"], "CLOSED");
    assert_eq!(closed.json["closing_reason_id"], 2);
    assert_eq!(closed.json["closing_user"], "API_user: synapse");
    assert_eq!(closed.json["inactive"], true);
    for time in ["close_time", "last_persisted_time"] {
        assert_eq!(
            closed.json[time].as_i64().unwrap() % 1000,
            0,
            "{time} has whole seconds"
        );
    }
    assert_eq!(
        closed.json["last_updated_time"], 1_613_395_306_948_i64,
        "event time does not move"
    );
    for status in ["OPEN", "HIDDEN", "CLOSED&closing_reason_id=1"] {
        let again = sim.post(&format!("/api/siem/offenses/1?status={status}")).await;
        assert_eq!(again.refusal(), (409, 1008), "{status}");
    }
    let effects = sim.effects();
    assert_eq!(effects.len(), 1, "refused calls are no effects");
    assert_eq!(
        (effects[0].path.as_str(), effects[0].id.as_deref()),
        ("/api/siem/offenses/1", Some("1"))
    );
    assert_eq!(effects[0].body, json!({"status": "CLOSED", "closing_reason_id": 2}));
}

#[tokio::test]
async fn refused_changes_leave_the_offense_as_it_was() {
    let sim = Sim::new(json!({
        "offenses": [offense(1, json!({}))],
        "closing_reasons": [{"id": 1, "text": "a", "is_deleted": false, "is_reserved": false},
            {"id": 8, "text": "b", "is_deleted": true, "is_reserved": false},
            {"id": 9, "text": "c", "is_deleted": false, "is_reserved": true}],
        "tokens": [{"token": "sim-token"}, {"token": "weak", "capabilities": ["offenses"]}],
    }));
    let before = sim.get("/api/siem/offenses/1").await.text;
    for (params, message) in [
        (
            "status=CLOSED",
            "closing_reason_id must be provided when closing an offense.",
        ),
        (
            "status=HIDDEN&assigned_to=nobody",
            "assigned_to value nobody is not a valid user.",
        ),
        (
            "status=CLOSED&closing_reason_id=77",
            "closing_reason_id value 77 is not a valid closing reason.",
        ),
        (
            "status=CLOSED&closing_reason_id=8",
            "closing_reason_id value 8 is not a valid closing reason.",
        ),
        (
            "status=CLOSED&closing_reason_id=9",
            "closing_reason_id value 9 is not a valid closing reason.",
        ),
        (
            "closing_reason_id=1",
            "closing_reason_id may only be provided when closing an offense.",
        ),
    ] {
        let answer = sim.post(&format!("/api/siem/offenses/1?{params}")).await;
        assert_eq!(
            (answer.refusal(), answer.json["message"].as_str()),
            ((422, 1005), Some(message)),
            "{params}"
        );
    }
    assert_eq!(
        sim.post("/api/siem/offenses/1?follow_up=maybe").await.refusal(),
        (422, 11)
    );
    assert_eq!(
        sim.post("/api/siem/offenses/1?closing_reason_id=x").await.refusal(),
        (422, 11)
    );
    let weak = sim
        .send("POST", "/api/siem/offenses/1?assigned_to=admin", &[("SEC", "weak")], "")
        .await;
    assert_eq!(weak.refusal(), (403, 1009));
    assert_eq!(sim.get("/api/siem/offenses/1").await.text, before);
    assert!(sim.effects().is_empty());
    assert_eq!(sim.get("/api/siem/offense_closing_reasons").await.ids(), [1]);
    let all = "/api/siem/offense_closing_reasons?include_deleted=true&include_reserved=true";
    assert_eq!(sim.get(all).await.ids(), [1, 8, 9]);
    assert_eq!(
        sim.send("GET", all, &[("SEC", "weak")], "").await.refusal(),
        (403, 1009)
    );
}

#[tokio::test]
async fn only_the_given_parameters_change_also_from_a_form() {
    let sim = Sim::new(offenses(1));
    let path = "/api/siem/offenses/1";
    let hidden = sim
        .form(
            path,
            &[
                ("status", "HIDDEN"),
                ("assigned_to", "admin"),
                ("fields", "status,assigned_to"),
            ],
        )
        .await;
    assert_eq!(hidden.text, r#"{"status":"HIDDEN","assigned_to":"admin"}"#);
    let open = sim
        .post(&format!("{path}?status=OPEN&protected=true&follow_up=true"))
        .await;
    assert_eq!(
        (
            &open.json["status"],
            &open.json["assigned_to"],
            &open.json["protected"],
            &open.json["follow_up"]
        ),
        (&json!("OPEN"), &json!("admin"), &json!(true), &json!(true))
    );
}

#[tokio::test]
async fn the_answer_to_a_second_close_is_configurable() {
    let mut state = offenses(1);
    state["settings"] = json!({ "second_close": 200 });
    let sim = Sim::new(state);
    let close = "/api/siem/offenses/1?status=CLOSED&closing_reason_id=";
    assert_eq!(sim.post(&format!("{close}1")).await.status, 200);
    let again = sim.post(&format!("{close}2")).await;
    assert_eq!((again.status, &again.json["closing_reason_id"]), (200, &json!(1)));
}

#[tokio::test]
async fn last_persisted_time_is_written_late_when_configured() {
    let mut state = offenses(1);
    state["settings"] = json!({ "persist_delay_ms": 40_000 });
    let sim = Sim::new(state);
    let path = "/api/siem/offenses/1?fields=last_persisted_time,status";
    let before = sim.get(path).await.json["last_persisted_time"].as_i64().unwrap();
    assert_eq!(
        before, 1_613_395_309_000,
        "derived for recordings that lack it: 3 s late, whole seconds"
    );
    sim.post("/api/siem/offenses/1?status=HIDDEN").await;
    let right_after = sim.get(path).await.json;
    assert_eq!(
        (&right_after["status"], &right_after["last_persisted_time"]),
        (&json!("HIDDEN"), &json!(before))
    );
    sim.control.set_clock_offset_ms(41_000);
    assert!(sim.get(path).await.json["last_persisted_time"].as_i64().unwrap() > before);
}

#[tokio::test]
async fn notes_are_added_with_global_ids_and_their_marker_is_logged() {
    let mut state = offenses(2);
    state["notes"] = json!([{"offense_id": 1, "id": 5, "note_text": "old", "create_time": 1, "username": "admin"}]);
    let sim = Sim::new(state);
    let text = "geschlossen für Müller\n[ref:01JABC]";
    let made = sim.form("/api/siem/offenses/2/notes", &[("note_text", text)]).await;
    assert_eq!(
        (made.status, &made.json["note_text"], &made.json["id"]),
        (201, &json!(text), &json!(6))
    );
    assert_eq!(made.json["username"], "API_user: synapse");
    let again = sim.post("/api/siem/offenses/1/notes?note_text=gr%C3%BCn").await;
    assert_eq!(
        (again.status, &again.json["id"], &again.json["note_text"]),
        (201, &json!(7), &json!("grün"))
    );
    assert_eq!(sim.get("/api/siem/offenses/1/notes").await.ids(), [5, 7]);
    let filter = ("filter", "note_text ilike '%01jabc%'");
    assert_eq!(sim.query("/api/siem/offenses/2/notes", &[filter]).await.ids(), [6]);
    assert_eq!(sim.get("/api/siem/offenses/2/notes/6").await.json, made.json);
    assert_eq!(sim.effects()[0].marker.as_deref(), Some("01JABC"));
}

#[tokio::test]
async fn bad_notes_are_refused_and_a_form_without_charset_is_garbled() {
    let sim = Sim::new(offenses(1));
    let path = "/api/siem/offenses/1/notes";
    for missing in [path.to_owned(), format!("{path}?note_text=")] {
        let answer = sim.post(&missing).await;
        assert_eq!(answer.refusal(), (422, 8));
        assert_eq!(
            answer.json["message"],
            r#"Missing required parameter "note_text" from query parameters"#
        );
    }
    let json_body = sim
        .send(
            "POST",
            path,
            &[("Content-Type", "application/json")],
            r#"{"note_text":"x"}"#,
        )
        .await;
    assert_eq!(json_body.refusal(), (422, 8));
    assert_eq!(sim.form(path, &[("note_text", &"ä".repeat(2000))]).await.status, 201);
    assert_eq!(
        sim.form(path, &[("note_text", &"ä".repeat(2001))]).await.refusal(),
        (422, 1005)
    );
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let garbled = sim.send("POST", path, &[kind], "note_text=gr%C3%BCn").await;
    assert_eq!(garbled.json["note_text"], "grÃ¼n");
    assert_eq!(
        sim.post("/api/siem/offenses/9/notes?note_text=x").await.refusal(),
        (404, 1002)
    );
}
