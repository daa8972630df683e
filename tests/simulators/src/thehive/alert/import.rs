//! How does an alert become part of a case? Promoted to a new one, merged into one, or only its observables imported.
//!
//! What 5.x does the second time is not known (contract 2.3 and 11): a promotion answers the case that the alert belongs to,
//! as 3 and 4 do; a merge or import is refused, as 4 does.

use crate::thehive::{
    app::{Hive, TheHive},
    body::Json,
    case,
    check::{self, Field, Rule, required},
    error::ApiError,
    kind::Kind,
    observable,
    record::record,
    session::Session,
    store::{Author, parse_id, wire_id},
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Alerts in one bulk merge (`alert.maxMergeInCase`, contract 8).
const MAX_ALERTS: usize = 50;
const BULK: &[Field] = &[required("caseId", Rule::Text(1, 128)), required("alertIds", Rule::List)];

/// `POST /api/v1/alert/{idOrTriple}/case`: 201 and the case.
pub async fn promote(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageAlert/import", "import alert")?;
    let given = check::create(body.clone(), &case::from_alert())?;
    let mut hive = app.lock();
    let alert = hive.find(Kind::Alert, &session, &id)?;
    if let Some(linked) = case_of(&hive, alert) {
        return Ok((StatusCode::CREATED, axum::Json(hive.body(linked))));
    }
    let author = session.author(app.control.now_ms());
    let input = promoted(&hive, &session, alert, given);
    let made = case::create(&mut hive, session.organisation, &author, input)?;
    let dates = alert_dates(&hive, alert, author.now_ms);
    hive.store.amend(made, |case| case.body.extend(dates));
    attach(&mut hive, alert, made, &author);
    observable::copy_all(&mut hive, alert, made, &author)?;
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/alert/{}/case", wire_id(alert)),
        body,
        &[made, alert],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(made))))
}

/// The input of the case: what the alert says unless the caller says something else.
fn promoted(hive: &Hive, session: &Session, alert: u64, given: Map<String, Value>) -> Value {
    let mut input = Map::new();
    if let Some(alert) = hive.store.get(alert) {
        for name in ["title", "description", "severity", "tags", "tlp", "pap", "customFields"] {
            input.extend(alert.body.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        // An alert may name a template that does not exist (contract 9.3, point 23): then there is none.
        let template = alert.body.get("caseTemplate").and_then(Value::as_str);
        let known = |name: &&str| {
            hive.store
                .resolve(Kind::CaseTemplate, session.organisation, name)
                .is_some()
        };
        input.extend(
            template
                .filter(known)
                .map(|name| ("caseTemplate".to_owned(), name.into())),
        );
    }
    input.extend(given);
    input.into()
}

/// What a case remembers of the alert it was made from.
fn alert_dates(hive: &Hive, alert: u64, now_ms: i64) -> Vec<(String, Value)> {
    let body = hive.store.get(alert).map(|alert| &alert.body);
    let date = |name: &str| body.and_then(|body| body.get(name)).cloned();
    let mut dates = vec![("alertImportedDate".to_owned(), json!(now_ms))];
    for (name, of_alert) in [
        ("alertDate", "date"),
        ("alertNewDate", "newDate"),
        ("alertInProgressDate", "inProgressDate"),
    ] {
        dates.extend(date(of_alert).map(|date| (name.to_owned(), date)));
    }
    dates
}

/// `POST /api/v1/alert/{idOrTriple}/merge/{caseId}`: 200 and the case.
pub async fn merge(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, case)): Path<(String, String)>,
) -> Result<axum::Json<Value>, ApiError> {
    into_case(&app, &session, &id, &case, "merge")
}

/// `POST /api/v1/alert/{idOrTriple}/import/{caseId}`: 200 and the case, whose own text stays.
pub async fn import(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, case)): Path<(String, String)>,
) -> Result<axum::Json<Value>, ApiError> {
    into_case(&app, &session, &id, &case, "import")
}

fn into_case(
    app: &TheHive,
    session: &Session,
    id: &str,
    case: &str,
    verb: &str,
) -> Result<axum::Json<Value>, ApiError> {
    session.require("manageAlert/import", "import alert")?;
    let mut hive = app.lock();
    let alert = importable(&hive, session, id)?;
    let case = hive.find(Kind::Case, session, case)?;
    merge_one(&mut hive, session, alert, case, app.control.now_ms(), verb == "merge")?;
    let path = format!("/api/v1/alert/{}/{verb}/{}", wire_id(alert), wire_id(case));
    record(app, &hive, "POST", &path, Value::Null, &[case, alert]);
    Ok(axum::Json(hive.body(case)))
}

/// `POST /api/v1/alert/merge/_bulk {caseId, alertIds}`: 200 and the case; all or nothing.
pub async fn bulk_merge(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<axum::Json<Value>, ApiError> {
    session.require("manageAlert/import", "import alert")?;
    let input = check::create(body.clone(), BULK)?;
    let mut hive = app.lock();
    let case = hive.find(
        Kind::Case,
        &session,
        input.get("caseId").and_then(Value::as_str).unwrap_or_default(),
    )?;
    let ids = input.get("alertIds").and_then(Value::as_array).into_iter().flatten();
    let alerts: Result<Vec<u64>, ApiError> = ids
        .map(|id| importable(&hive, &session, id.as_str().unwrap_or_default()))
        .collect();
    let alerts = alerts?;
    if alerts.len() > MAX_ALERTS {
        return Err(ApiError::bad_request(format!(
            "more than {MAX_ALERTS} alerts in one merge"
        )));
    }
    for alert in &alerts {
        merge_one(&mut hive, &session, *alert, case, app.control.now_ms(), true)?;
    }
    let changed: Vec<u64> = [case].into_iter().chain(alerts).collect();
    record(&app, &hive, "POST", "/api/v1/alert/merge/_bulk", body, &changed);
    Ok(axum::Json(hive.body(case)))
}

/// An alert that belongs to no case yet.
fn importable(hive: &Hive, session: &Session, id: &str) -> Result<u64, ApiError> {
    let alert = hive.find(Kind::Alert, session, id)?;
    match case_of(hive, alert) {
        None => Ok(alert),
        Some(_) => Err(ApiError::bad_request("Alert is already imported")),
    }
}

fn merge_one(
    hive: &mut Hive,
    session: &Session,
    alert: u64,
    case: u64,
    now_ms: i64,
    with_text: bool,
) -> Result<(), ApiError> {
    let author = session.author(now_ms);
    let body = hive
        .store
        .get(alert)
        .map(|alert| alert.body.clone())
        .unwrap_or_default();
    attach(hive, alert, case, &author);
    if with_text {
        case::add_to(hive, case, &body, session, now_ms);
    }
    observable::copy_all(hive, alert, case, &author)?;
    Ok(())
}

/// The case that an alert belongs to.
fn case_of(hive: &Hive, alert: u64) -> Option<u64> {
    parse_id(hive.store.get(alert)?.body.get("caseId")?.as_str()?)
}

/// The alerts that belong to a case.
pub fn of_case(hive: &Hive, case: u64) -> Vec<u64> {
    hive.store
        .ids_with(Kind::Alert, "caseId", &wire_id(case).into())
        .unwrap_or_default()
}

fn attach(hive: &mut Hive, alert: u64, case: u64, author: &Author<'_>) {
    hive.store.update(alert, author, |body| {
        body.extend([
            ("caseId".to_owned(), wire_id(case).into()),
            ("status".to_owned(), "Imported".into()),
            ("stage".to_owned(), "Imported".into()),
            ("importedDate".to_owned(), author.now_ms.into()),
        ]);
    });
}

/// The alert belongs to no case any more.
pub fn detach(hive: &mut Hive, alert: u64, author: &Author<'_>) {
    hive.store.update(alert, author, |body| {
        body.shift_remove("caseId");
        body.shift_remove("importedDate");
        body.insert("status".into(), "New".into());
        body.insert("stage".into(), "New".into());
    });
}

/// `DELETE /api/v1/case/{caseId}/alert/{alertId}`.
pub async fn unlink(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((case, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    session.require("manageCase/update", "update case")?;
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &case)?;
    let alert = hive.find(Kind::Alert, &session, &id)?;
    if case_of(&hive, alert) != Some(case) {
        return Err(ApiError::not_found("Alert"));
    }
    detach(&mut hive, alert, &session.author(app.control.now_ms()));
    let path = format!("/api/v1/case/{}/alert/{}", wire_id(case), wire_id(alert));
    record(&app, &hive, "DELETE", &path, Value::Null, &[alert]);
    Ok(StatusCode::NO_CONTENT)
}
