//! The search form of a resource: every value as filters compare it (gateway floor).
//!
//! Storage compares this document with SQL that knows no schema, so case and time are settled here, by the very
//! functions that the library's own evaluator uses.

use serde_json::Value;

use crate::scim::{
    schema::{Attribute, DataType, ResourceType, Returned},
    value::{Object, comparison_key, parse_date_time},
};

/// `resource`, canonical, in the form that filters compare; without what nobody may read.
pub(super) fn document(resource_type: &ResourceType, resource: &Object) -> Object {
    let mut document = members(resource, |name| resource_type.attribute(name));
    for extension in &resource_type.extensions {
        let uri = &extension.schema.id;
        if let Some(part) = resource.get(uri).and_then(Value::as_object) {
            document
                .insert(uri.clone(), Value::Object(members(part, |name| extension.schema.attribute(name))));
        }
    }
    document
}

fn members<'a>(object: &Object, definition: impl Fn(&str) -> Option<&'a Attribute>) -> Object {
    let readable = |name: &str| definition(name).filter(|attribute| attribute.returned != Returned::Never);
    let known = object.iter().filter_map(|(name, held)| Some((name.clone(), value(readable(name)?, held))));
    known.collect()
}

/// One value of `attribute` as filters compare it; also what a filter compares it with.
pub(super) fn value(attribute: &Attribute, held: &Value) -> Value {
    match held {
        Value::Array(items) => items.iter().map(|item| value(attribute, item)).collect(),
        Value::Object(object) => Value::Object(members(object, |name| attribute.sub(name))),
        Value::String(text) if attribute.data_type == DataType::DateTime => micros(text).into(),
        Value::String(text) => comparison_key(attribute, text).into(),
        other => other.clone(),
    }
}

/// Microseconds since the Unix epoch; none for what is no time.
pub(super) fn micros(text: &str) -> Option<i64> {
    let time = parse_date_time(text)?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000).ok()
}
