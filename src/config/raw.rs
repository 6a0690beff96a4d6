//! A value before it has its type (config floor).

use std::fmt;

use toml::de::DeValue;

/// What a value can be in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<String>),
}

impl Raw {
    /// A value of the file, or what it is instead.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Result<Self, &'static str> {
        match value {
            DeValue::String(text) => Ok(Self::Text(text.to_string())),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                read.map(Self::Integer).map_err(|_| "a number that is too large")
            }
            DeValue::Boolean(value) => Ok(Self::Boolean(*value)),
            DeValue::Array(items) => {
                let text = |item: &toml::Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
                let items: Option<_> = items.iter().map(text).collect();
                items.map(Self::List).ok_or("a list of something else than texts")
            }
            DeValue::Float(_) => Err("a number with a fraction"),
            DeValue::Datetime(_) => Err("a time"),
            DeValue::Table(_) => Err("a table"),
        }
    }

    /// The text of a variable or flag as a value of the same shape as this one. What has another shape stays a
    /// text, so that the type of the key can refuse it.
    pub(super) fn shaped(&self, text: &str) -> Self {
        let as_text = || Self::Text(text.to_owned());
        match self {
            Self::Text(_) => as_text(),
            Self::Integer(_) => text.trim().parse().map_or_else(|_| as_text(), Self::Integer),
            Self::Boolean(_) => text.trim().parse().map_or_else(|_| as_text(), Self::Boolean),
            Self::List(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Self::List(items.map(str::to_owned).collect())
            }
        }
    }
}

impl fmt::Display for Raw {
    /// As TOML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => toml::Value::from(text.as_str()).fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::List(items) => toml::Value::from(items.clone()).fmt(f),
        }
    }
}
