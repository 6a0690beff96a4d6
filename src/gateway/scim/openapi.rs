//! `GET /scim/v2/openapi.json`: what is served, as tools read it (gateway floor): OpenAPI 3.1.
//!
//! It tells what `/Schemas` and `/ResourceTypes` tell, and needs no token either (RFC 7644 §4).

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{Scim, bulk::MAX_OPERATIONS};
use crate::scim::openapi::{Provider, document, reading};

pub(super) async fn get(State(scim): State<Scim>) -> Json<Value> {
    let provider = Provider {
        title: "Roster SCIM",
        version: env!("CARGO_PKG_VERSION"),
        base: &scim.base,
        max_operations: MAX_OPERATIONS,
    };
    let mut document = document(&scim.registry, &provider);
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.insert("/readiness".to_owned(), reading("Readiness", &readiness()));
    }
    Json(document)
}

/// What `/readiness` answers with; it is ours, not the RFC's.
fn readiness() -> Value {
    let text = json!({ "type": "string" });
    let warning = json!({
        "type": "object",
        "required": ["code", "what", "why", "fix", "subjects"],
        "properties": {
            "code": text, "what": text, "why": text, "fix": text,
            "subjects": { "type": "array", "items": text },
        },
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "required": ["ready", "warnings"],
        "properties": { "ready": { "type": "boolean" }, "warnings": { "type": "array", "items": warning } },
        "additionalProperties": false,
    })
}
