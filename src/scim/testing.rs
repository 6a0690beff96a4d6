//! Resource types and resources for the tests of this floor; floor `scim`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::schema::{Registry, ResourceType};
use super::value::Object;

pub(super) const PROBE: &str = "urn:example:scim:schemas:2.0:Probe";

pub(super) fn resource_type(name: &str) -> Arc<ResourceType> {
    Arc::clone(registry().resource_type(name).unwrap())
}

pub(super) fn user() -> Arc<ResourceType> {
    resource_type("User")
}

pub(super) fn group() -> Arc<ResourceType> {
    resource_type("Group")
}

/// A resource type with every data type and characteristic.
pub(super) fn probe() -> Arc<ResourceType> {
    resource_type("Probe")
}

pub(super) fn object(value: Value) -> Object {
    let Value::Object(object) = value else { panic!("{value} is not an object") };
    object
}

pub(super) fn registry() -> Registry {
    let attribute = |name: &str, kind: &str| json!({ "name": name, "type": kind, "multiValued": false });
    let with = |name: &str, key: &str, value: &str| {
        let mut attribute = attribute(name, "string");
        attribute[key] = json!(value);
        attribute
    };
    let mut many = attribute("tags", "string");
    many["multiValued"] = json!(true);
    let mut badge = attribute("badge", "complex");
    badge["subAttributes"] = json!([
        with("serial", "mutability", "immutable"),
        attribute("colour", "string"),
        with("secret", "returned", "request"),
        with("stamp", "returned", "always"),
        with("maker", "mutability", "readOnly"),
    ]);
    let mut hidden = with("hidden", "mutability", "writeOnly");
    hidden["returned"] = json!("never");
    let schema = json!({ "id": PROBE, "name": "Probe", "attributes": [
        attribute("text", "string"), attribute("flag", "boolean"), attribute("size", "integer"),
        attribute("ratio", "decimal"), attribute("moment", "dateTime"), attribute("blob", "binary"),
        attribute("link", "reference"), many, badge, hidden, with("fixed", "mutability", "immutable"),
        with("made", "mutability", "readOnly"), with("onRequest", "returned", "request"),
        with("always", "returned", "always"),
    ]});
    let document = json!({ "name": "Probe", "endpoint": "/Probes", "schema": PROBE });
    Registry::standard().unwrap().with_resource_type(&document, &[schema]).unwrap()
}
