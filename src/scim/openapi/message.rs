//! The messages of the protocol as JSON Schema (RFC 7644 §3.4, §3.5.2, §3.7, §3.12); floor `scim`.

use serde_json::{Value, json};

use super::{object, reference, shape};
use crate::scim::{error::ScimType, schema::Registry, urn, value::Object};

/// The shapes that the endpoints share.
pub(super) fn schemas(registry: &Registry, max_operations: usize) -> Object {
    let types = registry.resource_types();
    let resources: Vec<_> = types.map(|resource_type| reference(&resource_type.name)).collect();
    let mut schemas = object([
        ("Error", error()),
        ("ListResponse", list(&json!({ "anyOf": resources }))),
        ("SearchRequest", search()),
        ("PatchOp", patch()),
        ("BulkRequest", bulk_request(max_operations)),
        ("BulkResponse", bulk_response()),
    ]);
    for name in ["ServiceProviderConfig", "ResourceType", "Schema"] {
        let uri = format!("urn:ietf:params:scim:schemas:core:2.0:{name}");
        schemas.insert(name.to_owned(), discovered(registry, &uri));
        schemas.insert(format!("{name}List"), list(&reference(name)));
    }
    for resource_type in registry.resource_types() {
        schemas.insert(format!("{}List", resource_type.name), list(&reference(&resource_type.name)));
    }
    schemas
}

/// A message: an object that names itself in `schemas`.
fn message(uri: &str, required: &[&str], members: Object) -> Value {
    let mut properties = object([(
        "schemas",
        json!({ "type": "array", "items": { "type": "string" }, "contains": { "const": uri } }),
    )]);
    properties.extend(members);
    let required: Vec<_> = ["schemas"].iter().chain(required).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn error() -> Value {
    let types: Vec<_> = ScimType::ALL.iter().map(|kind| kind.as_str()).collect();
    let members = object([
        ("status", json!({ "type": "string", "pattern": "^[45][0-9]{2}$" })),
        ("scimType", json!({ "type": "string", "enum": types })),
        ("detail", text()),
    ]);
    message(urn::ERROR, &["status", "detail"], members)
}

fn list(item: &Value) -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let members = object([
        ("totalResults", count.clone()),
        ("itemsPerPage", count.clone()),
        ("startIndex", json!({ "type": "integer", "minimum": 1 })),
        ("nextCursor", text()),
        ("previousCursor", text()),
        ("Resources", json!({ "type": "array", "items": item })),
    ]);
    message(urn::LIST_RESPONSE, &["itemsPerPage", "Resources"], members)
}

fn search() -> Value {
    let names = json!({ "type": "array", "items": { "type": "string" } });
    let members = object([
        ("filter", text()),
        ("sortBy", text()),
        ("sortOrder", json!({ "type": "string", "enum": ["ascending", "descending"] })),
        ("startIndex", json!({ "type": "integer" })),
        ("count", json!({ "type": "integer" })),
        ("cursor", text()),
        ("attributes", names.clone()),
        ("excludedAttributes", names),
    ]);
    message(urn::SEARCH_REQUEST, &[], members)
}

fn patch() -> Value {
    let operation = json!({
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": { "type": "string", "enum": ["add", "remove", "replace"] },
            "path": { "type": "string", "examples": ["name.familyName", "members[value eq \"2819c223\"]"] },
            "value": { "description": "Of any type: that of the attribute at the path." },
        },
    });
    let operations = json!({ "type": "array", "minItems": 1, "items": operation });
    message(urn::PATCH_OP, &["Operations"], object([("Operations", operations)]))
}

fn bulk_request(max_operations: usize) -> Value {
    let operation = json!({
        "type": "object",
        "required": ["method", "path"],
        "properties": {
            "method": { "type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"] },
            "bulkId": { "type": "string", "description": "Required for POST; others name it as `bulkId:…`." },
            "version": { "type": "string" },
            "path": { "type": "string", "examples": ["/Users"] },
            "data": { "type": "object" },
        },
    });
    let operations = json!({ "type": "array", "maxItems": max_operations, "items": operation });
    let members =
        object([("failOnErrors", json!({ "type": "integer", "minimum": 1 })), ("Operations", operations)]);
    message(urn::BULK_REQUEST, &["Operations"], members)
}

fn bulk_response() -> Value {
    let result = json!({
        "type": "object",
        "required": ["method", "status"],
        "properties": {
            "method": text(), "bulkId": text(), "version": text(), "location": text(),
            "status": { "type": "string", "pattern": "^[1-5][0-9]{2}$" },
            "response": { "type": "object" },
        },
    });
    message(
        urn::BULK_RESPONSE,
        &["Operations"],
        object([("Operations", json!({ "type": "array", "items": result }))]),
    )
}

/// A resource of discovery, by the schema that describes it.
fn discovered(registry: &Registry, uri: &str) -> Value {
    let attributes = registry.schema(uri).map(|schema| &*schema.attributes).unwrap_or_default();
    let mut properties = shape::members(attributes, shape::Way::Discovered);
    properties.insert("schemas".to_owned(), json!({ "type": "array", "items": { "type": "string" } }));
    properties.insert("meta".to_owned(), json!({ "type": "object" }));
    json!({ "type": "object", "required": ["schemas", "meta"], "properties": properties })
}

fn text() -> Value {
    json!({ "type": "string" })
}
