//! Does an alert get later what was not there when it was made, and does it say what happened before?

use std::cell::Cell;
use std::rc::Rc;

use qradar2alert::answer::Answer;
use qradar2alert::input::Input;
use qradar2alert::run::{Started, qradar2alert};
use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Offense, SearchResult};
use synapse_guest::thehive::{NewCase, Pap, Severity, Tlp};

use crate::support::*;

/// An offense with events and a remote destination, which the console's search finds from this moment on.
fn unindexed(id: u64) -> Offense {
    Offense {
        event_count: 12,
        remote_destination_count: 1,
        ..offense(id)
    }
}

/// A host whose searches find nothing until `indexed` is set.
fn lagging(offense: Offense) -> (Fake, Rc<Cell<bool>>) {
    let indexed = Rc::new(Cell::new(false));
    let seen = Rc::clone(&indexed);
    let host = host().with_offenses([offense]).with_ariel(move |search| {
        if !seen.get() {
            return rows(Vec::new());
        }
        if asks_for_destinations(search) {
            return rows(vec![destination("203.0.113.9", 100.0)]);
        }
        rows(vec![event("Firewall Deny", "alice", None)])
    });
    (host, indexed)
}

fn triggered(host: &Fake) -> Answer {
    qradar2alert(host, Input::Minutes(60), Started::ByTrigger).unwrap()
}

fn description(host: &Fake) -> String {
    host.alerts()[0].description.clone().unwrap_or_default()
}

#[test]
fn events_that_are_not_indexed_yet_are_said_so_and_filled_into_the_same_alert() {
    let (host, indexed) = lagging(unindexed(42));
    host.before_next("workflow/clock.sleep-until", |_| ());
    host.before_next("workflow/clock.sleep-until", move |_| indexed.set(true));
    let answer = triggered(&host);
    assert!(only_alert(&host).description.contains("events not indexed yet"));
    // The first look, after 2 minutes, finds nothing; the second one, after 10, does; a third is not needed.
    assert_eq!(host.sleeps(), [NOW + 2 * MINUTE, NOW + 10 * MINUTE]);
    assert_eq!((answer.created, answer.updated, answer.failed), (1, 1, 0), "{answer:?}");
    let text = description(&host);
    assert!(text.contains("203.0.113.9") && text.contains("Firewall Deny"), "{text}");
    assert!(!text.contains("not indexed"), "{text}");
    let values: Vec<_> = host
        .alert_observables("~1")
        .into_iter()
        .filter_map(|known| known.data)
        .collect();
    assert_eq!(values, ["198.51.100.7", "203.0.113.9"]);
    assert!(host.state("offense/hq/42").unwrap().contains("~1"));
    assert_eq!(import(&host).created, 0);
}

#[test]
fn after_the_last_look_the_alert_says_that_nothing_was_found() {
    let (host, _) = lagging(unindexed(42));
    let answer = triggered(&host);
    assert_eq!(host.sleeps(), [2, 10, 30].map(|minutes| NOW + minutes * MINUTE));
    assert_eq!(answer.failed, 0, "{answer:?}");
    let text = description(&host);
    assert!(
        text.contains("events not indexed yet") && text.contains("look 3 of 3"),
        "{text}"
    );
    assert_eq!(host.alerts().len(), 1);
    host.forget_calls();
    import(&host);
    assert_eq!(host.count("qradar/ariel.run"), 0, "nothing is planned any more");
}

#[test]
fn a_caller_does_not_wait_and_the_next_run_makes_the_passes_that_are_due() {
    let (host, indexed) = lagging(unindexed(42));
    assert_eq!(import(&host).created, 1);
    assert_eq!(host.sleeps(), [] as [u64; 0]);
    indexed.set(true);
    assert_eq!(import(&host).updated, 0, "two minutes have not passed");
    host.set_now(NOW + 2 * MINUTE);
    let answer = import(&host);
    assert_eq!((answer.created, answer.updated), (0, 1), "{answer:?}");
    assert!(description(&host).contains("203.0.113.9"));
    host.set_now(NOW + 40 * MINUTE);
    assert_eq!(import(&host).updated, 0);
}

#[test]
fn a_change_of_the_offense_fills_the_alert_in_at_once() {
    let (host, indexed) = lagging(unindexed(42));
    import(&host);
    indexed.set(true);
    host.add_offenses([Offense {
        last_updated_time: NOW - MINUTE,
        ..unindexed(42)
    }]);
    let answer = import(&host);
    assert_eq!(answer.updated, 1, "{answer:?}");
    assert!(description(&host).contains("203.0.113.9"));
}

#[test]
fn asking_for_an_offense_by_its_id_looks_once_more() {
    let (host, indexed) = lagging(unindexed(42));
    import(&host);
    indexed.set(true);
    let answer = import_offense(&host, 42);
    assert_eq!((answer.created, answer.updated), (0, 1), "{answer:?}");
}

#[test]
fn what_an_analyst_wrote_into_the_description_stays() {
    let (host, indexed) = lagging(unindexed(42));
    import(&host);
    host.change_alert("~1", |alert| alert.description = Some("mine".to_owned()));
    indexed.set(true);
    let answer = import_offense(&host, 42);
    assert_eq!(description(&host), "mine");
    assert!(
        answer.offenses[0].message.contains("was edited in TheHive"),
        "{answer:?}"
    );
    assert_eq!(
        host.alert_observables("~1").len(),
        2,
        "the evidence is added all the same"
    );
}

#[test]
fn evidence_that_comes_after_the_import_reaches_the_case_too() {
    let (host, indexed) = lagging(unindexed(42));
    import(&host);
    let case = host.add_case(&NewCase {
        title: "c".into(),
        description: String::new(),
        severity: Severity::Medium,
        start_date: NOW,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        flag: false,
        assignee: None,
        case_template: None,
        custom_fields: Vec::new(),
        dedup_key: None,
    });
    let of = case.clone();
    host.change_alert("~1", |alert| alert.case_id = Some(of));
    indexed.set(true);
    import_offense(&host, 42);
    assert_eq!(host.observables(&case).len(), 2);
}

#[test]
fn a_console_that_fails_on_a_later_look_is_looked_at_again() {
    let (host, indexed) = lagging(unindexed(42));
    import(&host);
    indexed.set(true);
    host.set_now(NOW + 2 * MINUTE);
    host.fail_next("thehive/alerts.get-alert", Error::Unavailable("down".into()));
    assert_eq!(import(&host).failed, 1);
    host.set_now(NOW + 10 * MINUTE);
    assert_eq!(import(&host).updated, 1);
}

#[test]
fn d43_ten_thousand_unindexed_offenses_leave_one_line_each_and_none_for_good() {
    let nothing = || {
        Ok(SearchResult {
            rows: Vec::new(),
            truncated: false,
        })
    };
    let host = host()
        .with_offenses((1..=10_000).map(unindexed))
        .with_ariel(move |_| nothing());
    import(&host);
    // A ledger line, a line for the next look; one bucket for the one source.
    assert_eq!(host.state_len(), 20_001);
    assert!(host.state("seen/hq/0000").is_none_or(|bucket| bucket.len() < 64 << 10));
    host.set_now(NOW + 48 * 60 * MINUTE);
    (0..101).for_each(|_| drop(import(&host)));
    assert_eq!(host.state_len(), 10_001, "looks that nobody made for a day are dropped");
}

#[test]
fn no_late_looks_and_no_memory_where_they_are_switched_off() {
    let (host, _) = lagging(unindexed(42));
    let host = host.with_config(json!({ "late_minutes": [], "seen_before_max": 0 }));
    triggered(&host);
    assert_eq!((host.sleeps().len(), host.state_len()), (0, 1));
}

#[test]
fn an_alert_names_earlier_offenses_of_the_same_rule_and_source_with_what_came_of_them() {
    let earlier = |id, age: u64| Offense {
        start_time: NOW - age * MINUTE,
        ..offense(id)
    };
    let other_source = Offense {
        offense_source: Some("192.0.2.1".into()),
        ..earlier(4, 35)
    };
    let other_rule = Offense {
        rule_ids: vec![5],
        ..earlier(5, 35)
    };
    let host = host().with_offenses([earlier(1, 50), earlier(2, 40), earlier(3, 45), other_source, other_rule]);
    import(&host);
    let id = |offense: &str| {
        let of = host.alerts().into_iter().find(|alert| alert.key.source_ref == offense);
        of.unwrap().id
    };
    let (closed, gone) = (id("1"), id("2"));
    host.change_alert(&closed, |alert| {
        (alert.status, alert.stage) = ("FalsePositive".into(), "Closed".into());
    });
    host.delete_alert(&gone);
    host.add_offenses([offense(42)]);
    import(&host);
    let text = host.created_alerts().pop().unwrap().description;
    let (_, table) = text.split_once("## Seen before\n\n").unwrap();
    let lines: Vec<&str> = table.lines().take(7).collect();
    assert!(lines[0].starts_with("3 of 3 remembered offenses"), "{table}");
    assert!(
        lines[4].starts_with("| 2 |") && lines[4].contains("`alert deleted`"),
        "{table}"
    );
    assert!(
        lines[5].starts_with("| 3 |") && lines[5].contains("`alert New`"),
        "{table}"
    );
    assert!(
        lines[6].starts_with("| 1 |") && lines[6].contains("`alert FalsePositive`"),
        "{table}"
    );
    // What is final is not asked again: only the open one is.
    host.forget_calls();
    host.add_offenses([offense(43)]);
    import(&host);
    let asked: Vec<String> = host
        .calls()
        .into_iter()
        .filter(|call| call.operation == "thehive/alerts.find-alerts")
        .map(|call| call.arguments)
        .collect();
    assert!(
        asked
            .iter()
            .any(|asked| asked.contains("\"3\"") && !asked.contains("\"1\"")),
        "{asked:?}"
    );
}
