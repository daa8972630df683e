//! What do the tests start from: an offense, its alert, and a case that was closed now.

use close_offense::answer::{Answer, Kind};
use close_offense::run::on_event;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::fake::Fake;
use synapse_guest::qradar::{ClosingReason, Status};
pub use synapse_offenses_testing::{MINUTE, NOW, case_of, event, offense};

/// The default grace period.
pub const GRACE: u64 = 10 * MINUTE;

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
    synapse_offenses_testing::host()
        .with_config(config(json!({})))
        .with_offenses([offense(42), offense(43)])
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
