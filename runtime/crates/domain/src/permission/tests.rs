//! Does the permission algebra deny by default, and does removing a grant ever allow more?

use proptest::prelude::*;

use super::*;

fn grant(operations: &[&str], scopes: &[(&str, &[&str])]) -> Grant {
    Grant {
        binding: "thehive".parse().unwrap(),
        operations: operations.iter().map(|text| Pattern((*text).to_owned())).collect(),
        scopes: scopes
            .iter()
            .map(|(name, values)| {
                (
                    (*name).to_owned(),
                    values.iter().map(|value| (*value).to_owned()).collect(),
                )
            })
            .collect(),
    }
}

fn check(asked: &[Grant], granted: &[Grant], ceiling: &[&str], arguments: &[(&'static str, &str)]) -> bool {
    let binding = "thehive".parse().unwrap();
    let request = Request {
        binding: &binding,
        operation: "thehive/alerts.create-alerts",
        arguments: arguments
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
    };
    let ceiling: Vec<_> = ceiling.iter().map(|text| Pattern((*text).to_owned())).collect();
    matches!(decide(&request, asked, granted, &ceiling), Decision::Allowed(_))
}

#[test]
fn nothing_is_allowed_that_is_not_asked_granted_and_below_the_ceiling() {
    let all = [grant(&["thehive/alerts.*"], &[])];
    assert!(check(&all, &all, &["*"], &[]));
    assert!(!check(&[], &all, &["*"], &[]), "not asked");
    assert!(!check(&all, &[], &["*"], &[]), "not granted");
    assert!(!check(&all, &all, &["qradar/*"], &[]), "above the ceiling");
    assert!(
        !check(&all, &[grant(&["thehive/alerts.get-alert"], &[])], &["*"], &[]),
        "another operation"
    );
}

#[test]
fn a_scope_limits_the_argument_on_both_sides() {
    let all = [grant(&["*"], &[])];
    let narrow = [grant(&["*"], &[("alert-type", &["QRADAR"])])];
    assert!(check(&all, &narrow, &["*"], &[("alert-type", "QRADAR")]));
    assert!(!check(&all, &narrow, &["*"], &[("alert-type", "other")]));
    assert!(!check(&narrow, &all, &["*"], &[("alert-type", "other")]));
}

#[test]
fn two_grants_do_not_combine_into_a_third() {
    let all = [grant(&["*"], &[])];
    let two = [
        grant(&["*"], &[("alert-type", &["a"]), ("alert-source", &["x"])]),
        grant(&["*"], &[("alert-type", &["b"]), ("alert-source", &["y"])]),
    ];
    assert!(check(&all, &two, &["*"], &[("alert-type", "a"), ("alert-source", "x")]));
    assert!(!check(
        &all,
        &two,
        &["*"],
        &[("alert-type", "a"), ("alert-source", "y")]
    ));
}

#[test]
fn a_pattern_stops_at_its_interface() {
    assert!(Pattern("thehive/alerts.*".into()).covers("thehive/alerts.get-alert"));
    assert!(
        !Pattern("thehive/alert*".into()).covers("thehive/alerts.get-alert"),
        "a star stands for whole names only"
    );
    assert!(Pattern("thehive/*".into()).touches("thehive/alerts"));
    assert!(Pattern("thehive/alerts.get-alert".into()).touches("thehive/alerts"));
    assert!(!Pattern("thehive/cases.*".into()).touches("thehive/alerts"));
}

fn any_grant() -> impl Strategy<Value = Grant> {
    let pattern = prop::sample::select(vec![
        "*",
        "thehive/*",
        "thehive/alerts.*",
        "thehive/alerts.create-alerts",
        "qradar/*",
    ]);
    let scope = prop::collection::btree_map(
        prop::sample::select(vec!["alert-type".to_owned(), "alert-source".to_owned()]),
        prop::collection::btree_set(prop::sample::select(vec!["a".to_owned(), "b".to_owned()]), 0..3),
        0..3,
    );
    (pattern, scope).prop_map(|(pattern, scopes)| Grant {
        binding: "thehive".parse().unwrap(),
        operations: vec![Pattern(pattern.to_owned())],
        scopes,
    })
}

proptest! {
    #[test]
    fn removing_a_grant_never_allows_more(
        asked in prop::collection::vec(any_grant(), 0..3),
        granted in prop::collection::vec(any_grant(), 1..4),
        value in prop::sample::select(vec!["a", "b", "c"]),
    ) {
        let arguments = [("alert-type", value), ("alert-source", "a")];
        let all = check(&asked, &granted, &["*"], &arguments);
        for left_out in 0..granted.len() {
            let mut fewer = granted.clone();
            fewer.remove(left_out);
            prop_assert!(all || !check(&asked, &fewer, &["*"], &arguments));
        }
    }
}
