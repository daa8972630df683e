//! What do the tests start from: an imported offense, and what both sides may do with it.

use mirror_offense::answer::Answer;
use mirror_offense::run::on_event;
use serde_json::{Value, json};
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Actor, Offense, Status};
use synapse_guest::thehive::{NewCase, Pap, Severity, Tlp};
use synapse_guest::workflow::Event;

/// The moment of the run: 2026-11-25 03:00:00 UTC.
pub const NOW: u64 = 1_795_575_600_000;
pub const MINUTE: u64 = 60_000;

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

pub fn host() -> Fake {
    let actor = |id, name: &str| Actor {
        id,
        name: name.into(),
        description: None,
    };
    Fake::new()
        .with_now(NOW)
        .with_binding("qradar", "hq")
        .with_binding("thehive", "hive")
        .with_actors(vec![actor(1, "alice"), actor(2, "bob")])
        .with_offenses([offense(42)])
}

/// The alert of offense 42, as qradar2alert makes it; its id.
pub fn import(host: &Fake) -> String {
    use synapse_offenses::answer::Answer;
    use synapse_offenses::import::{Asked, page};
    use synapse_offenses::run::Run;
    let mut run = Run::open(host, synapse_offenses::config::Config::default()).unwrap();
    run.answer = Answer::new(None, String::new());
    page(&mut run, vec![host.offense(42).unwrap()], Asked::ById).unwrap();
    // The state is the other deployment's.
    host.clear_state();
    host.forget_calls();
    host.alerts()[0].id.clone()
}

fn event(type_: &str, data: &Value) -> Event {
    Event {
        id: "1".into(),
        source: "/test".into(),
        type_: type_.into(),
        time: NOW,
        datacontenttype: "application/json".into(),
        data: data.to_string(),
    }
}

/// The platform's poller says that offense 42 changed so.
pub fn changed(host: &Fake, change: &str) -> Answer {
    let data = json!({ "connection": "siem", "lane": "live", "items": [{ "id": 42, "change": change }] });
    on_event(host, event("synapse.source.offenses", &data)).unwrap()
}

/// TheHive says this.
#[expect(clippy::needless_pass_by_value, reason = "callers make the value in place")]
pub fn told(host: &Fake, data: Value) -> Answer {
    let name = format!(
        "synapse.thehive.{}.{}",
        data["object"].as_str().unwrap(),
        data["action"].as_str().unwrap()
    );
    on_event(host, event(&name, &data)).unwrap()
}

pub fn case_created(host: &Fake, case: &str) -> Answer {
    told(
        host,
        json!({ "object": "case", "action": "created", "id": case, "own": false }),
    )
}

pub fn case_assigned(host: &Fake, case: &str, login: &str) -> Answer {
    let to = login.to_owned();
    host.change_case(case, |case| case.assignee = Some(to));
    told(
        host,
        json!({ "object": "case", "action": "updated", "id": case, "own": false, "changes": { "assignee": login } }),
    )
}

/// What was done and said, item by item.
pub fn items(answer: &Answer) -> Vec<(&str, &str)> {
    answer
        .items
        .iter()
        .map(|item| (item.outcome, item.message.as_str()))
        .collect()
}

/// Writes to either side so far.
pub fn writes(host: &Fake) -> Vec<&'static str> {
    const WRITES: [&str; 10] = [
        "thehive/alerts.update-alert",
        "thehive/observables.add-observables",
        "thehive/cases.update-case",
        "thehive/cases.close-case",
        "thehive/comments.add-comment",
        "thehive/tasks.create-log",
        "qradar/handling.assign",
        "qradar/handling.set-follow-up",
        "qradar/notes.add-note",
        "qradar/closing.close-offense",
    ];
    let calls = host.calls().into_iter().map(|call| call.operation);
    calls.filter(|operation| WRITES.contains(operation)).collect()
}

/// Somebody closes offense 42 in QRadar.
pub fn close_offense(host: &Fake, user: &str, reason: u64) {
    host.add_offenses([Offense {
        status: Status::Closed,
        closing_user: Some(user.into()),
        closing_reason_id: Some(reason),
        close_time: Some(NOW),
        ..host.offense(42).unwrap()
    }]);
}
