//! How is a big state made quickly? (`POST /_sim/qradar/generate`)

use std::ops::Range;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::console::{Console, floor_second};
use super::list::table::{Row, complete};
use super::routes::{addresses, offenses, rules};

/// Most offenses one call makes.
const MAX_OFFENSES: i64 = 100_000;

/// Local destinations and rules are shared by all generated offenses, as on a real console.
const LOCAL_ADDRESSES: i64 = 50;
const RULES: i64 = 5;

/// The body of the call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// How many offenses.
    pub offenses: i64,
    /// Events for each; every third goes to a remote destination.
    #[serde(default)]
    pub events_per_offense: i64,
    /// Age of the oldest one's last event; the others follow one ms apart.
    #[serde(default)]
    pub age_ms: i64,
    /// Default: one above the highest id.
    pub first_id: Option<i64>,
    /// Domain of offenses, addresses and events.
    #[serde(default)]
    pub domain_id: i64,
}

/// Adds the offenses with their addresses, rules and events; answers the range of ids.
pub fn generate(console: &mut Console, wanted: &Generate, now_ms: i64) -> Result<Range<i64>, String> {
    let count = wanted.offenses;
    if !(1..=MAX_OFFENSES).contains(&count) || !(0..=10_000).contains(&wanted.events_per_offense) {
        return Err(format!(
            "generate: offenses must be 1 to {MAX_OFFENSES}, events_per_offense 0 to 10000"
        ));
    }
    let first = wanted.first_id.unwrap_or(console.offenses.last_id() + 1);
    let shared = Shared {
        first_source: console.source_addresses.last_id() + 1,
        first_local: console.local_destination_addresses.last_id() + 1,
        first_rule: console.rules.last_id().max(100_000) + 1,
        domain_id: wanted.domain_id,
    };
    shared.tables(console, first, count, now_ms - wanted.age_ms);
    for n in 0..count {
        let made = Made {
            n,
            id: first + n,
            updated_ms: (now_ms - wanted.age_ms + n).min(now_ms),
        };
        for e in 0..wanted.events_per_offense {
            console.events.add(object(shared.event(&made, e)))?;
        }
        let mut row = object(shared.offense(&made, wanted.events_per_offense));
        complete(&mut row, offenses::COLUMNS);
        console.offenses.insert(row);
    }
    Ok(first..first + count)
}

struct Made {
    n: i64,
    id: i64,
    updated_ms: i64,
}

struct Shared {
    first_source: i64,
    first_local: i64,
    first_rule: i64,
    domain_id: i64,
}

impl Shared {
    fn tables(&self, console: &mut Console, first: i64, count: i64, seen_ms: i64) {
        for n in 0..count {
            let mut row = object(json!({
                "id": self.first_source + n, "source_ip": source_ip(n), "magnitude": 3, "network": "other",
                "offense_ids": [first + n], "local_destination_address_ids": [self.local(n)], "event_flow_count": 20,
                "first_event_flow_seen": seen_ms, "last_event_flow_seen": seen_ms, "domain_id": self.domain_id,
            }));
            complete(&mut row, addresses::SOURCE);
            console.source_addresses.insert(row);
        }
        for k in 0..LOCAL_ADDRESSES.min(count) {
            let mine: Vec<i64> = (k..count)
                .step_by(usize::try_from(LOCAL_ADDRESSES).unwrap_or(1))
                .collect();
            let row = object(json!({
                "id": self.local(k), "local_destination_ip": local_ip(k), "magnitude": 1, "network": "Net-10-172-192.Net_10_0_0_0",
                "offense_ids": mine.iter().map(|n| first + n).collect::<Vec<_>>(),
                "source_address_ids": mine.iter().map(|n| self.first_source + n).collect::<Vec<_>>(),
                "event_flow_count": 20, "first_event_flow_seen": seen_ms, "last_event_flow_seen": seen_ms,
                "domain_id": self.domain_id,
            }));
            console.local_destination_addresses.insert(row);
        }
        for k in 0..RULES {
            let mut row = object(json!({
                "owner": "admin", "identifier": format!("SYSTEM-{}", self.first_rule + k), "base_host_id": 0,
                "capacity_timestamp": 0, "origin": "SYSTEM", "creation_date": seen_ms, "type": "EVENT", "enabled": true,
                "modification_date": seen_ms, "name": format!("Generated rule {k}"), "average_capacity": 0,
                "id": self.first_rule + k, "base_capacity": 0,
            }));
            complete(&mut row, rules::COLUMNS);
            console.rules.insert(row);
        }
    }

    fn local(&self, n: i64) -> i64 {
        self.first_local + n % LOCAL_ADDRESSES
    }

    fn offense(&self, made: &Made, events: i64) -> Value {
        let remote = i64::from(events >= 3);
        json!({
            "username_count": 1, "description": format!("Generated rule {}\n", made.n % RULES),
            "rules": [{ "id": self.first_rule + made.n % RULES, "type": "CRE_RULE" }],
            "event_count": events, "flow_count": 0, "assigned_to": null, "security_category_count": 1,
            "follow_up": false, "source_address_ids": [self.first_source + made.n], "source_count": 1,
            "inactive": false, "protected": false, "closing_user": null,
            "destination_networks": ["Net-10-172-192.Net_10_0_0_0"], "source_network": "other", "category_count": 1,
            "close_time": null, "remote_destination_count": remote, "start_time": made.updated_ms - 60_000,
            "magnitude": made.n % 10 + 1, "last_updated_time": made.updated_ms, "credibility": 3, "id": made.id,
            "categories": ["User Login Failure"], "severity": made.n % 10, "policy_category_count": 0,
            "log_sources": [{ "type_name": "EventCRE", "type_id": 18, "name": "Custom Rule Engine-8 :: console-1", "id": 63 }],
            "closing_reason_id": null, "device_count": 1, "offense_type": 0, "relevance": 5,
            "domain_id": self.domain_id, "offense_source": source_ip(made.n),
            "local_destination_address_ids": [self.local(made.n)], "local_destination_count": 1, "status": "OPEN",
            "first_persisted_time": floor_second(made.updated_ms - 60_000),
            "last_persisted_time": floor_second(made.updated_ms),
        })
    }

    fn event(&self, made: &Made, e: i64) -> Value {
        let remote = e % 3 == 2;
        json!({
            "offense_id": made.id, "starttime": made.updated_ms - e * 1000 % 60_000, "domainid": self.domain_id,
            "sourceip": source_ip(made.n), "username": format!("user{}", made.n), "eventcount": 1,
            "destinationip": if remote { format!("203.0.113.{}", 1 + made.n % 250) } else { local_ip(made.n % LOCAL_ADDRESSES) },
            "eventDirection": if remote { "L2R" } else { "R2L" },
            "qidname": "User Login Failure", "categoryname": "User Login Failure",
            "logsourcename": "Custom Rule Engine-8 :: console-1", "payload": format!("<13>login failure {} {e}", made.id),
        })
    }
}

/// Unique per offense: 100.64.0.0/10 is reserved for carriers and so stands for nobody.
fn source_ip(n: i64) -> String {
    format!("100.{}.{}.{}", 64 + n / 65_536 % 64, n / 256 % 256, n % 256)
}

fn local_ip(k: i64) -> String {
    format!("10.0.{}.{}", k / 250, 1 + k % 250)
}

fn object(value: Value) -> Row {
    if let Value::Object(row) = value {
        row
    } else {
        Map::new()
    }
}
