//! Does a grant that names domains see nothing of the others?

use crate::gate::observed::CarryOutRead as _;
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;

use super::super::calls::{GetOffense, ListDomains, ListOffenses, LocalDestinationAddresses, Run, SourceAddresses};
use super::super::client::{Client, Options};
use super::super::permission::DOMAIN;
use super::console::{
    ANY, START, asked, client, client_with, console, events, fault, first_column, offenses, options, search,
};
use crate::bindings::synapse::workflow::types::Error;

fn scope(domains: &[&str]) -> Scopes {
    [(
        DOMAIN.to_owned(),
        domains.iter().map(|domain| (*domain).to_owned()).collect(),
    )]
    .into()
}

/// Offenses 1 to 4: of domain 1, of domain 2, of several, of domain 1.
fn state() -> Value {
    let mut rows = offenses(1..=4);
    for (row, domain) in rows.iter_mut().zip([json!(1), json!(2), Value::Null, json!(1)]) {
        row["domain_id"] = domain;
    }
    let address = |id: u64| json!({"id": id, "source_ip": format!("10.0.0.{id}"), "local_destination_ip": format!("10.1.0.{id}"), "domain_id": id});
    let domain = |id: u64| json!({"id": id, "name": format!("domain {id}"), "deleted": false});
    json!({
        "offenses": rows,
        "source_addresses": [address(1), address(2)],
        "local_destination_addresses": [address(1), address(2)],
        "domains": [domain(0), domain(1), domain(2)],
        "events": events(9),
    })
}

async fn listed(client: &Client, scopes: &Scopes) -> Vec<u64> {
    let call = ListOffenses {
        filter: ANY,
        cursor: None,
    };
    call.carry_out(client, scopes)
        .await
        .unwrap()
        .offenses
        .into_iter()
        .map(|offense| offense.id)
        .collect()
}

#[tokio::test]
async fn a_list_shows_the_granted_domains_and_nothing_that_spans_several() {
    let mut state = state();
    state["offenses"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(|row| row["magnitude"] = json!(9));
    let console = console(state).await;
    let client = client(&console);
    assert_eq!(listed(&client, &Scopes::new()).await, [1, 2, 3, 4]);
    assert_eq!(listed(&client, &scope(&["1"])).await, [1, 4]);
    assert_eq!(listed(&client, &scope(&["1", "2"])).await, [1, 2, 4]);
    assert!(listed(&client, &scope(&["9"])).await.is_empty());
    let with_spanning = client_with(
        &console,
        "sim-token",
        Options {
            include_multi_domain: true,
            ..options()
        },
    );
    assert_eq!(listed(&with_spanning, &scope(&["1"])).await, [1, 3, 4]);
}

/// Threat row 65: the filter is not trusted.
#[tokio::test]
async fn an_offense_of_another_domain_that_the_console_lets_through_is_not_shown() {
    let state = state();
    let console = console(state.clone()).await;
    fault(
        &console,
        json!({"path": "/siem/offenses"}),
        json!({"body": state["offenses"]}),
        1,
    );
    assert_eq!(listed(&client(&console), &scope(&["2"])).await, [2]);
}

#[tokio::test]
async fn an_offense_of_another_domain_is_not_found() {
    let console = console(state()).await;
    let client = client(&console);
    let scopes = scope(&["1"]);
    assert!(GetOffense { id: 1 }.carry_out(&client, &scopes).await.is_ok());
    for id in [2, 3, 99] {
        assert_eq!(
            GetOffense { id }.carry_out(&client, &scopes).await,
            Err(Error::NotFound),
            "{id}"
        );
    }
}

#[tokio::test]
async fn addresses_domains_and_events_are_narrowed_as_well() {
    let console = console(state()).await;
    let client = client(&console);
    let scopes = scope(&["1"]);
    let ips = |found: Vec<crate::bindings::synapse::qradar::offenses::Address>| {
        found.into_iter().map(|address| address.ip).collect::<Vec<_>>()
    };
    assert_eq!(
        ips(SourceAddresses { ids: vec![1, 2] }
            .carry_out(&client, &scopes)
            .await
            .unwrap()),
        ["10.0.0.1"]
    );
    assert_eq!(
        ips(LocalDestinationAddresses { ids: vec![1, 2] }
            .carry_out(&client, &scopes)
            .await
            .unwrap()),
        ["10.1.0.1"]
    );
    let domains = ListDomains {}.carry_out(&client, &scopes).await.unwrap();
    assert_eq!(
        domains.iter().map(|domain| domain.name.as_str()).collect::<Vec<_>>(),
        ["domain 1"]
    );
    let mut wanted = search(100, Vec::new());
    wanted.offense = None;
    let answers = Run { searches: vec![wanted] }
        .carry_out(&client, &scopes)
        .await
        .unwrap();
    let start = i64::try_from(START).unwrap();
    assert_eq!(
        first_column(&answers[0].as_ref().unwrap().rows),
        [start + 1, start + 4, start + 7]
    );
}

#[tokio::test]
async fn a_scope_without_a_readable_domain_denies_before_anything_is_asked() {
    let console = console(state()).await;
    let client = client(&console);
    for scopes in [scope(&[]), scope(&["acme"])] {
        let denied = ListOffenses {
            filter: ANY,
            cursor: None,
        }
        .carry_out(&client, &scopes)
        .await;
        assert!(matches!(denied, Err(Error::Denied(_))));
        assert!(matches!(
            Run { searches: vec![] }.carry_out(&client, &scopes).await,
            Err(Error::Denied(_))
        ));
    }
    assert_eq!(asked(&console, "GET", "/"), 0);
}
