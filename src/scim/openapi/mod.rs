//! The protocol as an OpenAPI 3.1 document, made of the schemas that are served; floor `scim`.
//!
//! What a resource may hold comes from [`Registry`], so an extension shows up by itself; what the endpoints answer
//! is that of RFC 7644.

mod message;
mod paths;
mod shape;

use serde_json::{Map, Value, json};

use super::{schema::Registry, value::Object};

/// What the document tells of the service provider.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'a> {
    /// Its name.
    pub title: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The URL that stands before `/Users`.
    pub base: &'a str,
    /// The most operations of a bulk request.
    pub max_operations: usize,
}

/// The document: every endpoint of `registry`, with the shapes of what is sent and answered.
#[must_use]
pub fn document(registry: &Registry, provider: &Provider<'_>) -> Value {
    let mut paths = paths::discovery();
    let mut schemas = message::schemas(registry, provider.max_operations);
    for resource_type in registry.resource_types() {
        paths.extend(paths::resource_type(resource_type));
        schemas.insert(resource_type.name.clone(), shape::answered(resource_type));
        schemas.insert(format!("{}Request", resource_type.name), shape::sent(resource_type));
    }
    paths.extend(paths::all_types());
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": provider.title,
            "version": provider.version,
            "description": "SCIM 2.0 (RFC 7643, RFC 7644) with cursors (RFC 9865). Attribute names compare without \
                            regard to case, and a value of null is no value.",
        },
        "servers": [{ "url": provider.base }],
        "security": [{ "scimToken": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "scimToken": { "type": "http", "scheme": "bearer" } },
        },
    })
}

/// An endpoint beside those of the RFC: a GET that answers with JSON of this shape.
#[must_use]
pub fn reading(name: &str, shape: &Value) -> Value {
    json!({ "get": paths::reading(name, shape) })
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Object {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

#[cfg(test)]
mod tests;
