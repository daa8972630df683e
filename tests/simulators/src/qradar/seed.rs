//! What does a console hold when a state does not say?

use serde_json::{Value, json};

use super::list::table::Row;
use super::tokens::Token;

/// The token of the default state.
pub const TOKEN: &str = "sim-token";

/// One authorised service that may do everything in every domain.
pub fn tokens() -> Result<Vec<Token>, String> {
    let one = json!([{ "token": TOKEN, "label": "synapse" }]);
    serde_json::from_value(one).map_err(|error| format!("default tokens: {error}"))
}

/// Console users that offenses can be assigned to.
pub fn users() -> Vec<String> {
    ["admin", "analyst"].map(str::to_owned).to_vec()
}

/// Stock closing reasons (recorded).
pub fn closing_reasons() -> Vec<Row> {
    let reasons = [(1, "Non-Issue"), (2, "False-Positive, Tuned"), (3, "Policy Violation")];
    rows(reasons.map(|(id, text)| json!({ "is_deleted": false, "is_reserved": false, "text": text, "id": id })))
}

/// Offense types of contract 3.3. Only 0 and 3 are confirmed by a source; the property names of the others are
/// deduced from theirs, so nothing may depend on them.
pub fn offense_types() -> Vec<Row> {
    let types = [
        (0, "Source IP", "sourceIP", "COMMON"),
        (1, "Destination IP", "destinationIP", "COMMON"),
        (2, "Event Name", "qid", "EVENTS"),
        (3, "Username", "userName", "EVENTS"),
        (4, "Source MAC Address", "sourceMAC", "EVENTS"),
        (5, "Destination MAC Address", "destinationMAC", "EVENTS"),
        (6, "Log Source", "deviceId", "EVENTS"),
        (7, "Hostname", "hostName", "EVENTS"),
        (8, "Source Port", "sourcePort", "COMMON"),
        (9, "Destination Port", "destinationPort", "COMMON"),
        (10, "Source IPv6", "sourcev6", "COMMON"),
        (11, "Destination IPv6", "destinationv6", "COMMON"),
        (12, "Source ASN", "sourceASN", "FLOWS"),
        (13, "Destination ASN", "destinationASN", "FLOWS"),
        (14, "Rule", "rule", "COMMON"),
        (15, "App ID", "appId", "FLOWS"),
        (18, "Scheduled Search", "scheduledSearch", "COMMON"),
    ];
    rows(types.map(|(id, name, property, database)| {
        json!({ "property_name": property, "database_type": database, "id": id, "name": name, "custom": false })
    }))
}

/// The default domain: id 0, name empty (contract 3.6).
pub fn domains() -> Vec<Row> {
    rows([json!({
        "custom_properties": [], "qvm_scanner_ids": [], "asset_scanner_ids": [], "flow_collector_ids": [],
        "description": "", "flow_source_ids": [], "deleted": false, "event_collector_ids": [], "log_source_ids": [],
        "name": "", "tenant_id": 0, "id": 0, "log_source_group_ids": [],
    })])
}

/// Objects out of JSON literals.
pub fn rows<const N: usize>(values: [Value; N]) -> Vec<Row> {
    values
        .into_iter()
        .filter_map(|value| {
            if let Value::Object(row) = value {
                Some(row)
            } else {
                None
            }
        })
        .collect()
}
