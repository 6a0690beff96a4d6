//! Which attributes an answer carries: `attributes`, `excludedAttributes` and `returned` (RFC 7644 §3.9); floor `scim`.

use std::str::FromStr;

use serde_json::Value;

use crate::scim::error::Error;
use crate::scim::path::{AttributePath, AttributeRef, Target};
use crate::scim::schema::{Attribute, ResourceType, Returned, Schema};
use crate::scim::value::{Object, elements, is_unassigned};

/// What a client asks to have, or to have left out; by default what is returned by default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    /// `attributes`: only these, and those that are always returned.
    pub attributes: Vec<String>,
    /// `excludedAttributes`: all but these.
    pub excluded: Vec<String>,
    /// What the client wrote of the attributes that are returned on request alone.
    pub written: Vec<AttributePath>,
}

impl Projection {
    /// A projection by either list; blanks around names are dropped.
    ///
    /// # Errors
    /// `invalidValue` when both have names: they exclude one another (RFC 7644 §3.9).
    pub fn new(attributes: Vec<String>, excluded: Vec<String>) -> Result<Self, Error> {
        let tidy = |names: Vec<String>| -> Vec<String> {
            names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        let (attributes, excluded) = (tidy(attributes), tidy(excluded));
        if !attributes.is_empty() && !excluded.is_empty() {
            return Err(Error::value(
                "attributes and excludedAttributes exclude one another: send only one (RFC 7644 §3.9)",
            ));
        }
        Ok(Self { attributes, excluded, written: Vec::new() })
    }

    /// The same in the answer to a write of these attributes, which are returned on request alone.
    #[must_use]
    pub fn after_writing(self, written: Vec<AttributePath>) -> Self {
        Self { written, ..self }
    }

    /// Whether nothing in particular is asked for.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.attributes.is_empty() && self.excluded.is_empty()
    }

    /// Whether an answer would carry the attribute at `path`: spares the reading of costly ones.
    #[must_use]
    pub fn includes(&self, resource_type: &ResourceType, path: &AttributePath) -> bool {
        let Some(found) = resource_type.resolve_attribute(path) else { return false };
        Choice::new(resource_type, self).wants(found.extension, found.attribute, None)
    }
}

/// `resource`, canonical, as far as it is to be returned.
#[must_use]
pub fn project(resource_type: &ResourceType, mut resource: Object, projection: &Projection) -> Value {
    let choice = Choice::new(resource_type, projection);
    let parts = resource_type.extensions.iter().map(|extension| &*extension.schema);
    let parts: Vec<_> = parts.filter_map(|schema| Some((schema, resource.remove(&schema.id)?))).collect();
    let mut kept = choice.members(None, resource, |name| resource_type.attribute(name));
    for (schema, part) in parts {
        let Value::Object(part) = part else { continue };
        let part = choice.members(Some(schema), part, |name| schema.attribute(name));
        if !part.is_empty() {
            kept.insert(schema.id.clone(), Value::Object(part));
        }
    }
    Value::Object(kept)
}

/// A projection, resolved.
struct Choice<'a> {
    asked: Vec<Target<'a>>,
    excluded: Vec<Target<'a>>,
    written: Vec<Target<'a>>,
    /// Only what is asked for; even when none of the names is known.
    is_selective: bool,
    base: &'a Schema,
}

impl<'a> Choice<'a> {
    fn new(resource_type: &'a ResourceType, projection: &Projection) -> Self {
        let resolve = |names: &[String]| {
            let paths = names.iter().filter_map(|name| AttributePath::from_str(name).ok());
            paths.filter_map(|path| resource_type.resolve(&path)).collect()
        };
        Self {
            asked: resolve(&projection.attributes),
            excluded: resolve(&projection.excluded),
            written: projection.written.iter().filter_map(|path| resource_type.resolve(path)).collect(),
            is_selective: !projection.attributes.is_empty(),
            base: &resource_type.schema,
        }
    }

    fn members<'d>(
        &self,
        extension: Option<&Schema>,
        object: Object,
        definition: impl Fn(&str) -> Option<&'d Attribute>,
    ) -> Object {
        let mut kept = Object::new();
        for (name, value) in object {
            if let Some(attribute) =
                definition(&name).filter(|attribute| self.wants(extension, attribute, None))
            {
                let value = self.value(extension, attribute, value);
                kept.extend((!is_unassigned(&value)).then_some((name, value)));
            }
        }
        kept
    }

    /// A value without the sub-attributes that are not wanted.
    fn value(&self, extension: Option<&Schema>, attribute: &Attribute, value: Value) -> Value {
        match value {
            Value::Array(items) => {
                let items = items.into_iter().map(|item| self.value(extension, attribute, item));
                items.filter(|item| !is_unassigned(item)).collect()
            }
            Value::Object(mut object) if attribute.is_complex() => {
                object.retain(|name, _| {
                    attribute.sub(name).is_some_and(|sub| self.wants(extension, attribute, Some(sub)))
                });
                Value::Object(object)
            }
            simple => simple,
        }
    }

    fn wants(&self, extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        match sub.unwrap_or(attribute).returned {
            Returned::Always => true,
            Returned::Never => false,
            Returned::Request => {
                names(&self.asked, extension, attribute, sub) || self.wrote(extension, attribute, sub)
            }
            Returned::Default if self.is_selective => self.asks(extension, attribute, sub),
            Returned::Default => !self.excludes(extension, attribute, sub),
        }
    }

    /// What was written is returned like a default attribute (RFC 7643 §7, `returned`).
    fn wrote(&self, extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        !self.is_selective
            && names(&self.written, extension, attribute, sub)
            && !self.excludes(extension, attribute, sub)
    }

    /// Asking for an attribute, or for its schema, asks for what it returns by default.
    fn asks(&self, extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        let schema = &extension.unwrap_or(self.base).id;
        names(&self.asked, extension, attribute, sub)
            || self.asked.iter().any(|target| match target {
                Target::Schema(asked) => asked.id == *schema,
                Target::Attribute(asked) => {
                    asked.sub.is_none()
                        && is_same(asked.extension, extension)
                        && asked.attribute.name == attribute.name
                }
            })
    }

    fn excludes(&self, extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        self.excluded.iter().any(|target| match target {
            Target::Schema(schema) => schema.id == extension.unwrap_or(self.base).id,
            Target::Attribute(out)
                if is_same(out.extension, extension) && out.attribute.name == attribute.name =>
            {
                out.sub.is_none_or(|out| sub.is_some_and(|sub| sub.name == out.name))
            }
            Target::Attribute(_) => false,
        })
    }
}

/// Whether one of `targets` is just this attribute or sub-attribute; a sub-attribute brings its attribute along.
fn names(
    targets: &[Target<'_>],
    extension: Option<&Schema>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
) -> bool {
    targets.iter().any(|target| match target {
        Target::Attribute(named)
            if is_same(named.extension, extension) && named.attribute.name == attribute.name =>
        {
            sub.is_none_or(|sub| named.sub.is_some_and(|named| named.name == sub.name))
        }
        _ => false,
    })
}

/// What of `found` and its sub-attributes is returned on request alone, as far as `value` has it.
pub(crate) fn on_request(found: &AttributeRef<'_>, value: &Value) -> Vec<AttributePath> {
    let keys = elements(value).iter().filter_map(Value::as_object).flat_map(Object::keys);
    let held = keys.filter_map(|key| found.attribute.sub(key));
    let subs = found.sub.into_iter().chain(held.filter(|_| found.sub.is_none()));
    let all = std::iter::once(None).chain(subs.map(Some)).map(|sub| AttributeRef { sub, ..*found });
    all.filter(|found| found.leaf().returned == Returned::Request).map(|found| found.path()).collect()
}

fn is_same(left: Option<&Schema>, right: Option<&Schema>) -> bool {
    left.map(|schema| &schema.id) == right.map(|schema| &schema.id)
}
