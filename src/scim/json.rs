//! From a request's bytes to a JSON value, strictly (RFC 7644 §3.8, RFC 8259); floor `scim`.
//!
//! What `serde_json` lets pass and SCIM cannot mean is refused here: a name given twice in one object (names have no
//! case), nesting without end, NUL characters.

mod weight;

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::error::Error;
use super::value::Object;
use crate::quote::{foreign, shown};
use weight::check_weight;

/// How deep objects and lists may be nested.
pub const MAX_DEPTH: usize = 64;

/// Reads `bytes` as one JSON value.
///
/// # Errors
/// 413 for one that would take far more memory than it has bytes; `invalidSyntax` for what is not UTF-8 or not JSON, for
/// a name given twice and for too deep nesting, with line and column; `invalidValue` for a string with a NUL character.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Error::syntax(format!("the body is not UTF-8 (at byte {})", e.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::syntax("the body is empty, and a JSON object is expected"));
    }
    check_weight(text)?;
    let fault = |e: serde_json::Error| Error::syntax(format!("the body is not usable JSON: {}", foreign(e)));
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(fault)?;
    reader.end().map_err(fault)?;
    match place_of_nul(&value) {
        None => Ok(value),
        Some(place) => {
            Err(Error::value(format!("{} holds a NUL character, which no value can have", shown(place))))
        }
    }
}

/// The path of a string (or a name) with a NUL character in it.
fn place_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| "the string".to_owned()),
        Value::Array(items) => items.iter().find_map(place_of_nul),
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                return Some("an attribute name".to_owned());
            }
            place_of_nul(value)
                .map(|place| if place == "the string" { name.clone() } else { format!("{name}.{place}") })
        }),
        _ => None,
    }
}

/// Reads a value that stands `depth` levels deep.
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("nested too deep: at most {MAX_DEPTH} levels are allowed")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("the number is too large"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper()?)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !seen.insert(name.to_ascii_lowercase()) {
                let name = shown(name);
                return Err(A::Error::custom(format!("the name {name:?} is given twice in one object")));
            }
            let value = members.next_value_seed(self.deeper()?)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests;
