//! What happens when an observable is changed or deleted? Its type may change, but not its sort; alerts count again.

use super::create::count_again;
use crate::thehive::{
    app::Hive,
    check::{Field, LONG, PAP, Rule, TLP, optional},
    error::ApiError,
    kind::Kind,
    labels,
    resource::{Gone, Plan, Resource},
    store::Author,
    tags,
};
use serde_json::{Map, Value};

const UPDATE: &[Field] = &[
    optional("dataType", Rule::Text(1, 64)),
    optional("message", Rule::Text(0, LONG)),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("tags", Rule::Tags),
    optional("addTags", Rule::Tags),
    optional("removeTags", Rule::Tags),
    optional("ioc", Rule::Bool),
    optional("sighted", Rule::Bool),
    optional("sightedAt", Rule::Millis),
    optional("ignoreSimilarity", Rule::Bool),
    optional("external", Rule::Bool),
];

/// Observables of cases and alerts.
pub struct Observable;

impl Resource for Observable {
    const KIND: Kind = Kind::Observable;
    const PATH: &'static str = "/api/v1/observable";
    const CHANGE: &'static str = "manageObservable";
    const REMOVE: &'static str = "manageObservable";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        check_type(hive, &plan.body, plan.changes)?;
        let changes = plan.changes;
        let mut body = plan.simple();
        body.shift_remove("addTags");
        body.shift_remove("removeTags");
        let tags = tags::changed(&body, changes);
        body.insert("tags".into(), tags);
        labels::set_labels(&mut body);
        Ok(body)
    }

    fn removed(hive: &mut Hive, gone: &Gone, author: &Author<'_>) {
        if let Some(parent) = gone.parent {
            count_again(hive, parent, author);
        }
    }
}

/// A new type must be registered and of the same sort: text stays text, a file stays a file (contract 2.4).
fn check_type(hive: &Hive, body: &Map<String, Value>, changes: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(name) = changes.get("dataType").and_then(Value::as_str) else {
        return Ok(());
    };
    let registered = hive.store.by_natural_key(Kind::ObservableType, 0, &[name]);
    let registered = registered.ok_or_else(|| ApiError::not_found(&format!("ObservableType {name}")))?;
    let takes_file = registered.body.get("isAttachment") == Some(&Value::Bool(true));
    if takes_file == body.contains_key("attachment") {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "an observable with text cannot become a file, nor the reverse",
    ))
}
