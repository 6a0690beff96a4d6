//! Whole resources: taking them in (RFC 7644 §3.3, §3.5.1) and giving them out (§3.9); floor `scim`.

mod accept;
mod conform;
mod project;
mod size;

pub use accept::Incoming;
pub(crate) use conform::{conform, conform_element, is_same_value, kind};
pub(crate) use project::on_request;
pub use project::{Projection, project};
pub use size::MAX_VALUES;
pub(crate) use size::check_growth;
use size::check_size;

use serde_json::Value;

use super::schema::ResourceType;
use super::value::{Object, is_unassigned};

/// Makes `schemas` say what the resource holds: the base schema and each extension with data (RFC 7643 §3).
pub(crate) fn renew_schemas(resource_type: &ResourceType, resource: &mut Object) {
    let mut uris = vec![Value::from(resource_type.schema.id.as_str())];
    for extension in &resource_type.extensions {
        let uri = &extension.schema.id;
        if resource.get(uri).is_some_and(is_unassigned) {
            resource.remove(uri);
        }
        if resource.contains_key(uri) {
            uris.push(Value::from(uri.as_str()));
        }
    }
    resource.insert("schemas".to_owned(), Value::Array(uris));
}

#[cfg(test)]
mod tests;
