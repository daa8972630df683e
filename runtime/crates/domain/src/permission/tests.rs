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

#[test]
fn row_27_a_raw_request_needs_patterns_on_both_sides_that_cover_its_method_and_its_path() {
    let raw = |methods: &[&str], paths: &[&str]| [grant(&["*"], &[("raw-method", methods), ("raw-path", paths)])];
    let request = [("raw-method", "GET"), ("raw-path", "/api/v1/case/~1")];
    let wide = raw(&["*"], &["/api/*"]);
    let narrow = raw(&["GET"], &["/api/v1/case/*"]);
    assert!(
        check(&wide, &narrow, &["*"], &request),
        "two patterns that both cover it"
    );
    assert!(check(&narrow, &wide, &["*"], &request));
    let none = [grant(&["*"], &[])];
    let path_only = [grant(&["*"], &[("raw-path", &["/api/*"])])];
    for (asked, granted) in [(&none, &wide), (&wide, &none), (&none, &none), (&wide, &path_only)] {
        assert!(!check(asked, granted, &["*"], &request), "a scope is missing");
    }
    for other in [
        [("raw-method", "DELETE"), ("raw-path", "/api/v1/case/~1")],
        [("raw-method", "GET"), ("raw-path", "/api/v1/user/~1")],
        [("raw-method", "GET"), ("raw-path", "")],
    ] {
        assert!(!check(&wide, &narrow, &["*"], &other), "{other:?}");
    }
}

#[test]
fn a_star_in_a_pattern_stands_for_any_text_and_nothing_else_does() {
    for (pattern, value, covered) in [
        ("*", "", true),
        ("*", "/api/x", true),
        ("/api/*", "/api/v1/case", true),
        ("/api/*", "/apix", false),
        ("/api/*/case", "/api/v1/case", true),
        ("/api/*/case", "/api/v1/cases", false),
        ("/api/*a*b", "/api/a-b", true),
        ("/api/*a*a", "/api/a", false),
        ("GET", "GET", true),
        ("GET", "GETS", false),
        ("GE.", "GET", false),
        ("", "", true),
        ("", "x", false),
    ] {
        assert_eq!(matches(pattern, value), covered, "{pattern} {value}");
    }
}
