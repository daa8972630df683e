//! What can be done with an alert of v0 (contract 2.3)?

use super::{
    Flavour,
    call::{Answer, Call, Outcome},
    ids, observables, show,
    take::{self, Names},
};
use crate::thehive::{error::ApiError, kind::Kind, store::parse_id, upload::Form};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

const CREATE: Names = &[
    ("type", "type"),
    ("source", "source"),
    ("sourceRef", "sourceRef"),
    ("title", "title"),
    ("description", "description"),
    ("severity", "severity"),
    ("date", "date"),
    ("tags", "tags"),
    ("tlp", "tlp"),
    ("caseTemplate", "caseTemplate"),
    ("customFields", "customFields"),
    ("artifacts", "artifacts"),
];
const UPDATE: Names = &[
    ("title", "title"),
    ("description", "description"),
    ("severity", "severity"),
    ("date", "date"),
    ("tags", "tags"),
    ("tlp", "tlp"),
    ("customFields", "customFields"),
];
/// What 4 has in addition.
const OF_4: Names = &[("pap", "pap"), ("externalLink", "externalLink")];

/// `POST /api/alert`: 201 and the alert, its artifacts inside.
pub async fn create(call: &Call) -> Outcome {
    let body = &call.form.json;
    let mut input = take::members(call.flavour, body, CREATE, &["follow", "status"])?;
    if call.flavour == Flavour::V4 {
        input.extend(take::members(call.flavour, body, OF_4, &[])?);
    }
    let fields = take::field_list(call.flavour, input.remove("customFields"));
    input.insert("customFields".to_owned(), fields);
    let mut form = Form::default();
    let artifacts = input
        .remove("artifacts")
        .and_then(|list| list.as_array().cloned())
        .unwrap_or_default();
    let prepared = observables::inline(call, artifacts, &mut form)?;
    input.insert("observables".to_owned(), prepared.into());
    form.json = input.into();
    let made = call.ask(Method::POST, "/api/v1/alert", form).await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

/// `PATCH /api/alert/{id}`: 200 and the alert.
pub async fn update(call: &Call, id: &str) -> Outcome {
    let body = &call.form.json;
    let mut input = take::members(
        call.flavour,
        body,
        UPDATE,
        &["caseTemplate", "status", "artifacts", "follow"],
    )?;
    if call.flavour == Flavour::V4 {
        input.extend(take::members(call.flavour, body, OF_4, &[])?);
    }
    set_fields(call.flavour, body, &mut input);
    call.tell(Method::PATCH, &call.path("alert", id, ""), input.into())
        .await?;
    call.get(Kind::Alert, id)
}

/// Custom fields of a change: the whole map, or on 4 single ones by their path.
pub fn set_fields(flavour: Flavour, body: &Value, input: &mut Map<String, Value>) {
    let whole = input.remove("customFields");
    if whole.is_some() {
        input.insert("customFields".to_owned(), take::field_list(flavour, whole));
        return;
    }
    let members = body.as_object().into_iter().flatten();
    let single: Map<String, Value> = members
        .filter(|_| flavour == Flavour::V4)
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("customFields.")?;
            Some((name.to_owned(), take::typed(flavour, value.clone())?))
        })
        .collect();
    if !single.is_empty() {
        input.insert("customFields".to_owned(), single.into());
    }
}

/// `DELETE /api/alert/{id}`: 204. Without `force=1` 3 only marks it unread.
pub async fn delete(call: &Call, id: &str) -> Outcome {
    let force = call.query.iter().any(|(name, value)| name == "force" && value == "1");
    if call.flavour == Flavour::V3 && !force {
        mark(call, id, "markAsUnread").await?;
        return Ok(Answer(StatusCode::NO_CONTENT, Value::Null));
    }
    call.tell(Method::DELETE, &call.path("alert", id, ""), Value::Null)
        .await
}

/// `POST /api/alert/delete/_bulk {ids}`: 204.
pub async fn delete_bulk(call: &Call) -> Outcome {
    let given = call.form.json["ids"].as_array().cloned().unwrap_or_default();
    let given = given.iter().filter_map(Value::as_str);
    let ids: Vec<String> = given.map(|id| ids::v1(call.flavour, id)).collect();
    call.tell(Method::POST, "/api/v1/alert/delete/_bulk", json!({"ids": ids}))
        .await
}

/// `POST /api/alert/{id}/markAsRead|markAsUnread|follow|unfollow`: 200 and the alert. What belongs to a case stays imported, and is
/// `Updated` as long as it is unread.
pub async fn mark(call: &Call, id: &str, verb: &str) -> Outcome {
    let (found, has_case) = {
        let hive = call.app.lock();
        let found = call.find(&hive, Kind::Alert, id)?;
        let has_case = hive
            .store
            .get(found)
            .is_some_and(|alert| alert.body.contains_key("caseId"));
        (found, has_case)
    };
    let status = match verb {
        "follow" | "unfollow" => {
            call.tell(Method::POST, &call.path("alert", id, &format!("/{verb}")), Value::Null)
                .await?;
            return call.get(Kind::Alert, id);
        }
        "markAsRead" => "Ignored",
        "markAsUnread" => "New",
        _ => return Err(ApiError::not_found(&format!("/api/alert/{id}/{verb}")).into()),
    };
    if has_case {
        let unread = status == "New";
        call.app.lock().store.amend(found, |alert| {
            keep(&mut alert.body, show::UNREAD, unread.then(|| true.into()));
        });
    } else {
        let path = call.path("alert", id, "");
        call.tell(Method::PATCH, &path, json!({"status": status})).await?;
    }
    call.get(Kind::Alert, id)
}

/// Keeps a value that v1 has no place for.
pub fn keep(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    let extra = body.entry("extraData").or_insert_with(|| json!({}));
    if let Some(extra) = extra.as_object_mut() {
        extra.remove(name);
        extra.extend(value.map(|value| (name.to_owned(), value)));
    }
}

/// `POST /api/alert/{id}/createCase {caseTemplate?}`: 201 and the case, the second time the same (contract section 7).
pub async fn promote(call: &Call, id: &str) -> Outcome {
    let template = call.form.json.get("caseTemplate").filter(|name| !name.is_null());
    let body = template.map_or_else(|| json!({}), |name| json!({"caseTemplate": name}));
    let made = call.tell(Method::POST, &call.path("alert", id, "/case"), body).await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

/// `POST /api/alert/{id}/merge/{case}`. The second time 3 answers the case that it is in, 4 refuses.
pub async fn merge(call: &Call, id: &str, case: &str) -> Outcome {
    let status = if call.flavour == Flavour::V3 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let linked = {
        let hive = call.app.lock();
        let found = call.find(&hive, Kind::Alert, id)?;
        hive.store
            .get(found)
            .and_then(|alert| parse_id(alert.body.get("caseId")?.as_str()?))
    };
    if let (Some(case), Flavour::V3) = (linked, call.flavour) {
        return Ok(call.shown(status, case));
    }
    let rest = format!("/merge/{}", ids::v1(call.flavour, case));
    let merged = call
        .tell(Method::POST, &call.path("alert", id, &rest), Value::Null)
        .await?;
    Ok(call.shown_of(status, &merged))
}
