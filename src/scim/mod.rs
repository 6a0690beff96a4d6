//! SCIM 2.0 (RFC 7643, 7644, 9865) as a pure library; floor `scim`, which knows nothing of Roster's own rules,
//! of storage and of HTTP.
//!
//! A request's bytes become a value in [`json`]; a whole resource is checked by [`resource`], a PATCH by [`patch`], a
//! filter by [`filter`]. What an attribute is stands in [`schema`], as data; [`path`] finds the attribute that a text
//! names. Everything that the RFC does not ask for but clients send is in [`patch::dialect`].

pub mod error;
pub mod etag;
pub mod filter;
pub mod json;
pub mod message;
pub mod openapi;
pub mod patch;
pub mod path;
pub mod resource;
mod scan;
pub mod schema;
pub mod sort;
#[cfg(test)]
mod testing;
pub mod urn;
pub mod value;

pub use error::{Error, ScimType, Status};
