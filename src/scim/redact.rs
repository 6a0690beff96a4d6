//! Bodies for records: without secrets, and of a bounded length; floor `scim`.
//!
//! A secret is whatever an attribute holds that nobody may read (RFC 7643 §7: `writeOnly`, or `returned` `never`), in any
//! schema, and whatever goes by a name that only secrets have (`name`). It is left out wherever it is named, however that is
//! written (`decode`): as a member, under a dotted or URN-qualified key, as the value of a PATCH operation at its path, or of
//! an object that names it otherwise, in filters, and in texts that look like one (`text`).

mod decode;
mod name;
mod text;

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::schema::{Attribute, Mutability, Registry, Returned};
use super::value::Object;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// How many times the limit of a body is looked through for secrets; what comes after that is left out.
const LOOKED: usize = 8;
/// Longer names are not looked at, and count as those of secrets.
const NAME_MAX: usize = 1 << 10;

/// Members by which an object may say what its value is, as a PATCH operation does by `path`.
const NAMING: [&str; 7] = ["path", "name", "key", "type", "attribute", "attributename", "field"];

/// A printed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// JSON, or the beginning of it.
    pub text: String,
    /// Whether nothing was cut off.
    pub is_whole: bool,
    /// Whether a secret was left out that stood in a text, or at the path of an operation: an error may repeat it without
    /// its name.
    pub is_compared: bool,
}

/// The names of what may not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Of the schemas, without separators and in lower case.
    of_schemas: BTreeSet<String>,
    /// Names that nearly all bodies have, and that are none: to find one here is faster than the rule.
    frequent: HashSet<String>,
}

/// Names and words of messages and resources that no schema has.
const FREQUENT: [&str; 34] = [
    "$ref",
    "Group",
    "Operations",
    "Resources",
    "User",
    "ResourceType",
    "Schema",
    "attributes",
    "bulkId",
    "count",
    "created",
    "data",
    "detail",
    "direct",
    "display",
    "externalId",
    "failOnErrors",
    "filter",
    "home",
    "id",
    "indirect",
    "itemsPerPage",
    "lastModified",
    "location",
    "meta",
    "method",
    "op",
    "path",
    "resourceType",
    "response",
    "schemas",
    "scimType",
    "status",
    "work",
];

impl Secrets {
    /// The secrets of every schema of `registry`.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let mut secrets = Self { of_schemas: BTreeSet::new(), frequent: HashSet::new() };
        let (mut names, mut all) = (BTreeSet::new(), BTreeSet::from(FREQUENT.map(str::to_owned)));
        for schema in registry.schemas() {
            all.insert(schema.id.clone());
            collect(&schema.attributes, &mut names, &mut all);
        }
        secrets.of_schemas = names;
        secrets.frequent = all.into_iter().filter(|name| !secrets.have(name)).collect();
        secrets
    }

    /// Whether this is the name of a secret, or a path to one.
    fn have(&self, name: &str) -> bool {
        name::is_secret(name)
            || name.split(['.', ':']).any(|part| self.of_schemas.contains(&name::flat(part)))
    }

    /// The same, of a name as it may be written.
    fn have_written(&self, name: &str) -> bool {
        if self.frequent.contains(name) {
            return false;
        }
        if name.len() > NAME_MAX {
            return true;
        }
        match decode::readings(name) {
            Some(readings) => readings.iter().any(|reading| self.have(reading)),
            None => true,
        }
    }

    /// `value` as JSON without secrets, and no longer than `limit` bytes; the work is bounded by that as well.
    #[must_use]
    pub fn print(&self, value: &Value, limit: usize) -> Printed {
        self.print_with(value, limit, false)
    }

    /// The same, of the answer to a request; of one that compared a secret, details of errors are left out.
    #[must_use]
    pub fn print_answer(&self, value: &Value, limit: usize, is_compared: bool) -> Printed {
        self.print_with(value, limit, is_compared)
    }

    fn print_with(&self, value: &Value, limit: usize, hides_details: bool) -> Printed {
        let budget = limit.saturating_mul(LOOKED);
        let mut printer =
            Printer { secrets: self, text: String::new(), limit, budget, is_compared: false, hides_details };
        let is_whole = printer.value(value).is_some();
        Printed { text: printer.text, is_whole, is_compared: printer.is_compared }
    }
}

fn collect(attributes: &[Attribute], names: &mut BTreeSet<String>, all: &mut BTreeSet<String>) {
    for attribute in attributes {
        all.insert(attribute.name.clone());
        if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
            names.insert(name::flat(&attribute.name));
        }
        collect(&attribute.sub_attributes, names, all);
    }
}

/// Writes until the limit; `None` says that it was reached.
struct Printer<'a> {
    secrets: &'a Secrets,
    text: String,
    limit: usize,
    /// Bytes of texts that may still be looked through.
    budget: usize,
    is_compared: bool,
    hides_details: bool,
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
            Value::String(text) => self.checked(text, text::is_quoting(text)),
            plain => self.put(&plain.to_string()),
        }
    }

    fn object(&mut self, object: &Object) -> Option<()> {
        let is_named = object.iter().any(|(key, value)| self.names_secret(key, value));
        self.put("{")?;
        for (at, (key, value)) in object.iter().enumerate() {
            self.put(if at > 0 { "," } else { "" })?;
            self.key(key)?;
            self.put(":")?;
            self.member(key, value, is_named)?;
        }
        self.put("}")
    }

    /// A key may be no key, but the whole of `password=…`.
    fn key(&mut self, key: &str) -> Option<()> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:$ ".contains(c);
        let hides = !key.chars().all(is_plain) && self.secrets.have_written(key);
        self.string(if hides { REDACTED } else { key })
    }

    fn member(&mut self, key: &str, value: &Value, is_named: bool) -> Option<()> {
        let is_value = || ["value", "data", "val"].iter().any(|end| name::flat(key).contains(end));
        let is_harmless = is_harmless(value);
        if is_named && !is_harmless && is_value() {
            self.is_compared = true;
            return self.string(REDACTED);
        }
        if !is_harmless && self.secrets.have_written(key) {
            return self.string(REDACTED);
        }
        match value {
            Value::String(_) if self.hides_details && key == "detail" => self.string(REDACTED),
            Value::String(text) if key.eq_ignore_ascii_case("filter") => self.checked(text, true),
            Value::String(text) if key.eq_ignore_ascii_case("path") => self.checked(text, !is_path(text)),
            value => self.value(value),
        }
    }

    /// A text, or what stands in its place when it is `looked` at and may have a secret in it.
    fn checked(&mut self, text: &str, looked: bool) -> Option<()> {
        if !looked {
            return self.string(text);
        }
        let is_affordable = text.len() <= self.budget;
        self.budget = self.budget.saturating_sub(text.len());
        if !is_affordable || self.secrets.may_be_in(text) {
            self.is_compared = true;
            return self.string(REDACTED);
        }
        self.string(text)
    }

    /// Whether a member says that the object is about a secret.
    fn names_secret(&self, key: &str, value: &Value) -> bool {
        let Value::String(text) = value else { return false };
        if !NAMING.iter().any(|name| name.len() == key.len() && name.eq_ignore_ascii_case(key)) {
            return false;
        }
        // a path may be any, and by what else a secret is named is its name alone
        if key.eq_ignore_ascii_case("path") { self.secrets.may_be_in(text) } else { self.names_alone(text) }
    }

    fn names_alone(&self, text: &str) -> bool {
        text.len() <= 256 && !text.contains(' ') && self.secrets.have_written(text)
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

/// The path of an attribute alone, in SCIM or as a JSON pointer.
fn is_path(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:$/".contains(c))
}

/// No secret is one of two values; `changePassword` of RFC 7643 §5 is told so.
fn is_harmless(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Object(object) => {
            object.len() == 1 && object.get("supported").is_some_and(|value| matches!(value, Value::Bool(_)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
