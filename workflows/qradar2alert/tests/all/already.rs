//! Is every offense imported once, whatever happened before?

use serde_json::json;
use synapse_guest::error::{Error, WorkflowError};

use crate::support::*;

#[test]
fn a_second_import_creates_nothing_and_says_why() {
    let host = host().with_offenses((1..=150).map(offense));
    assert_eq!(import(&host).created, 150);
    host.forget_calls();
    let again = import(&host);
    assert_eq!(
        (again.success, again.created, again.scanned, again.left_out),
        (true, 0, 150, 150)
    );
    assert!(
        again
            .skipped
            .iter()
            .all(|item| item.reason.starts_with("already imported as alert ~")),
        "{:?}",
        again.skipped
    );
    let calls: Vec<&str> = host.calls().iter().map(|call| call.operation).collect();
    // Two pages, and for each of them the ledger and TheHive are asked once: nothing is looked up, nothing is written.
    assert_eq!(
        calls,
        [
            "qradar/connection.open",
            "thehive/connection.open",
            "qradar/offenses.list-offenses",
            "workflow/state.get",
            "thehive/alerts.find-alerts",
            "qradar/offenses.list-offenses",
            "workflow/state.get",
            "thehive/alerts.find-alerts",
            // Nothing is due to be looked at again.
            "workflow/state.keys",
        ]
    );
}

#[test]
fn an_alert_that_an_analyst_deleted_is_not_made_again() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    host.delete_alert("~1");
    let again = import(&host);
    assert_eq!(again.created, 0);
    assert!(
        skipped(&again)[0].1.starts_with("deleted in TheHive (it was alert ~1)"),
        "{:?}",
        again.skipped
    );
}

#[test]
fn an_explicit_request_makes_a_deleted_alert_again() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    let first_key = host.created_alerts()[0].dedup_key.clone();
    host.delete_alert("~1");
    let again = import_offense(&host, 42);
    assert_eq!(
        (again.created, again.offenses[0].raised_alert_id.as_deref()),
        (1, Some("~2"))
    );
    assert_ne!(
        host.created_alerts()[1].dedup_key,
        first_key,
        "the new alert is another effect than the deleted one"
    );
    assert!(host.state("offense/hq/42").unwrap().contains("~2"));
    let third = import_offense(&host, 42);
    assert_eq!(skipped(&third), [(42, "already imported as alert ~2")]);
}

#[test]
fn d10_offense_42_of_two_consoles_is_two_alerts() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    let host = host.with_binding("qradar", "branch");
    assert_eq!(import(&host).created, 1);
    let sources: Vec<String> = host.alerts().into_iter().map(|alert| alert.key.source).collect();
    assert_eq!(sources, ["hq", "branch"]);
    assert!(host.state("offense/hq/42").is_some() && host.state("offense/branch/42").is_some());
}

#[test]
fn r3_another_alert_with_the_same_reference_hides_nothing() {
    let host = host().with_offenses([offense(42)]);
    host.add_alert("phishing", "mailbox", "42");
    host.add_alert("QRadar", "another-console", "42");
    assert_eq!(import(&host).created, 1);
}

#[test]
fn a_lost_ledger_makes_no_doubles_and_is_filled_again() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    host.clear_state();
    let again = import(&host);
    assert_eq!(again.created, 0);
    assert!(
        skipped(&again)[0].1.contains("already in TheHive as alert ~1"),
        "{:?}",
        again.skipped
    );
    assert!(host.state("offense/hq/42").unwrap().contains("~1"));
    assert_eq!(skipped(&import(&host)), [(42, "already imported as alert ~1")]);
}

#[test]
fn alerts_of_the_original_are_adopted_and_not_made_again() {
    let host = host().with_offenses([offense(42), offense(43)]);
    let old = host.add_alert("internal", "QRadar_Offenses", "42");
    let answer = import(&host);
    assert_eq!(answer.created, 1);
    let [(42, reason)] = skipped(&answer)[..] else {
        panic!("{:?}", answer.skipped)
    };
    assert!(
        reason.contains(&old) && reason.contains("source QRadar_Offenses"),
        "{reason}"
    );
    // From now on the ledger looks for it under its own key: an analyst may delete it as any other.
    host.delete_alert(&old);
    assert!(
        skipped(&import(&host))
            .iter()
            .any(|(id, reason)| *id == 42 && reason.starts_with("deleted in TheHive"))
    );
}

#[test]
fn adoption_can_be_switched_off() {
    let host = host().with_offenses([offense(42)]).with_config(json!({ "adopt": [] }));
    host.add_alert("internal", "QRadar_Offenses", "42");
    assert_eq!(import(&host).created, 1);
}

#[test]
fn d13_an_alert_that_appears_meanwhile_counts_as_imported() {
    let host = host().with_offenses([offense(42), offense(43)]);
    host.before_next("thehive/alerts.create-alerts", |host| {
        host.add_alert("QRadar", "hq", "42");
    });
    let answer = import(&host);
    assert_eq!((answer.success, answer.created), (true, 1));
    assert!(
        skipped(&answer)[0].1.contains("already in TheHive as alert ~1"),
        "{:?}",
        answer.skipped
    );
    assert!(host.state("offense/hq/42").unwrap().contains("~1"));
}

#[test]
fn a_changed_alert_type_imports_nothing_again() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    let host = host.with_config(json!({ "alert_type": "offense" }));
    assert_eq!(skipped(&import(&host)), [(42, "already imported as alert ~1")]);
}

#[test]
fn one_offense_that_thehive_refuses_stops_no_other() {
    let host = host().with_offenses((1..=5).map(offense));
    host.fail_alert("3", Error::Denied("no grant covers it".into()));
    let answer = import(&host);
    assert_eq!((answer.success, answer.created, answer.failed), (false, 4, 1));
    let failed = answer.offenses.iter().find(|outcome| !outcome.success).unwrap();
    assert_eq!(
        (failed.qradar_offense_id, failed.message.as_str()),
        (3, "not imported: denied: no grant covers it")
    );
    assert_eq!(host.state("offense/hq/3"), None);
    // The next run tries again what failed, and only that.
    assert_eq!(import(&host).failed, 1);
    assert_eq!(host.created_alerts().len(), 4);
}

#[test]
fn an_offense_that_thehive_chokes_on_does_not_hide_the_pages_after_it() {
    let host = host().with_offenses((1..=101).map(offense));
    host.fail_alert("100", Error::Unavailable("500".into()));
    host.fail_alert("101", Error::Denied("no grant covers it".into()));
    assert_eq!((import(&host).failed, host.created_alerts().len()), (2, 99));
    host.add_offenses([offense(102)]);
    let again = import(&host);
    assert_eq!(
        (again.created, again.failed),
        (1, 2),
        "alone on its page, 100 stops nothing"
    );
}

#[test]
fn a_line_that_another_run_wrote_first_is_settled() {
    let host = host().with_offenses([offense(42), offense(43)]);
    host.before_next("workflow/state.apply", |host| {
        host.set_state("offense/hq/42", "not a ledger line");
        let theirs = json!({ "alert": "~9", "type": "QRadar", "source": "hq", "updated": NOW });
        host.set_state("offense/hq/43", &theirs.to_string());
    });
    let answer = import(&host);
    assert_eq!((answer.created, answer.warnings.len()), (2, 0), "{:?}", answer.warnings);
    assert!(host.state("offense/hq/42").unwrap().contains("~1"));
    assert!(
        host.state("offense/hq/43").unwrap().contains("~9"),
        "a newer line stays"
    );
}

#[test]
fn a_ledger_that_cannot_be_written_is_a_warning_and_heals() {
    let host = host().with_offenses([offense(42)]);
    host.fail_next("workflow/state.apply", Error::Quota("state keys".into()));
    let answer = import(&host);
    assert_eq!(answer.created, 1);
    assert!(
        answer.warnings[0].contains("offense 42 is not in the ledger"),
        "{:?}",
        answer.warnings
    );
    assert_eq!(import(&host).created, 0);
    assert!(host.state("offense/hq/42").is_some());
}

#[test]
fn an_unreadable_ledger_line_is_written_again() {
    let host = host().with_offenses([offense(42)]);
    import(&host);
    host.set_state("offense/hq/42", "{");
    assert!(skipped(&import(&host))[0].1.contains("already in TheHive"));
    assert!(host.state("offense/hq/42").unwrap().contains("~1"));
}

#[test]
fn without_ledger_or_lookup_nothing_is_created() {
    for (operation, error) in [
        (
            "workflow/state.get",
            Error::Other(synapse_guest::error::OtherError {
                code: "x".into(),
                message: "y".into(),
            }),
        ),
        ("thehive/alerts.find-alerts", Error::Denied("no grant".into())),
        ("qradar/offenses.list-offenses", Error::Unauthenticated),
        ("thehive/connection.open", Error::Denied("not bound".into())),
    ] {
        let host = host().with_offenses([offense(42)]);
        host.fail_next(operation, error);
        assert!(
            matches!(try_import(&host), Err(WorkflowError::Failed(_))),
            "{operation}"
        );
        assert_eq!(host.count("thehive/alerts.create-alerts"), 0, "{operation}");
    }
}

#[test]
fn a_target_that_is_down_asks_for_another_attempt_and_keeps_what_was_done() {
    let host = host().with_offenses((1..=150).map(offense));
    host.before_next("thehive/alerts.create-alerts", |host| {
        // The first page is created, the second one is not.
        host.before_next("thehive/alerts.create-alerts", |host| {
            host.fail_next("thehive/alerts.create-alerts", Error::Unavailable("down".into()));
        });
    });
    let error = try_import(&host).unwrap_err();
    assert!(
        matches!(error, WorkflowError::RetryAfter { ms: 30_000, .. }),
        "{error:?}"
    );
    // A ledger line each, and what later offenses of their source will see.
    assert_eq!((host.created_alerts().len(), host.state_len()), (100, 101));
    assert_eq!(import(&host).created, 50);
}

#[test]
fn a_missing_grant_ends_the_run_with_the_grants_name() {
    let host = host().with_offenses((1..=3).map(offense));
    host.fail_next(
        "thehive/alerts.create-alerts",
        Error::Denied("no grant covers `thehive/alerts.create-alerts`".into()),
    );
    let WorkflowError::Failed(why) = try_import(&host).unwrap_err() else {
        panic!("not final")
    };
    assert!(why.contains("no grant covers `thehive/alerts.create-alerts`"), "{why}");
}
