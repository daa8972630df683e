//! What evidence does an alert carry, and what if it cannot be had?

use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::qradar::{Database, Domain, Offense};
use synapse_guest::thehive::{NewAlert, Observable};

use crate::support::*;

fn observable<'a>(alert: &'a NewAlert, data: &str) -> &'a Observable {
    let found: Vec<_> = alert
        .observables
        .iter()
        .filter(|observable| observable.data == data)
        .collect();
    let [one] = found[..] else {
        panic!("{data}: {found:?} of {:?}", alert.observables)
    };
    one
}

fn values(alert: &NewAlert) -> Vec<&str> {
    alert
        .observables
        .iter()
        .map(|observable| observable.data.as_str())
        .collect()
}

/// Offense 1 with these sources and local destinations.
fn with_addresses(sources: &[u64], locals: &[u64]) -> Offense {
    Offense {
        source_address_ids: sources.to_vec(),
        source_count: sources.len() as u64,
        local_destination_address_ids: locals.to_vec(),
        local_destination_count: locals.len() as u64,
        ..offense(1)
    }
}

#[test]
fn d14_equal_values_become_one_observable_with_all_tags_and_messages() {
    let host = host()
        .with_source_addresses(vec![address(1, "198.51.100.7"), address(2, "10.0.0.5")])
        .with_local_destinations(vec![address(3, "10.0.0.5")]);
    let alert = alert(host, with_addresses(&[1, 2], &[3]));
    assert_eq!(values(&alert), ["198.51.100.7", "10.0.0.5"]);
    assert_eq!(observable(&alert, "198.51.100.7").tags, ["offense-source", "source"]);
    let both = observable(&alert, "10.0.0.5");
    assert_eq!(both.tags, ["internal", "local-destination", "source"]);
    assert_eq!(
        both.message.as_deref(),
        Some("Source address, network Net-1; Local destination address, network Net-1")
    );
}

#[test]
fn d15_a_type_that_thehive_does_not_know_becomes_other_with_a_tag() {
    let user = || Offense {
        offense_type: 3,
        offense_source: Some("alice".into()),
        ..offense(1)
    };
    let unknown = alert(host(), user());
    assert_eq!(observable(&unknown, "alice").data_type, "other");
    assert_eq!(observable(&unknown, "alice").tags, ["offense-source", "type:username"]);
    let known = alert(host().with_observable_types(&["ip", "other", "username"]), user());
    assert_eq!(observable(&known, "alice").data_type, "username");
    assert_eq!(observable(&known, "alice").tags, ["offense-source"]);
}

#[test]
fn d15_types_are_asked_once_in_a_run_and_left_to_the_connector_if_they_cannot_be_had() {
    let many = host().with_offenses((1..=250).map(offense));
    import(&many);
    assert_eq!(many.count("thehive/alerts.observable-types"), 1);
    let failing = host().with_offenses([Offense {
        offense_type: 3,
        offense_source: Some("alice".into()),
        ..offense(1)
    }]);
    failing.fail_next("thehive/alerts.observable-types", Error::Unavailable("down".into()));
    import(&failing);
    assert_eq!(observable(&only_alert(&failing), "alice").data_type, "username");
}

#[test]
fn r1_an_offense_of_type_username_keeps_the_alerts_own_tags() {
    let alert = alert(
        host(),
        Offense {
            offense_type: 3,
            offense_source: Some("alice".into()),
            ..offense(1)
        },
    );
    assert_eq!(
        alert.tags,
        [
            "QRadar",
            "Offense",
            "offense:1",
            "rule:Excessive Firewall Denies",
            "Access Denied",
            "log-source:fw-1"
        ]
    );
}

#[test]
fn r5_events_are_searched_in_epoch_milliseconds_with_a_margin() {
    let host = host()
        .with_offenses([Offense {
            event_count: 7,
            remote_destination_count: 2,
            ..offense(1)
        }])
        .with_ariel(|search| {
            assert_eq!((search.start, search.stop), (NOW - 31 * MINUTE, NOW - 4 * MINUTE));
            assert_eq!((search.offense, search.database), (Some(1), Database::Events));
            rows(Vec::new())
        });
    import(&host);
    assert_eq!(host.count("qradar/ariel.run"), 1);
}

#[test]
fn r6_d44_a_page_costs_a_fixed_number_of_calls() {
    let of = |id| Offense {
        id,
        rule_ids: vec![id],
        source_address_ids: vec![id, id + 1_000],
        source_count: 2,
        local_destination_address_ids: vec![id],
        local_destination_count: 1,
        remote_destination_count: 1,
        event_count: 1,
        ..offense(id)
    };
    let host = host().with_offenses((1..=100).map(of));
    import(&host);
    for (operation, count) in [
        ("qradar/offenses.list-offenses", 1),
        // The ledger; earlier offenses, and these among them afterwards.
        ("workflow/state.get", 3),
        // One for our own keys, one for those of the original.
        ("thehive/alerts.find-alerts", 2),
        ("qradar/offenses.source-addresses", 1),
        ("qradar/offenses.local-destination-addresses", 1),
        ("qradar/rules.get-rules", 1),
        // 200 searches, 100 a call.
        ("qradar/ariel.run", 2),
        ("thehive/alerts.create-alerts", 1),
        // The ledger, the late passes (nothing is indexed yet), what later offenses will see.
        ("workflow/state.apply", 3),
        ("qradar/offenses.get-offense", 0),
    ] {
        assert_eq!(host.count(operation), count, "{operation}");
    }
}

#[test]
fn rule_names_are_asked_once_in_a_run() {
    let host = host().with_offenses((1..=250).map(offense));
    import(&host);
    assert_eq!(host.count("qradar/rules.get-rules"), 1);
}

#[test]
fn d41_evidence_that_cannot_be_had_never_stops_an_alert_and_is_named() {
    let full = || Offense {
        remote_destination_count: 2,
        event_count: 9,
        domain_id: Some(7),
        ..with_addresses(&[1], &[2])
    };
    for (operation, note) in [
        ("qradar/offenses.offense-types", "offense types unavailable"),
        ("qradar/offenses.source-addresses", "source addresses unavailable"),
        (
            "qradar/offenses.local-destination-addresses",
            "local destination addresses unavailable",
        ),
        ("qradar/rules.get-rules", "rule names unavailable"),
        ("qradar/domains.list-domains", "domain names unavailable"),
        ("qradar/ariel.run", "remote destinations unavailable"),
        ("qradar/ariel.run", "events unavailable"),
    ] {
        let host = host().with_offenses([full()]);
        host.fail_next(operation, Error::Unavailable("no route".into()));
        let answer = import(&host);
        assert!(answer.success, "{operation}");
        let note = format!("{note}: the target cannot be reached: no route");
        assert!(
            only_alert(&host).description.contains(&note),
            "{operation}: {}",
            only_alert(&host).description
        );
        assert!(
            answer.offenses[0].message.contains(&note),
            "{operation}: {}",
            answer.offenses[0].message
        );
    }
}

#[test]
fn d37_a_search_that_ends_in_an_error_costs_one_offense_its_events() {
    let of = |id| Offense {
        event_count: 5,
        ..offense(id)
    };
    let host = host()
        .with_offenses([of(1), of(2)])
        .with_ariel(|search| match search.offense {
            Some(1) => Err(Error::Other(synapse_guest::error::OtherError {
                code: "CANCELED".into(),
                message: "search canceled".into(),
            })),
            _ => rows(vec![event("Firewall Deny", "", None)]),
        });
    let answer = import(&host);
    assert_eq!(answer.created, 2);
    let [first, second] = &host.created_alerts()[..] else {
        panic!("two alerts")
    };
    assert!(
        first
            .description
            .contains("events unavailable: search canceled (CANCELED)"),
        "{}",
        first.description
    );
    assert!(second.description.contains("Firewall Deny") && !second.description.contains("unavailable"));
}

#[test]
fn events_that_are_not_searchable_yet_are_named_so() {
    let alert = alert(
        host(),
        Offense {
            event_count: 9,
            ..offense(1)
        },
    );
    assert!(
        alert.description.contains("events not indexed yet: QRadar counts 9"),
        "{}",
        alert.description
    );
}

#[test]
fn remote_destinations_are_ranked_by_events_and_local_ones_left_out() {
    let offense = Offense {
        remote_destination_count: 9,
        event_count: 50,
        ..with_addresses(&[], &[1])
    };
    let host = host()
        .with_local_destinations(vec![address(1, "10.0.0.5")])
        .with_ariel(|search| {
            if !asks_for_destinations(search) {
                return rows(vec![event("Deny", "", None)]);
            }
            let order = search.order.as_ref().unwrap();
            assert_eq!(
                (search.group_by.as_slice(), order.descending),
                (&["destinationip".to_owned()][..], true)
            );
            rows(vec![
                destination("10.0.0.5", 900.0),
                destination("203.0.113.9", 40.0),
                destination("0.0.0.0", 30.0),
                destination("203.0.113.10", 70.0),
                destination("not an address", 20.0),
            ])
        });
    let alert = alert(host, offense);
    assert_eq!(
        values(&alert),
        ["198.51.100.7", "203.0.113.10", "203.0.113.9", "10.0.0.5"]
    );
    assert_eq!(observable(&alert, "203.0.113.10").tags, ["remote-destination"]);
    assert_eq!(
        observable(&alert, "203.0.113.10").message.as_deref(),
        Some("Remote destination, 70 events")
    );
    assert!(
        alert.description.contains("2 of 9, most events first"),
        "{}",
        alert.description
    );
}

#[test]
fn an_offense_of_flows_only_is_searched_in_the_flows() {
    let offense = Offense {
        remote_destination_count: 1,
        flow_count: 5,
        ..offense(1)
    };
    let host = host().with_ariel(|search| {
        assert_eq!(search.database, Database::Flows);
        rows(vec![destination("203.0.113.9", 5.0)])
    });
    assert_eq!(values(&alert(host, offense)), ["198.51.100.7", "203.0.113.9"]);
}

#[test]
fn observables_are_capped_and_the_total_is_stated() {
    let sources: Vec<u64> = (1..=120).collect();
    let addresses = |id: &u64| address(*id, &format!("203.0.113.{id}"));
    let host = host().with_source_addresses(sources.iter().map(addresses).collect());
    let alert = alert(host, with_addresses(&sources, &[]));
    assert_eq!(alert.observables.len(), 50);
    assert!(
        alert.description.contains("the 50 most telling of 121"),
        "{}",
        alert.description
    );
}

#[test]
fn addresses_beyond_the_lookup_limit_are_named() {
    let mut offense = with_addresses(&(1..=30).collect::<Vec<_>>(), &[]);
    offense.source_count = 4_000;
    let host = host().with_source_addresses((1..=30).map(|id| address(id, &format!("203.0.113.{id}"))).collect());
    let alert = alert_of(host, offense, json!({ "address_lookups_max": 10 }));
    assert_eq!(alert.observables.len(), 11);
    assert!(
        alert
            .description
            .contains("source addresses truncated: 10 of 4000 looked up"),
        "{}",
        alert.description
    );
}

#[test]
fn the_customers_own_addresses_are_tagged_and_make_no_case_look_related() {
    let host = host().with_source_addresses(vec![
        address(1, "192.168.1.1"),
        address(2, "203.0.113.1"),
        address(3, "fd00::1"),
    ]);
    let alert = alert(host, with_addresses(&[1, 2, 3], &[]));
    assert_eq!(
        values(&alert),
        ["198.51.100.7", "203.0.113.1", "192.168.1.1", "fd00::1"]
    );
    for (data, internal) in [("192.168.1.1", true), ("203.0.113.1", false), ("fd00::1", true)] {
        let observable = observable(&alert, data);
        assert_eq!(
            (
                observable.ignore_similarity,
                observable.tags.contains(&"internal".into())
            ),
            (internal, internal),
            "{data}"
        );
    }
}

#[test]
fn the_offense_source_is_typed_by_its_property() {
    let types = vec![
        offense_type(0, "Source IP", "sourceIP"),
        offense_type(7, "Host Name", "hostName"),
        offense_type(4, "Source MAC", "sourceMAC"),
        offense_type(14, "Rule", "rule"),
        offense_type(5_000, "URL (custom)", "URL"),
        offense_type(5_001, "File hash", "fileHash"),
        offense_type(5_002, "Sender", "sender"),
        offense_type(5_003, "Process", "Process Name"),
    ];
    for (type_, source, expected) in [
        (0, "198.51.100.7", Some(("ip", "198.51.100.7", None))),
        (0, "0.0.0.0", None),
        (7, "host-1", Some(("hostname", "host-1", None))),
        (
            4,
            "00:11:22:33:44:55",
            Some(("other", "00:11:22:33:44:55", Some("type:mac"))),
        ),
        (14, "Excessive Denies", None),
        (
            5_000,
            "http://evil.example/x",
            Some(("url", "http://evil.example/x", None)),
        ),
        (
            5_001,
            "d41d8cd98f00b204e9800998ecf8427e",
            Some(("hash", "d41d8cd98f00b204e9800998ecf8427e", None)),
        ),
        (5_002, "a@evil.example", Some(("mail", "a@evil.example", None))),
        (5_003, "cmd.exe", Some(("other", "cmd.exe", Some("type:processname")))),
        (9_999, "2001:db8::1", Some(("ip", "2001:db8::1", None))),
        (
            9_999,
            "something",
            Some(("other", "something", Some("type:offense-type-9999"))),
        ),
    ] {
        let offense = Offense {
            offense_type: type_,
            offense_source: Some(source.into()),
            ..offense(1)
        };
        let alert = alert(host().with_offense_types(types.clone()), offense);
        let got = alert.observables.first().map(|observable| {
            let tag = observable
                .tags
                .iter()
                .find(|tag| tag.starts_with("type:"))
                .map(String::as_str);
            (observable.data_type.as_str(), observable.data.as_str(), tag)
        });
        assert_eq!(got, expected, "{type_} {source}");
    }
}

#[test]
fn d10_a_domain_is_tagged_by_the_map_and_an_unknown_one_is_reported() {
    let of = |id, domain_id| Offense {
        domain_id,
        ..offense(id)
    };
    let host = host()
        .with_domains(vec![
            Domain {
                id: 3,
                name: "acme".into(),
                description: None,
                tenant_id: None,
                deleted: false,
            },
            Domain {
                id: 7,
                name: "initech".into(),
                description: None,
                tenant_id: None,
                deleted: false,
            },
        ])
        .with_config(json!({ "domain_tags": { "3": ["customer:acme"] } }))
        .with_offenses([of(1, Some(3)), of(2, Some(7)), of(3, None)]);
    let answer = import(&host);
    assert_eq!(answer.created, 3, "an unknown domain is no reason to drop an offense");
    let tags: Vec<Vec<String>> = host.created_alerts().into_iter().map(|alert| alert.tags).collect();
    assert!(
        tags[0].contains(&"customer:acme".into()) && tags[1].contains(&"domain:initech".into()),
        "{tags:?}"
    );
    assert_eq!(answer.warnings.len(), 2, "{:?}", answer.warnings);
    assert!(answer.warnings[0].contains("domain 7 (initech) is not in config.domain_tags"));
    assert!(host.created_alerts()[1].description.contains("domain 7 (initech)"));
}
