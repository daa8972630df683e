//! What is there before a workflow runs?

use serde_json::Value;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Offense, Status};
use synapse_guest::thehive::{NewCase, Pap, Severity, Tlp};
use synapse_guest::workflow::Event;

/// The moment of the run, milliseconds: 2026-11-25 03:00:00 UTC.
pub const NOW: u64 = 1_795_575_600_000;
/// Milliseconds.
pub const MINUTE: u64 = 60_000;

/// An open offense that was updated five minutes before the run, with nothing to be looked up.
pub fn offense(id: u64) -> Offense {
    Offense {
        id,
        description: Some("Excessive Firewall Denies\n".into()),
        status: Status::Open,
        offense_type: 0,
        offense_source: Some("198.51.100.7".into()),
        magnitude: 5,
        severity: 6,
        credibility: 4,
        relevance: 3,
        start_time: NOW - 30 * MINUTE,
        last_updated_time: NOW - 5 * MINUTE,
        last_persisted_time: None,
        close_time: None,
        closing_reason_id: None,
        closing_user: None,
        domain_id: Some(0),
        categories: Vec::new(),
        rule_ids: Vec::new(),
        log_sources: Vec::new(),
        source_address_ids: Vec::new(),
        local_destination_address_ids: Vec::new(),
        source_count: 0,
        local_destination_count: 0,
        remote_destination_count: 0,
        event_count: 0,
        flow_count: 0,
        username_count: 0,
        assigned_to: None,
        follow_up: false,
        protected: false,
        inactive: false,
        link: format!("https://console.example/{id}"),
    }
}

/// A host at the moment of the run with both bindings: the console `hq`, the organisation `hive`.
pub fn host() -> Fake {
    Fake::new()
        .with_now(NOW)
        .with_binding("qradar", "hq")
        .with_binding("thehive", "hive")
}

/// A case that was made from these alerts; its id.
pub fn case_of(host: &Fake, alerts: &[&str]) -> String {
    let id = host.add_case(&NewCase {
        title: "c".into(),
        description: String::new(),
        severity: Severity::Medium,
        start_date: NOW,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        flag: false,
        assignee: Some("alice@soc.example".into()),
        case_template: None,
        custom_fields: Vec::new(),
        dedup_key: None,
    });
    for alert in alerts {
        let case = id.clone();
        host.change_alert(alert, |alert| alert.case_id = Some(case));
    }
    id
}

/// An event of this type at the moment of the run.
pub fn event(type_: &str, data: &Value) -> Event {
    Event {
        id: "1".into(),
        source: "/test".into(),
        type_: type_.into(),
        time: NOW,
        datacontenttype: "application/json".into(),
        data: data.to_string(),
    }
}
