//! What can be done with a procedure (an ATT&CK technique seen in a case or alert)? Contract 2.9; the output has no `_type`.

use super::{
    app::{Hive, TheHive},
    check::{self, Field, LONG, Rule, clearable, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::{Plan, Resource},
    session::Session,
    store::{Author, wire_id},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

const CREATE: &[Field] = &[
    required("patternId", Rule::Text(1, 128)),
    required("occurDate", Rule::Millis),
    optional("tactic", Rule::Text(1, 32)),
    optional("description", Rule::Text(0, LONG)),
];

const UPDATE: &[Field] = &[
    optional("patternId", Rule::Text(1, 128)),
    optional("occurDate", Rule::Millis),
    optional("tactic", Rule::Text(1, 32)),
    clearable("description", Rule::Text(0, LONG)),
];

/// Procedures of cases and alerts.
pub struct Procedure;

impl Resource for Procedure {
    const KIND: Kind = Kind::Procedure;
    const PATH: &'static str = "/api/v1/procedure";
    const CHANGE: &'static str = "manageProcedure";
    const REMOVE: &'static str = "manageProcedure";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(_hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        check_pattern(plan.changes)?;
        let mut body = plan.simple();
        if let Some(tactic) = body.get("tactic").and_then(Value::as_str) {
            let label = tactic_label(tactic);
            body.insert("tacticLabel".into(), label.into());
        }
        Ok(body)
    }
}

/// The stored form of a procedure. Errors: fields; an id that no ATT&CK technique can have (404). The catalogue itself is not
/// simulated: every well-formed id counts as imported.
pub fn prepare(body: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(body, CREATE)?;
    check_pattern(&fields)?;
    if let Some(tactic) = fields.get("tactic").and_then(Value::as_str) {
        let label = tactic_label(tactic);
        fields.insert("tacticLabel".into(), label.into());
    }
    fields.insert("extraData".into(), json!({}));
    Ok(fields)
}

/// `T` and four digits, with or without a sub-technique of three.
fn check_pattern(fields: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(id) = fields.get("patternId").and_then(Value::as_str) else {
        return Ok(());
    };
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let known = id.strip_prefix('T').is_some_and(|number| match number.split_once('.') {
        None => digits(number, 4),
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
    });
    if known {
        Ok(())
    } else {
        Err(ApiError::not_found(&format!("Pattern {id}")))
    }
}

/// `lateral-movement` is shown as `Lateral Movement`.
fn tactic_label(tactic: &str) -> String {
    let words = tactic.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Adds a procedure below a case or an alert.
pub fn add(
    hive: &mut Hive,
    organisation: u64,
    parent: u64,
    author: &Author<'_>,
    fields: Map<String, Value>,
) -> Result<u64, ApiError> {
    hive.insert(Kind::Procedure, organisation, Some(parent), author, fields)
}

/// `POST /api/v1/{case|alert}/{id}/procedure`, or `.../procedures` with a list of this name: all or nothing.
pub fn post(
    app: &TheHive,
    session: &Session,
    owner: Kind,
    id: &str,
    body: Value,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageProcedure", "create procedure")?;
    let list = body.get("procedures").and_then(Value::as_array);
    let inputs = list.cloned().unwrap_or_else(|| vec![body.clone()]);
    let prepared: Result<Vec<_>, ApiError> = inputs.into_iter().map(prepare).collect();
    let prepared = prepared?;
    let mut hive = app.lock();
    let parent = hive.find(owner, session, id)?;
    let author = session.author(app.control.now_ms());
    let mut made = Vec::new();
    for fields in prepared {
        made.push(add(&mut hive, session.organisation, parent, &author, fields)?);
    }
    let word = if list.is_some() { "procedures" } else { "procedure" };
    let path = format!(
        "/api/v1/{}/{}/{word}",
        owner.info().name.to_lowercase(),
        wire_id(parent)
    );
    let mut bodies: Vec<Value> = made.iter().map(|id| hive.body(*id)).collect();
    let answer = if list.is_some() {
        bodies.into()
    } else {
        bodies.pop().unwrap_or_default()
    };
    record(app, &hive, "POST", &path, body, &made);
    Ok((StatusCode::CREATED, axum::Json(answer)))
}
