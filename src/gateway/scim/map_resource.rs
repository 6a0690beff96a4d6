//! Resources on the wire and inside (gateway floor): what all types have in common, and those of declared types.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Scim, precondition::tag, search};
use crate::{
    domain::{
        clock::Timestamp,
        resource::{Resource, ResourceAttributes, ResourcePush, UniqueValue},
    },
    scim::{
        path::AttributeRef,
        schema::{Attribute, ResourceType},
        value::{Object, elements},
    },
};

/// What the server computes, or keeps elsewhere than in the document.
const NOT_IN_DOCUMENT: [&str; 4] = ["schemas", "id", "meta", "externalId"];

/// The URL of a resource.
pub(super) fn location(scim: &Scim, resource_type: &ResourceType, id: impl std::fmt::Display) -> String {
    format!("{}{}/{id}", scim.base, resource_type.endpoint)
}

/// What the server says of a resource.
pub(super) struct Common<'a> {
    pub(super) id: &'a dyn std::fmt::Display,
    pub(super) external_id: Option<&'a String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) version: i64,
}

/// Adds `schemas`, `id`, `externalId` and `meta` (RFC 7643 §3, §3.1).
pub(super) fn complete(
    scim: &Scim,
    resource_type: &ResourceType,
    resource: &mut Object,
    common: &Common<'_>,
) {
    let extensions = resource_type.extensions.iter().map(|extension| &extension.schema.id);
    let used = extensions.filter(|uri| resource.contains_key(*uri)).cloned().map(Value::from);
    let schemas: Vec<_> = [Value::from(resource_type.schema.id.clone())].into_iter().chain(used).collect();
    resource.insert("schemas".to_owned(), Value::Array(schemas));
    resource.insert("id".to_owned(), common.id.to_string().into());
    resource.extend(common.external_id.map(|id| ("externalId".to_owned(), Value::from(id.as_str()))));
    let meta = json!({
        "resourceType": resource_type.name,
        "created": date_time(common.created),
        "lastModified": date_time(common.modified),
        "location": location(scim, resource_type, common.id),
        "version": tag(common.version).to_string(),
    });
    resource.insert("meta".to_owned(), meta);
}

/// An `xsd:dateTime` in UTC, to the microsecond.
fn date_time(time: Timestamp) -> String {
    let nanos = i128::from(time.micros()) * 1_000;
    let time = time::OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    time.and_then(|time| time.format(&time::format_description::well_known::Rfc3339).ok()).unwrap_or_default()
}

/// The document that was stored, as an object.
pub(super) fn document(text: &str) -> Option<Object> {
    match serde_json::from_str(text) {
        Ok(Value::Object(document)) => Some(document),
        _ => None,
    }
}

/// The whole resource, canonical.
pub(super) fn to_resource(scim: &Scim, resource_type: &ResourceType, found: &Resource) -> Object {
    let mut resource = document(&found.attributes.document).unwrap_or_default();
    let common = Common {
        id: &found.id,
        external_id: found.attributes.external_id.as_ref(),
        created: found.create_time,
        modified: found.update_time,
        version: found.version,
    };
    complete(scim, resource_type, &mut resource, &common);
    resource
}

/// What a resource, canonical, says.
pub(super) fn to_push(resource_type: &ResourceType, resource: &Object) -> ResourcePush {
    let mut document = resource.clone();
    document.retain(|name, _| !NOT_IN_DOCUMENT.contains(&name.as_str()));
    let attributes = ResourceAttributes {
        external_id: resource.get("externalId").and_then(Value::as_str).map(str::to_owned),
        search: Value::Object(search::document(resource_type, &document)).to_string(),
        document: Value::Object(document).to_string(),
    };
    ResourcePush { attributes, unique: unique_values(resource_type, resource) }
}

/// The values of attributes that must be unique, as they are compared; empty ones are none (RFC 7643 §7).
fn unique_values(resource_type: &ResourceType, resource: &Object) -> BTreeSet<UniqueValue> {
    let mut unique = BTreeSet::new();
    for found in resource_type.all_attributes().filter(|found| !found.attribute.is_read_only()) {
        let values = found.value(resource).map(elements).unwrap_or_default();
        collect(&found, found.attribute, values, &mut unique);
        for sub in &found.attribute.sub_attributes {
            let values = values.iter().filter_map(|value| value.get(&sub.name)).flat_map(elements);
            collect(&AttributeRef { sub: Some(sub), ..found }, sub, values, &mut unique);
        }
    }
    unique
}

fn collect<'a>(
    found: &AttributeRef<'_>,
    attribute: &Attribute,
    values: impl IntoIterator<Item = &'a Value>,
    unique: &mut BTreeSet<UniqueValue>,
) {
    if !attribute.is_unique() {
        return;
    }
    let compared = values.into_iter().map(|value| match search::value(attribute, value) {
        Value::String(text) => text,
        other => other.to_string(),
    });
    let held = compared.filter(|value| !value.is_empty());
    unique.extend(held.map(|value| UniqueValue { attribute: found.canonical(), value }));
}
