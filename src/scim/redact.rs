//! Bodies for records: without secrets, and of a bounded length; floor `scim`.
//!
//! A secret is whatever an attribute holds that nobody may read (RFC 7643 §7: `writeOnly`, or `returned` `never`), in any
//! schema, and whatever stands under a name that secrets go by. It is left out wherever it is named: as a member, under a
//! dotted or URN-qualified key, as the value of a PATCH operation at its path, and in filters.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::{Attribute, Mutability, Registry, Returned};
use super::value::Object;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Names that secrets go by in any schema, in lower case.
const KNOWN: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "clientsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "apikey",
    "authorization",
];

/// A printed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// JSON, or the beginning of it.
    pub text: String,
    /// Whether nothing was cut off.
    pub is_whole: bool,
}

/// The names of what may not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// The secrets of every schema of `registry`.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let mut names: BTreeSet<_> = KNOWN.iter().map(ToString::to_string).collect();
        for schema in registry.schemas() {
            collect(&schema.attributes, &mut names);
        }
        Self(names)
    }

    /// Whether a key, a path, a filter or a query names a secret.
    #[must_use]
    pub fn are_named_in(&self, text: &str) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let mut words = text.split(|c| !is_part(c));
        words.any(|word| {
            self.have(word) || (word.contains(['_', '-']) && self.have(&word.replace(['_', '-'], "")))
        })
    }

    /// Whether this is the name of a secret. There are a dozen, and this is asked of every key of every body: a look at
    /// their lengths is faster than a search, and allocates nothing.
    fn have(&self, word: &str) -> bool {
        self.0.iter().any(|name| name.len() == word.len() && name.eq_ignore_ascii_case(word))
    }

    /// `value` as JSON without secrets, and no longer than `limit` bytes; the work is bounded by that as well.
    #[must_use]
    pub fn print(&self, value: &Value, limit: usize) -> Printed {
        let mut printer = Printer { secrets: self, text: String::new(), limit };
        let is_whole = printer.value(value).is_some();
        Printed { text: printer.text, is_whole }
    }
}

fn collect(attributes: &[Attribute], names: &mut BTreeSet<String>) {
    for attribute in attributes {
        if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
            names.insert(attribute.name.to_ascii_lowercase());
        }
        collect(&attribute.sub_attributes, names);
    }
}

/// Writes until the limit; `None` says that it was reached.
struct Printer<'a> {
    secrets: &'a Secrets,
    text: String,
    limit: usize,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(items) => {
                self.put("[")?;
                for (at, item) in items.iter().enumerate() {
                    self.put(if at > 0 { "," } else { "" })?;
                    self.value(item)?;
                }
                self.put("]")
            }
            Value::String(text) => self.string(text),
            plain => self.put(&plain.to_string()),
        }
    }

    fn object(&mut self, object: &Object) -> Option<()> {
        let is_operation =
            object.iter().any(|(key, value)| key.eq_ignore_ascii_case("path") && self.names_secret(value));
        self.put("{")?;
        for (at, (key, value)) in object.iter().enumerate() {
            self.put(if at > 0 { "," } else { "" })?;
            self.string(key)?;
            self.put(":")?;
            if self.is_secret(key, value, is_operation) {
                self.string(REDACTED)?;
            } else {
                self.value(value)?;
            }
        }
        self.put("}")
    }

    /// Whether the member `key` is a secret: by its name, as what an operation puts at the path of one, or as a filter, a
    /// path or the detail of an error that compares one.
    fn is_secret(&self, key: &str, value: &Value, is_operation: bool) -> bool {
        let compares =
            |value: &Value| value.as_str().is_some_and(|text| text.contains('"')) && self.names_secret(value);
        let is_text =
            ["filter", "path", "detail"].iter().any(|name| key.eq_ignore_ascii_case(name)) && compares(value);
        self.secrets.are_named_in(key) || is_text || (is_operation && key.eq_ignore_ascii_case("value"))
    }

    fn names_secret(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.secrets.are_named_in(text))
    }

    fn string(&mut self, text: &str) -> Option<()> {
        // nearly every text: nothing to escape, and room for it
        let is_plain = !text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\');
        if is_plain && self.text.len() + text.len() + 2 <= self.limit {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
            return Some(());
        }
        let room = self.limit.saturating_sub(self.text.len());
        let end = text.floor_char_boundary(room.min(text.len()));
        let (kept, rest) = text.split_at(end);
        let quoted = Value::from(kept).to_string();
        if rest.is_empty() {
            return self.put(&quoted);
        }
        // the rest does not fit, whether this much of it does or not
        self.put(quoted.strip_suffix('"').unwrap_or(&quoted)).and(None)
    }

    fn put(&mut self, text: &str) -> Option<()> {
        if self.text.len() + text.len() > self.limit {
            let end = text.floor_char_boundary(self.limit.saturating_sub(self.text.len()));
            self.text.push_str(text.get(..end).unwrap_or_default());
            return None;
        }
        self.text.push_str(text);
        Some(())
    }
}

#[cfg(test)]
mod tests;
