//! From a path as written to the attribute that it names (RFC 7643 §2.1, RFC 7644 §3.10); floor `scim`.

use serde_json::Value;

use super::AttributePath;
use crate::scim::schema::{Attribute, ResourceType, Schema};
use crate::scim::value::Object;

/// What a path names in a resource type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// A schema as a whole: the base schema, or an extension with all its attributes.
    Schema(&'a Schema),
    /// An attribute or a sub-attribute.
    Attribute(AttributeRef<'a>),
}

/// An attribute found in a resource type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttributeRef<'a> {
    /// The extension that it belongs to; none for base and common attributes.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, when the path names one.
    pub sub: Option<&'a Attribute>,
}

impl<'a> AttributeRef<'a> {
    /// The sub-attribute if there is one, or else the attribute.
    #[must_use]
    pub fn leaf(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// The path in its canonical spelling: the URN only before extension attributes.
    #[must_use]
    pub fn path(&self) -> AttributePath {
        AttributePath {
            uri: self.extension.map(|schema| schema.id.clone()),
            name: self.attribute.name.clone(),
            sub: self.sub.map(|sub| sub.name.clone()),
        }
    }

    /// The canonical path as text.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.path().to_string()
    }

    /// The object that holds the attribute: the resource, or the extension's part of it.
    #[must_use]
    pub fn container<'r>(&self, resource: &'r Object) -> Option<&'r Object> {
        match self.extension {
            None => Some(resource),
            Some(schema) => resource.get(&schema.id)?.as_object(),
        }
    }

    /// The value of the attribute (not of the sub-attribute) in a canonical resource.
    #[must_use]
    pub fn value<'r>(&self, resource: &'r Object) -> Option<&'r Value> {
        self.container(resource)?.get(&self.attribute.name)
    }

    /// The attribute that a comparison of this path looks at: a complex attribute's `value` (RFC 7644 §3.4.2.2).
    #[must_use]
    pub fn compared(&self) -> Option<&'a Attribute> {
        match self.sub {
            Some(sub) => Some(sub),
            None if self.attribute.is_complex() => self.attribute.sub("value"),
            None => Some(self.attribute),
        }
    }
}

impl ResourceType {
    /// What `path` names here, without regard to case.
    ///
    /// A name without a URI that the base schema lacks is looked for in the extensions: Entra filters by a bare
    /// `manager`, and no base attribute can be meant.
    #[must_use]
    pub fn resolve(&self, path: &AttributePath) -> Option<Target<'_>> {
        if path.uri.is_some() {
            let text = path.to_string();
            return self.schemas().find_map(|schema| self.resolve_in(schema, &text));
        }
        let base = self.attribute(&path.name).map(|attribute| (None, attribute));
        let extended =
            || self.extensions.iter().find_map(|e| Some((Some(&*e.schema), e.schema.attribute(&path.name)?)));
        let (extension, attribute) = base.or_else(extended)?;
        with_sub(extension, attribute, path.sub.as_deref())
    }

    /// All attributes: the common ones, those of the base schema, those of the extensions.
    pub fn all_attributes(&self) -> impl Iterator<Item = AttributeRef<'_>> {
        let base = self.attributes().map(|attribute| AttributeRef { extension: None, attribute, sub: None });
        let extensions = self.extensions.iter().map(|extension| &*extension.schema);
        base.chain(extensions.flat_map(|schema| {
            let attributes = schema.attributes.iter();
            attributes.map(move |attribute| AttributeRef { extension: Some(schema), attribute, sub: None })
        }))
    }

    /// The attribute that `path` names here, if it names one.
    #[must_use]
    pub fn resolve_attribute(&self, path: &AttributePath) -> Option<AttributeRef<'_>> {
        match self.resolve(path)? {
            Target::Attribute(found) => Some(found),
            Target::Schema(_) => None,
        }
    }

    /// Matches `text` by the known URI itself, for a URI may hold dots and colons where a split would guess wrong.
    fn resolve_in<'a>(&'a self, schema: &'a Schema, text: &str) -> Option<Target<'a>> {
        let head = text.get(..schema.id.len()).filter(|head| head.eq_ignore_ascii_case(&schema.id))?;
        let rest = text.get(head.len()..)?;
        if rest.is_empty() {
            return Some(Target::Schema(schema));
        }
        let rest = rest.strip_prefix(':')?;
        let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
        if schema.id == self.schema.id {
            return with_sub(None, self.attribute(name)?, sub);
        }
        with_sub(Some(schema), schema.attribute(name)?, sub)
    }
}

fn with_sub<'a>(
    extension: Option<&'a Schema>,
    attribute: &'a Attribute,
    sub: Option<&str>,
) -> Option<Target<'a>> {
    let sub = match sub {
        None => None,
        Some(name) => Some(attribute.sub(name)?),
    };
    Some(Target::Attribute(AttributeRef { extension, attribute, sub }))
}

/// What a path inside `attr[…]` names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Inner<'a> {
    /// A sub-attribute of the value.
    Sub(&'a Attribute),
    /// The value itself, as `value` does for an attribute of simple values.
    Itself(&'a Attribute),
}

impl<'a> Inner<'a> {
    /// The definition of what is named.
    #[must_use]
    pub fn attribute(self) -> &'a Attribute {
        match self {
            Self::Sub(attribute) | Self::Itself(attribute) => attribute,
        }
    }

    /// The value that is named, within one value of the attribute.
    #[must_use]
    pub fn value(self, element: &Value) -> Option<&Value> {
        match self {
            Self::Sub(sub) => element.get(&sub.name),
            Self::Itself(_) => Some(element),
        }
    }
}

/// What `path` names inside the brackets after `attribute`; `attr[attr.sub …]` is understood too.
#[must_use]
pub fn resolve_within<'a>(attribute: &'a Attribute, path: &AttributePath) -> Option<Inner<'a>> {
    let name = match &path.sub {
        Some(sub) if path.name.eq_ignore_ascii_case(&attribute.name) => sub,
        Some(_) => return None,
        None => &path.name,
    };
    if attribute.is_complex() {
        return attribute.sub(name).map(Inner::Sub);
    }
    name.eq_ignore_ascii_case("value").then_some(Inner::Itself(attribute))
}
