//! Is an answer of the server what `docs/openapi.json` says it is? Asked of every answer that a test gets.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use jsonschema::Validator;
use serde_json::{Value, json};

/// The committed description.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    std::fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
});
/// Checkers that were made, by the name of the schema.
static VALIDATORS: LazyLock<Mutex<HashMap<String, std::sync::Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Checks status and body of an answer. Routes that are not in the document, and methods that a route does not take, are errors only
/// when they succeed.
///
/// # Errors
/// Says what differs.
pub fn check(method: &str, path: &str, status: u16, body: &Value) -> anyhow::Result<()> {
    let path = path.split('?').next().unwrap_or_default();
    let operation = described(path).and_then(|operations| operations.get(method.to_lowercase()));
    let success = status < 400;
    let Some(operation) = operation else {
        // Tests speak to the simulators in the same way; their paths are others.
        let ours = path.starts_with("/v1/") || path.starts_with("/t/");
        anyhow::ensure!(
            !(success && ours),
            "{method} {path} answers {status} and is not in docs/openapi.json"
        );
        return Ok(());
    };
    let responses = &operation["responses"];
    let response = match responses.get(status.to_string()) {
        Some(response) => response,
        None if success => bail!("{method} {path} answers {status}, which docs/openapi.json does not know"),
        None => &responses["default"],
    };
    let content = response["content"].as_object().into_iter().flatten().next();
    let Some((_, content)) = content else {
        anyhow::ensure!(body.is_null(), "{method} {path} answers {status} with a body: {body}");
        return Ok(());
    };
    let problems: Vec<_> = validator(&content["schema"])?
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    anyhow::ensure!(
        problems.is_empty(),
        "{method} {path} answers {status} with {body}, which is not what docs/openapi.json says: {}",
        problems.join("; ")
    );
    Ok(())
}

/// The operations of the path: the template with the most literal parts fits.
fn described(path: &str) -> Option<&'static Value> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == parts.len()
            && template
                .iter()
                .zip(&parts)
                .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    let paths = DOCUMENT["paths"].as_object()?;
    let found = paths.iter().filter(|(template, _)| fits(template));
    found
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(_, operations)| operations)
}

fn validator(schema: &Value) -> anyhow::Result<std::sync::Arc<Validator>> {
    let name = schema.to_string();
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = known.get(&name) {
        return Ok(std::sync::Arc::clone(validator));
    }
    let mut whole = schema.clone();
    whole
        .as_object_mut()
        .context("a schema is an object")?
        .insert("components".to_owned(), json!(DOCUMENT["components"]));
    let validator = std::sync::Arc::new(jsonschema::validator_for(&whole).map_err(|error| anyhow::anyhow!("{error}"))?);
    known.insert(name, std::sync::Arc::clone(&validator));
    Ok(validator)
}
