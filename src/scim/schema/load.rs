//! From JSON documents to checked schemas (RFC 7643 §2, §7); floor `scim`.

use serde::Deserialize;
use serde_json::Value;

use super::{Attribute, DataType, Mutability, Returned, Schema, SchemaError};

/// A resource type's document, as it stands under `/ResourceTypes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceTypeDocument {
    /// Often missing; the name then.
    pub(super) id: Option<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) endpoint: String,
    pub(super) schema: String,
    #[serde(default)]
    pub(super) schema_extensions: Vec<ExtensionDocument>,
}

/// An extension within a resource type's document.
#[derive(Debug, Deserialize)]
pub(super) struct ExtensionDocument {
    pub(super) schema: String,
    #[serde(default)]
    pub(super) required: bool,
}

/// Reads a resource type's document.
pub(super) fn resource_type(document: &Value) -> Result<ResourceTypeDocument, SchemaError> {
    let read =
        ResourceTypeDocument::deserialize(document).map_err(|e| SchemaError::new("resource type", e))?;
    if !read.endpoint.starts_with('/') || read.endpoint.len() < 2 {
        let place = format!("resource type {}: endpoint", read.name);
        return Err(SchemaError::new(place, "must begin with '/', as in \"/Users\""));
    }
    Ok(read)
}

/// Reads a schema's document and checks it.
///
/// Attributes are read one by one, so that an error names the attribute it is in.
pub(super) fn schema(document: &Value) -> Result<Schema, SchemaError> {
    let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
    if !id.contains(':') || id.contains(char::is_whitespace) {
        return Err(SchemaError::new(
            "id",
            "must be the schema's URI, as in \"urn:example:scim:schemas:2.0:User\"",
        ));
    }
    let Some(list) = document.get("attributes").and_then(Value::as_array) else {
        return Err(SchemaError::new(format!("{id}: attributes"), "must be a list of attributes"));
    };
    let attributes =
        list.iter().enumerate().map(|(index, item)| attribute(item, &format!("{id}: attributes[{index}]")));
    let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    check_names(&attributes, id)?;
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Schema { id: id.to_owned(), name: text("name"), description: text("description"), attributes })
}

/// Reads one attribute, and checks it and its sub-attributes.
pub(super) fn attribute(document: &Value, place: &str) -> Result<Attribute, SchemaError> {
    let read = Attribute::deserialize(document).map_err(|e| SchemaError::new(place, e))?;
    check(&read, &format!("{place} ({})", read.name))?;
    Ok(read)
}

fn check(attribute: &Attribute, place: &str) -> Result<(), SchemaError> {
    let fault = |reason: &str| Err(SchemaError::new(place, reason));
    if !is_name(&attribute.name) {
        return fault("a name is a letter, then letters, digits, '-' or '_' (RFC 7643 §2.1)");
    }
    if attribute.is_complex() == attribute.sub_attributes.is_empty() {
        return fault("subAttributes go with the type \"complex\", and only with it (RFC 7643 §2.3.8)");
    }
    if attribute.is_complex() && attribute.uniqueness.is_some_and(|u| u != super::Uniqueness::None) {
        return fault("a complex attribute has no uniqueness (RFC 7643 erratum 6004)");
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        return fault("a writeOnly attribute must be returned \"never\" (RFC 7643 §7)");
    }
    if !attribute.reference_types.is_empty() && attribute.data_type != DataType::Reference {
        return fault("referenceTypes go with the type \"reference\" only (RFC 7643 §7)");
    }
    check_names(&attribute.sub_attributes, place)?;
    attribute.sub_attributes.iter().try_for_each(|sub| check(sub, &format!("{place}.{}", sub.name)))
}

/// Names are unique without regard to case (RFC 7643 §2.1).
fn check_names(attributes: &[Attribute], place: &str) -> Result<(), SchemaError> {
    let mut seen = std::collections::HashSet::new();
    match attributes.iter().find(|attribute| !seen.insert(attribute.name.to_ascii_lowercase())) {
        Some(twice) => Err(SchemaError::new(place, format!("the name {:?} is given twice", twice.name))),
        None => Ok(()),
    }
}

/// RFC 7643 §2.1: `ATTRNAME = ALPHA *(nameChar)`, and `$ref` beside it.
fn is_name(name: &str) -> bool {
    let bare = name.strip_prefix('$').unwrap_or(name);
    bare.starts_with(|c: char| c.is_ascii_alphabetic())
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}
