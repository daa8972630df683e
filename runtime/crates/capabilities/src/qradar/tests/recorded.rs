//! Are recorded answers of real consoles read as people would read them? (tests/simulators/fixtures/ORIGIN.md)

use serde_json::Value;

use super::super::permission::Domains;
use super::console::{ANY, client, console};
use crate::bindings::synapse::qradar::ariel::{Aggregate, Cell, Database, Expression, Search, Selection};
use crate::bindings::synapse::qradar::offenses::Status;

fn recorded() -> Value {
    serde_json::from_str(include_str!(
        "../../../../../../tests/simulators/fixtures/qradar-recorded.json"
    ))
    .unwrap()
}

#[tokio::test]
async fn recorded_offenses_addresses_and_rules_fit_together() {
    let console = console(recorded()).await;
    let client = client(&console);
    let page = client.offenses(&ANY, None, &Domains::All).await.unwrap();
    let ids: Vec<u64> = page.offenses.iter().map(|offense| offense.id).collect();
    assert_eq!(ids, [15, 16, 450]);
    let offense = &page.offenses[0];
    assert_eq!(
        (offense.status, offense.event_count, offense.offense_type),
        (Status::Open, 15, 3)
    );
    assert_eq!(
        (offense.domain_id, offense.rule_ids.as_slice()),
        (Some(0), [100_056].as_slice())
    );
    assert!(offense.last_persisted_time >= Some(offense.last_updated_time));
    let sources = client
        .source_addresses(&offense.source_address_ids, &Domains::All)
        .await
        .unwrap();
    assert_eq!(sources.iter().map(|address| address.id).collect::<Vec<_>>(), [1, 2]);
    let rules = client.rules(&offense.rule_ids).await.unwrap();
    assert_eq!(rules[0].name, "Multiple Login Failures for the Same User");
}

#[tokio::test]
async fn the_events_of_a_recorded_offense_add_up_to_its_event_count() {
    let console = console(recorded()).await;
    let client = client(&console);
    for id in [15, 450] {
        let offense = client.offense(id, &Domains::All).await.unwrap();
        let search = Search {
            database: Database::Events,
            selection: vec![Selection {
                expression: Expression::Aggregate((Aggregate::Sum, "eventcount".to_owned())),
                alias: "events".to_owned(),
            }],
            offense: Some(id),
            conditions: Vec::new(),
            group_by: Vec::new(),
            order: None,
            // Edge events get lost otherwise (contract 4).
            start: offense.start_time - 60_000,
            stop: offense.last_updated_time + 60_000,
            limit: 10,
        };
        let rows = client
            .run_searches(&[search], &Domains::All)
            .await
            .remove(0)
            .unwrap()
            .rows;
        let Cell::Number(sum) = rows[0][0] else {
            panic!("{rows:?}")
        };
        assert_eq!(sum as u64, offense.event_count, "offense {id}");
    }
}
