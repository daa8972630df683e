//! What can be done with an attachment? Added to cases and alerts by multipart, listed, downloaded and deleted (contract 5).
//!
//! Files of observables and task logs are the same kind of entity below their observable or log; their bodies are repeated
//! in the body of what they belong to.

use super::{
    app::{Hive, TheHive},
    error::ApiError,
    kind::Kind,
    record::{record, record_removal},
    session::Session,
    store::{Author, wire_id},
    upload::{Content, File, Form},
    zip,
};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The part of a multipart request that holds attachments everywhere but on observables.
pub const PART: &str = "attachments";

/// Adds an attachment below `parent`.
pub fn add(hive: &mut Hive, organisation: u64, parent: u64, author: &Author<'_>, file: &File) -> Result<u64, ApiError> {
    let fields = Map::from_iter([
        ("name".to_owned(), json!(file.name)),
        ("hashes".to_owned(), file.content.hashes()),
        ("size".to_owned(), json!(file.content.size)),
        ("contentType".to_owned(), json!(file.media_type)),
        ("id".to_owned(), json!(file.content.sha256)),
        ("path".to_owned(), json!(file.name)),
        ("external".to_owned(), json!(false)),
        ("extraData".to_owned(), json!({})),
    ]);
    hive.insert(Kind::Attachment, organisation, Some(parent), author, fields)
}

/// `POST /api/v1/{case|alert}/{id}/attachments`: 201 `{"attachments": [..]}`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((owner, id)): Path<(String, String)>,
    form: Form,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    let (owner, permission) = owner_kind(&owner)?;
    session.require(permission, "add attachment")?;
    let mut hive = app.lock();
    let parent = hive.find(owner, &session, &id)?;
    let made = add_files(
        &mut hive,
        parent,
        &session.author(app.control.now_ms()),
        &session,
        &form,
    )?;
    let path = format!(
        "/api/v1/{}/{}/attachments",
        owner.info().name.to_lowercase(),
        wire_id(parent)
    );
    record(&app, &hive, "POST", &path, form.logged(), &made);
    let bodies: Vec<Value> = made.iter().map(|id| hive.body(*id)).collect();
    Ok((StatusCode::CREATED, axum::Json(json!({"attachments": bodies}))))
}

/// Adds the files of a form. Error: there are none.
pub fn add_files(
    hive: &mut Hive,
    parent: u64,
    author: &Author<'_>,
    session: &Session,
    form: &Form,
) -> Result<Vec<u64>, ApiError> {
    let files: Vec<&File> = form.files_of(PART).collect();
    if files.is_empty() {
        return Err(ApiError::attributes(vec![
            json!({"name": PART, "type": "MissingAttributeError"}),
        ]));
    }
    files
        .into_iter()
        .map(|file| add(hive, session.organisation, parent, author, file))
        .collect()
}

/// `POST /api/v1/attachment`: below the organisation. `canRename` is accepted; equal names do not clash here.
pub async fn post_to_organisation(
    State(app): State<Arc<TheHive>>,
    session: Session,
    form: Form,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageKnowledgeBase", "add attachment")?;
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let made = add_files(&mut hive, session.organisation, &author, &session, &form)?;
    record(&app, &hive, "POST", "/api/v1/attachment", form.logged(), &made);
    let bodies: Vec<Value> = made.iter().map(|id| hive.body(*id)).collect();
    Ok((StatusCode::CREATED, axum::Json(json!({"attachments": bodies}))))
}

/// `GET /api/v1/attachment/{attachmentId}/download`: any attachment the organisation sees.
pub async fn download_any(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let (name, media_type, content) = {
        let hive = app.lock();
        let found = hive.find(Kind::Attachment, &session, &id)?;
        content(&hive, found)?
    };
    let size = usize::try_from(content.size).unwrap_or(usize::MAX);
    Ok(answer(&name, &media_type, size, content.body()))
}

/// `DELETE /api/v1/attachment/{attachmentId}`.
pub async fn delete_of_organisation(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageKnowledgeBase", "delete attachment")?;
    let mut hive = app.lock();
    let found = find(&hive, session.organisation, &id)?;
    hive.store.remove(found, &session.author(app.control.now_ms()));
    record_removal(
        &app,
        "DELETE",
        &format!("/api/v1/attachment/{id}"),
        Value::Null,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Download {
    /// Python clients write `True`.
    #[serde(rename = "asZip")]
    as_zip: Option<String>,
}

/// `GET /api/v1/{case|alert|log|observable}/{id}/attachment/{attachmentId}[/download?asZip=]`: the bytes.
pub async fn download(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((owner, id, attachment)): Path<(String, String, String)>,
    Query(wanted): Query<Download>,
) -> Result<Response, ApiError> {
    let (owner, _) = owner_kind(&owner)?;
    let (name, media_type, content) = {
        let hive = app.lock();
        let parent = hive.find(owner, &session, &id)?;
        let found = find(&hive, parent, &attachment)?;
        content(&hive, found)?
    };
    if wanted.as_zip.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        let bytes = content
            .bytes()
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        let archive = zip::encrypted(&name, &bytes);
        return Ok(answer(
            &format!("{name}.zip"),
            "application/zip",
            archive.len(),
            Body::from(archive),
        ));
    }
    let size = usize::try_from(content.size).unwrap_or(usize::MAX);
    Ok(answer(&name, &media_type, size, content.body()))
}

/// `DELETE /api/v1/{case|alert}/{id}/attachment/{attachmentId}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((owner, id, attachment)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let (kind, permission) = owner_kind(&owner)?;
    session.require(permission, "delete attachment")?;
    let mut hive = app.lock();
    let parent = hive.find(kind, &session, &id)?;
    let found = find(&hive, parent, &attachment)?;
    hive.store.remove(found, &session.author(app.control.now_ms()));
    let path = format!("/api/v1/{owner}/{}/attachment/{}", wire_id(parent), wire_id(found));
    record_removal(&app, "DELETE", &path, Value::Null, &[found]);
    Ok(StatusCode::NO_CONTENT)
}

/// The attachment of an entity, by its own id or by the SHA-256 of its content.
pub fn find(hive: &Hive, parent: u64, attachment: &str) -> Result<u64, ApiError> {
    let is_it = |id: &u64| {
        let sha256 = || hive.store.get(*id).and_then(|entity| entity.body.get("id")?.as_str());
        wire_id(*id) == attachment || sha256() == Some(attachment)
    };
    let found = hive.store.children(parent, Kind::Attachment).find(is_it);
    found.ok_or_else(|| ApiError::not_found("Attachment"))
}

/// Name, media type and content of an attachment.
fn content(hive: &Hive, attachment: u64) -> Result<(String, String, Arc<Content>), ApiError> {
    let entity = hive.store.get(attachment);
    let text = |name: &str| {
        entity
            .and_then(|entity| entity.body.get(name)?.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let content = hive
        .vault
        .get(&text("id"))
        .ok_or_else(|| ApiError::not_found("Attachment"))?;
    Ok((text("name"), text("contentType"), content))
}

fn answer(name: &str, media_type: &str, size: usize, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename*=utf-8''{encoded}"));
    if let (Ok(disposition), Ok(media_type)) = (disposition, HeaderValue::from_str(media_type)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    headers.insert(header::CONTENT_LENGTH, size.into());
    response
}

/// The kind behind a path segment and the permission to change its attachments.
fn owner_kind(segment: &str) -> Result<(Kind, &'static str), ApiError> {
    match segment {
        "case" => Ok((Kind::Case, "manageCase/update")),
        "alert" => Ok((Kind::Alert, "manageAlert/update")),
        "log" => Ok((Kind::Log, "manageTask")),
        "observable" => Ok((Kind::Observable, "manageObservable")),
        _ => Err(ApiError::not_found(segment)),
    }
}
