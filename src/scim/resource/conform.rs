//! Whether a value is what its attribute's definition asks for (RFC 7643 §2.3, §2.4, §2.5); floor `scim`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::schema::{Attribute, DataType};
use crate::scim::value::{self, Object, is_unassigned};

/// `value` in the canonical form of `attribute`; `None` when it means that there is no value.
///
/// Names get their canonical spelling, read-only sub-attributes go, unknown ones go and are added to `ignored`.
/// `place` is how an error names the attribute.
pub(crate) fn conform(
    attribute: &Attribute,
    value: &Value,
    place: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<Value>, Error> {
    match (attribute.multi_valued, value) {
        (_, Value::Null) => Ok(None),
        (false, Value::Array(items)) if items.is_empty() => Ok(None),
        (false, Value::Array(_)) => {
            Err(Error::value(format!("{place} has a single value: send it without a list")))
        }
        (false, single) => conform_element(attribute, single, place, ignored),
        (true, Value::Array(items)) => conform_list(attribute, items, place, ignored),
        (true, other) => {
            Err(Error::value(format!("{place} is multi-valued: send a list, not {}", kind(other))))
        }
    }
}

fn conform_list(
    attribute: &Attribute,
    items: &[Value],
    place: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<Value>, Error> {
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let element = conform_item(attribute, item, &format!("{place}[{index}]"), ignored)?;
        // RFC 7643 §2.4: the same value is not returned twice.
        kept.extend(element.filter(|element| seen.insert(element.to_string())));
    }
    let primaries = kept.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count();
    if primaries > 1 {
        let rule = "only one value can be primary (RFC 7643 §2.4)";
        return Err(Error::value(format!("{place} has {primaries} values with \"primary\": true; {rule}")));
    }
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// One element of a list. What is nothing is left out, but not what cannot be read: a list without it says something else
/// than the client meant.
fn conform_item(
    attribute: &Attribute,
    item: &Value,
    place: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<Value>, Error> {
    let element = conform_element(attribute, item, place, ignored)?;
    let names = |element: &Value| {
        element.get("value").and_then(Value::as_str).is_some_and(|id| !id.trim().is_empty())
    };
    if attribute.is_link() && !element.as_ref().is_some_and(names) {
        return Err(Error::value(format!("{place}.value is required: the id of the member")));
    }
    if element.is_none() && !is_unassigned(item) {
        return Err(Error::value(format!("{place} has nothing that is known of {}", attribute.name)));
    }
    Ok(element)
}

/// One value of `attribute`, as [`conform`] does.
pub(crate) fn conform_element(
    attribute: &Attribute,
    value: &Value,
    place: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<Value>, Error> {
    if is_unassigned(value) && (attribute.is_complex() || !value.is_object()) {
        return Ok(None);
    }
    match (attribute.data_type, value) {
        (DataType::Complex, Value::Object(object)) => conform_object(attribute, object, place, ignored),
        (kind, value) if is_of(kind, value) => Ok(Some(value.clone())),
        (wanted, value) => {
            let expected = wanted.expectation();
            Err(Error::value(format!("{place} must be {expected}, and is {}", kind(value))))
        }
    }
}

fn conform_object(
    attribute: &Attribute,
    object: &Object,
    place: &str,
    ignored: &mut Vec<String>,
) -> Result<Option<Value>, Error> {
    let mut kept = Object::new();
    for (name, value) in object {
        let Some(sub) = attribute.sub(name) else {
            ignored.push(format!("{place}.{name}"));
            continue;
        };
        if !sub.is_read_only()
            && let Some(value) = conform(sub, value, &format!("{place}.{}", sub.name), ignored)?
        {
            kept.insert(sub.name.clone(), value);
        }
    }
    let missing = |sub: &&Attribute| sub.required && !sub.is_read_only() && !kept.contains_key(&sub.name);
    match attribute.sub_attributes.iter().find(missing) {
        _ if kept.is_empty() => Ok(None),
        Some(sub) => Err(Error::value(format!("{place}.{} is required, and has no value", sub.name))),
        None => Ok(Some(Value::Object(kept))),
    }
}

fn is_of(kind: DataType, value: &Value) -> bool {
    match (kind, value) {
        (DataType::String, Value::String(_))
        | (DataType::Boolean, Value::Bool(_))
        | (DataType::Decimal, Value::Number(_)) => true,
        (DataType::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (DataType::DateTime, Value::String(text)) => value::parse_date_time(text).is_some(),
        (DataType::Binary, Value::String(text)) => value::decode_binary(text).is_some(),
        (DataType::Reference, Value::String(text)) => is_uri_reference(text),
        _ => false,
    }
}

/// RFC 3986 §4.1, as far as it forbids characters; a relative reference is allowed (RFC 7643 §2.3.7).
fn is_uri_reference(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>\"{}|\\^`".contains(c))
}

/// What a JSON value is, for error details; never the value itself, which may be a secret.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty string",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether two values of `attribute` are the same: strings by `caseExact`, lists as sets.
pub(crate) fn is_same_value(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => keys(attribute, left) == keys(attribute, right),
        (Value::Object(left), Value::Object(right)) => attribute.sub_attributes.iter().all(|sub| {
            match (left.get(&sub.name), right.get(&sub.name)) {
                (Some(left), Some(right)) => is_same_value(sub, left, right),
                (None, None) => true,
                // What the client cannot write, it need not repeat.
                (Some(_), None) | (None, Some(_)) => sub.is_read_only(),
            }
        }),
        _ => left == right || value::compare(attribute, left, right) == Some(std::cmp::Ordering::Equal),
    }
}

/// Each value of a list in a form that is the same text for values that are the same.
fn keys(attribute: &Attribute, list: &[Value]) -> BTreeSet<String> {
    list.iter().map(|value| key(attribute, value).to_string()).collect()
}

fn key(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Array(items) => keys(attribute, items).into_iter().map(Value::from).collect(),
        Value::Object(members) => {
            // What the client cannot write, it need not repeat.
            let subs = attribute.sub_attributes.iter().filter(|sub| !sub.is_read_only());
            let said = subs.filter_map(|sub| Some((sub.name.clone(), key(sub, members.get(&sub.name)?))));
            Value::Object(said.collect())
        }
        Value::String(text) => value::equality_key(attribute, text).into(),
        Value::Number(number) => match (number.as_i128(), number.as_f64()) {
            (None, Some(fraction)) => Value::from(format!("{fraction}")),
            _ => Value::from(number.to_string()),
        },
        other => other.clone(),
    }
}
