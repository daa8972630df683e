//! What do the tests start from?

use qradar2alert::answer::Answer;
use qradar2alert::input::Input;
use qradar2alert::run::{Started, qradar2alert};
use serde_json::json;
use synapse_guest::error::WorkflowError;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{
    Address, Aggregate, Cell, Expression, LogSource, Offense, OffenseType, Rule, Search, SearchResult,
};
use synapse_guest::thehive::NewAlert;
pub use synapse_offenses_testing::{MINUTE, NOW};

/// An offense that was updated five minutes before the run, with what there is to be said of it.
pub fn offense(id: u64) -> Offense {
    Offense {
        description: Some("Excessive Firewall Denies Between Hosts\n".into()),
        categories: vec!["Access Denied".into()],
        rule_ids: vec![100_033],
        log_sources: vec![LogSource {
            id: 63,
            name: "fw-1".into(),
            type_name: "Firewall".into(),
        }],
        link: format!("https://console.example/console/do/sem/offensesummary?summaryId={id}"),
        ..synapse_offenses_testing::offense(id)
    }
}

pub fn address(id: u64, ip: &str) -> Address {
    Address {
        id,
        ip: ip.into(),
        network: Some("Net-1".into()),
    }
}

pub fn offense_type(id: u64, name: &str, property_name: &str) -> OffenseType {
    OffenseType {
        id,
        name: name.into(),
        property_name: property_name.into(),
        custom: id > 1_000,
    }
}

pub fn rule(id: u64, name: &str) -> Rule {
    Rule {
        id,
        name: name.into(),
        type_: "EVENT".into(),
        enabled: true,
        origin: "USER".into(),
    }
}

/// A host with both bindings, the common offense types and one rule.
pub fn host() -> Fake {
    synapse_offenses_testing::host()
        .with_offense_types(vec![
            offense_type(0, "Source IP", "sourceIP"),
            offense_type(3, "Username", "userName"),
        ])
        .with_rules(vec![rule(100_033, "Excessive Firewall Denies")])
}

/// The last hour.
pub fn import(host: &Fake) -> Answer {
    try_import(host).unwrap()
}

pub fn try_import(host: &Fake) -> Result<Answer, WorkflowError> {
    qradar2alert(host, Input::Minutes(60), Started::ByCaller)
}

pub fn import_offense(host: &Fake, id: u64) -> Answer {
    qradar2alert(host, Input::Offense(id), Started::ByCaller).unwrap()
}

/// The one alert that was created.
pub fn only_alert(host: &Fake) -> NewAlert {
    let mut created = host.created_alerts();
    assert_eq!(
        created.len(),
        1,
        "created: {:?}",
        created.iter().map(|alert| &alert.title).collect::<Vec<_>>()
    );
    created.remove(0)
}

/// Imports this offense alone with this configuration.
pub fn alert_of(host: Fake, offense: Offense, config: serde_json::Value) -> NewAlert {
    let host = host.with_offenses([offense]).with_config(config);
    let answer = import(&host);
    assert!(answer.success, "{answer:?}");
    only_alert(&host)
}

pub fn alert(host: Fake, offense: Offense) -> NewAlert {
    alert_of(host, offense, json!({}))
}

pub fn skipped(answer: &Answer) -> Vec<(u64, &str)> {
    answer
        .skipped
        .iter()
        .map(|item| (item.qradar_offense_id, item.reason.as_str()))
        .collect()
}

/// Is it the search for remote destinations?
pub fn asks_for_destinations(search: &Search) -> bool {
    search.selection.iter().any(|selection| {
        matches!(
            selection.expression,
            Expression::Aggregate((Aggregate::Sum, _)) | Expression::Count
        )
    })
}

pub fn rows(rows: Vec<Vec<Cell>>) -> Result<SearchResult, synapse_guest::error::Error> {
    Ok(SearchResult { rows, truncated: false })
}

pub fn destination(ip: &str, events: f64) -> Vec<Cell> {
    vec![Cell::Text(ip.into()), Cell::Number(events)]
}

/// An event of the sample.
pub fn event(name: &str, user: &str, payload: Option<&str>) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Integer((NOW - 6 * MINUTE) as i64),
        Cell::Integer(3),
        Cell::Text(name.into()),
        Cell::Text("fw-1".into()),
        Cell::Text("198.51.100.7".into()),
        Cell::Text("10.0.0.5".into()),
        Cell::Text(user.into()),
    ];
    cells.extend(payload.map(|text| Cell::Text(text.into())));
    cells
}
