//! How do the URL table, the descriptions and the schemas become one document?

use axum::Json;
use serde_json::{Map, Value, json};

use super::super::router::{Needs, ROUTES};
use super::paths::{self, Description};

/// How things look; names are those that `paths` uses.
const SCHEMAS: &str = include_str!("schemas.json");

/// `GET /v1/openapi.json`
pub(in crate::http) async fn serve() -> Json<Value> {
    Json(document())
}

/// The document. Routes without a description are left out; a test knows of none.
pub fn document() -> Value {
    let mut paths = Map::new();
    for (method, path, needs, _) in ROUTES {
        let described = paths::ROUTES
            .iter()
            .find(|description| description.method == method && description.path == path);
        if let Some(description) = described
            && let Some(operations) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut()
        {
            operations.insert(method.to_lowercase(), operation(description, needs));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Synapse",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Times are milliseconds since 1970. Unknown objects and those of another tenant answer the same 404.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": serde_json::from_str::<Value>(SCHEMAS).unwrap_or_default(),
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key, `syn_...`." },
            },
        },
    })
}

fn operation(description: &Description, needs: Needs) -> Value {
    let mut responses = Map::new();
    for (status, schema) in description.answers {
        responses.insert(status.to_string(), answer(schema));
    }
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "What is wrong, where, and what to do (RFC 9457).",
            "content": { "application/problem+json": { "schema": problem } },
        }),
    );
    let mut operation = json!({
        "summary": description.summary,
        "description": needed(needs),
        "parameters": parameters(description),
        "responses": responses,
        "security": if needs == Needs::Nothing { json!([]) } else { json!([{ "key": [] }]) },
    });
    if let (Some(body), Some(members)) = (description.body, operation.as_object_mut()) {
        members.insert("requestBody".to_owned(), json!({ "content": content(body) }));
    }
    operation
}

fn needed(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "Needs nothing.".to_owned(),
        Needs::Tenant(scope) => format!(
            "Needs a key of the tenant with the scope `{}`, or an operator's.",
            scope.name()
        ),
        Needs::Operator => "Needs an operator's key.".to_owned(),
        Needs::Hook => "Needs what the connection's `webhook` setting says.".to_owned(),
        Needs::Compat => "Needs a key, or an address that `[compat]` lists; not there without `[compat]`.".to_owned(),
    }
}

fn parameters(description: &Description) -> Vec<Value> {
    let in_path = description
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = description.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "description": meaning, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).collect()
}

fn answer(schema: &str) -> Value {
    match schema {
        "" => json!({ "description": "Done." }),
        _ => json!({ "description": "The answer.", "content": content(schema) }),
    }
}

fn content(schema: &str) -> Value {
    match schema {
        "*" => json!({ "application/json": { "schema": {} } }),
        "text" => json!({ "text/plain": { "schema": { "type": "string" } } }),
        "bytes" => json!({ "application/wasm": { "schema": { "type": "string", "format": "binary" } } }),
        name => json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let mut table: Vec<_> = ROUTES.iter().map(|(method, path, ..)| (*method, *path)).collect();
        let mut described: Vec<_> = paths::ROUTES.iter().map(|route| (route.method, route.path)).collect();
        table.sort_unstable();
        described.sort_unstable();
        assert_eq!(table, described);
    }

    #[test]
    fn every_schema_that_is_named_exists_and_every_schema_is_named() {
        let document = document().to_string();
        let schemas: Map<String, Value> = serde_json::from_str(SCHEMAS).unwrap();
        for part in document.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name} is named and nowhere described");
        }
        for name in schemas.keys() {
            let used = document.contains(&format!("#/components/schemas/{name}\""));
            assert!(used, "{name} is described and nowhere named");
        }
    }

    #[test]
    fn the_committed_document_is_what_the_server_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let committed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(
            committed == document(),
            "docs/openapi.json is not current: `cargo run --bin synapse -- openapi > docs/openapi.json`"
        );
    }
}
