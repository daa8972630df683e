//! What do the tests start from: an offense, its alert, and a case that was closed now.

use close_offense::answer::{Answer, Kind};
use close_offense::run::on_event;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{ClosingReason, Offense, Status};
use synapse_guest::thehive::{NewCase, Pap, Severity, Tlp};
use synapse_guest::workflow::Event;

/// The moment of the run: 2026-11-25 03:00:00 UTC.
pub const NOW: u64 = 1_795_575_600_000;
pub const MINUTE: u64 = 60_000;
/// The default grace period.
pub const GRACE: u64 = 10 * MINUTE;

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

pub fn reason(id: u64, text: &str, reserved: bool, deleted: bool) -> ClosingReason {
    ClosingReason {
        id,
        text: text.into(),
        reserved,
        deleted,
    }
}

pub fn config(changes: Value) -> Value {
    let mut config = json!({ "reasons": { "FalsePositive": "False-Positive, Tuned", "TruePositive": "Policy Violation", "Ignored": "Non-Issue" } });
    if let (Some(config), Value::Object(changes)) = (config.as_object_mut(), changes) {
        config.extend(changes);
    }
    config
}

/// Both bindings, and the offenses 42 and 43.
pub fn host() -> Fake {
    Fake::new()
        .with_now(NOW)
        .with_binding("qradar", "hq")
        .with_binding("thehive", "hive")
        .with_config(config(json!({})))
        .with_offenses([offense(42), offense(43)])
}

/// A case that was made from these alerts.
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

/// An analyst closes it now.
pub fn close(host: &Fake, case: &str, status: &str) {
    use synapse_guest::workflow::Workflow;
    let now = host.now();
    host.change_case(case, |case| {
        (case.status, case.stage, case.closed_at) = (status.into(), "Closed".into(), Some(now));
    });
}

pub fn reopen(host: &Fake, case: &str) {
    host.change_case(case, |case| {
        (case.status, case.stage, case.closed_at) = ("InProgress".into(), "InProgress".into(), None);
    });
}

/// Offense 42 and its case, closed now as a false positive; the case's id.
pub fn closed_case(host: &Fake) -> String {
    let alert = host.add_alert("QRadar", "hq", "42");
    let case = case_of(host, &[&alert]);
    close(host, &case, "FalsePositive");
    case
}

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

/// TheHive says that the case was closed.
pub fn told(host: &Fake, case: &str) -> Answer {
    let data = json!({ "connection": "hive", "object": "case", "action": "closed", "id": case, "own": false, "dialect": "v5-0" });
    on_event(host, event("synapse.thehive.case.closed", &data)).unwrap()
}

/// Somebody names it.
#[expect(clippy::needless_pass_by_value, reason = "callers make the value in place")]
pub fn named(host: &Fake, data: Value) -> Answer {
    try_named(host, &data).unwrap()
}

pub fn try_named(host: &Fake, data: &Value) -> Result<Answer, WorkflowError> {
    on_event(host, event("synapse.http.request", data))
}

pub fn kinds(answer: &Answer) -> Vec<(u64, Kind)> {
    answer
        .offenses
        .iter()
        .map(|outcome| (outcome.offense, outcome.outcome))
        .collect()
}

pub fn is_closed(host: &Fake, offense: u64) -> bool {
    host.offense(offense).unwrap().status == Status::Closed
}

/// Nothing was written anywhere but in the workflow's own state.
pub fn assert_nothing_written(host: &Fake) {
    for operation in [
        "qradar/notes.add-note",
        "qradar/closing.close-offense",
        "thehive/comments.add-comment",
        "thehive/cases.update-case",
        "thehive/tasks.create-log",
    ] {
        assert_eq!(host.count(operation), 0, "{operation}");
    }
}
