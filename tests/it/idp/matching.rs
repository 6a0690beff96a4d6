//! Whether a real body is as expected (see `tests/fixtures/idp/README.md`).

use std::collections::BTreeMap;

use serde_json::Value;

/// Values bound by `${=name}`, for `${name}`.
#[derive(Clone, Debug)]
pub(super) struct Bindings(BTreeMap<String, String>);

impl Bindings {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// `value` with each `${name}` replaced.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.fill_text(text)),
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect(),
            other => other.clone(),
        }
    }

    fn fill_text(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    }
}

/// Whether `real` is as expected; binds what is to be bound. On an error nothing is bound.
pub(super) fn matches(expected: &Value, real: Option<&Value>, bound: &mut Bindings) -> Result<(), String> {
    let mut trial = bound.clone();
    compare(expected, real, &mut trial, "")?;
    *bound = trial;
    Ok(())
}

fn compare(expected: &Value, real: Option<&Value>, bound: &mut Bindings, place: &str) -> Result<(), String> {
    match (expected, real) {
        (Value::String(text), _) if text == "${absent}" => match real {
            None => Ok(()),
            Some(real) => Err(format!("{place}: must not be there, and is {real}")),
        },
        (Value::Array(items), None) if items.is_empty() => Ok(()),
        (_, None) => Err(format!("{place}: is not there, expected {expected}")),
        (Value::String(text), Some(real)) if text.starts_with("${") => special(text, real, bound, place),
        (Value::Object(members), Some(real)) => members
            .iter()
            .try_for_each(|(name, value)| compare(value, real.get(name), bound, &format!("{place}/{name}"))),
        (Value::Array(items), Some(Value::Array(real))) => pair_off(items, real, bound, place),
        (expected, Some(real)) if bound.fill(expected) == *real => Ok(()),
        (expected, Some(real)) => Err(format!("{place}: is {real}, expected {}", bound.fill(expected))),
    }
}

fn special(text: &str, real: &Value, bound: &mut Bindings, place: &str) -> Result<(), String> {
    if text == "${any}" {
        return if real.is_null() { Err(format!("{place}: is null")) } else { Ok(()) };
    }
    if let Some(name) = text.strip_prefix("${=").and_then(|rest| rest.strip_suffix('}')) {
        let value = real.as_str().ok_or_else(|| format!("{place}: is {real}, expected a string"))?;
        bound.0.insert(name.to_owned(), value.to_owned());
        return Ok(());
    }
    let filled = bound.fill_text(text);
    if real.as_str() == Some(filled.as_str()) {
        Ok(())
    } else {
        Err(format!("{place}: is {real}, expected {filled:?}"))
    }
}

/// Finds for each expected element a real one of its own.
fn pair_off(expected: &[Value], real: &[Value], bound: &mut Bindings, place: &str) -> Result<(), String> {
    if expected.len() != real.len() {
        return Err(format!("{place}: has {} elements, expected {}", real.len(), expected.len()));
    }
    let Some((first, rest)) = expected.split_first() else { return Ok(()) };
    let mut why = format!("{place}: no element matches {first}");
    for (at, candidate) in real.iter().enumerate() {
        let mut trial = bound.clone();
        let others: Vec<_> =
            real.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, v)| v.clone()).collect();
        let paired = compare(first, Some(candidate), &mut trial, place)
            .and_then(|()| pair_off(rest, &others, &mut trial, place));
        match paired {
            Ok(()) => {
                *bound = trial;
                return Ok(());
            }
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

#[test]
fn what_differs_does_not_match() {
    use serde_json::json;
    let check = |expected: Value, real: Value| matches(&expected, Some(&real), &mut Bindings::new()).is_ok();
    assert!(check(json!({ "a": "${any}", "b": "${absent}", "c": [] }), json!({ "a": 1 })));
    assert!(check(json!([{ "x": 1 }, { "x": 2 }]), json!([{ "x": 2, "y": 0 }, { "x": 1 }])));
    assert!(check(json!({ "id": "${=id}", "same": "${id}" }), json!({ "id": "7", "same": "7" })));
    for (expected, real) in [
        (json!({ "a": 1 }), json!({ "a": "1" })),
        (json!({ "a": "${absent}" }), json!({ "a": 1 })),
        (json!([{ "x": 1 }, { "x": 1 }]), json!([{ "x": 1 }, { "x": 2 }])),
        (json!([1]), json!([1, 2])),
        (json!({ "id": "${=id}", "same": "${id}" }), json!({ "id": "7", "same": "8" })),
    ] {
        assert!(!check(expected.clone(), real.clone()), "{expected} {real}");
    }
}
