//! What a PATCH operation asks for, its value being looked at (RFC 7643 §2.5, RFC 7644 §3.5.2); floor `scim`.

use serde_json::Value;

use super::Op;
use super::dialect::{self, Log, Removal, Rule};
use crate::scim::error::Error;
use crate::scim::filter::Filter;
use crate::scim::path::AttributeRef;
use crate::scim::value::Object;

/// What is to be done, to which values, with what.
pub(super) type Meaning = (Op, Option<Filter>, Value);

/// What is to be done: `replace` with no value removes (RFC 7643 §2.5), and `add` never does; `None` is nothing at all.
pub(super) fn meaning(
    op: Op,
    found: &AttributeRef<'_>,
    filter: Option<Filter>,
    value: Option<&Value>,
    log: &mut Log<'_>,
) -> Result<Option<Meaning>, Error> {
    if op == Op::Remove {
        return Ok(match dialect::removal(found, filter.clone(), value, log)? {
            Removal::Nothing => None,
            Removal::Selected(filter) => Some((Op::Remove, filter, Value::Null)),
            Removal::Listed(value) => Some((Op::Remove, filter, value)),
        });
    }
    let is_selected = filter.is_some() && found.attribute.multi_valued;
    let value = rewritten(found, is_selected, value.cloned().unwrap_or_default(), log);
    let is_blank = !log.is_strict && value == "";
    let is_list = found.leaf().multi_valued && !is_selected;
    let is_void = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let is_bare = value.as_object().is_some_and(Object::is_empty);
    Ok(match op {
        Op::Add if is_void || (is_blank && (is_list || is_selected && found.sub.is_none())) => None,
        Op::Replace if is_void => Some((Op::Remove, filter, Value::Null)),
        // sub-attributes that are not named stay (RFC 7644 §3.5.2.3)
        _ if is_bare && !is_list && !is_selected => None,
        _ => Some((op, filter, value)),
    })
}

fn is_one(items: &[Value]) -> bool {
    matches!(items, [Value::Object(_)])
}

/// The value in the form that its target asks for: a list, one value of it, or a sub-attribute's.
fn rewritten(found: &AttributeRef<'_>, is_selected: bool, value: Value, log: &mut Log<'_>) -> Value {
    let attribute = found.attribute;
    match (found.sub, value) {
        (Some(sub), value) => dialect::rewrite_value(sub, value, log),
        (None, Value::Array(mut items)) if is_selected && is_one(&items) && !log.is_strict => {
            log.add(Rule::ListOfOne, &attribute.name);
            dialect::rewrite_element(attribute, items.pop().unwrap_or_default(), log)
        }
        (None, value) if is_selected => dialect::rewrite_element(attribute, value, log),
        (None, value) => dialect::rewrite_value(attribute, value, log),
    }
}
