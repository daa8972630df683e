//! What happens when observables are added? 201 and a list, or 207 with what succeeded and what failed; never an error for
//! what exists already.

use super::input::{Prepared, exists, prepare};
use crate::thehive::{
    app::{Hive, TheHive},
    attachment,
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::{Author, wire_id},
    upload::{File, Form},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `POST /api/v1/alert/{idOrTriple}/observable`, JSON or multipart.
pub async fn post_to_alert(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(alert): Path<String>,
    form: Form,
) -> Result<Response, ApiError> {
    post(&app, &session, Kind::Alert, &alert, form)
}

/// `POST /api/v1/case/{idOrNumber}/observable`, JSON or multipart.
pub async fn post_to_case(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(case): Path<String>,
    form: Form,
) -> Result<Response, ApiError> {
    post(&app, &session, Kind::Case, &case, form)
}

fn post(app: &TheHive, session: &Session, owner: Kind, id: &str, mut form: Form) -> Result<Response, ApiError> {
    session.require("manageObservable", "create observable")?;
    let now_ms = app.control.now_ms();
    let mut hive = app.lock();
    let parent = hive.find(owner, session, id)?;
    let author = session.author(now_ms);
    let logged = form.logged();
    let (mut made, mut failure) = (Vec::new(), Vec::new());
    let json = form.json.take();
    for one in prepare(&hive, json, &form, now_ms)? {
        if is_there(&hive, parent, &one) {
            failure.push(exists(&one));
        } else {
            made.push(add(&mut hive, session.organisation, parent, &author, one)?);
        }
    }
    if !made.is_empty() {
        count_again(&mut hive, parent, &author);
        let path = format!(
            "/api/v1/{}/{}/observable",
            owner.info().name.to_lowercase(),
            wire_id(parent)
        );
        record(app, &hive, "POST", &path, logged, &made);
    }
    let success: Vec<Value> = made.iter().map(|id| hive.body(*id)).collect();
    if failure.is_empty() {
        return Ok((StatusCode::CREATED, axum::Json(success)).into_response());
    }
    let answer = json!({"success": success, "failure": failure});
    Ok((StatusCode::MULTI_STATUS, axum::Json(answer)).into_response())
}

fn is_there(hive: &Hive, parent: u64, one: &Prepared) -> bool {
    hive.store
        .by_natural_key(Kind::Observable, parent, &one.key())
        .is_some()
}

/// Adds an observable, with its attachment if it is a file. Whether it exists already is the caller's question.
pub fn add(
    hive: &mut Hive,
    organisation: u64,
    parent: u64,
    author: &Author<'_>,
    one: Prepared,
) -> Result<u64, ApiError> {
    let id = hive.insert(Kind::Observable, organisation, Some(parent), author, one.fields)?;
    if let Some(file) = &one.file {
        let attachment = attachment::add(hive, organisation, id, author, file)?;
        let body = hive.body(attachment);
        hive.store
            .amend(id, |entity| drop(entity.body.insert("attachment".into(), body)));
    }
    Ok(id)
}

/// Copies the observables of one alert or case to another; those that the other has already stay as they are there.
pub fn copy_all(hive: &mut Hive, from: u64, to: u64, author: &Author<'_>) -> Result<(), ApiError> {
    let own = ["_id", "_type", "_createdAt", "_createdBy", "_updatedAt", "_updatedBy"];
    let ids: Vec<u64> = hive.store.children(from, Kind::Observable).collect();
    for id in ids {
        let Some(entity) = hive.store.get(id) else { continue };
        let organisation = entity.organisation;
        let mut fields: Map<String, Value> = entity.body.clone();
        fields.retain(|name, _| !own.contains(&name.as_str()));
        let file = fields.get("attachment").and_then(|attachment| stored(hive, attachment));
        let one = Prepared { fields, file };
        if !is_there(hive, to, &one) {
            add(hive, organisation, to, author, one)?;
        }
    }
    Ok(())
}

/// The file behind an attachment as the API shows it.
fn stored(hive: &Hive, attachment: &Value) -> Option<File> {
    let text = |name: &str| attachment.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(File {
        part: "attachment".to_owned(),
        name: text("name")?,
        media_type: text("contentType")?,
        content: hive.vault.get(&text("id")?)?,
    })
}

/// Alerts count their observables.
pub fn count_again(hive: &mut Hive, parent: u64, author: &Author<'_>) {
    if hive.store.get(parent).is_some_and(|parent| parent.kind == Kind::Alert) {
        let count = hive.store.count_children(parent, Kind::Observable);
        hive.store.update(parent, author, |body| {
            drop(body.insert("observableCount".into(), count.into()));
        });
    }
}
