//! Attributes and resources as JSON Schema (RFC 7643 §2, §3); floor `scim`.

use serde_json::{Value, json};

use crate::scim::{
    schema::{Attribute, DataType, ResourceType, Returned},
    value::Object,
};

/// Whether a shape is of what a client sends, or of what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A request: what only the service provider writes is left out.
    Sent,
    /// An answer: what is never returned is left out, and nothing comes beside what is named.
    Answered,
    /// A resource of discovery. The schema of schemas describes itself, and not how deep it nests.
    Discovered,
}

/// A resource as the service provider returns it. Any attribute that is not always returned may be missing, since
/// the client says which it wants (RFC 7644 §3.9).
pub(super) fn answered(resource_type: &ResourceType) -> Value {
    let always = resource_type.attributes().filter(|attribute| attribute.returned == Returned::Always);
    let required: Vec<_> = always.map(|attribute| attribute.name.clone()).collect();
    let mut shape = whole(resource_type, Way::Answered);
    shape.insert("required".to_owned(), required.into());
    shape.insert("additionalProperties".to_owned(), false.into());
    Value::Object(shape)
}

/// A resource as a client sends it. Attributes that are not known are ignored.
pub(super) fn sent(resource_type: &ResourceType) -> Value {
    let needed =
        resource_type.attributes().filter(|attribute| attribute.required && !attribute.is_read_only());
    let mut required: Vec<Value> = needed.map(|attribute| attribute.name.clone().into()).collect();
    let extensions = resource_type.extensions.iter().filter(|extension| extension.required);
    required.extend(extensions.map(|extension| extension.schema.id.clone().into()));
    let mut shape = whole(resource_type, Way::Sent);
    shape.insert("required".to_owned(), required.into());
    let mut shape = Value::Object(shape);
    if let Some(schemas) = shape.pointer_mut("/properties/schemas") {
        let known: Vec<_> = resource_type.schemas().map(|schema| &schema.id).collect();
        *schemas = json!({
            "type": "array",
            "items": { "type": "string", "enum": known },
            "contains": { "const": resource_type.schema.id },
        });
    }
    shape
}

fn whole(resource_type: &ResourceType, way: Way) -> Object {
    let mut properties = members(resource_type.attributes(), way);
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        let part = json!({
            "type": "object",
            "description": schema.description,
            "properties": members(&schema.attributes, way),
        });
        properties.insert(schema.id.clone(), closed(part, way));
    }
    let mut shape = Object::new();
    shape.insert("type".to_owned(), "object".into());
    shape.insert("description".to_owned(), resource_type.description.clone().into());
    shape.insert("properties".to_owned(), properties.into());
    shape
}

/// The properties that `attributes` are on this way.
pub(super) fn members<'a>(attributes: impl IntoIterator<Item = &'a Attribute>, way: Way) -> Object {
    let shown = attributes.into_iter().filter(|attribute| match way {
        Way::Sent => !attribute.is_read_only(),
        Way::Answered | Way::Discovered => attribute.returned != Returned::Never,
    });
    shown.map(|attribute| (attribute.name.clone(), described(attribute, way))).collect()
}

fn described(attribute: &Attribute, way: Way) -> Value {
    let one = value(attribute, way);
    let mut shape = if attribute.multi_valued { json!({ "type": "array", "items": one }) } else { one };
    if let Some(shape) = shape.as_object_mut().filter(|_| !attribute.description.is_empty()) {
        shape.insert("description".to_owned(), attribute.description.clone().into());
    }
    shape
}

fn value(attribute: &Attribute, way: Way) -> Value {
    let shape = match attribute.data_type {
        DataType::String | DataType::Reference => json!({ "type": "string" }),
        DataType::Boolean => json!({ "type": "boolean" }),
        DataType::Decimal => json!({ "type": "number" }),
        DataType::Integer => json!({ "type": "integer" }),
        DataType::DateTime => json!({ "type": "string", "format": "date-time" }),
        DataType::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
        DataType::Complex => {
            let parts = json!({ "type": "object", "properties": members(&attribute.sub_attributes, way) });
            return closed(parts, way);
        }
    };
    with_examples(shape, attribute)
}

/// Canonical values are suggestions, and so are examples (RFC 7643 §7).
fn with_examples(mut shape: Value, attribute: &Attribute) -> Value {
    if let Some(shape) = shape.as_object_mut().filter(|_| !attribute.canonical_values.is_empty()) {
        shape.insert("examples".to_owned(), attribute.canonical_values.clone().into());
    }
    shape
}

/// In an answer nothing comes beside what is named.
fn closed(mut shape: Value, way: Way) -> Value {
    if let Some(shape) = shape.as_object_mut().filter(|_| way == Way::Answered) {
        shape.insert("additionalProperties".to_owned(), false.into());
    }
    shape
}
