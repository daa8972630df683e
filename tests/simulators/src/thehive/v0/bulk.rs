//! How are many objects of v0 changed by one request (contract 2.2 to 2.4)? All of them are looked for before the first is changed.

use super::{
    alerts,
    call::{Answer, Call, Outcome},
    cases, ids, observables,
};
use crate::thehive::{error::ApiError, kind::Kind};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// `PATCH /api/{alert|case|case/artifact}/_bulk {ids, ..}`: 200 and the objects.
pub async fn update(call: &Call, kind: Kind) -> Outcome {
    let mut body = call.form.json.clone();
    let given = body.as_object_mut().and_then(|members| members.remove("ids"));
    let given = texts(given.as_ref());
    if given.is_empty() {
        return Err(ApiError::bad_request("ids: a list of ids is expected").into());
    }
    for id in &given {
        call.find(&call.app.lock(), kind, id)?;
    }
    let each = call.with(body);
    let mut rows = Vec::with_capacity(given.len());
    for id in &given {
        let Answer(_, row) = match kind {
            Kind::Alert => alerts::update(&each, id).await?,
            Kind::Case => cases::update(&each, id).await?,
            _ => observables::update(&each, id).await?,
        };
        rows.push(row);
    }
    Ok(Answer(StatusCode::OK, rows.into()))
}

/// `POST /api/alert/merge/_bulk {caseId, alertIds}`: 200 and the case.
pub async fn merge(call: &Call) -> Outcome {
    let v1 = |id: &str| ids::v1(call.flavour, id);
    let body = &call.form.json;
    let alerts: Vec<String> = texts(body.get("alertIds")).iter().map(|id| v1(id)).collect();
    let case = v1(body["caseId"].as_str().unwrap_or_default());
    let body = json!({"caseId": case, "alertIds": alerts});
    let merged = call.tell(Method::POST, "/api/v1/alert/merge/_bulk", body).await?;
    Ok(call.shown_of(StatusCode::OK, &merged))
}

/// `POST /api/{entity}/_stats {query, stats: [{"_agg": "count"}]}`: how many pass. Other aggregations are not simulated.
pub fn count(call: &Call, kind: Kind) -> Outcome {
    if call.form.json["stats"] != json!([{"_agg": "count"}]) {
        return Err(ApiError::bad_request("stats: only a count is simulated").into());
    }
    let rows = super::search::found(call, kind, None)?;
    Ok(Answer(StatusCode::OK, json!({"count": rows.len()})))
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}
