//! How much one PATCH may ask for, counted while it is carried out; floor `scim`.
//!
//! An operation looks at every value of its attribute, with every term of its filter, and may write its own value into each: what
//! it costs only the resource tells, so that a limit on the number of operations is none on the work.

use serde_json::Value;

use super::{Operation, Patch};
use crate::scim::error::{Error, Status};
use crate::scim::filter::Filter;
use crate::scim::schema::ResourceType;
use crate::scim::value::Object;

/// How much that is at most: a value looked at by one term is one, and so are 32 bytes of text.
pub const MAX_WORK: usize = 300_000;

/// From how many operations on it is worth a look beforehand.
const MANY: usize = 20;

impl Patch {
    /// Whether it may be [too much work](MAX_WORK), by a glance at it.
    #[must_use]
    pub fn is_heavy(&self) -> bool {
        let weight = |operation: &Operation| {
            let terms = operation.path.filter.as_ref().map_or(1, Filter::weight);
            terms + weight(&operation.value)
        };
        self.operations.len() > MANY || self.operations.iter().map(weight).sum::<usize>() > MAX_WORK / 1_000
    }

    /// Checks how much work it is for a resource, which is not changed. Whoever is to hold up others by the change asks before.
    ///
    /// # Errors
    /// 413 when it is too much; what else hinders the change is not told.
    pub fn check_work(&self, resource_type: &ResourceType, mut resource: Object) -> Result<(), Error> {
        match self.apply(resource_type, &mut resource) {
            Err(error) if error.status == Status::PayloadTooLarge => Err(error),
            _ => Ok(()),
        }
    }
}

/// What is left of it.
#[derive(Debug)]
pub(super) struct Work {
    left: usize,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: MAX_WORK }
    }
}

impl Work {
    /// Counts `units`.
    ///
    /// # Errors
    /// 413 when it is more than is left.
    pub(super) fn spend(&mut self, units: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(units).ok_or_else(too_much)?;
        Ok(())
    }

    /// Counts a look at the values `old` of the attribute, and at the operation itself.
    pub(super) fn look(&mut self, operation: &Operation, old: Option<&Value>) -> Result<(), Error> {
        let terms = operation.path.filter.as_ref().map_or(0, Filter::weight);
        let looks = old.map_or(0, weight).saturating_mul(terms.saturating_add(1));
        self.spend(looks.saturating_add(weight(&operation.value)))
    }

    /// Counts that `value` is written into so many values.
    pub(super) fn write(&mut self, value: &Value, places: usize) -> Result<(), Error> {
        self.spend(weight(value).saturating_mul(places))
    }
}

/// How large a value is: its parts, and its text.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / 32,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(weight).sum::<usize>() + 1,
        _ => 1,
    }
}

fn too_much() -> Error {
    let detail = "the operations are too much work for one PATCH: too many operations on attributes with too many values; send \
                  fewer at once, or replace the attribute as a whole";
    Error::plain(Status::PayloadTooLarge, detail)
}
