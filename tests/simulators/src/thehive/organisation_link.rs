//! Which organisations are linked, and how would they share? Links have two sides, each with a sharing profile (contract 2.10).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::wire_id,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// The sharing profile of one side, by that side and the other one.
pub type Links = BTreeMap<(u64, u64), String>;

const SIDES: &[Field] = &[
    optional("linkType", Rule::Text(1, 64)),
    optional("otherLinkType", Rule::Text(1, 64)),
];

const ONE_OF_MANY: &[Field] = &[
    required("toOrganisation", Rule::Text(1, 128)),
    required("linkType", Rule::Text(1, 64)),
    required("otherLinkType", Rule::Text(1, 64)),
    optional("avatar", Rule::Text(0, 1 << 20)),
];

/// The built-in sharing profiles: name, whether cases are shared by themselves.
const PROFILES: [(&str, bool); 2] = [("default", false), ("supervised", true)];

fn set(hive: &mut Hive, one: u64, other: u64, input: &serde_json::Map<String, Value>) -> Result<(), ApiError> {
    let side = |name: &str| {
        let profile = input.get(name).and_then(Value::as_str).unwrap_or("default");
        if PROFILES.iter().any(|(known, _)| *known == profile) {
            return Ok(profile.to_owned());
        }
        Err(ApiError::not_found(&format!("SharingProfile {profile}")))
    };
    let (own, others) = (side("linkType")?, side("otherLinkType")?);
    if one == other || [one, other].iter().any(|id| hive.organisation_name(*id) == "admin") {
        return Err(ApiError::bad_request(
            "organisation admin cannot be linked, nor one with itself",
        ));
    }
    hive.organisation_links.insert((one, other), own);
    hive.organisation_links.insert((other, one), others);
    Ok(())
}

/// `PUT /api/v1/organisation/{id}/link/{other} {linkType?, otherLinkType?}`: 201.
pub async fn put(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, other)): Path<(String, String)>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageOrganisation", "link organisations")?;
    let input = check::create(body.clone(), SIDES)?;
    let mut hive = app.lock();
    let one = hive.find_platform(Kind::Organisation, &id)?;
    let other = hive.find_platform(Kind::Organisation, &other)?;
    set(&mut hive, one, other, &input)?;
    let path = format!("/api/v1/organisation/{}/link/{}", wire_id(one), wire_id(other));
    record(&app, &hive, "PUT", &path, body, &[one, other]);
    Ok(StatusCode::CREATED)
}

/// `DELETE /api/v1/organisation/{id}/link/{other}`: 204.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, other)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    session.require("manageOrganisation", "unlink organisations")?;
    let mut hive = app.lock();
    let one = hive.find_platform(Kind::Organisation, &id)?;
    let other = hive.find_platform(Kind::Organisation, &other)?;
    if hive.organisation_links.remove(&(one, other)).is_none() {
        return Err(ApiError::not_found("OrganisationLink"));
    }
    hive.organisation_links.remove(&(other, one));
    let path = format!("/api/v1/organisation/{}/link/{}", wire_id(one), wire_id(other));
    record(&app, &hive, "DELETE", &path, Value::Null, &[one, other]);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/organisation/{id}/links`.
pub async fn list(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let one = hive.find(Kind::Organisation, &session, &id)?;
    let links = hive.organisation_links.range((one, 0)..=(one, u64::MAX));
    let shown = links.map(|((_, other), own)| {
        let back = hive.organisation_links.get(&(*other, one));
        json!({"linkType": own, "otherLinkType": back, "organisation": hive.body(*other)})
    });
    Ok(axum::Json(shown.collect()))
}

/// `PUT /api/v1/organisation/{id}/links {links: [{toOrganisation, linkType, otherLinkType}]}`: exactly these; 201.
pub async fn put_all(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageOrganisation", "link organisations")?;
    let mut hive = app.lock();
    let one = hive.find_platform(Kind::Organisation, &id)?;
    let list = body.get("links").and_then(Value::as_array).into_iter().flatten();
    let before = hive.organisation_links.clone();
    hive.organisation_links
        .retain(|(from, to), _| *from != one && *to != one);
    for input in list {
        let made = check::create(input.clone(), ONE_OF_MANY).and_then(|input| {
            let name = input.get("toOrganisation").and_then(Value::as_str).unwrap_or_default();
            let other = hive.find_platform(Kind::Organisation, name)?;
            set(&mut hive, one, other, &input)
        });
        if let Err(error) = made {
            hive.organisation_links = before;
            return Err(error);
        }
    }
    record(
        &app,
        &hive,
        "PUT",
        &format!("/api/v1/organisation/{}/links", wire_id(one)),
        body,
        &[one],
    );
    Ok(StatusCode::CREATED)
}

/// `GET /api/v1/sharingProfile`.
pub async fn profiles(_session: Session) -> axum::Json<Value> {
    let shown = PROFILES.iter().map(|(name, auto_share)| {
        json!({
            "name": name, "description": name, "autoShare": auto_share, "editable": !auto_share,
            "permissionProfile": "analyst", "taskRule": if *auto_share { "all" } else { "manual" },
            "observableRule": if *auto_share { "all" } else { "manual" },
        })
    });
    axum::Json(shown.collect())
}
