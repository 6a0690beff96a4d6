//! What a PATCH operation asks for, its value being looked at (RFC 7643 §2.5, RFC 7644 §3.5.2); floor `scim`.

use serde_json::Value;

use super::Op;
use super::dialect::{self, Log, Rule};
use crate::scim::filter::Filter;
use crate::scim::path::AttributeRef;
use crate::scim::value::{Object, is_unassigned};

/// What is to be done, to which values, with what.
pub(super) type Meaning = (Op, Option<Filter>, Value);

/// What is to be done: assigning no value removes (RFC 7643 §2.5); `None` is nothing at all.
pub(super) fn meaning(
    op: Op,
    found: &AttributeRef<'_>,
    filter: Option<Filter>,
    value: Option<&Value>,
    log: &mut Log<'_>,
) -> Option<Meaning> {
    let value = value.cloned().unwrap_or_default();
    if op == Op::Remove {
        return removal(found, filter, &value, log);
    }
    let is_blank = value.as_str() == Some("");
    let value = rewritten(found, filter.is_some(), value, log);
    // An object of nulls clears those sub-attributes, and not the others.
    let is_void = value.as_object().map_or_else(|| is_unassigned(&value), Object::is_empty);
    match op {
        // An empty string that means no value clears, whatever the operation (Rule::EmptyClears).
        Op::Add if is_void && is_blank => Some((Op::Remove, filter, Value::Null)),
        Op::Replace if is_void => Some((Op::Remove, filter, Value::Null)),
        Op::Add if is_void => None,
        _ => Some((op, filter, value)),
    }
}

/// A removal with a list removes what the list names; with an empty one nothing.
fn removal(
    found: &AttributeRef<'_>,
    filter: Option<Filter>,
    value: &Value,
    log: &mut Log<'_>,
) -> Option<Meaning> {
    let is_whole = filter.is_none() && found.sub.is_none();
    if value.is_null() || !is_whole || !found.attribute.multi_valued {
        return Some((Op::Remove, filter, Value::Null));
    }
    let listed = dialect::listed(found.attribute, value, log)?;
    Some((Op::Remove, Some(listed), Value::Null))
}

/// The value in the form that its target asks for: a list, one value of it, or a sub-attribute's.
fn rewritten(found: &AttributeRef<'_>, is_selected: bool, value: Value, log: &mut Log<'_>) -> Value {
    let attribute = found.attribute;
    match (found.sub, value) {
        (Some(sub), value) => dialect::rewrite_value(sub, value, log),
        (None, Value::Array(mut items)) if is_selected && items.len() == 1 => {
            log.add(Rule::ListOfOne, &attribute.name);
            dialect::rewrite_element(attribute, items.pop().unwrap_or_default(), log)
        }
        (None, value) if is_selected => dialect::rewrite_element(attribute, value, log),
        (None, value) => dialect::rewrite_value(attribute, value, log),
    }
}
