//! Are an offense's numbers resolved in batches, and does one failing batch cost only itself?

use serde_json::{Value, json};

use super::super::permission::Domains;
use super::console::{asked, client, console, fault, last_asked};
use crate::bindings::synapse::workflow::types::Error;

fn addresses(count: u64) -> Value {
    let one = |id: u64| json!({"id": id, "source_ip": format!("10.0.{}.{}", id / 250, id % 250), "network": "other", "domain_id": 0});
    json!({"source_addresses": (1..=count).map(one).collect::<Vec<_>>()})
}

#[tokio::test]
async fn r6_addresses_are_asked_a_hundred_at_a_time_and_unknown_ones_left_out() {
    let console = console(addresses(250)).await;
    let ids: Vec<u64> = (1..=250).chain([7, 7, 9_999, u64::MAX]).collect();
    let found = client(&console).source_addresses(&ids, &Domains::All).await.unwrap();
    assert_eq!(
        found.iter().map(|address| address.id).collect::<Vec<_>>(),
        (1..=250).collect::<Vec<_>>()
    );
    assert_eq!(
        (found[0].ip.as_str(), found[0].network.as_deref()),
        ("10.0.0.1", Some("other"))
    );
    assert_eq!(asked(&console, "GET", "/siem/source_addresses"), 3);
    assert!(last_asked(&console, "/siem/source_addresses").len() < 8_000);
}

#[tokio::test]
async fn r6_d41_a_batch_that_fails_costs_only_its_own_addresses() {
    let console = console(addresses(250)).await;
    // The batch from 101 on.
    fault(&console, json!({"path": "%28101%2C"}), json!({"status": 500}), -1);
    let ids: Vec<u64> = (1..=250).collect();
    let found = client(&console).source_addresses(&ids, &Domains::All).await.unwrap();
    let expected: Vec<u64> = (1..=100).chain(201..=250).collect();
    assert_eq!(found.iter().map(|address| address.id).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn r6_d41_if_every_batch_fails_the_error_is_told() {
    let console = console(addresses(250)).await;
    fault(
        &console,
        json!({"path": "/siem/source_addresses"}),
        json!({"drop_response": true}),
        -1,
    );
    let ids: Vec<u64> = (1..=250).collect();
    let failed = client(&console).source_addresses(&ids, &Domains::All).await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn no_ids_ask_nothing_and_too_many_are_refused() {
    let console = console(json!({})).await;
    let client = client(&console);
    assert_eq!(client.source_addresses(&[], &Domains::All).await, Ok(Vec::new()));
    let many: Vec<u64> = (0..10_001).collect();
    assert!(
        matches!(client.local_destination_addresses(&many, &Domains::All).await, Err(Error::Invalid(argument)) if argument.field == "ids")
    );
    assert!(matches!(client.rules(&many[..1_001]).await, Err(Error::Invalid(_))));
    assert!(console.control.requests(0).is_empty());
}

/// Threat row 65.
#[tokio::test]
async fn an_address_that_was_not_asked_for_is_dropped() {
    let console = console(addresses(3)).await;
    fault(
        &console,
        json!({"path": "/siem/source_addresses"}),
        json!({"body": addresses(2)["source_addresses"]}),
        1,
    );
    let found = client(&console).source_addresses(&[2, 9], &Domains::All).await.unwrap();
    assert_eq!(found.iter().map(|address| address.id).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn rules_are_named_and_types_are_listed_whole() {
    let rule =
        json!({"id": 100_056, "name": "Multiple Login Failures", "type": "EVENT", "enabled": true, "origin": "SYSTEM"});
    let kind = |id: u64| json!({"id": id, "name": format!("Type {id}"), "property_name": format!("p{id}"), "database_type": "COMMON", "custom": id > 100});
    let console = console(json!({"rules": [rule], "offense_types": (0..=500).map(kind).collect::<Vec<_>>()})).await;
    let client = client(&console);
    let rules = client.rules(&[100_056, 1]).await.unwrap();
    assert_eq!(
        (
            rules.len(),
            rules[0].name.as_str(),
            rules[0].type_.as_str(),
            rules[0].enabled
        ),
        (1, "Multiple Login Failures", "EVENT", true)
    );
    let types = client.offense_types().await.unwrap();
    assert_eq!(
        types.iter().map(|kind| kind.id).collect::<Vec<_>>(),
        (0..=500).collect::<Vec<_>>()
    );
    assert!(!types[3].custom && types[101].custom);
}

#[tokio::test]
async fn a_whole_list_that_repeats_itself_ends() {
    let console = console(json!({})).await;
    let same = json!({"body": [{"id": 1, "name": "a"}], "headers": {"content-range": "items 0-0/1000000"}});
    fault(&console, json!({"path": "/siem/offense_types"}), same, -1);
    assert_eq!(client(&console).offense_types().await.unwrap().len(), 1);
    assert_eq!(asked(&console, "GET", "/siem/offense_types"), 2);
}
