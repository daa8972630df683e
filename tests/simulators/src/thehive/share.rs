//! Who else sees a case? Its owner shares it with other organisations, by rule with its tasks and observables (contract 2.10).
//!
//! A shared case is found and read in the other organisation with its comments, pages and files; a task or observable only if
//! the rule of the share (`all`, `existingOnly`, `upcomingOnly`; else `manual`) or a share of its own says so. Profiles of
//! shares are shown and not applied; organisations need not be linked. The owner's own share is not listed, which is what the
//! vendor's client counts on.

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::{record, record_removal},
    resource::{Gone, Resource, take_ids},
    session::Session,
    store::{Author, wire_id},
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ONE: &[Field] = &[
    required("organisation", Rule::Text(1, 128)),
    optional("share", Rule::Bool),
    optional("profile", Rule::Text(1, 64)),
    optional("taskRule", Rule::Text(1, 64)),
    optional("observableRule", Rule::Text(1, 64)),
];

/// Shares of cases, by their own id.
pub struct Share;

impl Resource for Share {
    const KIND: Kind = Kind::Share;
    const PATH: &'static str = "/api/v1/case/share";
    const CHANGE: &'static str = "manageShare";
    const REMOVE: &'static str = "manageShare";
    const UPDATE: &'static [Field] = &[required("profile", Rule::Text(1, 64))];

    fn changed(hive: &mut Hive, plan: super::resource::Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = plan.changes.get("profile").and_then(Value::as_str).unwrap_or_default();
        hive.find_platform(Kind::Profile, name)?;
        let name = Value::from(name);
        let mut body = plan.body;
        body.insert("profileName".into(), name);
        Ok(body)
    }

    fn removed(hive: &mut Hive, gone: &Gone, _author: &Author<'_>) {
        if let Some(case) = gone.parent {
            follow(hive, case);
        }
    }
}

/// Makes the visibility of a case and what is below it follow its shares.
fn follow(hive: &mut Hive, case: u64) {
    let with: Vec<u64> = shares(hive, case)
        .filter_map(|share| organisation_of(hive, share))
        .collect();
    let gone: Vec<u64> = hive.store.shared_with(case).filter(|id| !with.contains(id)).collect();
    for organisation in gone {
        for id in below(hive, case).into_iter().chain([case]) {
            hive.store.unshare(id, organisation);
        }
    }
    for organisation in with {
        hive.store.share(case, organisation);
    }
}

/// Tasks and observables of a case.
fn below(hive: &Hive, case: u64) -> Vec<u64> {
    let tasks = hive.store.children(case, Kind::Task);
    tasks.chain(hive.store.children(case, Kind::Observable)).collect()
}

fn shares(hive: &Hive, case: u64) -> impl Iterator<Item = u64> + '_ {
    hive.store.children(case, Kind::Share)
}

fn organisation_of(hive: &Hive, share: u64) -> Option<u64> {
    let name = hive.store.get(share)?.body.get("organisationName")?.as_str()?;
    Some(hive.store.by_natural_key(Kind::Organisation, 0, &[name])?.id)
}

/// A new task or observable of a case is shared where the case's shares say so.
pub fn arrived(hive: &mut Hive, kind: Kind, parent: Option<u64>, id: u64) {
    let rule = match kind {
        Kind::Task => "taskRule",
        Kind::Observable => "observableRule",
        _ => return,
    };
    let Some(case) = parent else { return };
    let with: Vec<u64> = shares(hive, case)
        .filter(|share| {
            let rule = hive.store.get(*share).and_then(|share| share.body.get(rule)?.as_str());
            matches!(rule, Some("all" | "upcomingOnly"))
        })
        .filter_map(|share| organisation_of(hive, share))
        .collect();
    for organisation in with {
        hive.store.share(id, organisation);
    }
}

/// Shares a case as one input says; the organisation has none yet.
pub fn add(hive: &mut Hive, case: u64, author: &Author<'_>, input: Value) -> Result<u64, ApiError> {
    let input = check::create(input, ONE)?;
    let text =
        |name: &str, default: &'static str| input.get(name).and_then(Value::as_str).unwrap_or(default).to_owned();
    let organisation = hive.find_platform(Kind::Organisation, &text("organisation", ""))?;
    let profile = text("profile", "analyst");
    hive.find_platform(Kind::Profile, &profile)?;
    let name = hive.organisation_name(organisation).to_owned();
    if name == "admin" {
        return Err(ApiError::bad_request("organisation admin cannot hold cases"));
    }
    let owner = hive.store.get(case).map(|case| case.organisation).unwrap_or_default();
    let taken = shares(hive, case).any(|share| organisation_of(hive, share) == Some(organisation));
    if taken || organisation == owner {
        let message = format!("Case is already shared with organisation {name}");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let (task_rule, observable_rule) = (text("taskRule", "manual"), text("observableRule", "manual"));
    let fields = Map::from_iter([
        ("caseId".to_owned(), json!(wire_id(case))),
        ("organisationName".to_owned(), json!(name)),
        ("profileName".to_owned(), json!(profile)),
        ("owner".to_owned(), json!(false)),
        ("taskRule".to_owned(), json!(task_rule)),
        ("observableRule".to_owned(), json!(observable_rule)),
    ]);
    let share = hive.insert(Kind::Share, owner, Some(case), author, fields)?;
    hive.store.share(case, organisation);
    for (kind, rule) in [(Kind::Task, task_rule), (Kind::Observable, observable_rule)] {
        if ["all", "existingOnly"].contains(&rule.as_str()) {
            let existing: Vec<u64> = hive.store.children(case, kind).collect();
            for id in existing {
                hive.store.share(id, organisation);
            }
        }
    }
    Ok(share)
}

/// A case of the session's own organisation: only its owner shares it.
fn own_case(hive: &Hive, session: &Session, id: &str) -> Result<u64, ApiError> {
    session.require("manageShare", "share case")?;
    let case = hive.find(Kind::Case, session, id)?;
    let is_owner = hive
        .store
        .get(case)
        .is_some_and(|case| case.organisation == session.organisation);
    if is_owner {
        return Ok(case);
    }
    Err(ApiError::authorization("Operation not permitted"))
}

fn inputs(body: &Value) -> Vec<Value> {
    let list = body.get("shares").and_then(Value::as_array);
    let wanted = |one: &&Value| one.get("share") != Some(&Value::Bool(false));
    list.into_iter().flatten().filter(wanted).cloned().collect()
}

/// `POST /api/v1/case/{id}/shares {shares: [..]}`: 201 and those that were added.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    let mut hive = app.lock();
    let case = own_case(&hive, &session, &id)?;
    let made = add_all(&app, &mut hive, &session, case, "POST", body)?;
    Ok((
        StatusCode::CREATED,
        axum::Json(made.iter().map(|id| hive.body(*id)).collect()),
    ))
}

/// `PUT /api/v1/case/{id}/shares {shares: [..]}`: exactly these; 200 and the list.
pub async fn put(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<axum::Json<Value>, ApiError> {
    let mut hive = app.lock();
    let case = own_case(&hive, &session, &id)?;
    let author = session.author(app.control.now_ms());
    for input in inputs(&body) {
        let input = check::create(input, ONE)?;
        hive.find_platform(
            Kind::Organisation,
            input.get("organisation").and_then(Value::as_str).unwrap_or_default(),
        )?;
    }
    let old: Vec<u64> = shares(&hive, case).collect();
    for share in old {
        hive.store.remove(share, &author);
    }
    follow(&mut hive, case);
    let made = add_all(&app, &mut hive, &session, case, "PUT", body)?;
    Ok(axum::Json(made.iter().map(|id| hive.body(*id)).collect()))
}

fn add_all(
    app: &TheHive,
    hive: &mut Hive,
    session: &Session,
    case: u64,
    method: &str,
    body: Value,
) -> Result<Vec<u64>, ApiError> {
    let author = session.author(app.control.now_ms());
    let made: Result<Vec<u64>, ApiError> = inputs(&body)
        .into_iter()
        .map(|one| add(hive, case, &author, one))
        .collect();
    let made = made?;
    let path = format!("/api/v1/case/{}/shares", wire_id(case));
    let changed: Vec<u64> = [case].into_iter().chain(made.iter().copied()).collect();
    record(app, hive, method, &path, body, &changed);
    Ok(made)
}

/// `DELETE /api/v1/case/{id}/shares {organisations: [~id]}`: a removal with a body.
pub async fn remove(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let mut hive = app.lock();
    let case = own_case(&hive, &session, &id)?;
    // The vendor's suite notes that this call takes ids only.
    let names = body
        .get("organisations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    if let Some(name) = names.filter_map(Value::as_str).find(|name| !name.starts_with('~')) {
        return Err(ApiError::not_found(&format!("Organisation {name}")));
    }
    let gone = organisations(&hive, &body)?;
    let found: Vec<u64> = shares(&hive, case)
        .filter(|share| organisation_of(&hive, *share).is_some_and(|id| gone.contains(&id)))
        .collect();
    let author = session.author(app.control.now_ms());
    for share in &found {
        hive.store.remove(*share, &author);
    }
    follow(&mut hive, case);
    record(
        &app,
        &hive,
        "DELETE",
        &format!("/api/v1/case/{}/shares", wire_id(case)),
        body,
        &[case],
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/case/shares {ids}`: all or nothing.
pub async fn remove_many(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageShare", "delete share")?;
    let (ids, _) = take_ids(body.clone())?;
    let mut hive = app.lock();
    let found: Result<Vec<u64>, ApiError> = ids.iter().map(|id| hive.find(Kind::Share, &session, id)).collect();
    let found = found?;
    let author = session.author(app.control.now_ms());
    for share in &found {
        let case = hive.store.get(*share).and_then(|share| share.parent);
        hive.store.remove(*share, &author);
        if let Some(case) = case {
            follow(&mut hive, case);
        }
    }
    record_removal(&app, "DELETE", "/api/v1/case/shares", body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/{case|task|observable}/{id}/shares`. The vendor's client asks for a case's shares with the id of an observable
/// (contract 9.3, point 14), so every entity that can be shared is looked for.
pub async fn list(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let shareable = [Kind::Case, Kind::Task, Kind::Observable];
    let found = shareable
        .into_iter()
        .find_map(|kind| hive.find(kind, &session, &id).ok());
    let found = found.ok_or_else(|| ApiError::not_found("Case"))?;
    let entity = hive.store.get(found);
    let case = match entity.map(|entity| (entity.kind, entity.parent)) {
        Some((Kind::Case, _)) => Some(found),
        Some((_, parent)) => parent,
        None => None,
    };
    let Some(case) = case else {
        return Ok(axum::Json(json!([])));
    };
    let with: Vec<u64> = hive.store.shared_with(found).collect();
    let shown = shares(&hive, case).filter(|share| organisation_of(&hive, *share).is_some_and(|id| with.contains(&id)));
    Ok(axum::Json(shown.map(|share| hive.body(share)).collect()))
}

/// The organisations that a body names. Error: one that is not there.
fn organisations(hive: &Hive, body: &Value) -> Result<Vec<u64>, ApiError> {
    let names = body
        .get("organisations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    names
        .map(|name| hive.find_platform(Kind::Organisation, name.as_str().unwrap_or_default()))
        .collect()
}

/// `POST /api/v1/task/{id}/shares {organisations}`.
pub async fn post_task(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    one(&app, &session, Kind::Task, &id, body, true)
}

/// `DELETE /api/v1/task/{id}/shares {organisations}`.
pub async fn remove_task(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    one(&app, &session, Kind::Task, &id, body, false)
}

/// `POST /api/v1/observable/{id}/shares {organisations}`.
pub async fn post_observable(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    one(&app, &session, Kind::Observable, &id, body, true)
}

/// `DELETE /api/v1/observable/{id}/shares {organisations}`.
pub async fn remove_observable(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    one(&app, &session, Kind::Observable, &id, body, false)
}

/// Shares a task or observable with organisations that have its case, or no longer. The own organisation has it anyway.
fn one(
    app: &TheHive,
    session: &Session,
    kind: Kind,
    id: &str,
    body: Value,
    shared: bool,
) -> Result<StatusCode, ApiError> {
    session.require("manageShare", "share")?;
    let mut hive = app.lock();
    let found = hive.find(kind, session, id)?;
    let (owner, case) = hive
        .store
        .get(found)
        .map(|entity| (entity.organisation, entity.parent.unwrap_or(entity.id)))
        .unwrap_or_default();
    let wanted: Vec<u64> = organisations(&hive, &body)?
        .into_iter()
        .filter(|id| *id != owner)
        .collect();
    let has_case = |organisation: &u64| hive.store.shared_with(case).any(|id| id == *organisation);
    if let Some(without) = wanted.iter().find(|id| shared && !has_case(id)) {
        let name = hive.organisation_name(*without);
        return Err(ApiError::bad_request(format!("the case is not shared with {name}")));
    }
    for organisation in wanted {
        if shared {
            hive.store.share(found, organisation);
        } else {
            hive.store.unshare(found, organisation);
        }
    }
    let path = format!("/api/v1/{}/{}/shares", kind.info().name.to_lowercase(), wire_id(found));
    record(
        app,
        &hive,
        if shared { "POST" } else { "DELETE" },
        &path,
        body,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}
