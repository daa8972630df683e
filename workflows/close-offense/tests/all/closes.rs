//! Does a closed case close its offense, with the right reason, and nothing else?

use close_offense::answer::Kind;
use close_offense::run::on_event;
use serde_json::json;
use synapse_guest::error::{Error, WorkflowError};
use synapse_guest::qradar::{Offense, Status};

use crate::support::*;

#[test]
fn a_closed_case_closes_its_offense_with_the_mapped_reason_and_a_note_before() {
    let host = host();
    let case = closed_case(&host);
    let answer = told(&host, &case);
    assert_eq!(kinds(&answer), [(42, Kind::Closed)], "{answer:?}");
    assert_eq!(host.sleeps(), [NOW + GRACE]);
    let offense = host.offense(42).unwrap();
    assert_eq!((offense.status, offense.closing_reason_id), (Status::Closed, Some(2)));
    let calls: Vec<&str> = host.calls().iter().map(|call| call.operation).collect();
    let at = |operation: &str| calls.iter().position(|call| *call == operation).unwrap();
    assert!(at("qradar/notes.add-note") < at("qradar/closing.close-offense"));
    assert_eq!(host.notes(42).len(), 1);
    assert!(!is_closed(&host, 43));
}

#[test]
fn d12_an_unmapped_status_fails_and_names_what_exists() {
    let host = host();
    let case = closed_case(&host);
    close(&host, &case, "Other");
    let answer = told(&host, &case);
    assert_eq!((answer.success, kinds(&answer)), (false, vec![(42, Kind::Failed)]));
    let message = &answer.offenses[0].message;
    assert!(
        message.contains("`Other`") && message.contains("`Non-Issue`, `False-Positive, Tuned`"),
        "{message}"
    );
    assert!(!is_closed(&host, 42) && host.notes(42).is_empty());
}

#[test]
fn d12_a_reserved_or_deleted_reason_is_never_used() {
    for (reserved, deleted) in [(true, false), (false, true)] {
        let reasons = vec![
            reason(2, "False-Positive, Tuned", reserved, deleted),
            reason(1, "Non-Issue", false, false),
        ];
        let host = host().with_closing_reasons(reasons);
        let case = closed_case(&host);
        let answer = told(&host, &case);
        assert_eq!(kinds(&answer), [(42, Kind::Failed)]);
        assert!(answer.offenses[0].message.contains("1 `Non-Issue`"), "{answer:?}");
    }
}

#[test]
fn d26_a_status_is_mapped_whatever_its_capitals_and_blanks() {
    let host = host().with_config(json!({ "reasons": { "False positive": "non-issue" } }));
    let case = closed_case(&host);
    told(&host, &case);
    assert_eq!(host.offense(42).unwrap().closing_reason_id, Some(1));
}

#[test]
fn a_merged_case_closes_all_its_offenses_and_one_that_fails_stops_no_other() {
    let host = host();
    let alerts = [
        host.add_alert("QRadar", "hq", "42"),
        host.add_alert("QRadar", "hq", "43"),
    ];
    let case = case_of(&host, &[&alerts[0], &alerts[1]]);
    close(&host, &case, "TruePositive");
    host.fail_next(
        "qradar/closing.close-offense",
        Error::Denied("no grant covers this reason".into()),
    );
    let answer = told(&host, &case);
    assert_eq!(kinds(&answer), [(42, Kind::Failed), (43, Kind::Closed)], "{answer:?}");
    assert!(is_closed(&host, 43) && !answer.success);
    assert_eq!(host.comments(&case).len(), 1, "one comment for both");
}

#[test]
fn a_case_made_from_an_alert_of_the_original_closes_its_offense() {
    let host = host();
    let alert = host.add_alert("internal", "QRadar_Offenses", "42");
    let case = case_of(&host, &[&alert]);
    close(&host, &case, "FalsePositive");
    assert_eq!(kinds(&told(&host, &case)), [(42, Kind::Closed)]);
}

#[test]
fn d10_r3_an_alert_of_another_source_with_the_same_reference_closes_nothing() {
    let host = host();
    let alert = host.add_alert("QRadar", "another-console", "42");
    let case = case_of(&host, &[&alert]);
    close(&host, &case, "FalsePositive");
    let answer = told(&host, &case);
    assert!(
        answer
            .skipped
            .unwrap()
            .contains("no alert of it comes from the console `hq`")
    );
    assert_eq!(host.sleeps().len(), 0, "nothing waits for nothing");
    assert_nothing_written(&host);
}

#[test]
fn several_cases_of_one_offense_close_it_when_the_last_one_is_closed() {
    let host = host();
    let case = closed_case(&host);
    let old = host.add_alert("internal", "QRadar_Offenses", "42");
    let other = case_of(&host, &[&old]);
    let answer = told(&host, &case);
    assert_eq!(kinds(&answer), [(42, Kind::Kept)]);
    assert!(
        answer.offenses[0]
            .message
            .contains("case #2 has it too and is not closed"),
        "{answer:?}"
    );
    assert!(!is_closed(&host, 42));
    close(&host, &other, "FalsePositive");
    assert_eq!(kinds(&told(&host, &other)), [(42, Kind::Closed)]);
}

#[test]
fn an_offense_that_somebody_closed_is_reported_and_no_error() {
    let host = host();
    host.add_offenses([Offense {
        status: Status::Closed,
        closing_user: Some("bob".into()),
        closing_reason_id: Some(3),
        close_time: Some(NOW),
        ..offense(42)
    }]);
    let case = closed_case(&host);
    let answer = told(&host, &case);
    assert_eq!((answer.success, kinds(&answer)), (true, vec![(42, Kind::Already)]));
    assert_eq!(
        answer.offenses[0].message,
        "closed already by bob at 2026-11-25 03:00:00 UTC, reason `Policy Violation`"
    );
    assert_eq!(host.notes(42).len(), 0);
}

#[test]
fn an_offense_that_somebody_closes_at_the_last_moment_is_reported_and_no_error() {
    let host = host();
    let case = closed_case(&host);
    host.before_next("qradar/closing.close-offense", |host| {
        host.add_offenses([Offense {
            status: Status::Closed,
            closing_user: Some("bob".into()),
            closing_reason_id: Some(1),
            ..offense(42)
        }]);
    });
    let answer = told(&host, &case);
    assert_eq!((answer.success, kinds(&answer)), (true, vec![(42, Kind::Already)]));
    assert!(answer.offenses[0].message.contains("by bob"), "{answer:?}");
}

#[test]
fn a_purged_offense_is_gone_and_no_failure() {
    let host = host();
    let case = closed_case(&host);
    host.purge_offense(42);
    let answer = told(&host, &case);
    assert_eq!((answer.success, kinds(&answer)), (true, vec![(42, Kind::Gone)]));
    assert!(host.comments(&case)[0].contains("gone"));
}

#[test]
fn a_duplicate_an_open_case_and_a_case_that_is_gone_close_nothing() {
    let host = host();
    let case = closed_case(&host);
    close(&host, &case, "Duplicated");
    assert!(
        told(&host, &case)
            .skipped
            .unwrap()
            .contains("a duplicate closes nothing")
    );
    reopen(&host, &case);
    assert!(
        named(&host, json!({ "case": case }))
            .skipped
            .unwrap()
            .contains("not closed")
    );
    host.delete_case(&case);
    assert!(
        told(&host, &case)
            .skipped
            .unwrap()
            .contains("merged into another one, or deleted")
    );
    assert_nothing_written(&host);
}

#[test]
fn d07_an_alert_marked_as_read_closes_its_offense_on_3_and_4_and_not_on_5() {
    for (dialect, closes) in [
        ("v3", true),
        ("v4-0", true),
        ("v4-1", true),
        ("v5-0", false),
        ("v5-1", false),
    ] {
        let host = host();
        let alert = host.add_alert("QRadar", "hq", "42");
        host.change_alert(&alert, |alert| {
            (alert.status, alert.stage) = ("Ignored".into(), "Closed".into());
        });
        let data =
            json!({ "object": "alert", "action": "closed", "id": alert, "dialect": dialect, "status": "Ignored" });
        let answer = on_event(&host, event("synapse.thehive.alert.closed", &data)).unwrap();
        assert_eq!(is_closed(&host, 42), closes, "{dialect}: {answer:?}");
        let reason = host.offense(42).unwrap().closing_reason_id;
        assert_eq!(reason, closes.then_some(1), "{dialect}");
    }
}

#[test]
fn an_imported_alert_and_one_that_is_unread_again_close_nothing() {
    let host = host();
    let alert = host.add_alert("QRadar", "hq", "42");
    assert!(
        named(&host, json!({ "alert": alert }))
            .skipped
            .unwrap()
            .contains("not closed")
    );
    let case = case_of(&host, &[&alert]);
    let skipped = named(&host, json!({ "alert": alert })).skipped.unwrap();
    assert!(skipped.contains(&format!("imported into case {case}")), "{skipped}");
    assert_nothing_written(&host);
}

#[test]
fn an_echo_of_our_own_and_what_is_older_than_go_live_are_ignored_with_the_reason() {
    let host = host();
    let case = closed_case(&host);
    let data = json!({ "object": "case", "action": "closed", "id": case, "own": true, "dialect": "v5-0" });
    let answer = on_event(&host, event("synapse.thehive.case.closed", &data)).unwrap();
    assert!(answer.skipped.unwrap().contains("echo"));
    let host = host.with_go_live(NOW + 1);
    assert!(told(&host, &case).skipped.unwrap().contains("go-live"));
    assert_nothing_written(&host);
}

#[test]
fn without_a_binding_or_a_grant_the_run_says_so() {
    let host = host();
    closed_case(&host);
    host.fail_next(
        "thehive/cases.get-case",
        Error::Denied("no grant covers `thehive/cases.get-case`".into()),
    );
    let error = try_named(&host, &json!({ "case": 1 })).unwrap_err();
    assert!(matches!(error, WorkflowError::Failed(why) if why.contains("get-case")));
}
