//! What is an offense? (contract 3.1; the field set is that of API 15.0 to 26.0)

use serde::Deserialize;

use super::wire::{cut, flag, id, list, number, text};
use crate::bindings::synapse::qradar::offenses::{LogSource, Offense, Status};

/// What is asked for (D44: without `fields` a list is too large to handle).
pub const FIELDS: &str = "id,description,status,offense_type,offense_source,magnitude,severity,credibility,relevance,\
    start_time,last_updated_time,last_persisted_time,close_time,closing_reason_id,closing_user,domain_id,categories,\
    rules(id),log_sources(id,name,type_name),source_address_ids,local_destination_address_ids,source_count,\
    local_destination_count,remote_destination_count,event_count,flow_count,username_count,assigned_to,follow_up,protected,\
    inactive";

/// Address ids kept of one offense; the counts say how many there are (contract 5).
const ADDRESS_IDS: usize = 1_000;
/// Categories, rules and log sources kept of one offense: far above what was ever recorded.
const NAMES: usize = 200;
/// Longest description kept, bytes.
const DESCRIPTION_BYTES: usize = 16 << 10;
/// Longest other text kept, bytes.
const NAME_BYTES: usize = 1 << 10;

/// An offense on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireOffense {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    description: Option<String>,
    #[serde(deserialize_with = "text")]
    status: Option<String>,
    #[serde(deserialize_with = "number")]
    offense_type: Option<i64>,
    #[serde(deserialize_with = "text")]
    offense_source: Option<String>,
    #[serde(deserialize_with = "number")]
    magnitude: Option<i64>,
    #[serde(deserialize_with = "number")]
    severity: Option<i64>,
    #[serde(deserialize_with = "number")]
    credibility: Option<i64>,
    #[serde(deserialize_with = "number")]
    relevance: Option<i64>,
    #[serde(deserialize_with = "number")]
    start_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_updated_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_persisted_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    close_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    closing_reason_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    closing_user: Option<String>,
    #[serde(deserialize_with = "number")]
    domain_id: Option<i64>,
    #[serde(deserialize_with = "list")]
    categories: Vec<String>,
    #[serde(deserialize_with = "list")]
    rules: Vec<WireRule>,
    #[serde(deserialize_with = "list")]
    log_sources: Vec<WireLogSource>,
    #[serde(deserialize_with = "list")]
    source_address_ids: Vec<u64>,
    #[serde(deserialize_with = "list")]
    local_destination_address_ids: Vec<u64>,
    #[serde(deserialize_with = "number")]
    source_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    local_destination_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    remote_destination_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    event_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    flow_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    username_count: Option<i64>,
    #[serde(deserialize_with = "text")]
    assigned_to: Option<String>,
    #[serde(deserialize_with = "flag")]
    follow_up: bool,
    #[serde(deserialize_with = "flag")]
    protected: bool,
    #[serde(deserialize_with = "flag")]
    inactive: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireRule {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireLogSource {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(deserialize_with = "text")]
    type_name: Option<String>,
}

impl WireOffense {
    /// Its id; without one it is nothing.
    pub fn id(&self) -> Option<u64> {
        id(self.id)
    }

    /// Its domain; none if it spans several.
    pub fn domain(&self) -> Option<u64> {
        id(self.domain_id)
    }

    /// The offense for a guest. `link` makes the address of an offense's page.
    pub fn into_wit(self, link: impl FnOnce(u64) -> String) -> Option<Offense> {
        let (key, domain) = (self.id()?, self.domain());
        let moment = |time: Option<i64>| id(time);
        let start = moment(self.start_time).or(moment(self.last_updated_time)).unwrap_or(0);
        let log_source = |source: WireLogSource| {
            let (name, type_name) = (source.name.unwrap_or_default(), source.type_name.unwrap_or_default());
            Some(LogSource {
                id: id(source.id)?,
                name: cut(name, NAME_BYTES),
                type_name: cut(type_name, NAME_BYTES),
            })
        };
        Some(Offense {
            id: key,
            description: self.description.map(|text| cut(text, DESCRIPTION_BYTES)),
            status: status(key, self.status.as_deref()),
            offense_type: id(self.offense_type).unwrap_or(0),
            offense_source: name(self.offense_source),
            magnitude: grade(self.magnitude),
            severity: grade(self.severity),
            credibility: grade(self.credibility),
            relevance: grade(self.relevance),
            start_time: start,
            last_updated_time: moment(self.last_updated_time).unwrap_or(start),
            last_persisted_time: moment(self.last_persisted_time),
            close_time: moment(self.close_time),
            closing_reason_id: id(self.closing_reason_id),
            closing_user: name(self.closing_user),
            domain_id: domain,
            categories: self
                .categories
                .into_iter()
                .take(NAMES)
                .map(|text| cut(text, NAME_BYTES))
                .collect(),
            rule_ids: self
                .rules
                .into_iter()
                .take(NAMES)
                .filter_map(|rule| id(rule.id))
                .collect(),
            log_sources: self
                .log_sources
                .into_iter()
                .take(NAMES)
                .filter_map(log_source)
                .collect(),
            source_count: count(self.source_count, self.source_address_ids.len()),
            local_destination_count: count(self.local_destination_count, self.local_destination_address_ids.len()),
            source_address_ids: first(self.source_address_ids),
            local_destination_address_ids: first(self.local_destination_address_ids),
            remote_destination_count: count(self.remote_destination_count, 0),
            event_count: count(self.event_count, 0),
            flow_count: count(self.flow_count, 0),
            username_count: count(self.username_count, 0),
            assigned_to: name(self.assigned_to),
            follow_up: self.follow_up,
            protected: self.protected,
            inactive: self.inactive,
            link: link(key),
        })
    }
}

/// A status this release does not know is shown as open: it is visible, and nobody said that it is final.
fn status(offense: u64, word: Option<&str>) -> Status {
    match word {
        Some("OPEN") => Status::Open,
        Some("HIDDEN") => Status::Hidden,
        Some("CLOSED") => Status::Closed,
        other => {
            tracing::warn!(
                offense,
                status = other,
                "offense with an unknown status is shown as open"
            );
            Status::Open
        }
    }
}

fn name(text: Option<String>) -> Option<String> {
    text.map(|text| cut(text, NAME_BYTES))
}

fn grade(number: Option<i64>) -> u8 {
    u8::try_from(number.unwrap_or(0).clamp(0, 10)).unwrap_or(0)
}

fn count(number: Option<i64>, seen: usize) -> u64 {
    id(number).unwrap_or(seen as u64)
}

fn first(mut ids: Vec<u64>) -> Vec<u64> {
    ids.truncate(ADDRESS_IDS);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Offense> {
        serde_json::from_str::<WireOffense>(json)
            .unwrap()
            .into_wit(|id| format!("/{id}"))
    }

    #[test]
    fn an_offense_of_nulls_is_an_offense_and_one_without_id_is_none() {
        let offense =
            read(r#"{"id":7,"description":null,"status":"CLOSED","domain_id":null,"rules":null,"magnitude":99}"#);
        let offense = offense.unwrap();
        assert_eq!(
            (offense.id, offense.status, offense.domain_id),
            (7, Status::Closed, None)
        );
        assert_eq!(
            (offense.magnitude, offense.description, offense.link.as_str()),
            (10, None, "/7")
        );
        assert_eq!(read(r#"{"description":"x"}"#), None);
        assert_eq!(read(r#"{"id":-1}"#), None);
    }

    #[test]
    fn a_status_of_a_later_release_stays_visible() {
        assert_eq!(read(r#"{"id":1,"status":"ESCALATED"}"#).unwrap().status, Status::Open);
        assert_eq!(read(r#"{"id":1}"#).unwrap().status, Status::Open);
    }

    #[test]
    fn counts_are_64_bit_and_address_ids_are_cut_at_a_thousand() {
        let ids: Vec<u64> = (0..1_500).collect();
        let json = serde_json::json!({"id": 1, "event_count": 13_961_944_000u64, "source_address_ids": ids, "source_count": 1_500});
        let offense = read(&json.to_string()).unwrap();
        assert_eq!((offense.event_count, offense.source_count), (13_961_944_000, 1_500));
        assert_eq!(offense.source_address_ids.len(), 1_000);
    }

    #[test]
    fn d40_text_in_any_script_arrives_as_it_is() {
        let offense = read(r#"{"id":1,"description":"Anmeldung fehlgeschlagen: Jürgen \u65e5\u672c\n"}"#).unwrap();
        assert_eq!(
            offense.description.as_deref(),
            Some("Anmeldung fehlgeschlagen: Jürgen 日本\n")
        );
    }

    #[test]
    fn every_field_that_is_asked_for_is_read() {
        let read = format!(
            "{:?}",
            WireOffense {
                rules: vec![WireRule::default()],
                log_sources: vec![WireLogSource::default()],
                ..WireOffense::default()
            }
        );
        let asked: Vec<&str> = FIELDS.split([',', '(', ')']).filter(|name| !name.is_empty()).collect();
        assert_eq!(asked.len(), 35);
        for name in asked {
            assert!(read.contains(&format!("{name}: ")), "{name}");
        }
    }
}
