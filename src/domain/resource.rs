//! SCIM resources of declared types: kept by their schema alone, the registry has no rules about them (domain floor).

use std::collections::BTreeSet;

use super::{
    Invalid,
    clock::Timestamp,
    id::ResourceId,
    name::{self, INDEXED_MAX},
};

/// A resource of a declared type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// The name of its type.
    pub resource_type: String,
    /// What the client says of it.
    pub attributes: ResourceAttributes,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
    /// Counts the changes; the SCIM version.
    pub version: i64,
}

/// What a client says of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceAttributes {
    /// SCIM `externalId`.
    pub external_id: Option<String>,
    /// The SCIM resource without what the server computes, as JSON text.
    pub document: String,
    /// The same in the form that filters compare, as JSON text.
    pub search: String,
}

/// What one write says of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePush {
    /// Its attributes.
    pub attributes: ResourceAttributes,
    /// The values that no other resource of the type may have.
    pub unique: BTreeSet<UniqueValue>,
}

/// A value that one resource of a type may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueValue {
    /// The path of the attribute.
    pub attribute: String,
    /// The value in the form that is compared.
    pub value: String,
}

impl ResourcePush {
    /// Checks what is looked up by an index: at most 512 characters.
    ///
    /// # Errors
    /// The attribute that is longer.
    pub fn check(&self) -> Result<(), Invalid> {
        let external_id = self.attributes.external_id.as_deref().unwrap_or_default();
        name::check_length("externalId", external_id, INDEXED_MAX)?;
        let too_long =
            |unique: &&UniqueValue| name::check_length("value", &unique.value, INDEXED_MAX).is_err();
        match self.unique.iter().find(too_long) {
            Some(UniqueValue { attribute, .. }) => {
                let rule =
                    format!("{attribute} must be unique, and so have at most {INDEXED_MAX} characters");
                Err(Invalid::new("value", rule))
            }
            None => Ok(()),
        }
    }
}
