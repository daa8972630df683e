//! Which offenses are looked at, and is that said?

use serde_json::json;
use synapse_guest::qradar::Status;
use synapse_guest::workflow::Verdict;

use crate::support::*;

#[test]
fn d09_an_empty_answer_says_which_window_and_which_filter_found_nothing() {
    let host = host().with_config(json!({ "min_magnitude": 3 }));
    let answer = import(&host);
    let window = answer.window.as_ref().unwrap();
    assert_eq!((window.from, window.to), (NOW - 62 * MINUTE, NOW));
    assert!(
        window
            .text
            .contains("2026-11-25 01:58:00 UTC to 2026-11-25 03:00:00 UTC, both inclusive"),
        "{}",
        window.text
    );
    assert_eq!(answer.filter, "open offenses of magnitude 3 or more");
    assert_eq!((answer.success, answer.scanned), (true, 0));
    assert_eq!(host.scanned_windows(), [(0, window.text.clone())]);
}

#[test]
fn d09_both_ends_of_the_window_belong_to_it() {
    let at = |id, last_updated_time| synapse_guest::qradar::Offense {
        last_updated_time,
        ..offense(id)
    };
    let from = NOW - 62 * MINUTE;
    let host = host().with_offenses([at(1, from - 1), at(2, from), at(3, NOW), at(4, NOW + 1)]);
    let answer = import(&host);
    let mut ids: Vec<u64> = answer
        .offenses
        .iter()
        .map(|outcome| outcome.qradar_offense_id)
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [2, 3]);
    assert_eq!(answer.scanned, 2);
}

#[test]
fn five_thousand_old_offenses_have_no_effect_after_go_live() {
    let go_live = NOW - 10 * MINUTE;
    let old = |id| synapse_guest::qradar::Offense {
        last_updated_time: go_live - 1 - id,
        ..offense(id)
    };
    let host = host().with_go_live(go_live).with_offenses((1..=5_000).map(old));
    let answer = import(&host);
    assert_eq!((answer.scanned, answer.created, answer.left_out), (0, 0, 0));
    assert_eq!(answer.window.as_ref().unwrap().from, go_live);
    assert!(answer.window.unwrap().text.contains("go-live point"));
    let calls: Vec<&str> = host.calls().iter().map(|call| call.operation).collect();
    assert_eq!(
        calls,
        [
            "qradar/connection.open",
            "thehive/connection.open",
            "qradar/offenses.list-offenses",
            "workflow/state.keys",
        ]
    );
    assert!(host.scanned_windows()[0].1.contains("go-live point"));
}

#[test]
fn before_go_live_nothing_is_asked_at_all() {
    let host = host().with_go_live(NOW + 1).with_offenses([offense(1)]);
    let answer = import(&host);
    assert_eq!(host.count("qradar/offenses.list-offenses"), 0);
    assert!(answer.window.unwrap().text.contains("still to come"));
}

#[test]
fn an_offense_asked_for_by_id_is_imported_whatever_its_age_status_and_magnitude() {
    let mut old = offense(42);
    (old.last_updated_time, old.status, old.magnitude) = (1_000, Status::Closed, 0);
    let host = host()
        .with_go_live(NOW)
        .with_config(json!({ "min_magnitude": 5 }))
        .with_offenses([old]);
    let answer = import_offense(&host, 42);
    assert_eq!((answer.created, answer.window), (1, None));
    assert!(answer.filter.contains("whatever its age"));
}

#[test]
fn an_offense_that_is_not_there_is_a_failure_that_says_so() {
    let answer = import_offense(&host(), 42);
    assert!(!answer.success);
    let outcome = &answer.offenses[0];
    assert_eq!(
        (
            outcome.qradar_offense_id,
            outcome.raised_alert_id.as_ref(),
            outcome.success
        ),
        (42, None, false)
    );
    assert!(outcome.message.contains("no offense 42"), "{}", outcome.message);
}

#[test]
fn d39_every_page_is_read_to_its_end() {
    for count in [99, 100, 101, 200, 201] {
        let host = host().with_offenses((1..=count).map(offense));
        let answer = import(&host);
        assert_eq!((answer.scanned, answer.created), (count, count));
        assert_eq!(host.count("qradar/offenses.list-offenses") as u64, count.div_ceil(100));
    }
}

#[test]
fn d40_every_page_is_asked_with_the_same_filter() {
    let host = host().with_offenses((1..=250).map(offense));
    import(&host);
    let filters: Vec<String> = host
        .calls()
        .into_iter()
        .filter(|call| call.operation == "qradar/offenses.list-offenses")
        .map(|call| call.arguments.split("}, ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(filters.len(), 3);
    assert!(
        filters[0].contains("updated-from: Some") && filters.iter().all(|filter| *filter == filters[0]),
        "{filters:?}"
    );
}

#[test]
fn what_is_below_the_minimum_magnitude_is_skipped_with_the_reason() {
    let mut weak = offense(1);
    weak.magnitude = 2;
    let host = host()
        .with_config(json!({ "min_magnitude": 3 }))
        .with_offenses([weak, offense(2)]);
    let answer = import(&host);
    assert_eq!(skipped(&answer), [(1, "magnitude 2 is below the minimum of 3")]);
    assert_eq!((answer.scanned, answer.created, answer.left_out), (2, 1, 1));
}

#[test]
fn closed_offenses_are_imported_only_if_asked_for() {
    let closed = || synapse_guest::qradar::Offense {
        status: Status::Closed,
        ..offense(1)
    };
    assert_eq!(import(&host().with_offenses([closed()])).scanned, 0);
    let any = import(&host().with_offenses([closed()]).with_config(json!({ "status": "any" })));
    assert_eq!(
        (any.created, any.filter.as_str()),
        (1, "offenses of any status of any magnitude")
    );
}

#[test]
fn within_a_page_what_is_worse_goes_first() {
    let of = |id, magnitude| synapse_guest::qradar::Offense {
        magnitude,
        ..offense(id)
    };
    let host = host().with_offenses([of(1, 3), of(2, 9), of(3, 3), of(4, 10)]);
    import(&host);
    let order: Vec<String> = host
        .created_alerts()
        .into_iter()
        .map(|alert| alert.source_ref)
        .collect();
    assert_eq!(order, ["4", "2", "1", "3"]);
}

#[test]
fn every_item_is_in_the_report_with_its_link() {
    let host = host().with_offenses([offense(1), offense(2)]);
    host.fail_alert("2", synapse_guest::error::Error::Unreadable("broken".into()));
    let answer = import(&host);
    let lines = host.report_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0].subject.as_str(), lines[0].verdict),
        ("offense 1", Verdict::Created)
    );
    assert_eq!(
        lines[0].link.as_deref(),
        Some("https://thehive.example/alerts/~1/details")
    );
    assert_eq!(
        (lines[1].subject.as_str(), lines[1].verdict),
        ("offense 2", Verdict::Failed)
    );
    assert!(lines[1].reason.contains("broken") && !answer.success);
}

#[test]
fn the_answer_keeps_the_originals_shape() {
    let host = host().with_offenses([offense(1)]);
    let answer = serde_json::to_value(import(&host)).unwrap();
    assert_eq!(answer["success"], json!(true));
    assert_eq!(
        answer["offenses"],
        json!([{ "qradar_offense_id": 1, "raised_alert_id": "~1", "success": true, "message": "imported as alert ~1" }])
    );
    assert_eq!(answer["window"]["to"], json!(NOW));
    assert_eq!(answer["skipped"], json!([]));
}
