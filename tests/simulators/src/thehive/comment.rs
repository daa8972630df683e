//! What can be done with a comment? Written under a case or an alert, changed and deleted by its author only (contract 2.6).

use super::{
    app::{Hive, TheHive},
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::{Plan, Resource},
    session::Session,
    store::{Author, wire_id},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

const FIELDS: &[Field] = &[
    required("message", Rule::Text(0, LONG)),
    optional("external", Rule::Bool),
];

/// Comments of cases and alerts.
pub struct Comment;

impl Resource for Comment {
    const KIND: Kind = Kind::Comment;
    const PATH: &'static str = "/api/v1/comment";
    const CHANGE: &'static str = "manageComment";
    const REMOVE: &'static str = "manageComment";
    const UPDATE: &'static [Field] = FIELDS;

    fn guard(hive: &Hive, session: &Session, id: u64) -> Result<(), ApiError> {
        let author = hive
            .store
            .get(id)
            .and_then(|comment| comment.body.get("createdBy")?.as_str());
        if author == Some(session.login.as_str()) {
            return Ok(());
        }
        Err(ApiError::authorization("Operation not permitted"))
    }

    fn changed(_hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        let mut body = plan.simple();
        body.insert("isEdited".into(), true.into());
        Ok(body)
    }
}

/// `POST /api/v1/{case|alert}/{id}/comment`.
pub fn post(
    app: &TheHive,
    session: &Session,
    owner: Kind,
    id: &str,
    body: Value,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageComment", "create comment")?;
    let mut hive = app.lock();
    let parent = hive.find(owner, session, id)?;
    let author = session.author(app.control.now_ms());
    let id = add(&mut hive, session.organisation, parent, &author, body.clone())?;
    let path = format!(
        "/api/v1/{}/{}/comment",
        owner.info().name.to_lowercase(),
        wire_id(parent)
    );
    record(app, &hive, "POST", &path, body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// Adds a comment below a case or an alert.
pub fn add(hive: &mut Hive, organisation: u64, parent: u64, author: &Author<'_>, body: Value) -> Result<u64, ApiError> {
    let input = check::create(body, FIELDS)?;
    let mut fields = Map::from_iter([
        ("message".to_owned(), Value::Null),
        ("isEdited".to_owned(), false.into()),
        ("external".to_owned(), false.into()),
        ("extraData".to_owned(), json!({})),
    ]);
    fields.extend(input);
    hive.insert(Kind::Comment, organisation, Some(parent), author, fields)
}
