//! Are machines, log sources, rules, saved searches and the console itself read as they are? (contract 3.3 to 3.6)

use crate::gate::observed::CarryOutRead as _;
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;

use super::super::calls::{
    About, CurrentService, FindAssets, GetLogSource, ListLogSources, ListRules, LogSourceTypes, RuleContributions,
    RunSaved, SavedSearches,
};
use super::super::permission::DOMAIN;
use super::console::{
    START, asked, client, client_with, console, effects, events, fault, last_asked, offenses, options,
};
use super::effects::scope;
use crate::bindings::synapse::qradar::ariel::Cell;
use crate::bindings::synapse::qradar::assets::AssetFilter;
use crate::bindings::synapse::qradar::log_sources::SourceFilter;
use crate::bindings::synapse::qradar::rules::{RuleFilter, RuleType};
use crate::bindings::synapse::workflow::types::Error;

const ANY: AssetFilter = AssetFilter {
    ids: None,
    ip: None,
    hostname: None,
    domain: None,
};
const ANY_SOURCE: SourceFilter = SourceFilter {
    ids: None,
    type_id: None,
    enabled: None,
    name_contains: None,
};

fn assets(count: u64) -> Value {
    let one = |id: u64| {
        json!({
            "id": id, "domain_id": id % 2, "hostnames": [{"name": format!("HOST-{id:04}"), "id": id}], "vulnerability_count": 2,
            "risk_score_sum": 1.5, "interfaces": [{"mac_address": "Unknown NIC", "ip_addresses": [{"value": format!("10.0.0.{id}")}]}],
            "users": [{"username": "alice"}], "properties": [{"type_id": 1002, "name": "Unified Name", "value": "x"}],
        })
    };
    json!({"assets": (1..=count).map(one).collect::<Vec<_>>()})
}

async fn found(filter: AssetFilter, scopes: &Scopes, state: Value) -> Vec<u64> {
    let console = console(state).await;
    let client = client(&console);
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let call = FindAssets {
            filter: filter.clone(),
            cursor,
        };
        let page = call.carry_out(&client, scopes).await.unwrap();
        ids.extend(page.assets.iter().map(|asset| asset.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn machines_are_found_by_address_name_id_and_domain() {
    let ip = AssetFilter {
        ip: Some("10.0.0.7".to_owned()),
        ..ANY
    };
    assert_eq!(found(ip, &Scopes::new(), assets(9)).await, [7]);
    let hostname = AssetFilter {
        hostname: Some("HOST-0003".to_owned()),
        ..ANY
    };
    assert_eq!(found(hostname, &Scopes::new(), assets(9)).await, [3]);
    let ids = AssetFilter {
        ids: Some(vec![2, 99, 4]),
        ..ANY
    };
    assert_eq!(found(ids, &Scopes::new(), assets(9)).await, [2, 4]);
    let domain = AssetFilter { domain: Some(1), ..ANY };
    assert_eq!(found(domain.clone(), &Scopes::new(), assets(4)).await, [1, 3]);
    assert!(found(domain, &scope(DOMAIN, &["0"]), assets(4)).await.is_empty());
    assert_eq!(found(ANY, &scope(DOMAIN, &["0"]), assets(4)).await, [2, 4]);
}

#[tokio::test]
async fn d39_machines_are_paged_without_losing_one_and_a_text_stays_a_text() {
    assert_eq!(
        found(ANY, &Scopes::new(), assets(201)).await,
        (1..=201).collect::<Vec<_>>()
    );
    let odd = AssetFilter {
        hostname: Some("x\" OR id > 0 OR name = \"\\".to_owned()),
        ..ANY
    };
    assert!(found(odd, &Scopes::new(), assets(3)).await.is_empty());
    let no_address = FindAssets {
        filter: AssetFilter {
            ip: Some("10.0.0.1' OR".to_owned()),
            ..ANY
        },
        cursor: None,
    };
    let console = console(assets(1)).await;
    assert!(matches!(
        no_address.carry_out(&client(&console), &Scopes::new()).await,
        Err(Error::Invalid(_))
    ));
}

fn sources() -> Value {
    let one = |id: u64, name: &str, enabled: bool| {
        json!({
            "id": id, "name": name, "enabled": enabled, "type_id": 10 + id, "credibility": 5,
            "protocol_parameters": [{"name": "password", "id": 1, "value": "canary"}, {"name": "identifier", "id": 0, "value": "192.0.2.7"}],
            "status": {"status": "ERROR", "last_updated": 0, "messages": []}, "last_event_time": 1_613_549_676_451u64,
        })
    };
    json!({
        "log_sources": [one(1, "Firewall 100%", true), one(2, "Proxy", false), one(3, "Firewall 2", true)],
        "log_source_types": [{"id": 11, "name": "Checkpoint", "custom": false}],
    })
}

#[tokio::test]
async fn log_sources_are_found_and_tell_no_secret() {
    let console = console(sources()).await;
    let client = client(&console);
    let list = async |filter| {
        let page = ListLogSources { filter, cursor: None }
            .carry_out(&client, &Scopes::new())
            .await
            .unwrap();
        page.sources.iter().map(|source| source.id).collect::<Vec<_>>()
    };
    assert_eq!(list(ANY_SOURCE).await, [1, 2, 3]);
    let enabled = SourceFilter {
        enabled: Some(true),
        ..ANY_SOURCE
    };
    assert_eq!(list(enabled).await, [1, 3]);
    let named = SourceFilter {
        name_contains: Some("wall 100%".to_owned()),
        ..ANY_SOURCE
    };
    assert_eq!(list(named).await, [1]);
    let source = GetLogSource { id: 1 }.carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(
        (source.identifier.as_deref(), source.status.as_deref()),
        (Some("192.0.2.7"), Some("ERROR"))
    );
    assert!(!format!("{source:?}").contains("canary"));
    assert_eq!(
        GetLogSource { id: 9 }.carry_out(&client, &Scopes::new()).await,
        Err(Error::NotFound)
    );
    let types = LogSourceTypes {}.carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!((types[0].id, types[0].name.as_str()), (11, "Checkpoint"));
}

#[tokio::test]
async fn what_cannot_be_kept_to_a_domain_is_denied_to_a_grant_that_names_domains() {
    let console = console(sources()).await;
    let client = client(&console);
    let narrow = scope(DOMAIN, &["0"]);
    let list = ListLogSources {
        filter: ANY_SOURCE,
        cursor: None,
    };
    let run = RunSaved {
        id: 1,
        max_window_ms: 1,
        limit: 1,
    };
    assert!(matches!(list.carry_out(&client, &narrow).await, Err(Error::Denied(_))));
    assert!(matches!(
        GetLogSource { id: 1 }.carry_out(&client, &narrow).await,
        Err(Error::Denied(_))
    ));
    assert!(matches!(
        LogSourceTypes {}.carry_out(&client, &narrow).await,
        Err(Error::Denied(_))
    ));
    assert!(matches!(
        SavedSearches {}.carry_out(&client, &narrow).await,
        Err(Error::Denied(_))
    ));
    assert!(matches!(run.carry_out(&client, &narrow).await, Err(Error::Denied(_))));
    assert_eq!(console.control.requests(0).len(), 0);
}

#[tokio::test]
async fn rules_are_listed_by_what_they_look_at_and_their_part_in_an_offense_is_told() {
    let rule = |id: u64, kind: &str, enabled: bool| json!({"id": id, "name": format!("Rule {id}"), "type": kind, "enabled": enabled, "origin": "USER"});
    let state = json!({
        "offenses": offenses([7]),
        "rules": [rule(1, "EVENT", true), rule(2, "FLOW", true), rule(3, "EVENT", false)],
        "rule_contributions": [
            {"id": 1, "rule_id": 1, "rule_name": "Rule 1", "offense_id": 7, "event_count": 12, "first_event": 5, "last_event": 0},
            {"id": 2, "rule_id": 2, "rule_name": "Rule 2", "offense_id": 8, "event_count": 1},
        ],
    });
    let console = console(state).await;
    let client = client(&console);
    let list = async |enabled, type_, part: Option<&str>| {
        let filter = RuleFilter {
            enabled,
            type_,
            name_contains: part.map(ToOwned::to_owned),
        };
        let rules = ListRules { filter }.carry_out(&client, &Scopes::new()).await.unwrap();
        rules.iter().map(|rule| rule.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None, None).await, [1, 2, 3]);
    assert_eq!(list(Some(true), Some(RuleType::Event), None).await, [1]);
    assert_eq!(list(None, None, Some("rule 2")).await, [2]);
    let parts = RuleContributions { offense: 7 }
        .carry_out(&client, &Scopes::new())
        .await
        .unwrap();
    assert_eq!((parts.len(), parts[0].rule_id, parts[0].event_count), (1, 1, 12));
    assert_eq!((parts[0].first_event, parts[0].last_event), (Some(5), None));
    let foreign = RuleContributions { offense: 7 }
        .carry_out(&client, &scope(DOMAIN, &["3"]))
        .await;
    assert_eq!(foreign, Err(Error::NotFound));
}

fn saved(aql: &str) -> Value {
    json!({
        "offenses": offenses([42]), "events": events(9),
        "saved_searches": [{"id": 5, "name": "Logins", "database": "EVENTS", "aql": aql, "owner": "alice", "is_shared": true}],
    })
}

fn run_saved(max_window_ms: u64) -> RunSaved {
    RunSaved {
        id: 5,
        max_window_ms,
        limit: 4,
    }
}

#[tokio::test]
async fn a_saved_search_runs_with_its_columns_and_its_result_is_left_to_others() {
    let aql = format!(
        "SELECT username AS 'user', sourceip FROM events START {START} STOP {}",
        START + 60_000
    );
    let console = console(saved(&aql)).await;
    let client = client(&console);
    let listed = SavedSearches {}.carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(
        (listed[0].id, listed[0].aql.as_deref(), listed[0].shared),
        (5, Some(aql.as_str()), true)
    );
    let result = run_saved(60_000).carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(result.columns, ["user", "sourceip"]);
    assert_eq!((result.rows.len(), result.truncated), (4, true));
    assert_eq!(result.rows[0][0], Cell::Text("O'Reilly".to_owned()));
    assert!(effects(&console, "DELETE").is_empty());
    // A lost answer to its creation: the console hands out the same search.
    fault(
        &console,
        json!({"method": "POST", "path": "/ariel/searches"}),
        json!({"drop_response": true}),
        1,
    );
    run_saved(60_000).carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(effects(&console, "POST").len(), 1);
}

#[tokio::test]
async fn a_saved_search_with_a_window_that_is_too_long_or_unknown_does_not_run() {
    for aql in ["SELECT sourceip FROM events LAST 7 DAYS", "SELECT sourceip FROM events"] {
        let console = console(saved(aql)).await;
        let refused = run_saved(3_600_000).carry_out(&client(&console), &Scopes::new()).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(why)) if why.field == "id"),
            "{refused:?}"
        );
        assert_eq!(asked(&console, "POST", "/ariel/searches"), 0);
    }
    let console = console(saved("SELECT sourceip FROM events LAST 1 DAYS")).await;
    let unknown = RunSaved { id: 6, ..run_saved(1) };
    assert_eq!(
        unknown.carry_out(&client(&console), &Scopes::new()).await,
        Err(Error::NotFound)
    );
}

#[tokio::test]
async fn the_console_tells_its_release_and_who_we_are() {
    let state = json!({"tokens": [{"token": "sim-token", "label": "synapse", "domain_ids": [3, 4], "expiry": 4_000_000_000_000u64}]});
    let console = console(state).await;
    let client = client(&console);
    let release = About {}.carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(
        (release.external_version.as_str(), release.api_version.as_str()),
        ("7.5.0", "26.0")
    );
    assert!(
        release
            .api_versions
            .iter()
            .any(|version| version.version == "3.0" && version.removed)
    );
    let service = CurrentService {}.carry_out(&client, &Scopes::new()).await.unwrap();
    assert_eq!(
        (service.label.as_str(), service.domain_ids),
        ("synapse", Some(vec![3, 4]))
    );
    assert_eq!(service.expires_at, Some(4_000_000_000_000));
    let old = super::console::console(json!({"console": {"version": "15.0"}})).await;
    let refused = CurrentService {}
        .carry_out(&client_with(&old, "sim-token", options()), &Scopes::new())
        .await;
    assert!(matches!(refused, Err(Error::Unsupported(_))));
}

#[tokio::test]
async fn a_pollers_filter_finds_what_was_closed_since() {
    use super::super::calls::ListOffenses;
    let mut rows = offenses([1, 2, 3, 4]);
    for (row, persisted) in rows.iter_mut().zip([1_000u64, 5_000, 9_000, 9_000]) {
        row["last_persisted_time"] = json!(persisted);
    }
    rows[1]["status"] = json!("CLOSED");
    rows[1]["close_time"] = json!(4_000);
    rows[2]["assigned_to"] = json!("o\"hara\\");
    rows[3]["offense_type"] = json!(0);
    let console = console(json!({"offenses": rows})).await;
    let client = client(&console);
    let list = async |change: fn(&mut crate::bindings::synapse::qradar::offenses::OffenseFilter)| {
        let mut filter = super::console::ANY;
        change(&mut filter);
        let page = ListOffenses { filter, cursor: None }
            .carry_out(&client, &Scopes::new())
            .await
            .unwrap();
        page.offenses.iter().map(|offense| offense.id).collect::<Vec<_>>()
    };
    assert_eq!(list(|filter| filter.persisted_from = Some(5_000)).await, [2, 3, 4]);
    assert_eq!(
        list(|filter| (filter.persisted_from, filter.persisted_to) = (Some(1_000), Some(5_000))).await,
        [1, 2]
    );
    assert_eq!(list(|filter| filter.closed_from = Some(4_000)).await, [2]);
    assert_eq!(
        list(|filter| filter.assigned_to = Some("o\"hara\\".to_owned())).await,
        [3]
    );
    assert_eq!(list(|filter| filter.offense_type = Some(0)).await, [4]);
    assert_eq!(list(|filter| filter.after_id = Some(2)).await, [3, 4]);
    assert_eq!(list(|filter| filter.domain = Some(9)).await, Vec::<u64>::new());
    assert!(last_asked(&console, "/siem/offenses").contains("domain_id"));
}
