//! Schemas as data (RFC 7643 §2, §6, §7); floor `scim`.
//!
//! The standard schemas stand as JSON documents in `data/`, in the form in which `/Schemas` serves them and with the
//! verified errata applied. A further resource type or extension is a further document, never code.

mod attribute;
mod load;
mod registry;
mod resource_type;

pub use attribute::{Attribute, DataType, Mutability, Returned, Uniqueness};
pub use registry::{Registry, SchemaError};
pub use resource_type::{Extension, ResourceType};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::urn;

/// A schema: the attributes of a resource type or of an extension (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The schema's URI.
    pub id: String,
    /// The schema's name for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What the schema is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The attributes, without the common ones of RFC 7643 §3.1.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute called `name`, without regard to case (RFC 7643 §2.1).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        attribute::find(&self.attributes, name)
    }

    /// The document as `/Schemas` serves it; `base` is the URL that stands before `/Schemas`.
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        if let Some(map) = document.as_object_mut() {
            map.insert("schemas".to_owned(), json!([urn::SCHEMA]));
            let location = format!("{base}/Schemas/{}", self.id);
            map.insert("meta".to_owned(), json!({ "resourceType": "Schema", "location": location }));
        }
        document
    }
}

#[cfg(test)]
mod tests;
