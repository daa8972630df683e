//! What can be done with a case template? Defined, read, changed, deleted; `case/create` reads it when a case names it.

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, PAP, Rule, SEVERITY, TLP, clearable, optional, required},
    custom_field,
    error::ApiError,
    kind::Kind,
    labels,
    record::record,
    resource::{Plan, Resource},
    session::Session,
    store::{Author, wire_id},
    tags, task,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 128)),
    optional("displayName", Rule::Text(1, 128)),
    optional("titlePrefix", Rule::Text(1, 64)),
    optional("description", Rule::Text(0, LONG)),
    optional("severity", SEVERITY),
    optional("tags", Rule::Tags),
    optional("flag", Rule::Bool),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("summary", Rule::Text(0, LONG)),
    optional("tasks", Rule::List),
    optional("customFields", Rule::CustomFields),
];

const UPDATE: &[Field] = &[
    optional("name", Rule::Text(1, 128)),
    optional("displayName", Rule::Text(1, 128)),
    clearable("titlePrefix", Rule::Text(1, 64)),
    clearable("description", Rule::Text(0, LONG)),
    clearable("severity", SEVERITY),
    optional("tags", Rule::Tags),
    optional("flag", Rule::Bool),
    clearable("tlp", TLP),
    clearable("pap", PAP),
    clearable("summary", Rule::Text(0, LONG)),
    optional("tasks", Rule::List),
    optional("customFields", Rule::CustomFields),
];

/// Templates of an organisation.
pub struct CaseTemplate;

impl Resource for CaseTemplate {
    const KIND: Kind = Kind::CaseTemplate;
    const PATH: &'static str = "/api/v1/caseTemplate";
    const CHANGE: &'static str = "manageCaseTemplate";
    const REMOVE: &'static str = "manageCaseTemplate";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        let mut fields = plan.body;
        set(hive, &plan.author, &mut fields, plan.changes.clone())?;
        Ok(fields)
    }
}

/// Creates a template. Errors: fields; a name that exists (400 or 409); an unknown custom field.
pub fn create(hive: &mut Hive, organisation: u64, author: &Author<'_>, body: Value) -> Result<u64, ApiError> {
    let input = check::create(body, CREATE)?;
    let name = input.get("name").and_then(Value::as_str).unwrap_or_default();
    if hive
        .store
        .by_natural_key(Kind::CaseTemplate, organisation, &[name])
        .is_some()
    {
        let message = format!("CaseTemplate {name} already exists");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let mut fields = Map::from_iter([
        ("name".to_owned(), name.into()),
        ("displayName".to_owned(), name.into()),
        ("tags".to_owned(), json!([])),
        ("flag".to_owned(), false.into()),
        ("customFields".to_owned(), json!([])),
        ("tasks".to_owned(), json!([])),
        ("extraData".to_owned(), json!({})),
    ]);
    set(hive, author, &mut fields, input)?;
    hive.insert(Kind::CaseTemplate, organisation, None, author, fields)
}

/// Sets the given fields of a template.
fn set(
    hive: &mut Hive,
    author: &Author<'_>,
    fields: &mut Map<String, Value>,
    input: Map<String, Value>,
) -> Result<(), ApiError> {
    for (name, value) in input {
        let value = match (name.as_str(), value) {
            (_, Value::Null) => {
                fields.shift_remove(&name);
                continue;
            }
            ("customFields", value) => {
                let current = fields.get("customFields").cloned().unwrap_or_else(|| json!([]));
                custom_field::apply(hive, &current, &value)?
            }
            ("tasks", Value::Array(tasks)) => {
                let tasks: Result<Vec<Value>, ApiError> =
                    tasks.into_iter().map(|one| own_task(hive, author, one)).collect();
                tasks?.into()
            }
            ("tags", tags) => tags::unique(Some(&tags)),
            (_, value) => value,
        };
        fields.insert(name, value);
    }
    labels::set_labels(fields);
    Ok(())
}

/// A task inside a template looks like any other, but is only part of its template.
fn own_task(hive: &mut Hive, author: &Author<'_>, task: Value) -> Result<Value, ApiError> {
    let fields = task::prepare(hive, task::input(task))?;
    let mut body = Map::from_iter([
        ("_id".to_owned(), wire_id(hive.store.next_id()).into()),
        ("_type".to_owned(), "Task".into()),
        ("_createdBy".to_owned(), author.login.into()),
        ("_createdAt".to_owned(), author.now_ms.into()),
    ]);
    body.extend(fields);
    Ok(body.into())
}

/// `POST /api/v1/caseTemplate`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCaseTemplate", "create case template")?;
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let id = create(&mut hive, session.organisation, &author, body.clone())?;
    record(&app, &hive, "POST", "/api/v1/caseTemplate", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `PUT /api/v1/caseTemplate/{idOrName}/pageTemplate/link {pageTemplateIds}`: exactly these.
pub async fn link_page_templates(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageCaseTemplate", "update case template")?;
    let input = check::create(body.clone(), &[optional("pageTemplateIds", Rule::List)])?;
    let mut hive = app.lock();
    let found = hive.find(Kind::CaseTemplate, &session, &id)?;
    let ids = input
        .get("pageTemplateIds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let pages: Result<Vec<u64>, ApiError> = ids
        .map(|id| hive.find(Kind::PageTemplate, &session, id.as_str().unwrap_or_default()))
        .collect();
    hive.page_templates.insert(found, pages?);
    record(
        &app,
        &hive,
        "PUT",
        &format!("/api/v1/caseTemplate/{id}/pageTemplate/link"),
        body,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

const APPLY: &[Field] = &[
    required("ids", Rule::List),
    required("caseTemplate", Rule::Text(1, 128)),
    optional("updateTitlePrefix", Rule::Bool),
    optional("updateDescription", Rule::Bool),
    optional("updateTags", Rule::Bool),
    optional("updateSeverity", Rule::Bool),
    optional("updateFlag", Rule::Bool),
    optional("updateTlp", Rule::Bool),
    optional("updatePap", Rule::Bool),
    optional("updateCustomFields", Rule::Bool),
    optional("importTasks", Rule::List),
    optional("importPages", Rule::List),
];

/// `POST /api/v1/case/_bulk/caseTemplate {ids, caseTemplate, updateX.., importTasks: [taskId]}`.
pub async fn apply(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageCase/update", "update case")?;
    let input = check::create(body.clone(), APPLY)?;
    let mut hive = app.lock();
    let name = input.get("caseTemplate").and_then(Value::as_str).unwrap_or_default();
    let template = hive.find(Kind::CaseTemplate, &session, name)?;
    let template = hive
        .store
        .get(template)
        .map(|template| template.body.clone())
        .unwrap_or_default();
    let ids = input.get("ids").and_then(Value::as_array).into_iter().flatten();
    let cases: Result<Vec<u64>, ApiError> = ids
        .map(|id| hive.find(Kind::Case, &session, id.as_str().unwrap_or_default()))
        .collect();
    let cases = cases?;
    let author = session.author(app.control.now_ms());
    let wanted = |name: &str| input.get(name) == Some(&Value::Bool(true));
    let none = Vec::new();
    let imported = input.get("importTasks").and_then(Value::as_array).unwrap_or(&none);
    let tasks = template.get("tasks").and_then(Value::as_array).unwrap_or(&none);
    for case in &cases {
        hive.store
            .update(*case, &author, |body| overwrite(body, &template, &wanted));
        for one in tasks
            .iter()
            .filter(|task| task.get("_id").is_some_and(|id| imported.contains(id)))
        {
            let fields = task::prepare(&hive, task::input(one.clone()))?;
            hive.insert(Kind::Task, session.organisation, Some(*case), &author, fields)?;
        }
    }
    record(&app, &hive, "POST", "/api/v1/case/_bulk/caseTemplate", body, &cases);
    Ok(StatusCode::NO_CONTENT)
}

/// Lays the wanted parts of a template over a case.
fn overwrite(case: &mut Map<String, Value>, template: &Map<String, Value>, wanted: &dyn Fn(&str) -> bool) {
    for (flag, name) in [
        ("updateDescription", "description"),
        ("updateSeverity", "severity"),
        ("updateFlag", "flag"),
        ("updateTlp", "tlp"),
        ("updatePap", "pap"),
    ] {
        case.extend(
            template
                .get(name)
                .filter(|_| wanted(flag))
                .map(|value| (name.to_owned(), value.clone())),
        );
    }
    let text = |body: &Map<String, Value>, name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let (true, Some(prefix), Some(title)) = (
        wanted("updateTitlePrefix"),
        text(template, "titlePrefix"),
        text(case, "title"),
    ) {
        case.insert("title".into(), format!("{prefix} {title}").into());
    }
    if wanted("updateTags") {
        let tags = tags::joined(case.get("tags"), template.get("tags"));
        case.insert("tags".into(), tags);
    }
    if wanted("updateCustomFields") {
        let none = json!([]);
        let of = |body: &Map<String, Value>| body.get("customFields").unwrap_or(&none).clone();
        let fields = custom_field::joined(&of(case), &of(template));
        case.insert("customFields".into(), fields);
    }
    labels::set_labels(case);
}
