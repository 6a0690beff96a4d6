//! Values in a client's own form, brought into the form that their attribute asks for; floor `scim`.

use serde_json::{Value, json};

use super::{Log, Rule, member};
use crate::scim::filter;
use crate::scim::schema::{Attribute, DataType};
use crate::scim::value::{Object, comparison_key};

/// `value` in the form that `attribute` asks for, as far as it is plain what is meant.
pub(crate) fn rewrite_value(attribute: &Attribute, value: Value, log: &mut Log<'_>) -> Value {
    if log.is_strict {
        return value;
    }
    let value = if attribute.multi_valued { unwrapped(attribute, value, log) } else { value };
    match (attribute.multi_valued, value) {
        (true, Value::Array(items)) => list(attribute, items, log),
        // an empty text is no list, and no value of one
        (true, nothing) if nothing.is_null() || nothing == "" => nothing,
        (true, lone) => {
            log.add(Rule::LoneValue, &attribute.name);
            list(attribute, vec![lone], log)
        }
        (false, Value::Array(mut items)) if items.len() == 1 && !items.iter().all(is_nothing_or_list) => {
            log.add(Rule::ListOfOne, &attribute.name);
            rewrite_element(attribute, items.pop().unwrap_or_default(), log)
        }
        (false, single) => rewrite_element(attribute, single, log),
    }
}

fn is_nothing_or_list(item: &Value) -> bool {
    item.is_null() || item.is_array()
}

/// As [`rewrite_value`], for one value of the attribute.
pub(crate) fn rewrite_element(attribute: &Attribute, value: Value, log: &mut Log<'_>) -> Value {
    if log.is_strict {
        return value;
    }
    match (attribute.data_type, value) {
        (DataType::Boolean, Value::String(text)) => boolean(attribute, text, log),
        (DataType::Complex, Value::String(text)) => bare_value(attribute, text, log),
        (DataType::Complex, Value::Object(object)) => {
            let members = object.into_iter().map(|(name, value)| match attribute.sub(&name) {
                Some(sub) => (name, rewrite_value(sub, value, log)),
                None => (name, value),
            });
            with_value(attribute, members.collect(), log)
        }
        (_, other) => other,
    }
}

/// The value of `{"members": …}` at `members`: no value has a part that is called as the attribute is.
pub(super) fn unwrapped(attribute: &Attribute, value: Value, log: &mut Log<'_>) -> Value {
    match value {
        Value::Object(mut object) if object.len() == 1 && attribute.sub(&attribute.name).is_none() => {
            let inner =
                object.iter_mut().find(|(name, _)| attribute.is_called(name)).map(|(_, held)| held.take());
            inner.map_or(Value::Object(object), |inner| {
                log.add(Rule::WrappedValue, &attribute.name);
                inner
            })
        }
        other => other,
    }
}

fn list(attribute: &Attribute, items: Vec<Value>, log: &mut Log<'_>) -> Value {
    let items = items.into_iter().flat_map(|item| split(attribute, item, log)).collect::<Vec<_>>();
    let mut items: Vec<_> = items.into_iter().map(|item| rewrite_element(attribute, item, log)).collect();
    settle_primaries(attribute, &mut items, log);
    Value::Array(items)
}

/// Of several values that say that they are primary the first one is, when all say it of the same address or number. Two that
/// differ cannot both be (RFC 7643 §2.4), and which is meant nobody knows.
fn settle_primaries(attribute: &Attribute, items: &mut [Value], log: &mut Log<'_>) {
    let Some(value) = attribute.sub("value").filter(|_| attribute.sub("primary").is_some()) else { return };
    let key = |item: &Value| {
        let object = item.as_object().filter(|item| is_primary(item))?;
        Some(member(object, "value").and_then(Value::as_str).map(|text| comparison_key(value, text)))
    };
    let keys: Vec<_> = items.iter().filter_map(key).collect();
    let is_one = |first: &Option<String>| first.is_some() && keys.iter().all(|key| key == first);
    if keys.len() < 2 || !keys.first().is_some_and(is_one) {
        return;
    }
    log.add(Rule::SecondPrimary, &attribute.name);
    let primary = items.iter_mut().filter_map(Value::as_object_mut).filter(|item| is_primary(item));
    for further in primary.skip(1) {
        further.retain(|name, _| !name.eq_ignore_ascii_case("primary"));
    }
}

fn is_primary(item: &Object) -> bool {
    member(item, "primary") == Some(&Value::Bool(true))
}

/// The members that one element names: several, when their ids stand in one text. No id has blanks or commas in it.
pub(super) fn split(attribute: &Attribute, item: Value, log: &mut Log<'_>) -> Vec<Value> {
    if !attribute.is_link() {
        return vec![item];
    }
    let text = match &item {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => member(object, "value").and_then(Value::as_str),
        _ => None,
    };
    let is_break = |c: char| c == ',' || c == ';' || c.is_whitespace();
    let parts: Vec<String> = match text.filter(|text| text.contains(is_break)) {
        Some(text) => text.split(is_break).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        None => return vec![item],
    };
    if parts.is_empty() {
        return vec![item];
    }
    log.add(Rule::JoinedValues, &attribute.name);
    parts.into_iter().map(|part| with_id(&item, part)).collect()
}

/// `item` with another id; what was said beside several ids is said of none.
fn with_id(item: &Value, id: String) -> Value {
    if item.is_object() { json!({ "value": id }) } else { Value::from(id) }
}

/// A member that is named by `$ref` alone has the id at its end.
fn with_value(attribute: &Attribute, mut object: Object, log: &mut Log<'_>) -> Value {
    if attribute.is_link()
        && member(&object, "value").is_none_or(Value::is_null)
        && let Some(id) =
            member(&object, "$ref").and_then(Value::as_str).and_then(|uri| id_at(attribute, uri))
    {
        log.add(Rule::ValueFromReference, &attribute.name);
        object.retain(|name, _| !name.eq_ignore_ascii_case("value"));
        object.insert("value".to_owned(), Value::from(id));
    }
    Value::Object(object)
}

/// The id in the URI of a resource that the attribute may refer to: `…/Users/2819c223`.
fn id_at(attribute: &Attribute, uri: &str) -> Option<String> {
    let uri = uri.trim().trim_end_matches('/');
    let (rest, id) = uri.rsplit_once('/')?;
    let endpoint = rest.rsplit('/').next()?;
    let types = attribute.sub("$ref").map(|sub| sub.reference_types.as_slice()).unwrap_or_default();
    // RFC 7643 §8.6: an endpoint is called by the plural of its type
    let is_of_type = types.iter().any(|name| endpoint.eq_ignore_ascii_case(&format!("{name}s")));
    (is_of_type && !id.is_empty() && !id.contains(['?', '#'])).then(|| id.to_owned())
}

fn boolean(attribute: &Attribute, text: String, log: &mut Log<'_>) -> Value {
    match filter::boolean(text.trim()) {
        Some(flag) => {
            log.add(Rule::StringBoolean, &attribute.name);
            Value::Bool(flag)
        }
        None => Value::String(text),
    }
}

fn bare_value(attribute: &Attribute, text: String, log: &mut Log<'_>) -> Value {
    if attribute.sub("value").is_none() || (text.is_empty() && attribute.multi_valued) {
        return Value::String(text);
    }
    if text.is_empty() {
        log.add(Rule::EmptyClears, &attribute.name);
        return Value::Null;
    }
    log.add(Rule::BareValue, &attribute.name);
    json!({ "value": text })
}
