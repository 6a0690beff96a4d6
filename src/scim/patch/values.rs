//! The values of a multi-valued attribute under PATCH: sameness, `primary`, and values made from a filter (RFC 7643
//! §2.4, RFC 7644 §3.5.2); floor `scim`.

use std::collections::HashMap;

use serde_json::Value;

use super::work::{self, Work};
use crate::scim::error::Error;
use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::{Inner, resolve_within};
use crate::scim::resource::is_same_value;
use crate::scim::schema::{Attribute, DataType};
use crate::scim::value::{Object, comparison_key, elements, is_unassigned};

/// Where each value of a list stands, by what is its `value`: to look for one among a thousand costs no more than among ten.
pub(super) struct Places {
    by_key: HashMap<String, Vec<usize>>,
}

impl Places {
    /// Of the values in `list`.
    pub(super) fn of(attribute: &Attribute, list: &[Value]) -> Self {
        let mut places = Self { by_key: HashMap::with_capacity(list.len()) };
        for (at, element) in list.iter().enumerate() {
            places.add(attribute, at, element);
        }
        places
    }

    /// And of `element`, which stands at `at`.
    pub(super) fn add(&mut self, attribute: &Attribute, at: usize, element: &Value) {
        if let Some(key) = key_of(attribute, element) {
            self.by_key.entry(key).or_default().push(at);
        }
    }

    /// Where in `list` the value `element` stands already.
    ///
    /// Values with a `value` are the same when it and `type` are (RFC 7643 §2.4); others when all that is said agrees.
    pub(super) fn find(
        &self,
        attribute: &Attribute,
        list: &[Value],
        element: &Value,
        work: &mut Work,
    ) -> Result<Option<usize>, Error> {
        let is_same = |at: usize| list.get(at).is_some_and(|held| is_same(attribute, held, element));
        self.first(attribute, list, element, is_same, work)
    }

    /// The first place of those where `element` may stand that `fits`.
    fn first(
        &self,
        attribute: &Attribute,
        list: &[Value],
        element: &Value,
        fits: impl Fn(usize) -> bool,
        work: &mut Work,
    ) -> Result<Option<usize>, Error> {
        let Some(key) = key_of(attribute, element) else {
            work.spend(list.len().saturating_mul(work::weight(element)))?;
            return Ok((0..list.len()).find(|at| fits(*at)));
        };
        let places = self.by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
        work.spend(places.len())?;
        Ok(places.iter().copied().find(|at| fits(*at)))
    }
}

/// What two values have alike that are the same; `None` when only a look at both tells.
fn key_of(attribute: &Attribute, element: &Value) -> Option<String> {
    let (attribute, text) = match element {
        Value::Object(object) => (attribute.sub("value")?, object.get("value")?),
        single => (attribute, single),
    };
    let is_text = attribute.data_type != DataType::DateTime;
    text.as_str().filter(|_| is_text).map(|text| comparison_key(attribute, text))
}

fn is_same(attribute: &Attribute, held: &Value, element: &Value) -> bool {
    match (held, element) {
        (Value::Object(held), Value::Object(element)) => is_same_object(attribute, held, element),
        _ => is_same_value(attribute, held, element),
    }
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
pub(super) fn drop_doubles(
    attribute: &Attribute,
    list: &mut [Value],
    touched: &[usize],
    work: &mut Work,
) -> Result<(), Error> {
    let places = Places::of(attribute, list);
    for at in touched {
        let Some(element) = list.get(*at).cloned() else { continue };
        if attribute.is_complex() && element.get("value").is_none() {
            continue;
        }
        let is_double = |other: usize| {
            other != *at && list.get(other).is_some_and(|other| is_same(attribute, other, &element))
        };
        let double = places.first(attribute, list, &element, is_double, work)?;
        if double.is_some()
            && let Some(place) = list.get_mut(*at)
        {
            *place = Value::Null;
        }
    }
    Ok(())
}

/// Takes out what has no content left.
pub(super) fn drop_empty(list: &mut Vec<Value>) {
    list.retain(|value| !is_unassigned(value));
}

/// `old` without what `listed` names of it; null names all.
pub(super) fn without(
    sub: &Attribute,
    old: &Value,
    listed: &Value,
    work: &mut Work,
) -> Result<Option<Value>, Error> {
    if listed.is_null() {
        return Ok(None);
    }
    let listed = elements(listed);
    let (places, mut rest) = (Places::of(sub, listed), Vec::new());
    for held in elements(old) {
        if places.find(sub, listed, held, work)?.is_none() {
            rest.push(held.clone());
        }
    }
    Ok(match old {
        Value::Array(_) => (!rest.is_empty()).then_some(Value::Array(rest)),
        _ => rest.into_iter().next(),
    })
}

/// When `value` changes, what was said of the old one (its URI, its name) does not hold of the new one.
pub(super) fn drop_stale(attribute: &Attribute, before: &Object, after: &mut Object) {
    if before.get("value").is_none() || before.get("value") == after.get("value") {
        return;
    }
    for sub in &attribute.sub_attributes {
        let is_bound = sub.is_read_only() || sub.name == "$ref";
        if is_bound && before.get(&sub.name) == after.get(&sub.name) {
            after.remove(&sub.name);
        }
    }
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
