//! Are permissions, queries and canonical arguments what they must be, for any value?

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::alert;
use super::arguments::nothing;
use crate::bindings::synapse::thehive::alerts::{AlertKey, Tlp};
use crate::canonical;
use crate::gate::{Read as _, Write as _};
use crate::thehive::{FindAlerts, GetAlert, ObservableTypes, UpdateAlert, query, types};

fn keys() -> impl Strategy<Value = Vec<AlertKey>> {
    let part = prop_oneof![
        any::<String>(),
        Just("\"}]},{\"_name\":\"x\"".to_owned()),
        Just("_or".to_owned()),
        "[a-c]"
    ];
    let key = (part.clone(), part.clone(), part);
    let key = key.prop_map(|(type_, source, source_ref)| AlertKey {
        type_,
        source,
        source_ref,
    });
    proptest::collection::vec(key, 1..8)
}

/// The natural keys that a filter keeps; panics if it has any other shape than the builder's.
fn kept(filter: &Value) -> BTreeSet<(String, String, String)> {
    let filter = filter.as_object().unwrap();
    assert_eq!(filter.len(), 1);
    let (operator, parts) = filter.iter().next().unwrap();
    let parts = parts.as_array().unwrap();
    if operator == "_or" {
        return parts.iter().flat_map(kept).collect();
    }
    assert_eq!((operator.as_str(), parts.len()), ("_and", 3));
    let text = |part: &Value, field: &str| {
        assert_eq!(part["_is"]["_field"], field);
        assert_eq!(
            (part.as_object().unwrap().len(), part["_is"].as_object().unwrap().len()),
            (1, 2)
        );
        part["_is"]["_value"].as_str().unwrap().to_owned()
    };
    assert_eq!(parts[0]["_in"]["_field"], "sourceRef");
    let (kind, source) = (text(&parts[1], "type"), text(&parts[2], "source"));
    let values = parts[0]["_in"]["_values"].as_array().unwrap();
    values
        .iter()
        .map(|value| (kind.clone(), source.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

proptest! {
    #[test]
    fn row_27_a_query_asks_for_exactly_the_keys_whatever_they_hold(keys in keys()) {
        let query: Value = serde_json::from_slice(&serde_json::to_vec(&query::alerts(&keys).unwrap()).unwrap()).unwrap();
        let steps = query["query"].as_array().unwrap();
        let names: Vec<_> = steps.iter().map(|step| step["_name"].as_str().unwrap()).collect();
        prop_assert_eq!(names, ["listAlert", "filter", "sort", "page"]);
        let mut filter = steps[1].clone();
        filter.as_object_mut().unwrap().remove("_name");
        let asked: BTreeSet<_> = keys.iter().map(|key| (key.type_.clone(), key.source.clone(), key.source_ref.clone())).collect();
        prop_assert_eq!(kept(&filter), asked);
    }

    #[test]
    fn row_24_the_scopes_of_a_search_name_every_type_and_source(keys in keys()) {
        let scoped = FindAlerts { keys: keys.clone() }.scoped();
        for key in &keys {
            prop_assert!(scoped.contains(&("alert-type", key.type_.clone())));
            prop_assert!(scoped.contains(&("alert-source", key.source.clone())));
        }
    }
}

#[test]
fn row_24_each_request_names_the_arguments_that_a_grant_can_limit() {
    let named = [
        ("alert-type", "qradar".to_owned()),
        ("alert-source", "console-a".to_owned()),
    ];
    assert_eq!(alert("1").scoped(), named);
    assert_eq!(GetAlert { id: "~1".to_owned() }.scoped(), []);
    assert_eq!(
        UpdateAlert {
            id: "~1".to_owned(),
            patch: nothing()
        }
        .scoped(),
        []
    );
    assert_eq!(ObservableTypes {}.scoped(), []);
}

#[test]
fn canonical_arguments_are_what_the_guest_and_its_deployment_said_and_no_marker() {
    let call = alert("42");
    let expected = json!({
        "source": "console-a",
        "alert": {
            "type_": "qradar", "source_ref": "42", "title": "Excessive denies", "description": "# Offense\n\nA line.",
            "severity": "High", "date": 1_700_000_000_123_u64, "tlp": "Red", "pap": "Green", "tags": ["qradar"],
            "external_link": "https://console.test/42", "custom_fields": [], "observables": [],
        },
    });
    assert_eq!(canonical::text(&call), expected.to_string());
}

#[test]
fn tlp_is_translated_by_label() {
    let numbers =
        |major| [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red].map(|label| types::tlp(label, major));
    assert_eq!((numbers(5), numbers(4)), ([0, 1, 2, 3, 4], [0, 1, 2, 3, 3]));
}
