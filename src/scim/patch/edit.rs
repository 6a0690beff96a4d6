//! One operation on one attribute: from its old value to its new one (RFC 7644 §3.5.2.1 to §3.5.2.3); floor `scim`.

use serde_json::Value;

use super::values::{self, Places, drop_doubles, drop_empty, made_from, settle_primary};
use super::work::Work;
use super::{Op, Operation};
use crate::scim::error::Error;
use crate::scim::path::AttributeRef;
use crate::scim::resource::{conform, conform_element, is_same_value, kind};
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::value::{Object, elements, is_unassigned};

/// The value that the attribute `found` has after `operation`; `None` is no value.
pub(super) fn edit(
    found: &AttributeRef<'_>,
    operation: &Operation,
    old: Option<&Value>,
    creates_missing: bool,
    work: &mut Work,
) -> Result<Option<Value>, Error> {
    let attribute = found.attribute;
    let is_whole = operation.path.filter.is_none() && found.sub.is_none();
    match operation.op {
        Op::Remove if is_whole => Ok(None),
        Op::Replace if is_whole && (attribute.multi_valued || !attribute.is_complex()) => {
            conform(attribute, &operation.value, &found.canonical(), &mut Vec::new())
        }
        _ if attribute.multi_valued && is_whole => append(found, &operation.value, old, work),
        _ if attribute.multi_valued => edit_selected(found, operation, old, creates_missing, work),
        _ if attribute.is_complex() => {
            let mut object = old.and_then(Value::as_object).cloned().unwrap_or_default();
            edit_object(found, operation, &mut object, work)?;
            Ok((!object.is_empty()).then_some(Value::Object(object)))
        }
        _ => conform(attribute, &operation.value, &found.canonical(), &mut Vec::new()),
    }
}

/// `add` to a multi-valued attribute: what is there already is not added again (RFC 7644 §3.5.2.1).
fn append(
    found: &AttributeRef<'_>,
    value: &Value,
    old: Option<&Value>,
    work: &mut Work,
) -> Result<Option<Value>, Error> {
    let attribute = found.attribute;
    let added = conform(attribute, value, &found.canonical(), &mut Vec::new())?;
    let mut list = old.map(elements).unwrap_or_default().to_vec();
    let (mut places, mut touched) = (Places::of(attribute, &list), Vec::new());
    for element in added.as_ref().map(elements).unwrap_or_default() {
        let at = places.find(attribute, &list, element, work)?.unwrap_or(list.len());
        touched.push(at);
        match (list.get_mut(at), element) {
            (None, new) => {
                places.add(attribute, at, new);
                list.push(new.clone());
            }
            (Some(Value::Object(held)), Value::Object(more)) => {
                merge(attribute, held, more, &found.canonical(), work)?;
            }
            (Some(_), _) => {}
        }
    }
    settle_primary(&mut list, &touched);
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

/// An operation at `attr[filter]`, `attr[filter].sub` or, over all values, `attr.sub`.
fn edit_selected(
    found: &AttributeRef<'_>,
    operation: &Operation,
    old: Option<&Value>,
    creates_missing: bool,
    work: &mut Work,
) -> Result<Option<Value>, Error> {
    let attribute = found.attribute;
    let filter = operation.path.filter.as_ref();
    let mut list = old.map(elements).unwrap_or_default().to_vec();
    let is_selected = |element: &Value| filter.is_none_or(|filter| filter.matches_value(attribute, element));
    let mut selected: Vec<usize> =
        (0..list.len()).filter(|at| list.get(*at).is_some_and(is_selected)).collect();
    if selected.is_empty() && operation.op != Op::Remove {
        let made = if creates_missing { made_from(attribute, filter) } else { None };
        let Some(made) = made else { return Err(no_match(operation)) };
        selected.push(list.len());
        list.push(made);
    }
    work.write(&operation.value, selected.len())?;
    for at in &selected {
        if let Some(element) = list.get_mut(*at) {
            *element = edit_element(found, operation, element, work)?;
        }
    }
    settle_primary(&mut list, &selected);
    drop_doubles(attribute, &mut list, &selected, work)?;
    drop_empty(&mut list);
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

fn no_match(operation: &Operation) -> Error {
    let path = &operation.path;
    Error::no_target(format!("no value matches {path}: add it to {} as a whole first", path.attribute.name))
}

/// One selected value after the operation; null when it goes.
fn edit_element(
    found: &AttributeRef<'_>,
    operation: &Operation,
    element: &Value,
    work: &mut Work,
) -> Result<Value, Error> {
    let attribute = found.attribute;
    let place = operation.path.to_string();
    match (operation.op, element) {
        (Op::Remove, _) if found.sub.is_none() => Ok(Value::Null),
        (Op::Replace, _) if found.sub.is_none() => {
            let mut ignored = Vec::new();
            let new = conform_element(attribute, &operation.value, &place, &mut ignored)?.unwrap_or_default();
            Ok(values::with_selector(attribute, operation.path.filter.as_ref(), new))
        }
        (_, Value::Object(object)) => {
            let mut object = object.clone();
            edit_object(found, operation, &mut object, work)?;
            Ok(Value::Object(object))
        }
        _ => Ok(conform_element(attribute, &operation.value, &place, &mut Vec::new())?.unwrap_or_default()),
    }
}

/// An operation on a complex value: on one sub-attribute, or merging several (RFC 7644 §3.5.2.3).
fn edit_object(
    found: &AttributeRef<'_>,
    operation: &Operation,
    object: &mut Object,
    work: &mut Work,
) -> Result<(), Error> {
    let attribute = found.attribute;
    let before = object.clone();
    match (found.sub, &operation.value) {
        (Some(sub), value) => {
            set_sub(sub, object, operation.op, value, &operation.path.to_string(), work)?;
        }
        (None, Value::Object(more)) => merge(attribute, object, more, &found.canonical(), work)?,
        (None, other) => {
            let expected = attribute.data_type.expectation();
            return Err(Error::value(format!(
                "{} must be {expected}, and is {}",
                found.canonical(),
                kind(other)
            )));
        }
    }
    drop_stale(attribute, &before, object);
    Ok(())
}

/// Sets the sub-attributes that `more` has, and leaves the others; null clears.
fn merge(
    attribute: &Attribute,
    object: &mut Object,
    more: &Object,
    place: &str,
    work: &mut Work,
) -> Result<(), Error> {
    for (name, value) in more {
        let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else { continue };
        let op = if is_unassigned(value) { Op::Remove } else { Op::Replace };
        set_sub(sub, object, op, value, &format!("{place}.{}", sub.name), work)?;
    }
    Ok(())
}

fn set_sub(
    sub: &Attribute,
    object: &mut Object,
    op: Op,
    value: &Value,
    place: &str,
    work: &mut Work,
) -> Result<(), Error> {
    if sub.is_read_only() {
        return Err(Error::mutability(format!("{place} is readOnly: the service provider alone sets it")));
    }
    let old = object.get(&sub.name);
    let new = match op {
        Op::Remove => None,
        Op::Add if sub.multi_valued => {
            append(&AttributeRef { extension: None, attribute: sub, sub: None }, value, old, work)?
        }
        _ => conform(sub, value, place, &mut Vec::new())?,
    };
    if sub.required && new.is_none() {
        return Err(Error::mutability(format!("{place} is required, and cannot be removed")));
    }
    let is_kept = || match (old, &new) {
        (Some(old), Some(new)) => is_same_value(sub, old, new),
        (old, _) => old.is_none(),
    };
    if sub.mutability == Mutability::Immutable && !is_kept() {
        return Err(Error::mutability(format!("{place} is immutable: remove the value and add another")));
    }
    match new {
        Some(new) => object.insert(sub.name.clone(), new),
        None => object.remove(&sub.name),
    };
    Ok(())
}

/// When `value` changes, what was said of the old one (its URI, its name) does not hold of the new one.
fn drop_stale(attribute: &Attribute, before: &Object, after: &mut Object) {
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
