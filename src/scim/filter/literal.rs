//! The value after a filter's operator (RFC 7644 §3.4.2.2, `compValue`); floor `scim`.

use std::fmt;

use serde_json::{Number, Value};

use crate::scim::schema::{Attribute, DataType};

/// A JSON scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`: no value
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, without its escapes.
    String(String),
}

impl Literal {
    /// A JSON scalar other than null as a literal.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            Value::Number(number) => Some(Self::Number(number.clone())),
            Value::String(text) => Some(Self::String(text.clone())),
            _ => None,
        }
    }

    /// The literal as a JSON value of `attribute`; a boolean may stand in quotes, as clients write it.
    #[must_use]
    pub fn to_value(&self, attribute: &Attribute) -> Value {
        match self {
            Self::String(text) if attribute.data_type == DataType::Boolean => {
                boolean(text).map_or_else(|| Value::from(text.as_str()), Value::Bool)
            }
            Self::String(text) => Value::from(text.as_str()),
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
        }
    }
}

/// `true` or `false` written out, without regard to case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::String(text) => Value::from(text.as_str()).fmt(f),
        }
    }
}
