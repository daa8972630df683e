//! Are named offenses imported, once each, as what the deployment wants?

use import_offense::input::Input;
use import_offense::run::{Imported, import_offense};
use serde_json::{Value, json};
use synapse_guest::error::Error;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Offense, Status};
use synapse_offenses_testing::{MINUTE, NOW};

/// Closed and older than go-live: that does not matter here.
fn offense(id: u64) -> Offense {
    const DAY: u64 = 1_440 * MINUTE;
    Offense {
        status: Status::Closed,
        start_time: NOW - 90 * DAY,
        last_updated_time: NOW - 89 * DAY,
        inactive: true,
        ..synapse_offenses_testing::offense(id)
    }
}

fn host(config: Value) -> Fake {
    synapse_offenses_testing::host()
        .with_go_live(NOW - 1)
        .with_config(config)
        .with_offenses([offense(42), offense(43)])
}

fn import(host: &Fake, input: Value) -> Imported {
    import_offense(host, serde_json::from_value::<Input>(input).unwrap()).unwrap()
}

#[test]
fn one_or_many_offenses_are_named_and_nothing_else_is_accepted() {
    let read = |input: Value| serde_json::from_value::<Input>(input).map(|Input(ids)| ids);
    assert_eq!(read(json!({ "offense": 42 })).unwrap(), [42]);
    assert_eq!(read(json!({ "offenses": [43, 42, 43] })).unwrap(), [42, 43]);
    for bad in [
        json!(null),
        json!({}),
        json!({ "offense": "42" }),
        json!({ "offenses": [] }),
        json!({ "offenses": (0..101).collect::<Vec<u64>>() }),
        json!({ "offense": 1, "offenses": [2] }),
    ] {
        let why = read(bad.clone()).unwrap_err().to_string();
        assert!(why.contains("{\"offense\": id}"), "{bad}: {why}");
    }
}

#[test]
fn a_named_offense_is_imported_whatever_its_age_and_status_as_qradar2alert_would() {
    let host = host(json!({}));
    let answer = import(&host, json!({ "offenses": [42, 43, 99] }));
    assert_eq!((answer.alerts.created, answer.alerts.failed), (2, 1), "{answer:?}");
    assert!(
        answer
            .alerts
            .offenses
            .iter()
            .any(|outcome| outcome.qradar_offense_id == 99 && !outcome.success)
    );
    let alert = &host.created_alerts()[0];
    assert_eq!(
        (alert.type_.as_str(), alert.dedup_key.as_deref()),
        ("QRadar", Some("offense/hq/42"))
    );
    assert!(alert.description.starts_with("## Summary"));
    assert_eq!(answer.cases, []);
}

#[test]
fn a_second_import_makes_no_second_alert_and_one_of_a_deleted_alert_does() {
    let host = host(json!({}));
    import(&host, json!({ "offense": 42 }));
    assert_eq!(import(&host, json!({ "offense": 42 })).alerts.created, 0);
    host.delete_alert("~1");
    assert_eq!(import(&host, json!({ "offense": 42 })).alerts.created, 1);
}

#[test]
fn an_alert_that_qradar2alert_made_is_found_and_not_made_again() {
    let host = host(json!({}));
    host.add_alert("QRadar", "hq", "42");
    assert_eq!(import(&host, json!({ "offense": 42 })).alerts.created, 0);
}

#[test]
fn d25_a_case_is_made_once_however_often_it_is_asked_for() {
    let host = host(json!({ "create": "case", "assignee": "alice" }));
    let first = import(&host, json!({ "offenses": [42, 43] }));
    let numbers: Vec<_> = first
        .cases
        .iter()
        .map(|case| (case.qradar_offense_id, case.case_number))
        .collect();
    assert_eq!(numbers, [(42, Some(1)), (43, Some(2))]);
    assert_eq!(host.cases()[0].assignee.as_deref(), Some("alice"));
    let second = import(&host, json!({ "offense": 42 }));
    assert!(second.cases[0].message.contains("has case #1 already"), "{second:?}");
    assert_eq!(host.cases().len(), 2);
}

#[test]
fn a_case_of_an_alert_that_was_there_is_made_too() {
    let host = host(json!({ "create": "case" }));
    host.add_alert("QRadar", "hq", "42");
    assert_eq!(import(&host, json!({ "offense": 42 })).cases[0].case_number, Some(1));
}

#[test]
fn a_case_that_cannot_be_made_is_reported_and_stops_no_other() {
    let host = host(json!({ "create": "case" }));
    host.fail_next("thehive/cases.promote-alert", Error::Denied("no grant".into()));
    let answer = import(&host, json!({ "offenses": [42, 43] }));
    assert!(!answer.alerts.success);
    let made: Vec<_> = answer.cases.iter().map(|case| case.case_number.is_some()).collect();
    assert_eq!(made, [false, true]);
}
