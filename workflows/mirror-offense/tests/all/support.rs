//! What do the tests start from: an imported offense, and what both sides may do with it.

use mirror_offense::answer::Answer;
use mirror_offense::run::on_event;
use serde_json::{Value, json};
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{Actor, Offense, Status};
use synapse_offenses_testing::event;
pub use synapse_offenses_testing::{MINUTE, NOW, case_of, offense};

pub fn host() -> Fake {
    let actor = |id, name: &str| Actor {
        id,
        name: name.into(),
        description: None,
    };
    synapse_offenses_testing::host()
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

/// The platform's poller says that offense 42 changed so.
pub fn changed(host: &Fake, change: &str) -> Answer {
    let data = json!({ "connection": "siem", "lane": "live", "items": [{ "id": 42, "change": change }] });
    on_event(host, event("synapse.source.offenses", &data)).unwrap()
}

/// A backfill of what happened since a moment says so.
pub fn backfilled(host: &Fake, change: &str, since: u64) -> Answer {
    let items = [json!({ "id": 42, "change": change })];
    let data = json!({ "connection": "siem", "lane": "backlog", "items": items, "since": since });
    on_event(host, event("synapse.source.offenses", &data)).unwrap()
}

/// Somebody names an offense.
pub fn named(host: &Fake, offense: u64) -> Answer {
    on_event(host, event("synapse.http.request", &json!({ "offense": offense }))).unwrap()
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
