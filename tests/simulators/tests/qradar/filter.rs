//! Which offenses does a `filter` select? (grammar and NULL semantics of contract 2.2)

use serde_json::json;

use super::support::{Sim, offense};

fn sim() -> Sim {
    Sim::new(json!({ "offenses": [
        offense(1, json!({"status": "OPEN", "magnitude": 1, "assigned_to": null, "domain_id": 0})),
        offense(2, json!({"status": "HIDDEN", "magnitude": 5, "assigned_to": "admin", "domain_id": 7,
            "offense_source": "198.51.100.1", "categories": ["Host Port Scan", "say \"hi\""]})),
        offense(3, json!({"status": "CLOSED", "magnitude": 9, "assigned_to": "Ana_lyst", "domain_id": null,
            "offense_source": "grün%", "source_address_ids": [10], "rules": [{"id": 5, "type": "ADE_RULE"}],
            "inactive": true})),
    ] }))
}

#[tokio::test]
async fn the_filter_grammar_selects_what_it_says() {
    let sim = sim();
    let table: &[(&str, &[i64])] = &[
        ("id=1", &[1]),
        ("id = 2", &[2]),
        ("id = \"2\"", &[2]),
        ("id != 2", &[1, 3]),
        ("id <> 2", &[1, 3]),
        ("id ^= 2", &[1, 3]),
        ("id < 2", &[1]),
        ("id <= 2", &[1, 2]),
        ("id > 2", &[3]),
        ("id >= 2", &[2, 3]),
        ("id > 1 and id < 3", &[2]),
        ("id > 3 and id < 1", &[]),
        ("id >= 2 and id <= 2", &[2]),
        ("id > 1.5", &[2, 3]),
        ("id = +2", &[2]),
        ("id = 2e0", &[2]),
        ("id > -1", &[1, 2, 3]),
        ("id in (3, 1,99)", &[1, 3]),
        ("id IN (1)", &[1]),
        ("id not in (1,2)", &[3]),
        ("not id in (1,2)", &[3]),
        ("id between 2 and 3", &[2, 3]),
        ("id not between 2 and 3", &[1]),
        ("status=OPEN", &[1]),
        ("status = 'CLOSED'", &[3]),
        ("status != CLOSED", &[1, 2]),
        ("status in (OPEN, \"HIDDEN\")", &[1, 2]),
        ("inactive = true", &[3]),
        ("inactive=FALSE", &[1, 2]),
        ("offense_source = \"198.51.100.1\"", &[2]),
        ("offense_source = '198.51.100.1'", &[2]),
        ("offense_source like \"198.%\"", &[2]),
        ("offense_source like 'gr_n\\%'", &[3]),
        ("offense_source like 'gr'", &[]),
        ("assigned_to like 'ana%'", &[]),
        ("assigned_to ilike 'ANA\\_l%'", &[3]),
        ("assigned_to not like 'adm%'", &[1, 3]),
        ("source_address_ids contains 10", &[3]),
        ("source_address_ids contains (. < 3)", &[1, 2]),
        ("source_address_ids contains . > 5", &[3]),
        ("categories contains \"Host Port Scan\"", &[2]),
        ("categories contains 'say \\\"hi\\\"'", &[2]),
        ("categories contains (. ilike '%login%')", &[1, 3]),
        ("rules contains (id = 100056)", &[1, 2]),
        ("rules contains id = 5", &[3]),
        ("rules contains (id = 5 and type = ADE_RULE)", &[3]),
        ("rules contains (id = 5 and type = CRE_RULE)", &[]),
        ("log_sources contains name = \"cre\"", &[1, 2, 3]),
        ("id = 1 or id = 2 and status = CLOSED", &[1]),
        ("(id = 1 or id = 2) and status = HIDDEN", &[2]),
        ("NOT (status = OPEN OR status = HIDDEN)", &[3]),
        ("not not id = 1", &[1]),
        ("magnitude >= 5 and (domain_id = 7 or domain_id is null)", &[2, 3]),
        ("", &[1, 2, 3]),
    ];
    for (filter, expected) in table {
        let answer = sim
            .query("/api/siem/offenses", &[("filter", filter), ("sort", "+id")])
            .await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        assert_eq!(answer.ids(), *expected, "{filter}");
    }
}

#[tokio::test]
async fn a_null_field_fails_positive_operators_and_passes_negated_ones() {
    let sim = sim();
    let table: &[(&str, &[i64])] = &[
        ("domain_id = 7", &[2]),
        ("domain_id >= 0", &[1, 2]),
        ("domain_id < 100", &[1, 2]),
        ("domain_id in (0, 7)", &[1, 2]),
        ("domain_id between 0 and 9", &[1, 2]),
        ("domain_id != 7", &[1, 3]),
        ("domain_id <> 0", &[2, 3]),
        ("domain_id ^= 0", &[2, 3]),
        ("domain_id not in (0)", &[2, 3]),
        ("domain_id not between 0 and 5", &[2, 3]),
        ("domain_id is null", &[3]),
        ("domain_id is not null", &[1, 2]),
        ("assigned_to = 'admin'", &[2]),
        ("assigned_to != 'admin'", &[1, 3]),
        ("close_time is null", &[1, 2, 3]),
    ];
    for (filter, expected) in table {
        let answer = sim
            .query("/api/siem/offenses", &[("filter", filter), ("sort", "+id")])
            .await;
        assert_eq!(answer.ids(), *expected, "{filter}");
    }
}

#[tokio::test]
async fn bad_filters_are_422_1010_with_the_recorded_texts() {
    let sim = sim();
    let syntax = [
        "id",
        "id =",
        "= 1",
        "id = 1 and",
        "(id = 1",
        "id = 1)",
        "id in ()",
        "id in 1",
        "offense_source = 198.51.100.1",
        "offense_source = a-b",
        "offense_source = \"open",
        "id == 1",
        "id is 1",
        "assigned_to like admin",
        "id between 1",
        "id = 1; id = 2",
        "source_address_ids contains",
    ];
    for filter in syntax {
        let answer = sim.query("/api/siem/offenses", &[("filter", filter)]).await;
        assert_eq!(answer.refusal(), (422, 1010), "{filter}: {}", answer.text);
        assert!(
            answer.json["message"]
                .as_str()
                .unwrap()
                .ends_with("Error Parsing filter"),
            "{filter}"
        );
    }
    let refused = [
        "nonsense = 1",
        "description = \"x\"",
        "source_network = \"other\"",
        "status > OPEN",
        "status like 'O%'",
        "status = FOO",
        "id = abc",
        "id like '1%'",
        "inactive = maybe",
        "source_address_ids = 10",
        "rules contains 5",
        "rules contains (nope = 5)",
        "id contains 5",
    ];
    for filter in refused {
        let answer = sim.query("/api/siem/offenses", &[("filter", filter)]).await;
        assert_eq!(answer.refusal(), (422, 1010), "{filter}: {}", answer.text);
        assert_eq!(answer.json["message"], "The filter parameter is not valid.", "{filter}");
    }
}

#[tokio::test]
async fn hostile_nesting_is_refused_instead_of_exhausting_the_stack() {
    let sim = sim();
    for filter in [
        "(".repeat(3000),
        "not ".repeat(1500),
        "rules contains ".repeat(300),
        "a(".repeat(3000),
    ] {
        let answer = sim.query("/api/siem/offenses", &[("filter", &filter)]).await;
        assert!(matches!(answer.status, 414 | 422), "{}", answer.status);
    }
}

#[tokio::test]
async fn raw_signs_and_trailing_slashes_are_tolerated() {
    let sim = sim();
    assert_eq!(
        sim.get("/api/siem/offenses/?filter=status=OPEN&unknown=1").await.ids(),
        [1]
    );
    assert_eq!(sim.get("/api/siem/offense_closing_reasons/").await.ids(), [1, 2, 3]);
}
