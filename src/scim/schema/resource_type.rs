//! A resource type with its schemas at hand (RFC 7643 §6); floor `scim`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Attribute, Schema, attribute};
use crate::scim::urn;

/// An extension of a resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The extension's schema.
    pub schema: Arc<Schema>,
    /// Whether every resource of the type must have it.
    pub required: bool,
}

/// A kind of resource: where it is served, its base schema and its extensions.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    /// The id under `/ResourceTypes`.
    pub id: String,
    /// The name, as in `meta.resourceType`.
    pub name: String,
    /// What the type is for.
    pub description: String,
    /// The endpoint, such as `/Users`.
    pub endpoint: String,
    /// The base schema.
    pub schema: Arc<Schema>,
    /// The extensions.
    pub extensions: Vec<Extension>,
    /// The attributes that all resources have (RFC 7643 §3.1).
    pub(super) common: Arc<Vec<Attribute>>,
}

impl ResourceType {
    /// The base or common attribute called `name`, without regard to case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        attribute::find(&self.common, name).or_else(|| self.schema.attribute(name))
    }

    /// The common and base attributes, in that order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.common.iter().chain(&self.schema.attributes)
    }

    /// The extension whose schema is `uri`, without regard to case.
    #[must_use]
    pub fn extension(&self, uri: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(uri))
    }

    /// The base schema and those of the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&*self.schema).chain(self.extensions.iter().map(|extension| &*extension.schema))
    }

    /// The document as `/ResourceTypes` serves it; `base` is the URL that stands before `/ResourceTypes`.
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        let mut document = json!({
            "schemas": [urn::RESOURCE_TYPE], "id": self.id, "name": self.name, "endpoint": self.endpoint,
            "schema": self.schema.id,
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.id) },
        });
        if let Some(map) = document.as_object_mut() {
            if !self.description.is_empty() {
                map.insert("description".to_owned(), self.description.clone().into());
            }
            let extensions = self.extensions.iter();
            let extensions = extensions.map(|e| json!({ "schema": e.schema.id, "required": e.required }));
            map.insert("schemaExtensions".to_owned(), extensions.collect());
        }
        document
    }
}
