//! What does a whole alert look like?

use serde_json::json;
use synapse_guest::qradar::{LogSource, Offense};
use synapse_guest::thehive::{Pap, Severity, Tlp};

use crate::support::*;

fn full() -> Offense {
    Offense {
        description: Some("Botnet: Potential Botnet Connection\n preceded by Multiple Login Failures\n".into()),
        magnitude: 8,
        event_count: 120,
        source_count: 1,
        source_address_ids: vec![1],
        local_destination_count: 1,
        local_destination_address_ids: vec![2],
        remote_destination_count: 2,
        username_count: 1,
        rule_ids: vec![100_033, 7],
        log_sources: vec![
            LogSource {
                id: 63,
                name: "Custom Rule Engine-8 :: console-1".into(),
                type_name: "EventCRE".into(),
            },
            LogSource {
                id: 64,
                name: "fw|1".into(),
                type_name: "Firewall".into(),
            },
        ],
        assigned_to: Some("alice".into()),
        follow_up: true,
        ..offense(42)
    }
}

fn host_for_full() -> synapse_guest::fake::Fake {
    host()
        .with_source_addresses(vec![address(1, "198.51.100.7")])
        .with_local_destinations(vec![address(2, "10.0.0.5")])
        .with_ariel(|search| {
            if asks_for_destinations(search) {
                return rows(vec![
                    destination("203.0.113.9", 100.0),
                    destination("203.0.113.10", 20.0),
                ]);
            }
            rows(vec![
                event("Firewall Deny", "alice", None),
                event("Login ``` failed", "null", None),
            ])
        })
}

#[test]
fn the_description_is_as_the_golden_file_shows() {
    let alert = alert(host_for_full(), full());
    let golden = include_str!("../golden/description.md");
    assert!(
        alert.description == golden,
        "tests/golden/description.md would be:\n{}",
        alert.description
    );
}

#[test]
fn the_rest_of_the_alert_is_as_documented() {
    let alert = alert_of(
        host_for_full(),
        full(),
        json!({ "case_template": "QRadar", "tlp": "red", "extra_tags": ["soc"] }),
    );
    assert_eq!((alert.type_.as_str(), alert.source_ref.as_str()), ("QRadar", "42"));
    assert_eq!(alert.title, "#42 Botnet: Potential Botnet Connection");
    assert_eq!(
        (alert.severity, alert.tlp, alert.pap),
        (Severity::High, Tlp::Red, Pap::Amber)
    );
    assert_eq!(alert.date, NOW - 30 * MINUTE);
    assert_eq!(
        alert.external_link.as_deref(),
        Some("https://console.example/console/do/sem/offensesummary?summaryId=42")
    );
    assert_eq!(alert.case_template.as_deref(), Some("QRadar"));
    assert_eq!(alert.dedup_key.as_deref(), Some("offense/hq/42"));
    assert!(
        alert.tags.contains(&"soc".into()) && alert.tags.contains(&"log-source:fw|1".into()),
        "{:?}",
        alert.tags
    );
}

#[test]
fn the_severity_follows_the_magnitude_or_what_the_deployment_chose() {
    let of = |magnitude, severity| Offense {
        magnitude,
        severity,
        ..offense(1)
    };
    for (magnitude, expected) in [
        (0, Severity::Low),
        (3, Severity::Low),
        (4, Severity::Medium),
        (6, Severity::Medium),
        (7, Severity::High),
        (8, Severity::High),
        (9, Severity::Critical),
        (10, Severity::Critical),
        (200, Severity::Critical),
    ] {
        assert_eq!(
            alert(host(), of(magnitude, 1)).severity,
            expected,
            "magnitude {magnitude}"
        );
    }
    let by_severity = alert_of(host(), of(1, 10), json!({ "severity_from": "severity" }));
    assert_eq!(by_severity.severity, Severity::Critical);
    let flat = json!({ "severity_map": vec!["medium"; 11] });
    assert_eq!(alert_of(host(), of(10, 1), flat).severity, Severity::Medium);
}

#[test]
fn searches_that_nobody_wants_are_not_made() {
    let host = host_for_full()
        .with_offenses([full()])
        .with_config(json!({ "sample_events": 0, "remote_destinations_max": 0 }));
    assert!(import(&host).success);
    assert_eq!(host.count("qradar/ariel.run"), 0);
}
