//! Which closings wait for somebody's approval?

use close_offense::answer::Kind;
use serde_json::{Value, json};
use synapse_guest::fake::Fake;
use synapse_guest::qradar::Offense;

use crate::support::*;

fn newer() -> Offense {
    Offense {
        last_updated_time: NOW + MINUTE,
        ..offense(42)
    }
}

fn protected() -> Offense {
    Offense {
        protected: true,
        ..offense(42)
    }
}

fn assigned(user: &str) -> Offense {
    Offense {
        assigned_to: Some(user.into()),
        ..offense(42)
    }
}

fn with(offense: Offense, settings: Value) -> (Fake, String) {
    let host = host().with_offenses([offense]).with_config(config(settings));
    let case = closed_case(&host);
    (host, case)
}

#[test]
fn newer_events_protection_and_anothers_assignment_hold_a_closing() {
    for (offense, why) in [
        (newer(), "last event"),
        (protected(), "protected"),
        (assigned("bob"), "assigned to bob"),
    ] {
        let (host, case) = with(offense, json!({}));
        let answer = told(&host, &case);
        assert_eq!((answer.success, kinds(&answer)), (true, vec![(42, Kind::Held)]));
        assert!(answer.offenses[0].message.contains(why), "{answer:?}");
        assert!(!is_closed(&host, 42) && host.notes(42).is_empty());
        let comment = &host.comments(&case)[0];
        assert!(comment.contains("\"approve\": true"), "{comment}");
    }
}

#[test]
fn events_that_come_during_the_grace_period_hold_a_closing() {
    let (host, case) = with(offense(42), json!({}));
    host.before_next("workflow/clock.sleep-until", |host| host.add_offenses([newer()]));
    assert_eq!(kinds(&told(&host, &case)), [(42, Kind::Held)]);
}

#[test]
fn an_approval_lifts_every_hold_and_naming_alone_does_not() {
    for offense in [newer(), protected(), assigned("bob")] {
        let (host, case) = with(offense, json!({}));
        assert_eq!(kinds(&named(&host, json!({ "case": case }))), [(42, Kind::Held)]);
        assert_eq!(
            kinds(&named(&host, json!({ "case": case, "approve": true }))),
            [(42, Kind::Closed)]
        );
        assert_eq!(host.comments(&case).len(), 2, "held, then closed");
    }
}

#[test]
fn an_approval_does_not_close_what_another_open_case_has() {
    let (host, case) = with(offense(42), json!({}));
    let old = host.add_alert("internal", "QRadar_Offenses", "42");
    case_of(&host, &[&old]);
    assert_eq!(
        kinds(&named(&host, json!({ "case": case, "approve": true }))),
        [(42, Kind::Kept)]
    );
}

#[test]
fn each_hold_can_be_switched_off() {
    for (offense, setting) in [
        (newer(), "newer_events"),
        (protected(), "protected"),
        (assigned("bob"), "assigned_to_others"),
    ] {
        let (host, case) = with(offense, json!({ setting: "close" }));
        assert_eq!(kinds(&told(&host, &case)), [(42, Kind::Closed)], "{setting}");
    }
}

#[test]
fn who_handled_the_case_may_have_the_offense_too() {
    for (user, settings) in [
        ("alice", json!({})),
        ("alice@soc.example", json!({})),
        ("asmith", json!({ "users": { "alice@soc.example": "asmith" } })),
        ("svc-soar", json!({ "own_users": ["svc-soar"] })),
    ] {
        let (host, case) = with(assigned(user), settings);
        assert_eq!(kinds(&told(&host, &case)), [(42, Kind::Closed)], "{user}");
    }
    let (host, case) = with(assigned("alice"), json!({ "users": { "alice@soc.example": "asmith" } }));
    assert_eq!(
        kinds(&told(&host, &case)),
        [(42, Kind::Held)],
        "the map decides where it has an entry"
    );
}
