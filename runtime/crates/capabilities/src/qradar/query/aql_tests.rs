//! Can any text become more than one literal? And does a query say what was asked?

use proptest::prelude::*;

use super::super::corpus::{CONTROLS, PAYLOADS};
use super::super::reader::{Backslash, Token, matched, tokens};
use super::*;
use crate::bindings::synapse::qradar::ariel::Order;

const NAME: &str = "synapse_0123456789abcdef0123456789abcdef";

fn search(conditions: Vec<Condition>) -> Search {
    Search {
        database: Database::Events,
        selection: vec![Selection {
            expression: Expression::Column("sourceip".to_owned()),
            alias: "ip".to_owned(),
        }],
        offense: Some(42),
        conditions,
        group_by: Vec::new(),
        order: None,
        start: 1_605_046_453_426,
        stop: 1_605_046_513_426,
        limit: 10,
    }
}

fn username(comparison: Comparison, text: &str) -> Search {
    search(vec![Condition {
        column: "username".to_owned(),
        comparison,
        value: Value::Text(text.to_owned()),
    }])
}

fn built(search: &Search, domains: &Domains) -> Result<String, Error> {
    plan("searches[0]", search, domains).map(|plan| plan.text(NAME))
}

#[test]
fn the_clauses_stand_in_the_order_the_console_reads_them() {
    let mut search = username(Comparison::Equal, "O'Reilly");
    search.selection = vec![
        Selection {
            expression: Expression::Column("destinationip".to_owned()),
            alias: "ip".to_owned(),
        },
        Selection {
            expression: Expression::Lookup((Lookup::RuleNames, "creEventList".to_owned())),
            alias: "rules".to_owned(),
        },
        Selection {
            expression: Expression::Aggregate((Aggregate::Sum, "eventcount".to_owned())),
            alias: "events".to_owned(),
        },
        Selection {
            expression: Expression::Count,
            alias: "n".to_owned(),
        },
    ];
    search.group_by = vec!["destinationip".to_owned()];
    search.order = Some(Order {
        alias: "events".to_owned(),
        descending: true,
    });
    let domains = Domains::Only {
        ids: [0, 7].into(),
        spanning: true,
    };
    let expected = "SELECT \"destinationip\" AS 'ip', RULENAME(\"creEventList\") AS 'rules', SUM(\"eventcount\") AS 'events', \
         COUNT(*) AS 'n' FROM events INTO synapse_0123456789abcdef0123456789abcdef WHERE INOFFENSE(42) AND \
         \"username\" = 'O''Reilly' AND (domainid = 0 OR domainid = 7) GROUP BY \"destinationip\" ORDER BY \"events\" DESC \
         LIMIT 10 START 1605046453426 STOP 1605046513426";
    assert_eq!(built(&search, &domains).unwrap(), expected);
}

#[test]
fn r5_the_window_is_epoch_milliseconds_and_never_a_local_time() {
    let text = built(&search(Vec::new()), &Domains::All).unwrap();
    assert!(
        text.ends_with("LIMIT 10 START 1605046453426 STOP 1605046513426"),
        "{text}"
    );
}

/// The texts a query holds between WHERE and its end; aliases stand before.
fn literals(text: &str, backslash: Backslash) -> Vec<String> {
    let tokens = tokens(text, backslash).unwrap_or_else(|| panic!("not a query under {backslash:?}: {text}"));
    let start = tokens
        .iter()
        .position(|token| *token == Token::Bare("WHERE".to_owned()))
        .unwrap();
    let is_text = |token: &Token| {
        if let Token::Text(text) = token {
            Some(text.clone())
        } else {
            None
        }
    };
    tokens[start..].iter().filter_map(is_text).collect()
}

/// Everything but the literal: equal for every value, or the value has become syntax.
fn skeleton(text: &str, backslash: Backslash) -> Vec<Token> {
    let blank = |token| {
        if matches!(token, Token::Text(_)) {
            Token::Text(String::new())
        } else {
            token
        }
    };
    tokens(text, backslash).unwrap().into_iter().map(blank).collect()
}

fn stays_one_literal(value: &str) {
    for backslash in [Backslash::Plain, Backslash::Escape] {
        let equal = built(&username(Comparison::Equal, value), &Domains::All).unwrap();
        let like = equal.contains("\"username\" LIKE");
        let harmless = if like { "\\" } else { "x" };
        let other = built(&username(Comparison::Equal, harmless), &Domains::All).unwrap();
        assert_eq!(skeleton(&equal, backslash), skeleton(&other, backslash), "{value:?}");
        if backslash == Backslash::Plain {
            let found = literals(&equal, backslash);
            let read = if like {
                matched(&found[0])
            } else {
                Some(found[0].clone())
            };
            assert_eq!((found.len(), read.as_deref()), (1, Some(value)), "{equal}");
        }
        let contains = built(&username(Comparison::Contains, value), &Domains::All).unwrap();
        let other = built(&username(Comparison::Contains, "x"), &Domains::All).unwrap();
        assert_eq!(skeleton(&contains, backslash), skeleton(&other, backslash), "{value:?}");
        let found = literals(&contains, backslash);
        assert_eq!(found.len(), 1);
        if backslash == Backslash::Plain {
            let inner = found[0]
                .strip_prefix('%')
                .and_then(|rest| rest.strip_suffix('%'))
                .unwrap();
            assert_eq!(matched(inner).as_deref(), Some(value), "{contains}");
        }
    }
}

/// Threat rows 26 and 63.
#[test]
fn no_payload_of_the_corpus_is_more_than_one_literal() {
    assert!(PAYLOADS.len() + CONTROLS.len() >= 50);
    PAYLOADS.iter().for_each(|payload| stays_one_literal(payload));
    for payload in CONTROLS {
        let refused = built(&username(Comparison::Equal, payload), &Domains::All);
        assert!(
            matches!(refused, Err(Error::Invalid(argument)) if argument.field == "searches[0].conditions[0].value")
        );
    }
}

#[test]
fn no_payload_passes_as_a_column_or_an_alias() {
    for payload in PAYLOADS.iter().chain(&CONTROLS) {
        let mut as_alias = search(Vec::new());
        as_alias.selection[0].alias = (*payload).to_owned();
        let plain = payload.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        assert_eq!(built(&as_alias, &Domains::All).is_ok(), plain, "{payload:?}");
        let mut as_column = search(Vec::new());
        as_column.selection[0].expression = Expression::Column((*payload).to_owned());
        if let Ok(text) = built(&as_column, &Domains::All) {
            let harmless = built(&search(Vec::new()), &Domains::All).unwrap();
            let names = |text: &str| tokens(text, Backslash::Escape).unwrap().len();
            assert_eq!(names(&text), names(&harmless), "{payload:?} is a name and nothing else");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_one_literal_or_refused(value in any::<String>()) {
        if value.chars().any(char::is_control) {
            prop_assert!(built(&username(Comparison::Equal, &value), &Domains::All).is_err());
        } else {
            stays_one_literal(&value);
        }
    }

    #[test]
    fn any_mixture_of_quotes_backslashes_and_wildcards_is_one_literal(value in r#"['"\\%_ a;-]{0,12}"#) {
        stays_one_literal(&value);
    }

    #[test]
    fn the_domain_scope_is_always_there(value in r"[a-z'\\]{0,8}", id in 0u64..1_000) {
        let domains = Domains::Only { ids: [id].into(), spanning: false };
        let text = built(&username(Comparison::Contains, &value), &domains).unwrap();
        let scope = format!(" AND (domainid = {id}) LIMIT ");
        prop_assert!(text.contains(&scope));
    }
}

#[test]
fn a_value_that_could_swallow_its_quote_is_compared_by_pattern_or_refused() {
    let equal = built(&username(Comparison::Equal, "C:\\"), &Domains::All).unwrap();
    assert!(equal.contains(r#""username" LIKE 'C:\\' LIMIT"#), "{equal}");
    let unequal = built(&username(Comparison::NotEqual, "100%\\'"), &Domains::All).unwrap();
    assert!(
        unequal.contains(r#""username" NOT LIKE '100\%\\''' LIMIT"#),
        "{unequal}"
    );
    assert!(matches!(
        built(&username(Comparison::Less, "C:\\"), &Domains::All),
        Err(Error::Invalid(_))
    ));
    let inside = built(&username(Comparison::Equal, "ACME\\smith"), &Domains::All).unwrap();
    assert!(inside.contains(r#""username" = 'ACME\smith' LIMIT"#), "{inside}");
}

#[test]
fn every_limit_of_a_search_names_its_field() {
    let refused = |change: &dyn Fn(&mut Search)| {
        let mut search = search(Vec::new());
        change(&mut search);
        match built(&search, &Domains::All) {
            Err(Error::Invalid(argument)) => argument.field,
            other => panic!("{other:?}"),
        }
    };
    let selection = |count: usize| {
        let one = |n| Selection {
            expression: Expression::Count,
            alias: format!("a{n}"),
        };
        (0..count).map(one).collect::<Vec<_>>()
    };
    assert_eq!(refused(&|s| s.selection.clear()), "searches[0].selection");
    assert_eq!(refused(&|s| s.selection = selection(41)), "searches[0].selection");
    assert_eq!(
        refused(&|s| s.selection.push(s.selection[0].clone())),
        "searches[0].selection[1].alias"
    );
    assert_eq!(refused(&|s| s.limit = 0), "searches[0].limit");
    assert_eq!(refused(&|s| s.limit = 10_001), "searches[0].limit");
    assert_eq!(refused(&|s| s.stop = s.start - 1), "searches[0].stop");
    assert_eq!(refused(&|s| s.stop = u64::MAX), "searches[0].stop");
    assert_eq!(
        refused(&|s| s.group_by = vec!["a".to_owned(); 11]),
        "searches[0].group-by"
    );
    assert_eq!(
        refused(&|s| s.group_by = vec!["a\"".to_owned()]),
        "searches[0].group-by[0]"
    );
    assert_eq!(
        refused(&|s| s.order = Some(Order {
            alias: "no".to_owned(),
            descending: false
        })),
        "searches[0].order.alias"
    );
    let number = Condition {
        column: "qid".to_owned(),
        comparison: Comparison::Contains,
        value: Value::Integer(1),
    };
    assert_eq!(
        refused(&|s| s.conditions = vec![number.clone()]),
        "searches[0].conditions[0].value"
    );
    let text = Condition {
        value: Value::Text("'".repeat(2_000)),
        ..number
    };
    assert_eq!(refused(&|s| s.conditions = vec![text.clone(); 20]), "searches[0]");
    assert_eq!(
        refused(&|s| s.conditions = vec![text.clone(); 21]),
        "searches[0].conditions"
    );
}

#[test]
fn an_offense_id_beyond_the_consoles_range_is_no_offense() {
    let mut search = search(Vec::new());
    search.offense = Some(u64::MAX);
    assert_eq!(built(&search, &Domains::All), Err(Error::NotFound));
}
