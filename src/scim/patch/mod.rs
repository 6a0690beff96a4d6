//! PATCH (RFC 7644 §3.5.2): from a body to operations, and from operations to a changed resource; floor `scim`.
//!
//! [`Patch::parse`] reads a body and brings it into the RFC's form through [`dialect`]; every operation has a path
//! then. [`Patch::apply`] changes a resource, all or nothing. [`Patch::split_members`] sets apart what concerns a list
//! that is too long to be loaded.

mod apply;
pub mod dialect;
mod edit;
mod meaning;
mod members;
mod message;
mod parse;
mod values;
mod work;

pub use dialect::{Profile, Rewrite, Rule};
pub use members::{MemberOp, MemberOperation};
pub use message::MAX_OPERATIONS;
pub use work::MAX_WORK;

use serde_json::Value;

use super::path::ValuePath;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// RFC 7644 §3.5.2.1
    Add,
    /// RFC 7644 §3.5.2.2
    Remove,
    /// RFC 7644 §3.5.2.3
    Replace,
}

/// One change at one path.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The index of the client's operation that this comes from: one without a path becomes several of these.
    pub index: usize,
    /// What to do.
    pub op: Op,
    /// Where.
    pub path: ValuePath,
    /// With what; in a removal what goes of a single value or of a list within it, and null for all.
    pub value: Value,
}

/// A PATCH in the RFC's form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patch {
    /// The operations, in order.
    pub operations: Vec<Operation>,
    /// What a client's own form was taken to mean.
    pub rewrites: Vec<Rewrite>,
    /// Unknown attributes, in paths and in values, which were left out.
    pub ignored: Vec<String>,
    /// How far the client is met.
    pub profile: Profile,
}

#[cfg(test)]
mod tests;
