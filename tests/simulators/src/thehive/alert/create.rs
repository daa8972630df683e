//! What happens when an alert is created? Everything is checked first, so that a refused call leaves nothing behind.

use super::fields::CREATE;
use crate::thehive::{
    app::{Hive, TheHive},
    check, custom_field,
    error::ApiError,
    kind::Kind,
    labels, observable, procedure,
    record::record,
    session::Session,
    status_value,
    store::Author,
    tags,
    upload::Form,
};
use axum::extract::State;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `POST /api/v1/alert`.
pub async fn handler(
    State(app): State<Arc<TheHive>>,
    session: Session,
    form: Form,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageAlert/create", "create alert")?;
    let mut hive = app.lock();
    if session.is_admin {
        return Err(ApiError::authorization("Organisation admin cannot hold alerts"));
    }
    let author = session.author(app.control.now_ms());
    let (id, answer) = create(&mut hive, session.organisation, &author, &form)?;
    record(&app, &hive, "POST", "/api/v1/alert", form.logged(), &[id]);
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// Creates an alert with its observables. Answers its id and the body of the creation response: with observables that one
/// lacks the updated fields which a following GET has (contract 9.3, point 2).
pub fn create(hive: &mut Hive, organisation: u64, author: &Author<'_>, form: &Form) -> Result<(u64, Value), ApiError> {
    let mut input = check::create(form.json.clone(), CREATE)?;
    let procedures: Result<Vec<_>, ApiError> = match input.remove("procedures") {
        Some(Value::Array(list)) => list.into_iter().map(procedure::prepare).collect(),
        _ => Ok(Vec::new()),
    };
    let procedures = procedures?;
    let inline = match input.remove("observables") {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let mut observables = Vec::with_capacity(inline.len());
    for one in inline {
        observables.extend(observable::prepare(hive, one, form, author.now_ms)?);
    }
    // D14: the same data twice in one alert makes the whole call fail.
    if let Some(twice) = observable::first_duplicate(&observables) {
        return Err(twice.into());
    }
    let mut fields = output(hive, input, author.now_ms)?;
    refuse_duplicate(hive, organisation, &fields, None)?;
    fields.insert("observableCount".into(), observables.len().into());

    let with_observables = !observables.is_empty();
    let id = hive.insert(Kind::Alert, organisation, None, author, fields)?;
    let answer = hive.body(id);
    for one in observables {
        observable::add(hive, organisation, id, author, one)?;
    }
    for fields in procedures {
        procedure::add(hive, organisation, id, author, fields)?;
    }
    if with_observables {
        hive.store.update(id, author, |_| {});
    }
    Ok((id, answer))
}

/// The duplicate error if another alert of the organisation has this triple. `own` is the alert being changed.
pub fn refuse_duplicate(
    hive: &Hive,
    organisation: u64,
    fields: &Map<String, Value>,
    own: Option<u64>,
) -> Result<(), ApiError> {
    let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let triple = [part("type"), part("source"), part("sourceRef")];
    match hive.store.by_natural_key(Kind::Alert, organisation, &triple) {
        Some(other) if own != Some(other.id) => {
            let organisation = hive.organisation_name(organisation);
            let message = format!(
                "Alert {} already exist in organisation {organisation}",
                triple.join(":")
            );
            Err(ApiError::create(hive.settings.duplicate_status, message))
        }
        _ => Ok(()),
    }
}

/// The stored form of a checked input: defaults, labels, stage, dates.
fn output(hive: &Hive, mut input: Map<String, Value>, now_ms: i64) -> Result<Map<String, Value>, ApiError> {
    // `flag` is accepted but not part of OutputAlert (fixtures: v5-schemas.json).
    input.remove("flag");
    let custom_fields = custom_field::apply(hive, &json!([]), input.get("customFields").unwrap_or(&json!([])))?;
    input.insert("customFields".into(), custom_fields);
    check_assignee(hive, input.get("assignee"))?;
    let status = input.get("status").and_then(Value::as_str).unwrap_or("New").to_owned();
    let stage = stage(hive, &status)?;
    let date = input.get("date").and_then(Value::as_i64).unwrap_or(now_ms);
    for (name, default) in [("severity", 2), ("tlp", 2), ("pap", 2)] {
        input.entry(name).or_insert_with(|| default.into());
    }
    let tags = tags::unique(input.get("tags"));
    input.extend([
        ("tags".to_owned(), tags),
        ("date".to_owned(), date.into()),
        ("follow".to_owned(), true.into()),
        ("status".to_owned(), status.into()),
        ("stage".to_owned(), stage.as_str().into()),
        ("newDate".to_owned(), now_ms.into()),
        ("timeToDetect".to_owned(), (now_ms - date).max(0).into()),
        ("extraData".to_owned(), json!({})),
    ]);
    match stage.as_str() {
        "InProgress" => drop(input.insert("inProgressDate".into(), now_ms.into())),
        "Closed" => drop(input.insert("closedDate".into(), now_ms.into())),
        _ => {}
    }
    labels::set_labels(&mut input);
    Ok(input)
}

/// The stage of a status that a client may set. `Imported` is set by promotion and merge only (contract 2.1).
pub fn stage(hive: &Hive, status: &str) -> Result<String, ApiError> {
    match status_value::stage(hive, Kind::AlertStatus, status) {
        Some(stage) if stage == "Imported" => Err(ApiError::bad_request(
            "Status Imported cannot be set, it follows from an import",
        )),
        Some(stage) => Ok(stage),
        None => Err(ApiError::not_found(&format!("AlertStatus {status}"))),
    }
}

/// An assignee must be a user.
pub fn check_assignee(hive: &Hive, assignee: Option<&Value>) -> Result<(), ApiError> {
    match assignee.and_then(Value::as_str) {
        Some(login) if hive.store.by_natural_key(Kind::User, 0, &[login]).is_none() => {
            Err(ApiError::not_found(&format!("User {login}")))
        }
        _ => Ok(()),
    }
}
