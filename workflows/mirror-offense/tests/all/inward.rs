//! Does TheHive learn what changed in QRadar?

use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Offense, Status};
use synapse_guest::thehive::Severity;

use crate::support::*;

#[test]
fn an_offense_closed_in_qradar_closes_its_alert_with_the_mapped_status() {
    for (config, status) in [
        (json!({}), "Ignored"),
        (
            json!({ "alert_statuses": { "false-positive, tuned": "FalsePositive" } }),
            "FalsePositive",
        ),
    ] {
        let host = host().with_config(config);
        import(&host);
        close_offense(&host, "bob", 2);
        let answer = changed(&host, "closed");
        assert!(answer.success, "{answer:?}");
        let alert = &host.alerts()[0];
        assert_eq!((alert.status.as_str(), alert.stage.as_str()), (status, "Closed"));
        let summary = alert.summary.as_deref().unwrap();
        assert!(
            summary.contains("`bob`") && summary.contains("`False-Positive, Tuned`"),
            "{summary}"
        );
    }
}

#[test]
fn an_alert_without_a_summary_as_on_thehive_3_and_4_is_closed_nevertheless() {
    let host = host();
    import(&host);
    close_offense(&host, "bob", 2);
    let lacks = Error::Unsupported("the summary of an alert: TheHive 4 has none".into());
    host.fail_next("thehive/alerts.update-alert", lacks);
    let answer = changed(&host, "closed");
    assert!(answer.success, "{answer:?}");
    let alert = &host.alerts()[0];
    assert_eq!(
        (alert.status.as_str(), alert.stage.as_str(), &alert.summary),
        ("Ignored", "Closed", &None)
    );
}

#[test]
fn the_case_of_a_closed_offense_gets_one_comment_and_stays_open_by_default() {
    let host = host();
    let alert = import(&host);
    let case = case_of(&host, &[&alert]);
    close_offense(&host, "bob", 2);
    assert_eq!(items(&changed(&host, "closed")), [("updated", "case #1 was told")]);
    let again = changed(&host, "closed");
    assert_eq!(items(&again), [("skipped", "TheHive was told of its closing before")]);
    assert_eq!(host.comments(&case).len(), 1);
    let comment = &host.comments(&case)[0];
    assert!(
        comment.contains("[offense 42](https://console.example/42) was closed in QRadar by `bob`"),
        "{comment}"
    );
    assert_eq!(host.cases()[0].stage, "New");
}

#[test]
fn the_case_is_closed_where_the_deployment_says_so_and_an_unmapped_reason_is_said() {
    let settings = json!({ "on_case": "close", "case_statuses": { "Policy Violation": "TruePositive" } });
    for (reason, outcome, stage) in [(3, "updated", "Closed"), (1, "failed", "New")] {
        let host = host().with_config(settings.clone());
        let alert = import(&host);
        let case = case_of(&host, &[&alert]);
        close_offense(&host, "bob", reason);
        let answer = changed(&host, "closed");
        assert_eq!(answer.items[0].outcome, outcome, "{answer:?}");
        assert_eq!((host.cases()[0].stage.as_str(), host.comments(&case).len()), (stage, 1));
    }
}

#[test]
fn an_alert_or_case_that_is_closed_already_is_left_alone() {
    let host = host();
    let alert = import(&host);
    host.change_alert(&alert, |alert| {
        (alert.status, alert.stage) = ("FalsePositive".into(), "Closed".into());
    });
    close_offense(&host, "bob", 2);
    assert_eq!(
        items(&changed(&host, "closed")),
        [("skipped", "its alert or case in TheHive is closed already")]
    );
    assert_eq!(writes(&host), [] as [&str; 0]);
}

#[test]
fn a_changed_offense_brings_its_alert_up_to_date_and_only_raises_its_severity() {
    let host = host();
    import(&host);
    changed(&host, "changed");
    let worse = Offense {
        magnitude: 9,
        assigned_to: Some("bob".into()),
        last_updated_time: NOW,
        ..offense(42)
    };
    host.add_offenses([worse.clone()]);
    let answer = changed(&host, "changed");
    assert_eq!(answer.items[0].outcome, "updated", "{answer:?}");
    let alert = &host.alerts()[0];
    assert_eq!(alert.severity, Severity::Critical);
    let text = alert.description.as_deref().unwrap();
    assert!(
        text.contains("| **Magnitude** | 9 of 10 |") && text.contains("| **Assigned to** | `bob` |"),
        "{text}"
    );
    host.add_offenses([Offense { magnitude: 1, ..worse }]);
    changed(&host, "changed");
    assert_eq!(host.alerts()[0].severity, Severity::Critical);
    assert!(host.alerts()[0].description.as_deref().unwrap().contains("1 of 10"));
}

#[test]
fn the_severity_stays_or_follows_where_the_deployment_says_so() {
    for (setting, severity) in [("keep", Severity::Medium), ("follow", Severity::Low)] {
        let host = host().with_config(json!({ "severity": setting }));
        import(&host);
        host.add_offenses([Offense {
            magnitude: 1,
            ..offense(42)
        }]);
        changed(&host, "changed");
        assert_eq!(host.alerts()[0].severity, severity, "{setting}");
    }
}

#[test]
fn a_description_that_an_analyst_edited_stays() {
    let host = host();
    let alert = import(&host);
    host.change_alert(&alert, |alert| {
        alert.description = Some("mine".into());
        alert.updated_by = Some("alice".into());
    });
    host.add_offenses([Offense {
        magnitude: 9,
        ..offense(42)
    }]);
    let answer = changed(&host, "changed");
    assert!(answer.items[0].message.contains("was edited in TheHive"), "{answer:?}");
    assert_eq!(host.alerts()[0].description.as_deref(), Some("mine"));
}

#[test]
fn an_offense_without_an_alert_a_new_and_a_purged_one_are_left_with_the_reason() {
    let host = host();
    assert_eq!(changed(&host, "new").items, []);
    let answer = changed(&host, "changed");
    assert!(answer.items[0].message.contains("no alert of it"), "{answer:?}");
    host.purge_offense(42);
    assert!(changed(&host, "changed").items[0].message.contains("gone"));
}

#[test]
fn one_offense_that_fails_stops_no_other_and_is_looked_at_again() {
    let host = host().with_offenses([offense(43)]);
    import(&host);
    host.add_alert("QRadar", "hq", "43");
    host.fail_next("thehive/alerts.update-alert", Error::Conflict("somebody".into()));
    for id in [42, 43] {
        host.add_offenses([Offense {
            magnitude: 9,
            ..offense(id)
        }]);
    }
    let both = json!({ "items": [{ "id": 42, "change": "changed" }, { "id": 43, "change": "changed" }] });
    let event = |data: &serde_json::Value| synapse_guest::workflow::Event {
        id: "1".into(),
        source: "/t".into(),
        type_: "synapse.source.offenses".into(),
        time: NOW,
        datacontenttype: "application/json".into(),
        data: data.to_string(),
    };
    let answer = mirror_offense::run::on_event(&host, event(&both)).unwrap();
    let outcomes: Vec<&str> = answer.items.iter().map(|item| item.outcome).collect();
    assert_eq!(outcomes, ["failed", "updated"], "{answer:?}");
    assert_eq!(changed(&host, "changed").items[0].outcome, "updated");
}

#[test]
fn beyond_the_hours_share_a_closing_waits_for_the_next_hour_and_reads_again() {
    let host = host().with_config(json!({ "closures_per_hour": 1 }));
    let alert = import(&host);
    close_offense(&host, "bob", 2);
    changed(&host, "closed");
    // Somebody takes the alert up again, and the offense's closing is told once more.
    host.change_alert(&alert, |alert| {
        (alert.status, alert.stage) = ("New".into(), "New".into());
    });
    host.add_offenses([Offense {
        close_time: Some(NOW + 1),
        ..host.offense(42).unwrap()
    }]);
    let answer = changed(&host, "closed");
    let outcomes: Vec<&str> = answer.items.iter().map(|item| item.outcome).collect();
    assert_eq!(outcomes, ["held", "updated"], "{answer:?}");
    assert_eq!(host.sleeps(), [NOW + 60 * MINUTE]);
}

#[test]
fn g12_what_happened_before_go_live_is_mirrored_only_because_a_backfill_or_a_person_names_it() {
    const DAY: u64 = 86_400_000;
    let begin = || {
        let host = host().with_go_live(NOW);
        import(&host);
        host.add_offenses([Offense {
            status: Status::Closed,
            closing_user: Some("bob".into()),
            closing_reason_id: Some(2),
            close_time: Some(NOW - DAY),
            // Written since, without anything having happened to it.
            last_persisted_time: Some(NOW + MINUTE),
            ..offense(42)
        }]);
        host
    };
    let stage = |host: &Fake| host.alerts()[0].stage.clone();
    let host = begin();
    let answer = changed(&host, "closed");
    assert!(items(&answer)[0].1.contains("before the point"), "{answer:?}");
    assert_eq!((stage(&host).as_str(), writes(&host).len()), ("New", 0));
    // A backfill that begins later does not mean it either.
    assert!(
        items(&backfilled(&host, "closed", NOW - DAY + MINUTE))[0]
            .1
            .contains("before the point")
    );
    assert_eq!(stage(&host), "New");
    backfilled(&host, "closed", NOW - DAY);
    assert_eq!(stage(&host), "Closed");
    let host = begin();
    named(&host, 42);
    assert_eq!(stage(&host), "Closed");
}

#[test]
fn g12_what_the_console_wrote_in_the_second_of_go_live_is_mirrored() {
    let host = host().with_go_live(NOW + 900);
    import(&host);
    host.add_offenses([Offense {
        magnitude: 9,
        last_persisted_time: Some(NOW),
        last_updated_time: NOW - 20 * MINUTE,
        ..offense(42)
    }]);
    assert_eq!(items(&changed(&host, "changed"))[0].0, "updated");
    let later = host.with_go_live(NOW + 1_000);
    assert_eq!(items(&changed(&later, "changed"))[0].0, "skipped");
}
