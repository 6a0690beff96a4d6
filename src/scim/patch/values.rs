//! The values of a multi-valued attribute under PATCH: sameness, `primary`, and values made from a filter (RFC 7643
//! §2.4, RFC 7644 §3.5.2); floor `scim`.

use serde_json::Value;

use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::{Inner, resolve_within};
use crate::scim::resource::is_same_value;
use crate::scim::schema::Attribute;
use crate::scim::value::{Object, is_unassigned};

/// Where in `list` the value `element` stands already.
///
/// Values with a `value` are the same when it and `type` are (RFC 7643 §2.4); others when all that is said agrees.
pub(super) fn position_of_same(attribute: &Attribute, list: &[Value], element: &Value) -> Option<usize> {
    list.iter().position(|held| match (held, element) {
        (Value::Object(held), Value::Object(element)) => is_same_object(attribute, held, element),
        _ => is_same_value(attribute, held, element),
    })
}

fn is_same_object(attribute: &Attribute, held: &Object, element: &Object) -> bool {
    let agrees = |name: &str| match (attribute.sub(name), held.get(name), element.get(name)) {
        (Some(sub), Some(held), Some(element)) => is_same_value(sub, held, element),
        (_, held, element) => held.is_none() && element.is_none(),
    };
    if !element.contains_key("value") {
        return element.keys().all(|name| agrees(name));
    }
    // A client that leaves the type out does not mean another value.
    agrees("value") && (!element.contains_key("type") || agrees("type"))
}

/// When one of the values `touched` is primary, the others are not (RFC 7644 §3.5.2).
pub(super) fn settle_primary(list: &mut [Value], touched: &[usize]) {
    let is_primary =
        |at: &usize| list.get(*at).and_then(|value| value.get("primary")) == Some(&Value::Bool(true));
    let Some(chosen) = touched.iter().copied().find(is_primary) else { return };
    for (at, value) in list.iter_mut().enumerate() {
        let flag = value.get_mut("primary").filter(|flag| at != chosen && **flag == Value::Bool(true));
        if let Some(flag) = flag {
            *flag = Value::Bool(false);
        }
    }
}

/// Takes out those of `touched` that now say the same as another: no value is there twice (RFC 7643 §2.4).
pub(super) fn drop_doubles(attribute: &Attribute, list: &mut [Value], touched: &[usize]) {
    for at in touched {
        let Some(element) = list.get(*at).cloned() else { continue };
        if attribute.is_complex() && element.get("value").is_none() {
            continue;
        }
        let others: Vec<_> = list.iter().enumerate().filter(|(other, _)| other != at).collect();
        let is_same =
            |other: &Value| position_of_same(attribute, std::slice::from_ref(other), &element).is_some();
        if others.into_iter().any(|(_, other)| is_same(other))
            && let Some(place) = list.get_mut(*at)
        {
            *place = Value::Null;
        }
    }
}

/// Takes out what has no content left.
pub(super) fn drop_empty(list: &mut Vec<Value>) {
    list.retain(|value| !is_unassigned(value));
}

/// The value that `filter` describes; `None` when it does not describe one value, as with `or` and `ne`.
pub(super) fn made_from(attribute: &Attribute, filter: Option<&Filter>) -> Option<Value> {
    let Some(filter) = filter else { return Some(Value::Object(Object::new())) };
    let mut made = if attribute.is_complex() { Value::Object(Object::new()) } else { Value::Null };
    describe(attribute, filter, &mut made).then_some(made)
}

/// `new` with what the filter that selected its predecessor says of it, so that the same filter finds it again.
pub(super) fn with_selector(attribute: &Attribute, filter: Option<&Filter>, mut new: Value) -> Value {
    if let (Some(Value::Object(described)), Value::Object(object)) = (made_from(attribute, filter), &mut new)
    {
        for (name, value) in described.into_iter().filter(|(name, _)| name != "value") {
            object.entry(name).or_insert(value);
        }
    }
    new
}

/// Writes the `eq` terms of `filter` into `made`; tells whether it has no other terms.
fn describe(attribute: &Attribute, filter: &Filter, made: &mut Value) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| describe(attribute, term, made)),
        Filter::Compare { path, op: CompareOp::Eq, value } if *value != Literal::Null => {
            match (resolve_within(attribute, path), made) {
                (Some(Inner::Sub(sub)), Value::Object(object)) if !sub.is_read_only() => {
                    object.insert(sub.name.clone(), value.to_value(sub));
                    true
                }
                (Some(Inner::Itself(itself)), made) => {
                    *made = value.to_value(itself);
                    true
                }
                _ => false,
            }
        }
        _ => false,
    }
}
