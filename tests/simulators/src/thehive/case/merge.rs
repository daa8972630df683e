//! How do cases become one? Titles are joined with " / ", everything below them moves, the originals are gone (contract 2.2).

use super::create::create;
use crate::thehive::{
    alert,
    app::{Hive, TheHive},
    custom_field,
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::wire_id,
    tags,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Cases in one merge (`case.maxMergeInCase`, contract 8).
const MAX_CASES: usize = 50;
/// What moves from a case to the one it is merged into.
const MOVED: [Kind; 7] = [
    Kind::Task,
    Kind::Observable,
    Kind::Comment,
    Kind::Attachment,
    Kind::Procedure,
    Kind::Page,
    Kind::CustomEvent,
];

/// `POST /api/v1/case/_merge/{ids separated by commas}`: 201 and the new case.
pub async fn many(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(ids): Path<String>,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCase/merge", "merge cases")?;
    let mut hive = app.lock();
    let cases: Result<Vec<u64>, ApiError> = ids.split(',').map(|id| hive.find(Kind::Case, &session, id)).collect();
    let cases = cases?;
    if !(2..=MAX_CASES).contains(&cases.len()) {
        return Err(ApiError::bad_request(format!("2 to {MAX_CASES} cases can be merged")));
    }
    let author = session.author(app.control.now_ms());
    let input = joined(&hive, &cases);
    let merged = create(&mut hive, session.organisation, &author, input)?;
    for case in cases {
        for kind in MOVED {
            let children: Vec<u64> = hive.store.children(case, kind).collect();
            for child in children {
                move_child(&mut hive, child, merged);
            }
        }
        for one in alert::of_case(&hive, case) {
            hive.store.amend(one, |alert| {
                drop(alert.body.insert("caseId".into(), wire_id(merged).into()));
            });
        }
        hive.store.remove(case, &session.author(app.control.now_ms()));
    }
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/case/_merge/{ids}"),
        Value::Null,
        &[merged],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(merged))))
}

/// The input of the merged case.
fn joined(hive: &Hive, cases: &[u64]) -> Value {
    let bodies: Vec<&Map<String, Value>> = cases.iter().filter_map(|id| Some(&hive.store.get(*id)?.body)).collect();
    let texts = |name: &str, between: &str| {
        let all: Vec<&str> = bodies.iter().filter_map(|body| body.get(name)?.as_str()).collect();
        all.join(between)
    };
    let highest = |name: &str| bodies.iter().filter_map(|body| body.get(name)?.as_i64()).max();
    let (mut all_tags, mut fields) = (json!([]), json!([]));
    for body in &bodies {
        all_tags = tags::joined(Some(&all_tags), body.get("tags"));
        fields = custom_field::joined(&fields, body.get("customFields").unwrap_or(&json!([])));
    }
    let start = bodies.iter().filter_map(|body| body.get("startDate")?.as_i64()).min();
    let title: String = texts("title", " / ").chars().take(512).collect();
    json!({
        "title": title, "description": texts("description", "\n\n"), "tags": all_tags, "customFields": fields,
        "severity": highest("severity"), "tlp": highest("tlp"), "pap": highest("pap"), "startDate": start,
    })
}

/// An observable that the target has already is not moved.
fn move_child(hive: &mut Hive, child: u64, target: u64) {
    let Some(entity) = hive.store.get(child) else { return };
    if entity.kind == Kind::Observable {
        let text = |name: &str| entity.body.get(name).and_then(Value::as_str);
        let file = || entity.body.get("attachment")?.get("id")?.as_str();
        let key = [
            text("dataType").unwrap_or_default(),
            text("data").or_else(file).unwrap_or_default(),
        ];
        if hive.store.by_natural_key(Kind::Observable, target, &key).is_some() {
            return;
        }
    }
    hive.store.move_below(child, target);
}

/// Adds text, tags and custom fields of an alert to a case that it is merged into (contract 2.3).
pub fn add_to(hive: &mut Hive, case: u64, alert: &Map<String, Value>, session: &Session, now_ms: i64) {
    let text = |name: &str| alert.get(name).and_then(Value::as_str).unwrap_or_default();
    let more = format!(
        "\n  \n#### Merged with alert #{} {}\n\n{}",
        text("sourceRef"),
        text("title"),
        text("description")
    );
    hive.store.update(case, &session.author(now_ms), |body| {
        let old = body.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{old}{more}");
        let tags = tags::joined(body.get("tags"), alert.get("tags"));
        let none = json!([]);
        let own = body.get("customFields").unwrap_or(&none);
        let fields = custom_field::joined(alert.get("customFields").unwrap_or(&none), own);
        body.insert("description".into(), description.into());
        body.insert("tags".into(), tags);
        body.insert("customFields".into(), fields);
    });
}

/// `POST /api/v1/case/{id}/observable/_merge`: no case holds two equal observables here, so none is ever merged.
pub async fn same_observables(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    session.require("manageCase/update", "update case")?;
    let hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    let untouched = hive.store.count_children(case, Kind::Observable);
    Ok(axum::Json(json!({"untouched": untouched, "updated": 0, "deleted": 0})))
}
