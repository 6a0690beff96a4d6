//! The body of a PATCH as a message (RFC 7644 §3.5.2), before it is asked what it means; floor `scim`.

use serde_json::Value;

use super::Op;
use super::dialect::member;
use crate::scim::error::{Error, Status};
use crate::scim::path::AttributeRef;
use crate::scim::resource::kind;
use crate::scim::urn;
use crate::scim::value::{Object, elements};

/// How many operations one PATCH may have.
pub const MAX_OPERATIONS: usize = 1000;

/// How many changes these may be, where one without a path stands for several.
pub(super) const MAX_CHANGES: usize = 2 * MAX_OPERATIONS;

/// An operation as it stands in the body.
pub(super) struct Raw<'a> {
    pub(super) index: usize,
    pub(super) op: Op,
    pub(super) path: Option<&'a str>,
    pub(super) value: Option<&'a Value>,
}

/// The parts of a value that its attribute does not have.
pub(super) fn unknown_within(found: &AttributeRef<'_>, value: &Value) -> Vec<String> {
    let attribute = found.leaf();
    if !attribute.is_complex() {
        return Vec::new();
    }
    let keys = elements(value).iter().filter_map(Value::as_object).flat_map(Object::keys);
    let is_known = |key: &str| attribute.sub(key).is_some() || attribute.is_called(key);
    let mut unknown: Vec<_> = keys.filter(|key| !is_known(key)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    let place = found.canonical();
    unknown.into_iter().map(|key| format!("{place}.{key}")).collect()
}

/// The operations of a PatchOp message.
pub(super) fn operations(body: &Value) -> Result<&[Value], Error> {
    let Value::Object(body) = body else {
        return Err(Error::syntax(format!(
            "the body must be a JSON object, a PatchOp, and is {}",
            kind(body)
        )));
    };
    let schemas = member(body, "schemas").map(elements).unwrap_or_default();
    if !schemas.iter().filter_map(Value::as_str).any(|uri| uri.eq_ignore_ascii_case(urn::PATCH_OP)) {
        return Err(Error::syntax(format!("schemas is required, and must hold {:?}", urn::PATCH_OP)));
    }
    match member(body, "Operations") {
        Some(Value::Array(operations)) if operations.len() > MAX_OPERATIONS => {
            let count = operations.len();
            let detail =
                format!("{count} operations are too many: at most {MAX_OPERATIONS} are allowed in one PATCH");
            Err(Error::plain(Status::PayloadTooLarge, detail))
        }
        Some(Value::Array(operations)) if !operations.is_empty() => Ok(operations),
        _ => {
            Err(Error::syntax("Operations is required: a list with at least one operation (RFC 7644 §3.5.2)"))
        }
    }
}
