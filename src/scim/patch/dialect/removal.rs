//! What a removal with a value asks for (RFC 7644 §3.5.2.2 gives it none): only what the value names goes; floor `scim`.
//!
//! What cannot be read is refused: left out, it would make the removal a larger one.

use serde_json::Value;

use super::value::{rewrite_element, split, unwrapped};
use super::{Log, Rule, member};
use crate::scim::error::Error;
use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::{AttributePath, AttributeRef};
use crate::scim::resource::{conform, conform_element, kind};
use crate::scim::schema::Attribute;
use crate::scim::value::{Object, is_unassigned};

/// What goes.
pub(crate) enum Removal {
    /// Nothing: the list of what goes is empty.
    Nothing,
    /// What the path names; of several values those that match.
    Selected(Option<Filter>),
    /// Of what the path names, this.
    Listed(Value),
}

/// What a removal at `found` with `filter` and a `value` takes away.
pub(crate) fn removal(
    found: &AttributeRef<'_>,
    filter: Option<Filter>,
    value: Option<&Value>,
    log: &mut Log<'_>,
) -> Result<Removal, Error> {
    let attribute = found.attribute;
    let Some(value) = value else { return Ok(Removal::Selected(filter)) };
    match found.sub {
        Some(sub) if sub.multi_valued => part_of_list(found, sub, value, log),
        Some(sub) if attribute.multi_valued && filter.is_none() => {
            let terms = named(found, value, log, |item| select_simple(sub, &sub.name, item))?;
            Ok(selected(None, terms))
        }
        None if attribute.multi_valued && filter.is_none() => {
            let terms = named(found, value, log, |item| select(attribute, item))?;
            Ok(selected(None, terms))
        }
        // the path says what goes, and a value that says nothing takes nothing from that
        None if says_nothing(attribute, value) => Ok(Removal::Selected(filter)),
        None if attribute.multi_valued || attribute.sub("value").is_some() => {
            let terms = named(found, value, log, |item| select(attribute, item))?;
            Ok(selected(filter, terms))
        }
        None if attribute.is_complex() => {
            log.add(Rule::RemoveListed, &attribute.name);
            let parts = conform(attribute, value, &found.canonical(), &mut Vec::new())?;
            Ok(parts.map_or(Removal::Nothing, Removal::Listed))
        }
        _ => Ok(Removal::Selected(filter)),
    }
}

/// Whether a value beside a path that names something is none; of a list nothing that holds something is.
fn says_nothing(attribute: &Attribute, value: &Value) -> bool {
    let is_empty = value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
    is_empty || (!attribute.multi_valued && is_unassigned(value))
}

/// The removal of what `filter` and any of `terms` select.
fn selected(filter: Option<Filter>, mut terms: Vec<Filter>) -> Removal {
    let any = match terms.len() {
        0 | 1 => terms.pop(),
        _ => Some(Filter::Or(terms)),
    };
    match (filter, any) {
        (Some(filter), Some(any)) => Removal::Selected(Some(Filter::And(vec![filter, any]))),
        (None, Some(any)) => Removal::Selected(Some(any)),
        (_, None) => Removal::Nothing,
    }
}

/// A removal from a list that is a part of a single value (RFC 7644 §3.5.2.2 speaks of attributes alone).
fn part_of_list(
    found: &AttributeRef<'_>,
    sub: &Attribute,
    value: &Value,
    log: &mut Log<'_>,
) -> Result<Removal, Error> {
    let place = found.canonical();
    let items = items(&place, sub, value, log)?;
    let items: Vec<_> = items.into_iter().map(|item| rewrite_element(sub, item, log)).collect();
    for (index, item) in items.iter().enumerate() {
        let place = format!("{place}[{index}]");
        conform_element(sub, item, &place, &mut Vec::new())?.ok_or_else(|| names_nothing(&place))?;
    }
    Ok(if items.is_empty() { Removal::Nothing } else { Removal::Listed(Value::Array(items)) })
}

/// What each element of the list in `value` selects.
fn named(
    found: &AttributeRef<'_>,
    value: &Value,
    log: &mut Log<'_>,
    select: impl Fn(&Value) -> Result<Filter, String>,
) -> Result<Vec<Filter>, Error> {
    let (leaf, place) = (found.leaf(), found.canonical());
    let items = items(&place, leaf, value, log)?;
    let items: Vec<_> = items.into_iter().flat_map(|item| split(leaf, item, log)).collect();
    let mut terms = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let item = rewrite_element(leaf, item, log);
        terms.push(select(&item).map_err(|why| Error::value(format!("{place}[{index}]{why}")))?);
    }
    Ok(terms)
}

/// The elements of the list that a removal carries.
fn items(place: &str, attribute: &Attribute, value: &Value, log: &mut Log<'_>) -> Result<Vec<Value>, Error> {
    if log.is_strict {
        let detail = format!("a removal has no value: name what goes from {place} by a filter in the path");
        return Err(Error::value(format!("{detail} (RFC 7644 §3.5.2.2)")));
    }
    log.add(Rule::RemoveListed, &attribute.name);
    match unwrapped(attribute, value.clone(), log) {
        Value::Array(items) => Ok(items),
        Value::Null => Err(names_nothing(place)),
        Value::String(text) if text.trim().is_empty() => Err(names_nothing(place)),
        Value::String(text) if text.contains([',', ';']) && !attribute.is_link() => {
            let detail = format!("{place}: one text cannot name several values: send a list");
            Err(Error::value(detail))
        }
        lone => Ok(vec![lone]),
    }
}

fn names_nothing(place: &str) -> Error {
    let detail =
        format!("the value names nothing of {place}: list what goes, or leave value out to remove all");
    Error::value(detail)
}

/// The filter that selects one listed value; the error ends a sentence that begins with its place.
fn select(attribute: &Attribute, item: &Value) -> Result<Filter, String> {
    if !attribute.is_complex() {
        return select_simple(attribute, "value", item);
    }
    let Value::Object(object) = item else {
        return Err(format!(" must be {}, and is {}", attribute.data_type.expectation(), kind(item)));
    };
    let Some(value) = attribute.sub("value") else { return select_by_all(attribute, object) };
    let by_value = match member(object, "value").filter(|value| !is_nothing(value)) {
        Some(held) => select_simple(value, "value", held).map_err(|why| format!(".value{why}"))?,
        None => return Err(".value is required: it names what goes".to_owned()),
    };
    // two values are the same when `value` and `type` are (RFC 7643 §2.4); whom an id names it names alone
    match (attribute.sub("type").filter(|_| !attribute.is_link()), member(object, "type")) {
        (Some(sub), Some(held)) if !is_unassigned(held) => {
            let by_type = select_simple(sub, "type", held).map_err(|why| format!(".type{why}"))?;
            Ok(by_value.and(by_type))
        }
        _ => Ok(by_value),
    }
}

fn is_nothing(value: &Value) -> bool {
    is_unassigned(value) || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn select_simple(attribute: &Attribute, name: &str, item: &Value) -> Result<Filter, String> {
    let read = conform_element(attribute, item, "", &mut Vec::new()).map_err(|error| error.detail)?;
    let literal = read.as_ref().and_then(Literal::from_value).ok_or_else(|| " names nothing".to_owned())?;
    Ok(Filter::equals(AttributePath::attribute(name), literal))
}

/// A value without a `value` is named by all that is said of it.
fn select_by_all(attribute: &Attribute, object: &Object) -> Result<Filter, String> {
    let mut terms = Vec::with_capacity(object.len());
    for (name, held) in object {
        let Some(sub) = attribute.sub(name) else { return Err(format!(".{name} is not known")) };
        let path = AttributePath::attribute(sub.name.as_str());
        terms.push(match held {
            Value::Null => Filter::Compare { path, op: CompareOp::Eq, value: Literal::Null },
            held => select_simple(sub, &sub.name, held).map_err(|why| format!(".{name}{why}"))?,
        });
    }
    if object.values().all(Value::is_null) {
        return Err(" names nothing".to_owned());
    }
    terms.into_iter().reduce(Filter::and).ok_or_else(|| " names nothing".to_owned())
}
