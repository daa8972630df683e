//! The API's description for programs: OpenAPI 3.1, made from the URL table.
//!
//! `paths` says what each route takes and answers, `schemas.json` how that looks, `document` puts them together. The same document is
//! served at `/v1/openapi.json`, printed by `synapse openapi`, and committed as `docs/openapi.json`; the tests hold every answer of the
//! server against it.

mod document;
mod paths;

pub use document::document;
pub(super) use document::serve;
