//! Which observables does an input describe? One per value or per file, with defaults, checked against the registered types.

use crate::thehive::{
    app::Hive,
    check::{self, Field, LONG, PAP, Rule, TLP, optional, required},
    error::ApiError,
    kind::Kind,
    labels, tags,
    upload::{File, Form},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Longest value, in characters, per value on v1 (contract 8).
const MAX_DATA: usize = 4096;
/// The part of a multipart request whose files are observables, unless the input names another.
const PART: &str = "attachment";

const CREATE: &[Field] = &[
    required("dataType", Rule::Text(1, 64)),
    optional("data", Rule::Data),
    optional("message", Rule::Text(0, LONG)),
    optional("startDate", Rule::Millis),
    optional("attachment", Rule::Data),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("tags", Rule::Tags),
    optional("ioc", Rule::Bool),
    optional("sighted", Rule::Bool),
    optional("sightedAt", Rule::Millis),
    optional("ignoreSimilarity", Rule::Bool),
    optional("isZip", Rule::Bool),
    optional("zipPassword", Rule::Text(1, 512)),
];

/// One observable that may be created.
pub struct Prepared {
    /// With `data`, or with `attachment` as far as it is known before it has an id.
    pub fields: Map<String, Value>,
    /// The file, if it is one.
    pub file: Option<File>,
}

impl Prepared {
    /// Type and value: what must differ within one case or alert. Compared exactly, as 4.x does (contract 7).
    pub fn key(&self) -> [&str; 2] {
        let text = |name: &str| self.fields.get(name).and_then(Value::as_str);
        let file = || self.file.as_ref().map(|file| file.content.sha256.as_str());
        [
            text("dataType").unwrap_or_default(),
            text("data").or_else(file).unwrap_or_default(),
        ]
    }
}

/// Checks one input and answers its observables; its files are those of `form`. Errors: fields; an unknown type, which fails
/// the whole call (D15); neither data nor file, or both; a file for a type that takes text, or the reverse.
pub fn prepare(hive: &Hive, input: Value, form: &Form, now_ms: i64) -> Result<Vec<Prepared>, ApiError> {
    let mut input = check::create(input, CREATE)?;
    let data_type = input.get("dataType").and_then(Value::as_str).unwrap_or_default();
    let registered = hive.store.by_natural_key(Kind::ObservableType, 0, &[data_type]);
    let registered = registered.ok_or_else(|| ApiError::not_found(&format!("ObservableType {data_type}")))?;
    let takes_file = registered.body.get("isAttachment") == Some(&Value::Bool(true));
    if input.remove("isZip") == Some(Value::Bool(true)) {
        return Err(ApiError::bad_request("archives are not taken apart by the simulator"));
    }
    input.remove("zipPassword");
    let values = list(input.remove("data"));
    let files = files(input.remove("attachment"), form)?;
    // The wording is the product's, and it is what users see when the file was lost on the way (D16).
    if values.is_empty() == files.is_empty() || takes_file == files.is_empty() {
        let message = "Artifact must contain data or attachment (but not both)";
        return Err(ApiError::bad_request(message));
    }
    check_values(&values)?;
    with_defaults(&mut input, now_ms);
    let texts = values.into_iter().map(|value| (("data", value), None));
    let files = files
        .into_iter()
        .map(|file| (("attachment", attachment(&file)), Some(file)));
    let one = |((name, value), file): ((&str, Value), Option<File>)| {
        let mut fields = input.clone();
        fields.insert(name.into(), value);
        Prepared { fields, file }
    };
    Ok(texts.chain(files).map(one).collect())
}

/// The first observable with the type and value of an earlier one.
pub fn first_duplicate(observables: &[Prepared]) -> Option<&Prepared> {
    let mut seen = HashSet::new();
    observables.iter().find(|one| !seen.insert(one.key()))
}

/// The failure element for an observable that exists already (contract 2.4).
pub fn exists(one: &Prepared) -> Value {
    let object = match &one.file {
        Some(file) => json!({"data": format!("file:{}", file.name), "attachment": {"name": file.name}}),
        None => json!({"data": one.fields.get("data")}),
    };
    json!({"type": "CreateError", "message": "Observable already exists", "object": object})
}

impl From<&Prepared> for ApiError {
    /// The same as the answer of a whole call.
    fn from(one: &Prepared) -> Self {
        let object = exists(one)["object"].take();
        Self::create(StatusCode::BAD_REQUEST, "Observable already exists").with("object", object)
    }
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// The files of the named parts; without names those of the usual part, unless the request has several observables.
fn files(names: Option<Value>, form: &Form) -> Result<Vec<File>, ApiError> {
    let inline = form.json.get("observables").is_some();
    let names = match names {
        None if inline => Vec::new(),
        None => return Ok(form.files_of(PART).cloned().collect()),
        names => list(names),
    };
    let mut files = Vec::new();
    for name in &names {
        let name = name.as_str().unwrap_or_default();
        let before = files.len();
        files.extend(form.files_of(name).cloned());
        if files.len() == before {
            return Err(ApiError::bad_request(format!("the request has no file {name:?}")));
        }
    }
    Ok(files)
}

fn check_values(values: &[Value]) -> Result<(), ApiError> {
    let wrong = |value: &&Value| {
        value
            .as_str()
            .is_none_or(|text| text.is_empty() || text.chars().count() > MAX_DATA)
    };
    match values.iter().find(wrong) {
        Some(value) => Err(ApiError::attributes(vec![json!({
            "name": "data", "type": "InvalidFormatAttributeError", "format": "string of 1 to 4096 characters",
            "acceptedInput": [], "field": value,
        })])),
        None => Ok(()),
    }
}

fn with_defaults(input: &mut Map<String, Value>, now_ms: i64) {
    let tags = tags::unique(input.get("tags"));
    input.insert("tags".into(), tags);
    for (name, default) in [
        ("tlp", json!(2)),
        ("pap", json!(2)),
        ("ioc", json!(false)),
        ("sighted", json!(false)),
        ("ignoreSimilarity", json!(false)),
        ("external", json!(false)),
        ("startDate", json!(now_ms)),
        ("reports", json!({})),
        ("extraData", json!({})),
    ] {
        input.entry(name).or_insert(default);
    }
    labels::set_labels(input);
}

/// What is known of an attachment before it exists: enough for the natural key of its observable.
fn attachment(file: &File) -> Value {
    json!({"id": file.content.sha256, "name": file.name})
}
