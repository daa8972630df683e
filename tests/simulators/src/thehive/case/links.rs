//! How are cases related? By equal observables, by links that people set; and who owns and sees a case.

use crate::thehive::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::take_ids,
    session::Session,
    share,
    store::{Entity, wire_id},
};
use axum::{
    extract::{Path, State},
    routing::{MethodRouter, post},
};
use http::StatusCode;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const CASE_LINK: &[Field] = &[
    required("type", Rule::Text(1, 64)),
    required("caseId", Rule::Text(1, 128)),
];
const URL_LINK: &[Field] = &[
    required("type", Rule::Text(1, 64)),
    required("url", Rule::Text(1, 4096)),
];

const OWNER: &[Field] = &[
    required("organisation", Rule::Text(1, 128)),
    optional("keepProfile", Rule::Text(1, 128)),
    optional("taskRule", Rule::Text(1, 128)),
    optional("observableRule", Rule::Text(1, 128)),
];

/// The links people set; kept outside of the body, because only `extraData.links` shows them.
#[derive(Clone, Default)]
pub struct Links {
    /// Type and case.
    pub cases: Vec<(String, u64)>,
    /// Type and URL.
    pub urls: Vec<(String, String)>,
}

/// `GET /api/v1/case/{id}/links`: the cases that hold an equal observable.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Vec<Value>>, ApiError> {
    let hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    let mut linked: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for observable in observables(&hive, case) {
        for other in equal_elsewhere(&hive, observable) {
            let parent = other.parent.and_then(|id| hive.store.get(id));
            if let Some(parent) = parent.filter(|parent| parent.kind == Kind::Case && parent.id != case) {
                linked.entry(parent.id).or_default().push(other.body.clone().into());
            }
        }
    }
    let shown = linked.into_iter().map(|(id, with)| {
        let mut body = hive.body(id);
        body["linksCount"] = with.len().into();
        body["linkedWith"] = with.into();
        body
    });
    Ok(axum::Json(shown.collect()))
}

/// `GET /api/v1/{case|alert}/{id}/similar/{alertOrCaseId}/observables`: those of the other that the first one has too.
pub async fn similar_observables(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((kind, id, other)): Path<(String, String, String)>,
) -> Result<axum::Json<Vec<Value>>, ApiError> {
    let hive = app.lock();
    let kind = if kind == "alert" { Kind::Alert } else { Kind::Case };
    let one = hive.find(kind, &session, &id)?;
    let other = hive
        .find(Kind::Case, &session, &other)
        .or_else(|_| hive.find(Kind::Alert, &session, &other))?;
    let is_shared = |observable: &&Entity| {
        equal_elsewhere(&hive, observable)
            .iter()
            .any(|same| same.parent == Some(one))
    };
    let shared = observables(&hive, other).into_iter().filter(is_shared);
    Ok(axum::Json(
        shared.map(|observable| observable.body.clone().into()).collect(),
    ))
}

fn observables(hive: &Hive, parent: u64) -> Vec<&Entity> {
    hive.store
        .children(parent, Kind::Observable)
        .filter_map(|id| hive.store.get(id))
        .collect()
}

/// The other observables of the organisation with the same type and data; files are not compared.
fn equal_elsewhere<'a>(hive: &'a Hive, observable: &Entity) -> Vec<&'a Entity> {
    let data = observable.body.get("data").unwrap_or(&Value::Null);
    let ids = hive.store.ids_with(Kind::Observable, "data", data).unwrap_or_default();
    let all = ids.into_iter().filter_map(|id| hive.store.get(id));
    all.filter(|other| {
        let same_type = other.body.get("dataType") == observable.body.get("dataType");
        same_type && other.id != observable.id && other.organisation == observable.organisation
    })
    .collect()
}

/// `GET /api/v1/case/link/types`: the types in use.
pub async fn link_types(State(app): State<Arc<TheHive>>, session: Session) -> axum::Json<Vec<String>> {
    let hive = app.lock();
    let cases = hive.links.iter().filter(|(id, _)| {
        hive.store
            .get(**id)
            .is_some_and(|case| case.organisation == session.organisation)
    });
    let mut types: Vec<String> = cases
        .flat_map(|(_, links)| {
            let of_cases = links.cases.iter().map(|(kind, _)| kind.clone());
            of_cases.chain(links.urls.iter().map(|(kind, _)| kind.clone()))
        })
        .collect();
    types.sort();
    types.dedup();
    axum::Json(types)
}

/// What is done to the links of a case: of this type, to this target.
type Change = fn(&mut Hive, &Session, u64, (&str, &str)) -> Result<(), ApiError>;

/// `POST /api/v1/case/{id}/link/{verb}`: `case/...` takes `{type, caseId}`, `external/...` takes `{type, url}`.
pub fn change_links(verb: &'static str, change: Change) -> MethodRouter<Arc<TheHive>> {
    post(
        move |State(app): State<Arc<TheHive>>, session: Session, Path(id): Path<String>, Json(body): Json| async move {
            session.require("manageCase/update", "update case")?;
            let of_case = verb.starts_with("case/");
            let input = check::create(body.clone(), if of_case { CASE_LINK } else { URL_LINK })?;
            let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
            let target = if of_case { text("caseId") } else { text("url") };
            let mut hive = app.lock();
            let case = hive.find(Kind::Case, &session, &id)?;
            change(&mut hive, &session, case, (text("type"), target))?;
            let path = format!("/api/v1/case/{}/link/{verb}", wire_id(case));
            record(&app, &hive, "POST", &path, body, &[case]);
            Ok::<_, ApiError>(StatusCode::NO_CONTENT)
        },
    )
}

/// `case/add`
pub fn link_case(hive: &mut Hive, session: &Session, case: u64, (kind, target): (&str, &str)) -> Result<(), ApiError> {
    let target = hive.find(Kind::Case, session, target)?;
    hive.links
        .entry(case)
        .or_default()
        .cases
        .push((kind.to_owned(), target));
    Ok(())
}

/// `case/remove`
pub fn unlink_case(
    hive: &mut Hive,
    session: &Session,
    case: u64,
    (kind, target): (&str, &str),
) -> Result<(), ApiError> {
    let target = hive.find(Kind::Case, session, target)?;
    let links = hive.links.entry(case).or_default();
    links.cases.retain(|(own, id)| (own.as_str(), *id) != (kind, target));
    Ok(())
}

/// `external/add`
pub fn link_url(hive: &mut Hive, _session: &Session, case: u64, (kind, url): (&str, &str)) -> Result<(), ApiError> {
    hive.links
        .entry(case)
        .or_default()
        .urls
        .push((kind.to_owned(), url.to_owned()));
    Ok(())
}

/// `external/remove`
pub fn unlink_url(hive: &mut Hive, _session: &Session, case: u64, link: (&str, &str)) -> Result<(), ApiError> {
    let links = hive.links.entry(case).or_default();
    links.urls.retain(|(own, url)| (own.as_str(), url.as_str()) != link);
    Ok(())
}

/// `POST /api/v1/case/{id}/owner {organisation, keepProfile?, ..}`: the case moves to another organisation with all below it;
/// with a profile the former owner keeps a share.
pub async fn change_owner(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageCase/changeOwnership", "change owner")?;
    let input = check::create(body.clone(), OWNER)?;
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    let organisation = hive.find_platform(Kind::Organisation, text("organisation").unwrap_or_default())?;
    let former = hive.organisation_name(session.organisation).to_owned();
    hive.store.unshare(case, organisation);
    move_to(&mut hive, case, organisation);
    if let Some(profile) = text("keepProfile").filter(|_| organisation != session.organisation) {
        let share = json!({"organisation": former, "profile": profile, "taskRule": "all", "observableRule": "all"});
        share::add(&mut hive, case, &session.author(app.control.now_ms()), share)?;
    }
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/case/{}/owner", wire_id(case)),
        body,
        &[case],
    );
    Ok(StatusCode::NO_CONTENT)
}

fn move_to(hive: &mut Hive, id: u64, organisation: u64) {
    hive.store.amend(id, |entity| entity.organisation = organisation);
    for kind in Kind::ALL {
        let children: Vec<u64> = hive.store.children(id, kind).collect();
        for child in children {
            move_to(hive, child, organisation);
        }
    }
}

/// `POST /api/v1/case/{id}/access {access: {_kind, ..}}`.
pub async fn change_access(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    set_access(&app, &session, &[id], &body, |hive, found| {
        let id = found.first().map(|id| wire_id(*id)).unwrap_or_default();
        record(
            &app,
            hive,
            "POST",
            &format!("/api/v1/case/{id}/access"),
            body.clone(),
            found,
        );
    })
}

/// `POST /api/v1/case/_bulk/access {ids, access}`: all or nothing.
pub async fn change_access_of_many(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    set_access(&app, &session, &ids, &rest, |hive, found| {
        record(&app, hive, "POST", "/api/v1/case/_bulk/access", body.clone(), found);
    })
}

fn set_access(
    app: &TheHive,
    session: &Session,
    ids: &[String],
    body: &Value,
    record: impl FnOnce(&Hive, &[u64]),
) -> Result<StatusCode, ApiError> {
    session.require("manageCaseAccess/restrict", "manage access")?;
    let access = body
        .get("access")
        .filter(|access| access.get("_kind").is_some_and(Value::is_string));
    let access =
        access.ok_or_else(|| ApiError::attributes(vec![json!({"name": "access", "type": "MissingAttributeError"})]))?;
    let mut hive = app.lock();
    let found: Result<Vec<u64>, ApiError> = ids.iter().map(|id| hive.find(Kind::Case, session, id)).collect();
    let found = found?;
    for case in &found {
        hive.store
            .update(*case, &session.author(app.control.now_ms()), |fields| {
                fields.insert("access".into(), access.clone());
            });
    }
    record(&hive, &found);
    Ok(StatusCode::NO_CONTENT)
}
