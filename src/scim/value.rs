//! Values: what counts as unassigned, and how two of them compare (RFC 7643 §2.3, §2.5, RFC 7644 §3.4.2.2); floor `scim`.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::schema::{Attribute, DataType};

/// A resource or another JSON object.
pub type Object = Map<String, Value>;

/// Whether `value` means that the attribute has no value (RFC 7643 §2.5): null, no elements, no members.
#[must_use]
pub fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_unassigned),
        Value::Object(map) => map.values().all(is_unassigned),
        _ => false,
    }
}

/// Whether `pr` does not hold of `value`: unassigned, or an empty string (RFC 7644 table 3).
#[must_use]
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
        other => other.is_null(),
    }
}

/// The values of an attribute: each element of a list, a single value alone, nothing of null.
#[must_use]
pub fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

/// Reads an `xsd:dateTime` (RFC 7643 §2.3.5); without an offset it is taken as UTC.
#[must_use]
pub fn parse_date_time(text: &str) -> Option<OffsetDateTime> {
    let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    read(text).or_else(|| read(&format!("{text}Z")))
}

/// Decodes base64 (RFC 4648 §4 or §5, padded or not; RFC 7643 §2.3.6).
#[must_use]
pub fn decode_binary(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = GeneralPurpose::new(&STANDARD, config).decode(text);
    standard.or_else(|_| GeneralPurpose::new(&URL_SAFE, config).decode(text)).ok()
}

/// The form in which strings without case are compared. What Unicode takes for an ASCII letter and is none, such as the Kelvin
/// sign, is another character here: nobody shall pass for someone else by it.
#[must_use]
pub fn fold(text: &str) -> String {
    let is_alike = |c: char| !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii());
    if !text.contains(is_alike) {
        return text.to_lowercase();
    }
    let lower = |c: char| if is_alike(c) { c.to_string() } else { c.to_lowercase().collect() };
    text.chars().map(lower).collect()
}

/// The key by which a string of `attribute` is compared: folded unless case matters.
#[must_use]
pub fn comparison_key(attribute: &Attribute, text: &str) -> String {
    if attribute.is_case_exact() { text.to_owned() } else { fold(text) }
}

/// A text that two strings of `attribute` share when they are equal, moments written in different zones included.
#[must_use]
pub fn equality_key(attribute: &Attribute, text: &str) -> String {
    let moment = (attribute.data_type == DataType::DateTime).then(|| parse_date_time(text)).flatten();
    moment.map_or_else(|| comparison_key(attribute, text), |moment| moment.unix_timestamp_nanos().to_string())
}

/// Compares two simple values of `attribute`: dates in time, numbers by size, strings by `caseExact`.
///
/// `None` when they cannot be compared, being of different kinds.
#[must_use]
pub fn compare(attribute: &Attribute, left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(compare_text(attribute, left, right)),
        (Value::Number(left), Value::Number(right)) => compare_numbers(left, right),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn compare_text(attribute: &Attribute, left: &str, right: &str) -> Ordering {
    if attribute.data_type == DataType::DateTime
        && let (Some(left), Some(right)) = (parse_date_time(left), parse_date_time(right))
    {
        return left.cmp(&right);
    }
    comparison_key(attribute, left).cmp(&comparison_key(attribute, right))
}

/// Whole numbers exactly, others as binary fractions.
fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

#[cfg(test)]
mod tests;
