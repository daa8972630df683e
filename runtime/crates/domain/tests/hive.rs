//! Which event does each webhook of each version tell? Every sample of the contract, with the exact event (D07, D08, D20).
//!
//! Samples: `tests/hive/webhooks-*.json`, copied from the project's contract of TheHive, section 6.6; each names its provenance. Beside
//! them `events-*.json`, what they mean, written down and checked by hand.

use std::path::Path;

use serde_json::{Value, json};
use synapse_domain::hive::{Action, Object, finding, normalise};

const FILES: [(&str, usize); 4] = [("v3", 9), ("v4", 13), ("v5-version0", 8), ("v5-version1", 13)];

fn read(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hive").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn sample(file: &str, name: &str) -> Value {
    let all = read(&format!("webhooks-{file}.json"));
    let found = all
        .iter()
        .find(|sample| sample["name"].as_str().unwrap().starts_with(name));
    found.unwrap_or_else(|| panic!("no sample `{name}` in {file}"))["payload"].clone()
}

/// Everything that is made of a payload.
fn told(payload: &Value) -> Value {
    match normalise(payload) {
        Ok(normalised) => json!({
            "event": normalised.event, "time": normalised.event.time, "moment": normalised.event.moment, "key": normalised.key,
            "ignored": normalised.ignored, "open_now": normalised.open_now,
        }),
        Err(ignored) => json!({ "reason": ignored.reason, "key": ignored.key }),
    }
}

#[test]
fn every_sample_of_every_version_tells_its_event() {
    let mut samples = 0;
    for (file, count) in FILES {
        let (payloads, events) = (
            read(&format!("webhooks-{file}.json")),
            read(&format!("events-{file}.json")),
        );
        assert_eq!((payloads.len(), events.len()), (count, count), "{file}");
        for (sample, expected) in payloads.iter().zip(&events) {
            assert_eq!(sample["name"], expected["name"], "{file}");
            let told = told(&sample["payload"]);
            assert_eq!(told, expected["told"], "{file}, {}:\n{told:#}", sample["name"]);
            samples += 1;
        }
    }
    assert_eq!(samples, 43);
}

/// A payload with members of its details, its object and itself replaced.
fn with(mut payload: Value, changes: &Value) -> Value {
    for (part, members) in changes.as_object().unwrap() {
        for (name, value) in members.as_object().unwrap() {
            payload[part][name] = value.clone();
        }
    }
    payload
}

fn name_of(payload: &Value) -> (String, bool) {
    let normalised = normalise(payload).unwrap();
    (normalised.event.name(), normalised.open_now)
}

#[test]
fn d20_a_reopened_case_differs_from_an_open_one_by_what_is_left_of_its_closure() {
    let open = json!({ "details": { "status": "Open" }, "object": { "status": "Open" } });
    for (file, name) in [("v3", "case closed"), ("v4", "v0 case closed")] {
        let mut again = with(sample(file, name), &open);
        for gone in ["resolutionStatus", "impactStatus", "summary", "endDate"] {
            again["details"].as_object_mut().unwrap().remove(gone);
        }
        assert_eq!(
            name_of(&again),
            ("case.reopened".to_owned(), false),
            "{file}: the resolution is still there"
        );
        for gone in ["resolutionStatus", "impactStatus", "endDate"] {
            again["object"].as_object_mut().unwrap().remove(gone);
        }
        assert_eq!(
            name_of(&again),
            ("case.updated".to_owned(), true),
            "{file}: the ledger has to tell"
        );
    }
    // 5 takes the dates away and says so, or does not say so.
    let again = with(
        sample("v5-version1", "case status New -> InProgress"),
        &json!({ "details": { "endDate": null } }),
    );
    assert_eq!(name_of(&again), ("case.reopened".to_owned(), false));
    let silent = sample("v5-version1", "case status New -> InProgress");
    assert_eq!(name_of(&silent), ("case.updated".to_owned(), true));
    let told = normalise(&silent).unwrap().reopened();
    assert_eq!(told.event.name(), "case.reopened");
    assert_eq!(told.key, "case:~8200:reopened:1700000002000");
}

#[test]
fn a_closure_has_one_key_in_both_versions_of_5_and_when_it_is_asked_for() {
    let key = "case:~8200:closed:1700000003000";
    for (file, name) in [("v5-version1", "case closed"), ("v5-version0", "case closed")] {
        assert_eq!(normalise(&sample(file, name)).unwrap().key, key, "{file}");
    }
    let row = sample("v5-version1", "case closed")["object"].clone();
    let found = finding(Object::Case, row.as_object().unwrap()).unwrap();
    let (event, found_key) = found.event("hive", Action::Closed);
    assert_eq!(found_key, key);
    assert_eq!(
        (event.name(), event.actor.as_deref()),
        ("case.closed".to_owned(), Some("alice@thehive.local"))
    );
    let webhook = normalise(&sample("v5-version1", "case closed")).unwrap().event;
    assert_eq!(
        (event.status, event.stage, event.impact, event.summary),
        (webhook.status, webhook.stage, webhook.impact, webhook.summary)
    );

    // Somebody tagged it an hour later: who closed it is no longer said, the moment and the key are the same.
    let mut later = row;
    later["_updatedAt"] = json!(1_700_003_603_000_u64);
    later["_updatedBy"] = json!("synapse@thehive.local");
    let found = finding(Object::Case, later.as_object().unwrap()).unwrap();
    let (event, found_key) = found.event("hive", Action::Closed);
    assert_eq!((found_key.as_str(), event.actor), (key, None));
}

#[test]
fn another_verdict_on_a_closed_case_is_no_closure() {
    let mut payload = with(
        sample("v5-version1", "case closed"),
        &json!({ "details": { "status": "FalsePositive" }, "object": { "status": "FalsePositive" } }),
    );
    for gone in ["stage", "endDate"] {
        payload["details"].as_object_mut().unwrap().remove(gone);
    }
    payload["_createdAt"] = json!(1_700_003_603_000_u64);
    assert_eq!(name_of(&payload), ("case.updated".to_owned(), false));
}

#[test]
fn marked_as_read_closes_an_alert_of_3_and_4_and_nothing_on_5() {
    let told = normalise(&sample("v4", "v0 alert marked read")).unwrap().event;
    assert_eq!(
        (told.name().as_str(), told.status.as_deref(), told.stage.as_deref()),
        ("alert.closed", Some("Ignored"), Some("Closed"))
    );
    let v3 = with(
        sample("v3", "alert imported"),
        &json!({ "details": { "status": "Ignored", "case": null }, "object": { "status": "Ignored", "case": null } }),
    );
    assert_eq!(name_of(&v3).0, "alert.closed");
    let mut v5 = sample("v5-version1", "alert imported");
    v5["details"] = json!({ "read": true });
    v5["object"]["caseId"] = Value::Null;
    v5["object"]["stage"] = json!("New");
    assert_eq!(name_of(&v5), ("alert.updated".to_owned(), false));
    // Of an imported alert it says nothing.
    let imported = with(
        sample("v4", "v0 alert marked read"),
        &json!({ "object": { "case": "~1", "status": "Imported" } }),
    );
    assert_eq!(name_of(&imported).0, "alert.updated");
}

#[test]
fn d21_equal_events_have_equal_keys_whenever_they_were_sent_and_different_ones_never() {
    let mut keys = std::collections::BTreeMap::new();
    for (file, _) in FILES {
        for sample in read(&format!("webhooks-{file}.json")) {
            let mut again = sample["payload"].clone();
            // On 5/0 this is the time of sending; on 3 and 4 no two events of one request differ by it alone.
            again["startDate"] = json!(1_800_000_000_000_u64);
            let (first, second) = (normalise(&sample["payload"]).unwrap(), normalise(&again).unwrap());
            assert_eq!(first.key, second.key, "{file}: {}", sample["name"]);
            if first.event.name().ends_with(".created") {
                // The samples make one case and one alert several times over; an object is created once.
                continue;
            }
            let other = keys.insert((file, first.key.clone()), sample["name"].clone());
            assert_eq!(other, None, "{file}: {} has the key of another event", sample["name"]);
        }
    }
}

#[test]
fn d07_what_is_no_event_is_ignored_with_a_reason_and_never_an_error() {
    for (payload, word) in [
        (json!([]), "no JSON object"),
        (json!({}), "objectType"),
        (json!({ "objectType": "case", "operation": "update" }), "objectId"),
        (
            json!({ "objectType": "case", "operation": "update", "objectId": "x".repeat(201) }),
            "objectId",
        ),
        (
            json!({ "objectType": "case", "operation": "update", "objectId": "~1" }),
            "when",
        ),
    ] {
        let ignored = normalise(&payload).unwrap_err();
        assert!(ignored.reason.contains(word), "{payload}: {}", ignored.reason);
    }
    let mut unknown = sample("v5-version1", "case created");
    unknown["action"] = json!("invoke");
    assert_eq!(
        normalise(&unknown).unwrap().ignored.as_deref(),
        Some("unknown action `invoke`")
    );
    unknown["action"] = json!("update");
    unknown["objectType"] = json!("Dashboard");
    assert_eq!(name_of(&unknown).0, "other.updated");
}
