//! The order of resources by `sortBy` (RFC 7644 §3.4.2.3); floor `scim`.

use std::cmp::Ordering;

use serde_json::Value;

use super::path::{AttributePath, AttributeRef};
use super::schema::{ResourceType, Returned};
use super::value::{self, Object};

/// `sortOrder`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// From the least on; resources without a value come last.
    #[default]
    Ascending,
    /// From the greatest on; resources without a value come first.
    Descending,
}

/// Compares two canonical resources by the attribute at `sort_by`.
///
/// Equal when the type has no such attribute, or never returns it: an order would tell of a password.
#[must_use]
pub fn compare(
    resource_type: &ResourceType,
    sort_by: &AttributePath,
    order: SortOrder,
    left: &Object,
    right: &Object,
) -> Ordering {
    let found = resource_type.resolve_attribute(sort_by);
    let Some(found) = found.filter(|found| found.leaf().returned != Returned::Never) else {
        return Ordering::Equal;
    };
    let ascending = match (key(&found, left), key(&found, right)) {
        (Some(left), Some(right)) => {
            found.compared().and_then(|by| value::compare(by, left, right)).unwrap_or(Ordering::Equal)
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    match order {
        SortOrder::Ascending => ascending,
        SortOrder::Descending => ascending.reverse(),
    }
}

/// The value sorted by: of a multi-valued attribute the primary one, or else the first.
#[must_use]
pub fn key<'r>(found: &AttributeRef<'_>, resource: &'r Object) -> Option<&'r Value> {
    let values = value::elements(found.value(resource)?);
    let primary = values.iter().find(|element| element.get("primary") == Some(&Value::Bool(true)));
    let chosen = primary.or_else(|| values.first())?;
    let chosen = if found.attribute.is_complex() { chosen.get(&found.compared()?.name)? } else { chosen };
    Some(chosen).filter(|chosen| !value::is_empty(chosen))
}

#[cfg(test)]
mod tests;
