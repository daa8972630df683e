//! Does QRadar learn what analysts do in TheHive?

use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::qradar::Offense;

use crate::support::*;

fn users() -> serde_json::Value {
    json!({ "users": { "alice@soc.example": "alice", "bob@soc.example": "bob" } })
}

#[test]
fn a_case_marks_and_assigns_its_offense() {
    let host = host().with_config(users());
    let case = case_of(&host, &[&import(&host)]);
    let answer = case_created(&host, &case);
    assert_eq!(items(&answer), [("updated", "marked for follow-up; assigned to alice")]);
    let offense = host.offense(42).unwrap();
    assert_eq!(
        (offense.follow_up, offense.assigned_to.as_deref()),
        (true, Some("alice"))
    );
    assert_eq!(host.count("qradar/notes.add-note"), 0);
    case_assigned(&host, &case, "bob@soc.example");
    assert_eq!(host.offense(42).unwrap().assigned_to.as_deref(), Some("bob"));
}

#[test]
fn an_imported_alert_counts_as_its_case() {
    let host = host().with_config(users());
    let case = case_of(&host, &[&import(&host)]);
    told(
        &host,
        json!({ "object": "alert", "action": "imported", "id": "~1", "case": { "id": case } }),
    );
    assert!(host.offense(42).unwrap().follow_up);
}

#[test]
fn a_login_without_a_user_of_qradar_is_said() {
    let host = host();
    let case = case_of(&host, &[&import(&host)]);
    let answer = case_created(&host, &case);
    assert!(
        answer.items[0]
            .message
            .contains("alice@soc.example has no user of QRadar"),
        "{answer:?}"
    );
}

#[test]
fn a_note_with_the_cases_link_is_written_once() {
    let host = host().with_config(json!({ "note": "TheHive case #{number}\n{link}", "assign": false }));
    let case = case_of(&host, &[&import(&host)]);
    case_created(&host, &case);
    case_created(&host, &case);
    let notes = host.notes(42);
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].starts_with("TheHive case #1\nhttps://thehive.example/cases/"),
        "{notes:?}"
    );
}

#[test]
fn a_mark_that_somebody_took_away_and_a_person_chosen_in_qradar_stay() {
    let host = host().with_config(users());
    let case = case_of(&host, &[&import(&host)]);
    case_created(&host, &case);
    host.add_offenses([Offense {
        follow_up: false,
        assigned_to: Some("bob".into()),
        ..offense(42)
    }]);
    let answer = case_created(&host, &case);
    assert_eq!(
        items(&answer),
        [("skipped", "it stays assigned to bob, who was chosen in QRadar")]
    );
    assert!(!host.offense(42).unwrap().follow_up);
    // Somebody assigns the case: that is a decision of its own.
    case_assigned(&host, &case, "alice@soc.example");
    assert_eq!(host.offense(42).unwrap().assigned_to.as_deref(), Some("alice"));
}

#[test]
fn a_closed_case_a_closed_offense_and_other_events_change_nothing() {
    let host = host().with_config(users());
    let case = case_of(&host, &[&import(&host)]);
    host.change_case(&case, |case| {
        (case.status, case.stage) = ("Other".into(), "Closed".into());
    });
    assert!(
        case_created(&host, &case).items[0]
            .message
            .contains("close-offense decides")
    );
    host.change_case(&case, |case| (case.status, case.stage) = ("New".into(), "New".into()));
    close_offense(&host, "bob", 1);
    assert!(case_created(&host, &case).items[0].message.contains("final"));
    for (object, action) in [("task", "created"), ("case", "closed"), ("alert", "created")] {
        let answer = told(&host, json!({ "object": object, "action": action, "id": "~9" }));
        assert!(answer.items[0].message.contains("is not mirrored"), "{answer:?}");
    }
    assert_eq!(writes(&host), [] as [&str; 0]);
}

#[test]
fn what_qradar_refuses_is_reported_and_what_was_written_before_is_remembered() {
    let host = host().with_config(json!({ "users": { "alice@soc.example": "nobody-there" } }));
    let case = case_of(&host, &[&import(&host)]);
    let answer = case_created(&host, &case);
    assert_eq!(answer.items[0].outcome, "failed", "{answer:?}");
    host.forget_calls();
    host.fail_next("qradar/handling.assign", Error::Unavailable("down".into()));
    case_created(&host, &case);
    assert_eq!(host.count("qradar/handling.set-follow-up"), 0, "once");
}
