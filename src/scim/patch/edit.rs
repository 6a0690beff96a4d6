//! One operation on one attribute: from its old value to its new one (RFC 7644 §3.5.2.1 to §3.5.2.3); floor `scim`.

use serde_json::Value;

use super::dialect::{Profile, is_made_for};
use super::values::{self, Places, drop_doubles, drop_empty, drop_stale, made_from, settle_primary, without};
use super::work::Work;
use super::{Op, Operation};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::filter::Filter;
use crate::scim::path::AttributeRef;
use crate::scim::resource::{conform, conform_element, is_same_value, kind};
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::value::{Object, elements};

/// What an operation makes of an attribute.
#[derive(Debug, Default)]
pub(super) struct Edited {
    /// The value; `None` is no value.
    pub(super) value: Option<Value>,
    /// Whether a value was made that `replace` did not find.
    pub(super) is_made: bool,
}

impl Edited {
    fn of(value: Option<Value>) -> Self {
        Self { value, is_made: false }
    }
}

/// What the attribute `found`, which has the value `old`, has after `operation`.
pub(super) fn edit(
    found: &AttributeRef<'_>,
    operation: &Operation,
    old: Option<&Value>,
    profile: Profile,
    work: &mut Work,
) -> Result<Edited, Error> {
    let attribute = found.attribute;
    let is_whole = operation.path.filter.is_none() && found.sub.is_none();
    if attribute.multi_valued && !is_whole {
        return edit_selected(found, operation, old, profile, work);
    }
    if attribute.multi_valued && operation.op == Op::Add {
        return append(found, &operation.value, old, work).map(Edited::of);
    }
    if attribute.is_complex() && !attribute.multi_valued {
        return edit_single(found, operation, old, work).map(Edited::of);
    }
    let value = match operation.op {
        Op::Remove => None,
        _ => replaced(attribute, &operation.value, &found.canonical())?,
    };
    Ok(Edited::of(value))
}

/// An operation on the complex value of an attribute that has one; a filter asks whether it is the value meant.
fn edit_single(
    found: &AttributeRef<'_>,
    operation: &Operation,
    old: Option<&Value>,
    work: &mut Work,
) -> Result<Option<Value>, Error> {
    let attribute = found.attribute;
    let filter = operation.path.filter.as_ref();
    let is_meant = |filter: &Filter| old.is_some_and(|old| filter.matches_value(attribute, old));
    let mut object = old.and_then(Value::as_object).cloned().unwrap_or_default();
    if filter.is_some_and(|filter| !is_meant(filter)) {
        match (operation.op, made_from(attribute, filter)) {
            (Op::Remove, _) => return Ok(old.cloned()),
            (Op::Add, Some(Value::Object(made))) if old.is_none() => object = made,
            _ => return Err(no_match(operation)),
        }
    }
    if operation.op == Op::Remove && found.sub.is_none() && operation.value.is_null() {
        return Ok(None);
    }
    edit_object(found, operation, &mut object, work)?;
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

/// The value that takes the place of all that was there. A list in which nothing can be read does not say that there is none.
fn replaced(attribute: &Attribute, value: &Value, place: &str) -> Result<Option<Value>, Error> {
    let new = conform(attribute, value, place, &mut Vec::new())?;
    if new.is_none() && value.as_array().is_some_and(|items| !items.is_empty()) {
        return Err(Error::value(format!("{place}[0] names nothing: send an empty list to remove all")));
    }
    Ok(new)
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
                merge(attribute, held, more, Op::Add, &found.canonical(), work)?;
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
    profile: Profile,
    work: &mut Work,
) -> Result<Edited, Error> {
    let attribute = found.attribute;
    let filter = operation.path.filter.as_ref();
    let mut list = old.map(elements).unwrap_or_default().to_vec();
    let is_selected = |element: &Value| filter.is_none_or(|filter| filter.matches_value(attribute, element));
    let mut selected: Vec<usize> =
        (0..list.len()).filter(|at| list.get(*at).is_some_and(is_selected)).collect();
    let is_made = selected.is_empty() && operation.op != Op::Remove;
    if is_made {
        // RFC 7644 §3.5.2.1: what is added need not be there; §3.5.2.3: what is replaced must
        let is_due = operation.op == Op::Add || is_made_for(attribute, filter, profile);
        let made = made_from(attribute, filter).filter(|_| is_due).ok_or_else(|| no_match(operation))?;
        selected.push(list.len());
        list.push(made);
    }
    work.write(&operation.value, selected.len())?;
    for at in &selected {
        if let Some(element) = list.get_mut(*at) {
            *element = edit_element(found, operation, element, profile, work)?;
        }
    }
    settle_primary(&mut list, &selected);
    drop_doubles(attribute, &mut list, &selected, work)?;
    drop_empty(&mut list);
    let value = (!list.is_empty()).then_some(Value::Array(list));
    Ok(Edited { value, is_made: is_made && operation.op == Op::Replace })
}

fn no_match(operation: &Operation) -> Error {
    let path = &operation.path;
    Error::no_target(format!(
        "no value matches {}: add it to {} as a whole first",
        shown(path),
        path.attribute.name
    ))
}

/// One selected value after the operation; null when it goes.
fn edit_element(
    found: &AttributeRef<'_>,
    operation: &Operation,
    element: &Value,
    profile: Profile,
    work: &mut Work,
) -> Result<Value, Error> {
    let attribute = found.attribute;
    let place = operation.path.to_string();
    match (operation.op, element) {
        (Op::Remove, _) if found.sub.is_none() => Ok(Value::Null),
        (Op::Replace, _) if found.sub.is_none() => {
            let mut ignored = Vec::new();
            let new = conform_element(attribute, &operation.value, &place, &mut ignored)?;
            let new =
                new.ok_or_else(|| Error::value(format!("{place} cannot be replaced by nothing known")))?;
            let filter = operation.path.filter.as_ref().filter(|_| !profile.is_strict());
            Ok(values::with_selector(attribute, filter, new))
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
        (None, Value::Object(more)) => {
            merge(attribute, object, more, operation.op, &found.canonical(), work)?;
        }
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

/// Carries `op` out on the sub-attributes that `more` has, and leaves the others. No value in a `replace` clears.
fn merge(
    attribute: &Attribute,
    object: &mut Object,
    more: &Object,
    op: Op,
    place: &str,
    work: &mut Work,
) -> Result<(), Error> {
    for (name, value) in more {
        let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else { continue };
        let is_void = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let place = format!("{place}.{}", sub.name);
        match op {
            Op::Add | Op::Remove if is_void => {}
            Op::Replace if is_void => set_sub(sub, object, Op::Remove, &Value::Null, &place, work)?,
            op => set_sub(sub, object, op, value, &place, work)?,
        }
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
        Op::Remove => match old {
            Some(old) => without(sub, old, value, work)?,
            None => None,
        },
        Op::Add if sub.multi_valued => {
            append(&AttributeRef { extension: None, attribute: sub, sub: None }, value, old, work)?
        }
        _ => replaced(sub, value, place)?,
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
