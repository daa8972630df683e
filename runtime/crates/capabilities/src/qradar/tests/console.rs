//! What do the tests share: a simulated console, a client of it, and what they ask of both.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use synapse_domain::secret::Secret;
use synapse_sim::start::{Simulator, qradar};

use super::super::client::{Client, Options};
use crate::bindings::synapse::qradar::ariel::{Cell, Condition, Database, Expression, Order, Search, Selection};
use crate::egress::{Auth, Egress, Request, Settings};

pub use super::super::query::ANY;

/// A console with this state.
pub async fn console(state: Value) -> Simulator {
    qradar("127.0.0.1:0".parse().unwrap(), None, Some(state)).await.unwrap()
}

/// What an operator would say about the simulated console.
pub fn options() -> Options {
    Options {
        version: None,
        searches: 2,
        search_deadline: Duration::from_secs(60),
        public_url: Some("https://siem.example/".to_owned()),
        include_multi_domain: false,
        source_id: "qradar-test".to_owned(),
    }
}

/// A client with these options; its reads are not repeated, so that a test's faults are met once.
pub fn client_with(console: &Simulator, token: &str, options: Options) -> Client {
    Client::new(egress(console, token), options)
}

/// A client.
pub fn client(console: &Simulator) -> Client {
    client_with(console, "sim-token", options())
}

fn egress(console: &Simulator, token: &str) -> Egress {
    let settings = Settings {
        url: console.url(),
        auth: Auth::Header {
            name: "SEC".to_owned(),
            value: Secret::new(token),
        },
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        proxy: None,
        allow_http: true,
        connect_timeout: Duration::from_secs(10),
        request_deadline: Duration::from_secs(20),
        max_response_bytes: 16 << 20,
        width: 8,
        requests_per_second: 0,
        read_retries: 0,
        extra_headers: Vec::new(),
    };
    Egress::new(settings).unwrap()
}

/// Makes the console misbehave.
pub fn fault(console: &Simulator, matches: Value, action: Value, count: i64) {
    let parts = [("match", matches), ("action", action), ("count", json!(count))];
    let spec = Value::Object(
        parts
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    );
    console
        .control
        .faults()
        .add(serde_json::from_value(spec).unwrap())
        .unwrap();
}

/// Talks to the control API.
pub async fn sim(
    console: &Simulator,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
    body: Option<Value>,
) -> Value {
    let mut request = Request::new(method, ["_sim", path]);
    request.query = query
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    if let Some(body) = body {
        request = request.json(body.to_string().into_bytes());
    }
    let response = egress(console, "none").write(&request).await.unwrap();
    assert!(
        response.is_success(),
        "{path}: {}",
        String::from_utf8_lossy(&response.body)
    );
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

/// Requests whose method and decoded path hold these texts.
pub fn asked(console: &Simulator, method: &str, part: &str) -> usize {
    let all = console.control.requests(0);
    all.iter()
        .filter(|request| request.method == method && request.path.contains(part))
        .count()
}

/// The last request whose path holds this text, with the query as it was encoded.
pub fn last_asked(console: &Simulator, part: &str) -> String {
    let all = console.control.requests(0);
    all.into_iter()
        .rev()
        .find(|request| request.path.contains(part))
        .map(|request| request.path)
        .unwrap()
}

/// Effects of a method, by id: for searches their names.
pub fn effects(console: &Simulator, method: &str) -> Vec<String> {
    let all = console
        .control
        .effects(0)
        .into_iter()
        .filter(|effect| effect.method == method);
    all.filter_map(|effect| effect.id).collect()
}

/// Offenses with these ids, all alike.
pub fn offenses(ids: impl IntoIterator<Item = u64>) -> Vec<Value> {
    let one = |id| {
        json!({
            "id": id, "status": "OPEN", "description": format!("Anmeldung fehlgeschlagen: Jürgen 日本 {id}\n"), "domain_id": 0,
            "offense_type": 3, "offense_source": "jürgen", "magnitude": 5, "severity": 4, "credibility": 3, "relevance": 2,
            "start_time": 1_600_000_000_000u64, "last_updated_time": 1_600_000_060_000u64, "event_count": 13_961_944_000u64,
            "rules": [{"id": 100_056, "type": "CRE_RULE"}], "source_address_ids": [1, 2], "source_count": 2,
            "log_sources": [{"id": 112, "name": "Server", "type_id": 12, "type_name": "Windows"}], "closing_reason_id": null,
        })
    };
    ids.into_iter().map(one).collect()
}

/// The moment the test events start at.
pub const START: u64 = 1_600_000_000_000;

/// Events one millisecond apart, all of offense 42.
pub fn events(count: u64) -> Vec<Value> {
    let one = |n: u64| {
        json!({
            "offense_id": 42, "starttime": START.saturating_add(n), "domainid": n % 3, "sourceip": format!("10.0.0.{}", n % 250),
            "username": "O'Reilly", "eventcount": 2, "qidname": "Login Failure", "destinationip": "203.0.113.9",
        })
    };
    (0..count).map(one).collect()
}

/// A search for the events of offense 42.
pub fn search(limit: u32, conditions: Vec<Condition>) -> Search {
    let column = |name: &str, alias: &str| Selection {
        expression: Expression::Column(name.to_owned()),
        alias: alias.to_owned(),
    };
    Search {
        database: Database::Events,
        selection: vec![
            column("starttime", "at"),
            column("sourceip", "ip"),
            column("username", "user"),
        ],
        offense: Some(42),
        conditions,
        group_by: Vec::new(),
        order: Some(Order {
            alias: "at".to_owned(),
            descending: false,
        }),
        start: START,
        stop: START.saturating_add(1_000_000),
        limit,
    }
}

/// The whole numbers of the first column.
pub fn first_column(rows: &[Vec<Cell>]) -> Vec<i64> {
    let number = |row: &Vec<Cell>| match row.first() {
        Some(Cell::Integer(number)) => *number,
        other => panic!("{other:?}"),
    };
    rows.iter().map(number).collect()
}
