//! All schemas and resource types that are served (RFC 7643 §6, §7); floor `scim`.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::load::{self, ResourceTypeDocument};
use super::{Attribute, Extension, ResourceType, Schema};

const COMMON: &str = include_str!("data/common.json");
const RESOURCE_TYPES: &str = include_str!("data/resource_types.json");
const TEST_RESOURCE: &str = include_str!("data/test_resource.json");
const SCHEMAS: [&str; 6] = [
    include_str!("data/user.json"),
    include_str!("data/group.json"),
    include_str!("data/enterprise_user.json"),
    include_str!("data/service_provider_config.json"),
    include_str!("data/resource_type.json"),
    include_str!("data/schema.json"),
];

/// A schema document that cannot be used: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct SchemaError {
    /// The place in the document.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}

impl SchemaError {
    pub(super) fn new(place: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { place: place.into(), reason: reason.to_string() }
    }
}

/// The schemas and resource types of a service provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    common: Arc<Vec<Attribute>>,
    schemas: Vec<Arc<Schema>>,
    resource_types: Vec<Arc<ResourceType>>,
}

impl Registry {
    /// The standard one: User with the enterprise extension, and Group.
    ///
    /// # Errors
    /// When an embedded document is broken; a test holds that none is.
    pub fn standard() -> Result<Self, SchemaError> {
        let mut registry =
            Self { common: Arc::new(common()?), schemas: Vec::new(), resource_types: Vec::new() };
        for text in SCHEMAS {
            registry.add_schema(load::schema(&parse(text)?)?)?;
        }
        for document in parse(RESOURCE_TYPES)?.as_array().into_iter().flatten() {
            registry.add_resource_type(load::resource_type(document)?)?;
        }
        Ok(registry)
    }

    /// This registry with the schema `document` as a further extension of the resource type called `resource_type`.
    ///
    /// # Errors
    /// When the document is not a schema, its URI is taken, or there is no such resource type; with place and reason.
    pub fn with_extension(
        mut self,
        resource_type: &str,
        document: &Value,
        required: bool,
    ) -> Result<Self, SchemaError> {
        let schema = self.add_schema(load::schema(document)?)?;
        let named = |known: &&mut Arc<ResourceType>| known.name.eq_ignore_ascii_case(resource_type);
        let Some(known) = self.resource_types.iter_mut().find(named) else {
            return Err(SchemaError::new(
                &schema.id,
                format!("there is no resource type {resource_type:?} to extend"),
            ));
        };
        Arc::make_mut(known).extensions.push(Extension { schema, required });
        Ok(self)
    }

    /// This registry with a further resource type; `schemas` are the documents that it needs and that are not here yet.
    ///
    /// # Errors
    /// When a document is faulty, or a name, an endpoint or a URI is taken; with place and reason.
    pub fn with_resource_type(mut self, document: &Value, schemas: &[Value]) -> Result<Self, SchemaError> {
        for schema in schemas {
            self.add_schema(load::schema(schema)?)?;
        }
        self.add_resource_type(load::resource_type(document)?)?;
        Ok(self)
    }

    /// This registry with the resource type `TestResource`, which has attributes of every data type and with every
    /// characteristic.
    ///
    /// # Errors
    /// When its documents are broken; a test holds that they are not.
    pub fn with_test_resources(self) -> Result<Self, SchemaError> {
        self.with_declared(&parse(TEST_RESOURCE)?)
    }

    /// This registry with the resource type of a declaration: `{"resourceType": DOCUMENT, "schemas": [DOCUMENT, …]}`.
    ///
    /// # Errors
    /// As for [`Registry::with_resource_type`].
    pub fn with_declared(self, declaration: &Value) -> Result<Self, SchemaError> {
        let schemas = declaration.get("schemas").and_then(Value::as_array);
        let resource_type = declaration.get("resourceType").unwrap_or(&Value::Null);
        self.with_resource_type(resource_type, schemas.map(Vec::as_slice).unwrap_or_default())
    }

    /// All schemas, for `/Schemas`.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().map(AsRef::as_ref)
    }

    /// The schema with this URI, without regard to case.
    #[must_use]
    pub fn schema(&self, uri: &str) -> Option<&Schema> {
        self.schemas().find(|schema| schema.id.eq_ignore_ascii_case(uri))
    }

    /// All resource types, for `/ResourceTypes`.
    pub fn resource_types(&self) -> impl Iterator<Item = &Arc<ResourceType>> {
        self.resource_types.iter()
    }

    /// The resource type called `name`, without regard to case.
    #[must_use]
    pub fn resource_type(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// The resource type served at `endpoint`, such as `/Users`; the case of paths matters.
    #[must_use]
    pub fn at_endpoint(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|known| known.endpoint == endpoint)
    }

    fn shared(&self, uri: &str) -> Option<Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(uri)).cloned()
    }

    fn add_schema(&mut self, schema: Schema) -> Result<Arc<Schema>, SchemaError> {
        if self.schema(&schema.id).is_some() {
            return Err(SchemaError::new(&schema.id, "a schema with this id is there already"));
        }
        let clash =
            |attribute: &&Attribute| self.common.iter().any(|c| c.name.eq_ignore_ascii_case(&attribute.name));
        let is_meta = schema.id.starts_with("urn:ietf:params:scim:schemas:core:2.0:");
        if let Some(attribute) = schema.attributes.iter().find(clash).filter(|_| !is_meta) {
            let reason =
                format!("{:?} is a common attribute of every resource (RFC 7643 §3.1)", attribute.name);
            return Err(SchemaError::new(&schema.id, reason));
        }
        let schema = Arc::new(schema);
        self.schemas.push(Arc::clone(&schema));
        Ok(schema)
    }

    fn add_resource_type(&mut self, read: ResourceTypeDocument) -> Result<(), SchemaError> {
        let place = format!("resource type {}", read.name);
        if self.resource_type(&read.name).is_some() || self.at_endpoint(&read.endpoint).is_some() {
            return Err(SchemaError::new(place, "its name or its endpoint is taken"));
        }
        let find = |uri: &str| {
            self.shared(uri)
                .ok_or_else(|| SchemaError::new(&place, format!("the schema {uri:?} is not known")))
        };
        let schema = find(&read.schema)?;
        let extend =
            |e: &load::ExtensionDocument| Ok(Extension { schema: find(&e.schema)?, required: e.required });
        let extensions = read.schema_extensions.iter().map(extend).collect::<Result<_, SchemaError>>()?;
        let id = read.id.unwrap_or_else(|| read.name.clone());
        let ResourceTypeDocument { name, description, endpoint, .. } = read;
        let common = Arc::clone(&self.common);
        let resource_type = ResourceType { id, name, description, endpoint, schema, extensions, common };
        self.resource_types.push(Arc::new(resource_type));
        Ok(())
    }
}

fn parse(text: &str) -> Result<Value, SchemaError> {
    serde_json::from_str(text).map_err(|e| SchemaError::new("embedded document", e))
}

fn common() -> Result<Vec<Attribute>, SchemaError> {
    let document = parse(COMMON)?;
    document.as_array().into_iter().flatten().map(|item| load::attribute(item, "common attributes")).collect()
}
