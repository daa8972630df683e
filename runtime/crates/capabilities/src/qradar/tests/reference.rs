//! Are reference sets read and changed alike at the older and the newer endpoints? (contract 3.5, D41)

use crate::gate::observed::CarryOutRead as _;
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;
use synapse_sim::start::Simulator;

use super::super::calls::{AddValue, Contains, GetSet, ListEntries, ListSets, ListTables, ListValues, RemoveValue};
use super::super::client::Client;
use super::super::permission::{DOMAIN, REFERENCE_SET, Request, scoped};
use super::console::{asked, client, console, fault};
use super::effects::{effect, refusal, scope, send};
use crate::bindings::synapse::qradar::reference::TableKind;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;

/// Consoles with the older endpoints only, and with both.
const VERSIONS: [&str; 2] = ["16.0", "26.0"];
/// D41: a name that a path has to carry encoded.
const NAME: &str = "Bad / IPs? & #1 100%";

fn state(version: &str) -> Value {
    json!({
        "console": {"version": version},
        "reference_sets": [
            {"name": NAME, "element_type": "IP", "data": [{"value": "192.0.2.1"}, {"value": "192.0.2.2", "domain_id": 3}]},
            {"name": "Users", "element_type": "ALNIC", "timeout_type": "LAST_SEEN", "time_to_live": "1 month",
             "data": [{"value": "alice"}]},
        ],
        "reference_maps": [{"name": "Hosts", "element_type": "ALN", "key_label": "ip", "value_label": "host",
            "data": {"10.0.0.1": {"value": "a", "source": "x", "first_seen": 1, "last_seen": 2}}}],
        "reference_map_of_sets": [{"name": "Groups", "data": {"admins": [{"value": "alice"}, {"value": "bob", "domain_id": 3}]}}],
        "reference_tables": [{"name": "Assets", "data": {"srv": {"owner": {"value": "alice"}, "site": {"value": "HQ"}}}}],
    })
}

fn add(name: &str, value: &str) -> AddValue {
    AddValue {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: None,
    }
}

fn remove(name: &str, value: &str) -> RemoveValue {
    RemoveValue {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: None,
    }
}

async fn values(client: &Client, name: &str, scopes: &Scopes) -> Vec<String> {
    let (mut values, mut cursor) = (Vec::new(), None);
    loop {
        let call = ListValues {
            name: name.to_owned(),
            cursor,
        };
        let page = call.carry_out(client, scopes).await.unwrap();
        values.extend(page.values.into_iter().map(|value| value.value));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return values,
        }
    }
}

fn kept(console: &Simulator) -> Vec<String> {
    let dump = console.target.dump();
    let entries = dump["set_entries"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["value"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn d41_sets_are_listed_read_and_changed_under_names_that_need_encoding() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let client = client(&console);
        let sets = ListSets {}.carry_out(&client, &Scopes::new()).await.unwrap();
        let names: Vec<_> = sets
            .iter()
            .map(|set| (set.name.as_str(), set.element_type.as_str(), set.count))
            .collect();
        assert_eq!(names, [(NAME, "IP", 2), ("Users", "ALNIC", 1)], "{version}");
        let set = GetSet {
            name: "Users".to_owned(),
        }
        .carry_out(&client, &Scopes::new())
        .await
        .unwrap();
        assert_eq!(
            (set.ages_from.as_deref(), set.count),
            (Some("LAST_SEEN"), 1),
            "{version}"
        );
        send(&client, &add(NAME, "192.0.2.9"), &effect(&console, "add", false))
            .await
            .unwrap();
        assert_eq!(
            values(&client, NAME, &Scopes::new()).await,
            ["192.0.2.1", "192.0.2.2", "192.0.2.9"],
            "{version}"
        );
        send(&client, &remove(NAME, "192.0.2.1"), &effect(&console, "remove", false))
            .await
            .unwrap();
        assert_eq!(
            values(&client, NAME, &Scopes::new()).await,
            ["192.0.2.2", "192.0.2.9"],
            "{version}"
        );
        let newer = asked(&console, "GET", "/reference_data_collections/");
        assert_eq!(newer > 0, version == "26.0", "{version}");
        let gone = GetSet {
            name: "None".to_owned(),
        }
        .carry_out(&client, &Scopes::new())
        .await;
        assert_eq!(gone, Err(Error::NotFound), "{version}");
    }
}

#[tokio::test]
async fn d41_a_value_that_needs_encoding_is_removed() {
    for version in VERSIONS {
        let console = console(json!({"console": {"version": version},
            "reference_sets": [{"name": "Urls/#", "element_type": "ALN", "data": [{"value": "http://a/b?c=d&e#f 100%"}]}]})).await;
        let call = remove("Urls/#", "http://a/b?c=d&e#f 100%");
        send(&client(&console), &call, &effect(&console, "one", false))
            .await
            .unwrap();
        assert_eq!(kept(&console).len(), 0, "{version}");
    }
}

#[tokio::test]
async fn adding_what_is_there_and_removing_what_is_not_are_successes() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let client = client(&console);
        for repeat in [false, true] {
            send(&client, &add("Users", "Alice"), &effect(&console, "add", repeat))
                .await
                .unwrap();
            send(&client, &remove("Users", "nobody"), &effect(&console, "remove", repeat))
                .await
                .unwrap();
        }
        assert_eq!(values(&client, "Users", &Scopes::new()).await, ["alice"], "{version}");
        let gone = refusal(send(&client, &add("None", "x"), &effect(&console, "add", false)).await);
        assert_eq!(gone, Error::NotFound, "{version}");
        let gone = refusal(send(&client, &remove("None", "x"), &effect(&console, "remove", false)).await);
        assert_eq!(gone, Error::NotFound, "{version}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_in_the_consoles_words() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let refused = refusal(
            send(
                &client(&console),
                &add(NAME, "no address"),
                &effect(&console, "one", false),
            )
            .await,
        );
        assert!(
            matches!(&refused, Error::Invalid(why) if why.reason.contains("no address")),
            "{version}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn row_66_a_lost_answer_is_settled_by_sending_again_and_the_value_is_there_once() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let client = client(&console);
        fault(&console, json!({"method": "POST"}), json!({"drop_response": true}), 1);
        let unknown = send(&client, &add("Users", "bob"), &effect(&console, "one", false))
            .await
            .unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown);
        send(&client, &add("Users", "bob"), &effect(&console, "one", true))
            .await
            .unwrap();
        assert_eq!(values(&client, "Users", &Scopes::new()).await, ["alice", "bob"]);
        fault(&console, json!({"method": "DELETE"}), json!({"drop_response": true}), 1);
        let unknown = send(&client, &remove("Users", "bob"), &effect(&console, "two", false))
            .await
            .unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown);
        send(&client, &remove("Users", "bob"), &effect(&console, "two", true))
            .await
            .unwrap();
        assert_eq!(values(&client, "Users", &Scopes::new()).await, ["alice"]);
    }
}

#[tokio::test]
async fn which_values_are_in_a_set_is_answered_in_order() {
    for version in VERSIONS {
        let many: Vec<Value> = (0..1_203).map(|n| json!({"value": format!("user{n}")})).collect();
        let console = console(json!({"console": {"version": version},
            "reference_sets": [{"name": "Users", "element_type": "ALNIC", "data": many}]}))
        .await;
        let client = client(&console);
        let call = Contains {
            name: "Users".to_owned(),
            values: ["USER1202", "nobody", "user0", "o\"'\\%"].map(str::to_owned).to_vec(),
        };
        let found = call.carry_out(&client, &Scopes::new()).await.unwrap();
        assert_eq!(found, [true, false, true, false], "{version}");
        assert_eq!(values(&client, "Users", &Scopes::new()).await.len(), 1_203, "{version}");
    }
}

#[tokio::test]
async fn a_grant_with_domains_sees_shared_values_and_its_own() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let client = client(&console);
        assert_eq!(
            values(&client, NAME, &scope(DOMAIN, &["3"])).await,
            ["192.0.2.1", "192.0.2.2"]
        );
        assert_eq!(values(&client, NAME, &scope(DOMAIN, &["4"])).await, ["192.0.2.1"]);
        let call = Contains {
            name: NAME.to_owned(),
            values: vec!["192.0.2.2".to_owned()],
        };
        assert_eq!(call.carry_out(&client, &scope(DOMAIN, &["4"])).await, Ok(vec![false]));
    }
}

#[test]
fn a_write_names_its_set_and_its_domain_and_shared_is_a_domain_that_no_scope_names() {
    let mut call = add("Users", "x");
    let of = |call: &AddValue| scoped(&Request::AddValue(call));
    assert_eq!(
        of(&call),
        [(REFERENCE_SET, "Users".to_owned()), (DOMAIN, "all".to_owned())]
    );
    call.domain = Some(3);
    assert_eq!(
        of(&call),
        [(REFERENCE_SET, "Users".to_owned()), (DOMAIN, "3".to_owned())]
    );
}

#[tokio::test]
async fn a_value_of_one_domain_is_kept_apart_from_the_shared_one() {
    for version in VERSIONS {
        let console = console(state(version)).await;
        let client = client(&console);
        let of = |domain| AddValue {
            domain,
            ..add(NAME, "198.51.100.1")
        };
        send(&client, &of(None), &effect(&console, "a", false)).await.unwrap();
        send(&client, &of(Some(3)), &effect(&console, "b", false))
            .await
            .unwrap();
        let gone = RemoveValue {
            domain: Some(3),
            ..remove(NAME, "198.51.100.1")
        };
        send(&client, &gone, &effect(&console, "c", false)).await.unwrap();
        send(&client, &gone, &effect(&console, "c", true)).await.unwrap();
        let left = kept(&console)
            .into_iter()
            .filter(|value| value == "198.51.100.1")
            .count();
        assert_eq!(left, 1, "{version}");
    }
}

#[tokio::test]
async fn only_sets_of_the_grant_are_listed() {
    let console = console(state("26.0")).await;
    let scopes = scope(REFERENCE_SET, &["Users", "Hosts"]);
    let sets = ListSets {}.carry_out(&client(&console), &scopes).await.unwrap();
    assert_eq!(sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["Users"]);
    let tables = ListTables { kind: TableKind::Map }
        .carry_out(&client(&console), &scopes)
        .await
        .unwrap();
    assert_eq!(tables.len(), 1);
}

#[tokio::test]
async fn maps_and_tables_are_read_with_their_keys() {
    let console = console(state("26.0")).await;
    let client = client(&console);
    let read = async |kind, name: &str, scopes: &Scopes| {
        let call = ListEntries {
            kind,
            name: name.to_owned(),
            cursor: None,
        };
        let page = call.carry_out(&client, scopes).await.unwrap();
        page.entries
            .into_iter()
            .map(|entry| (entry.keys.join("/"), entry.value.value))
            .collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        read(TableKind::Map, "Hosts", &Scopes::new()).await,
        [pair("10.0.0.1", "a")]
    );
    let groups = read(TableKind::MapOfSets, "Groups", &Scopes::new()).await;
    assert_eq!(groups, [pair("admins", "alice"), pair("admins", "bob")]);
    assert_eq!(
        read(TableKind::MapOfSets, "Groups", &scope(DOMAIN, &["4"])).await,
        [pair("admins", "alice")]
    );
    let table = read(TableKind::Table, "Assets", &Scopes::new()).await;
    assert_eq!(table, [pair("srv/owner", "alice"), pair("srv/site", "HQ")]);
    let tables = ListTables { kind: TableKind::Map }
        .carry_out(&client, &Scopes::new())
        .await
        .unwrap();
    assert_eq!((tables[0].key_label.as_deref(), tables[0].count), (Some("ip"), 1));
}

#[tokio::test]
async fn a_map_is_read_in_pages() {
    let many: serde_json::Map<String, Value> = (0..201).map(|n| (format!("k{n:03}"), json!({"value": "x"}))).collect();
    let console = console(json!({"reference_maps": [{"name": "Many", "data": many}]})).await;
    let client = client(&console);
    let page = async |cursor| {
        let call = ListEntries {
            kind: TableKind::Map,
            name: "Many".to_owned(),
            cursor,
        };
        call.carry_out(&client, &Scopes::new()).await
    };
    let first = page(None).await.unwrap();
    let last = page(first.next.clone()).await.unwrap();
    assert_eq!((first.entries.len(), last.entries.len(), last.next), (200, 1, None));
    assert!(matches!(page(Some("x".to_owned())).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn names_and_values_that_no_path_may_hold_are_refused() {
    let console = console(state("26.0")).await;
    let client = client(&console);
    for name in ["", "..", "a\nb", &"x".repeat(256)] {
        let refused = GetSet { name: name.to_owned() }
            .carry_out(&client, &Scopes::new())
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{name:?}");
    }
    assert_eq!(console.control.requests(0).len(), 0);
}

#[tokio::test]
async fn a_role_that_may_use_the_older_endpoints_only_is_served_by_them() {
    let console = console(state("26.0")).await;
    fault(
        &console,
        json!({"path": "/reference_data_collections"}),
        json!({"status": 403, "body": {"code": 26, "message": "no"}}),
        -1,
    );
    let sets = ListSets {}.carry_out(&client(&console), &Scopes::new()).await.unwrap();
    assert_eq!(sets.len(), 2);
}
