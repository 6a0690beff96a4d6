//! A resource type that an operator declares in place of `/TestResources` (gateway floor): RFC 7643 §6, §7.

use std::sync::Arc;

use serde_json::Value;

use super::extensions::{check_shape, fault, read};
use crate::scim::schema::{Registry, SchemaError};

/// What stands under `/scim/v2` besides resource types.
const TAKEN: [&str; 7] =
    ["Bulk", "Me", "ResourceTypes", "Schemas", "ServiceProviderConfig", "openapi.json", "readiness"];

/// A resource type with its schemas; clones are one.
#[derive(Clone, Debug)]
pub struct Declaration(Arc<Value>);

impl Declaration {
    /// Reads JSON: `{"resourceType": …, "schemas": […]}`, each document as `/ResourceTypes` and `/Schemas` show one.
    ///
    /// # Errors
    /// What is wrong, and at which place of the text, in which document or attribute.
    pub fn from_json(text: &str) -> Result<Self, SchemaError> {
        let declaration = Self(Arc::new(read(text)?));
        let known = Registry::standard()?;
        let registry = declaration.add_to(known.clone())?;
        registry.schemas().filter(|schema| known.schema(&schema.id).is_none()).try_for_each(check_shape)?;
        let is_new = |name: &str| known.resource_type(name).is_none();
        let mut declared = registry.resource_types().filter(|declared| is_new(&declared.name));
        declared.try_for_each(|declared| check_endpoint(&declared.endpoint))?;
        Ok(declaration)
    }

    /// The registry with this resource type.
    pub(super) fn add_to(&self, registry: Registry) -> Result<Registry, SchemaError> {
        registry.with_declared(&self.0)
    }
}

fn check_endpoint(endpoint: &str) -> Result<(), SchemaError> {
    let name = endpoint.trim_start_matches('/');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_plain) {
        return Err(fault("resourceType.endpoint", "must be '/' and a name, as in \"/TestResources\""));
    }
    if TAKEN.contains(&name) {
        return Err(fault("resourceType.endpoint", "something else is served there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declaration(endpoint: &str, attribute: &Value) -> Value {
        json!({
            "resourceType": { "name": "Device", "endpoint": endpoint, "schema": "urn:example:Device" },
            "schemas": [{ "id": "urn:example:Device", "name": "Device", "attributes": [attribute] }],
        })
    }

    #[test]
    fn a_file_that_cannot_be_served_is_refused_with_its_place() {
        let plain =
            json!({ "name": "serial", "type": "string", "multiValued": false, "uniqueness": "server" });
        let nested = json!({ "name": "a", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "b", "type": "string", "multiValued": true }] });
        assert!(Declaration::from_json(&declaration("/Devices", &plain).to_string()).is_ok());
        let mut cases: Vec<(String, &str)> = vec![
            ("{".to_owned(), "line 1"),
            ("{}".to_owned(), "resource type"),
            (declaration("/Devices", &nested).to_string(), "urn:example:Device:a"),
            (declaration("/Devices", &json!({ "name": "1", "type": "string" })).to_string(), "attributes[0]"),
        ];
        for endpoint in
            ["Devices", "/", "/a/b", "/{id}", "/*rest", "/Users", "/Me", "/Schemas", "/readiness", "/.search"]
        {
            cases.push((declaration(endpoint, &plain).to_string(), ""));
        }
        for (text, place) in cases {
            let error = Declaration::from_json(&text).expect_err(&text);
            assert!(error.place.contains(place), "{text}: {error}");
        }
    }
}
