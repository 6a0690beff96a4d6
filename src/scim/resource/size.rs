//! How many values an attribute may have; floor `scim`.
//!
//! RFC 7643 sets no limit, and every look at an attribute looks at all of its values. The members of a group are kept one by one,
//! outside of the resource's document, and are as many as they are.

use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::path::AttributeRef;
use crate::scim::schema::ResourceType;
use crate::scim::urn;
use crate::scim::value::Object;

/// How many values an attribute may have, those within its values included.
pub const MAX_VALUES: usize = 1_000;

/// Checks what a client sends as the value of an attribute.
///
/// # Errors
/// `invalidValue` when it has too many values.
pub(super) fn check_size(
    resource_type: &ResourceType,
    found: &AttributeRef<'_>,
    value: &Value,
) -> Result<(), Error> {
    let count = if is_long(resource_type, found) { 0 } else { count(value) };
    if count > MAX_VALUES { Err(too_many(found, count)) } else { Ok(()) }
}

/// Checks what a change makes of a resource: what has too many values already may keep them, and get no more.
///
/// # Errors
/// `invalidValue` when an attribute has too many values.
pub(crate) fn check_growth(
    resource_type: &ResourceType,
    before: &Object,
    after: &Object,
) -> Result<(), Error> {
    for found in resource_type.all_attributes().filter(|found| !found.attribute.is_read_only()) {
        let count = |resource| found.value(resource).map_or(0, count);
        let now = count(after);
        if now > MAX_VALUES && now > count(before) && !is_long(resource_type, &found) {
            return Err(too_many(&found, now));
        }
    }
    Ok(())
}

/// Whether the values are no part of the document.
fn is_long(resource_type: &ResourceType, found: &AttributeRef<'_>) -> bool {
    found.extension.is_none() && found.attribute.name == "members" && resource_type.schema.id == urn::GROUP
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + count(item)).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn too_many(found: &AttributeRef<'_>, count: usize) -> Error {
    let place = found.canonical();
    Error::value(format!("{place} has {count} values, which are too many: at most {MAX_VALUES} are allowed"))
}
