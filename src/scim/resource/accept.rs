//! Taking in a whole resource from POST or PUT (RFC 7644 §3.3, §3.5.1); floor `scim`.

use serde_json::Value;

use super::{check_size, conform, is_same_value, kind, on_request, renew_schemas};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::path::{AttributePath, AttributeRef, Target};
use crate::scim::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::scim::value::{Object, elements, is_empty};

/// The body of a POST or PUT that has been read: every value is of its attribute's kind, and names are spelt as in the
/// schemas. What the resource lacks, and what may not change, is told when the body becomes a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming<'a> {
    resource_type: &'a ResourceType,
    resource: Object,
    ignored: Vec<String>,
    foreign: Vec<String>,
}

impl<'a> Incoming<'a> {
    /// Checks the values of `body` against `resource_type`.
    ///
    /// # Errors
    /// `invalidSyntax` when it is not an object, `invalidValue` when a value is of the wrong kind or an attribute has too
    /// many; each names the attribute and the rule.
    pub fn read(resource_type: &'a ResourceType, body: &Value) -> Result<Self, Error> {
        let Value::Object(body) = body else {
            let name = &resource_type.name;
            return Err(Error::syntax(format!(
                "the body must be a JSON object, a {name}, and is {}",
                kind(body)
            )));
        };
        let foreign = foreign_schemas(resource_type, body)?;
        let mut read = Self { resource_type, resource: Object::new(), ignored: foreign.clone(), foreign };
        for (key, value) in body {
            read.member(key, value)?;
        }
        Ok(read)
    }

    /// What the client may write of the resource, in canonical form: unassigned attributes are absent.
    #[must_use]
    pub fn resource(&self) -> &Object {
        &self.resource
    }

    /// The paths of unknown attributes that were left out, as the client wrote them, and unknown URIs in `schemas`.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Refuses what is unknown, for clients that ask for the RFC to the letter.
    ///
    /// # Errors
    /// `invalidValue` for a schema in `schemas`, `invalidSyntax` for an attribute (RFC 7644 table 9).
    pub fn require_known(&self) -> Result<(), Error> {
        let name = &self.resource_type.name;
        match (self.foreign.first(), self.ignored.first()) {
            (Some(uri), _) => Err(Error::value(format!(
                "schemas holds {:?}, which is not a schema of {name}: take it out",
                shown(uri)
            ))),
            (None, Some(attribute)) => Err(Error::syntax(format!(
                "{name} has no attribute {}; /Schemas lists those there are",
                shown(attribute)
            ))),
            (None, None) => Ok(()),
        }
    }

    /// The attributes sent that are returned on request alone: an answer shows these too (RFC 7643 §7, `returned`).
    #[must_use]
    pub fn on_request(&self) -> Vec<AttributePath> {
        let sent = self.resource_type.all_attributes();
        sent.filter_map(|found| Some(on_request(&found, found.value(&self.resource)?))).flatten().collect()
    }

    /// The resource that a POST makes of the body (RFC 7644 §3.3), its `schemas` renewed.
    ///
    /// # Errors
    /// `invalidValue` for a required attribute without a value.
    pub fn create(mut self) -> Result<Object, Error> {
        renew_schemas(self.resource_type, &mut self.resource);
        check_required(self.resource_type, &self.resource)?;
        Ok(self.resource)
    }

    /// The resource that a PUT makes of the body in place of `current`, in canonical form (RFC 7644 §3.5.1); it has
    /// the read-only and the unrepeated immutable attributes of that one.
    ///
    /// # Errors
    /// `mutability` when an immutable attribute is changed, `invalidValue` for a required attribute without a value.
    pub fn replace(&self, current: &Object) -> Result<Object, Error> {
        let mut new = self.clone();
        for found in self.resource_type.all_attributes() {
            new.keep(&found, current)?;
        }
        new.create()
    }

    /// One member of the body: an attribute, or an extension's object under its URI (RFC 7643 §3.3).
    fn member(&mut self, key: &str, value: &Value) -> Result<(), Error> {
        let resource_type = self.resource_type;
        if let Some(attribute) = resource_type.attribute(key) {
            return self.attribute(None, attribute, value);
        }
        let resolve = |path: AttributePath| resource_type.resolve(&path);
        match key.contains(':').then(|| key.parse().ok().and_then(resolve)).flatten() {
            Some(Target::Schema(schema)) => self.extension(schema, key, value),
            Some(Target::Attribute(AttributeRef { extension, attribute, sub: None })) => {
                self.attribute(extension, attribute, value)
            }
            _ => {
                self.ignored.push(key.to_owned());
                Ok(())
            }
        }
    }

    fn extension(&mut self, schema: &Schema, key: &str, value: &Value) -> Result<(), Error> {
        let members = match value {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            other => {
                return Err(Error::value(format!(
                    "{key} must be an object of attributes, and is {}",
                    kind(other)
                )));
            }
        };
        let is_base = schema.id == self.resource_type.schema.id;
        for (name, value) in members {
            match schema.attribute(name) {
                Some(attribute) => self.attribute((!is_base).then_some(schema), attribute, value)?,
                None => self.ignored.push(format!("{key}:{name}")),
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: &Value,
    ) -> Result<(), Error> {
        if attribute.is_read_only() || attribute.name == "schemas" {
            return Ok(());
        }
        let found = AttributeRef { extension, attribute, sub: None };
        check_size(self.resource_type, &found, value)?;
        let value = conform(attribute, value, &found.canonical(), &mut self.ignored)?;
        self.put(&found, value);
        Ok(())
    }

    fn put(&mut self, found: &AttributeRef<'_>, value: Option<Value>) {
        let Some(value) = value else { return };
        let name = found.attribute.name.clone();
        match found.extension {
            None => {
                self.resource.insert(name, value);
            }
            Some(schema) => {
                let part =
                    self.resource.entry(schema.id.clone()).or_insert_with(|| Value::Object(Object::new()));
                part.as_object_mut().map(|part| part.insert(name, value));
            }
        }
    }

    /// What a replacement cannot touch (RFC 7644 §3.5.1): read-only values stay, immutable ones must match.
    fn keep(&mut self, found: &AttributeRef<'_>, current: &Object) -> Result<(), Error> {
        let attribute = found.attribute;
        let Some(held) = found.value(current) else { return Ok(()) };
        let sent = found.value(&self.resource);
        match attribute.mutability {
            Mutability::ReadOnly => {}
            Mutability::Immutable if sent.is_none_or(|sent| is_same_value(attribute, sent, held)) => {}
            Mutability::Immutable => return Err(immutable(&found.canonical())),
            _ if attribute.is_complex() && !attribute.multi_valued => return self.keep_subs(found, held),
            _ => return Ok(()),
        }
        self.put(found, Some(held.clone()));
        Ok(())
    }

    /// The same within a single complex value. In a multi-valued attribute another value is a new value.
    ///
    /// What is read-only tells of the `value` beside it (a manager's name), and goes when that changes.
    fn keep_subs(&mut self, found: &AttributeRef<'_>, held: &Value) -> Result<(), Error> {
        let Some(Value::Object(mut sent)) = found.value(&self.resource).cloned() else { return Ok(()) };
        let is_same_subject = sent.get("value") == held.get("value");
        for sub in &found.attribute.sub_attributes {
            let Some(held) = held.get(&sub.name) else { continue };
            let is_kept = match (sub.mutability, sent.get(&sub.name)) {
                (Mutability::Immutable, Some(sent)) if !is_same_value(sub, sent, held) => {
                    return Err(immutable(&format!("{}.{}", found.canonical(), sub.name)));
                }
                (Mutability::Immutable, _) => true,
                (Mutability::ReadOnly, _) => is_same_subject,
                _ => false,
            };
            if is_kept {
                sent.insert(sub.name.clone(), held.clone());
            }
        }
        self.put(found, Some(Value::Object(sent)));
        Ok(())
    }
}

fn immutable(place: &str) -> Error {
    Error::mutability(format!("{place} is immutable: it has a value, and the value sent is another"))
}

/// `schemas` is there, not empty and holds the base schema (RFC 7643 §3); what it holds of others.
fn foreign_schemas(resource_type: &ResourceType, body: &Object) -> Result<Vec<String>, Error> {
    let base = &resource_type.schema.id;
    let sent = body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
    let Some(Value::Array(uris)) = sent.filter(|value| !elements(value).is_empty()) else {
        return Err(Error::value(format!(
            "schemas is required: a list with {base:?} and the extensions used"
        )));
    };
    let mut foreign = Vec::new();
    for uri in uris {
        let Some(uri) = uri.as_str() else {
            return Err(Error::value(format!("schemas must be a list of URIs, and holds {}", kind(uri))));
        };
        if !resource_type.schemas().any(|schema| schema.id.eq_ignore_ascii_case(uri)) {
            foreign.push(uri.to_owned());
        }
    }
    if !uris.iter().filter_map(Value::as_str).any(|uri| uri.eq_ignore_ascii_case(base)) {
        return Err(Error::value(format!("schemas must hold the base schema {base:?}")));
    }
    Ok(foreign)
}

/// Required attributes have a value, those of an extension when the extension is there (RFC 7643 §6, §7).
fn check_required(resource_type: &ResourceType, resource: &Object) -> Result<(), Error> {
    for extension in resource_type.extensions.iter().filter(|extension| extension.required) {
        if !resource.contains_key(&extension.schema.id) {
            return Err(Error::value(format!(
                "the extension {} is required (RFC 7643 §6)",
                extension.schema.id
            )));
        }
    }
    for found in resource_type
        .all_attributes()
        .filter(|found| found.attribute.required && !found.attribute.is_read_only())
    {
        let applies = found.extension.is_none_or(|schema| resource.contains_key(&schema.id));
        if applies && found.value(resource).is_none_or(is_empty) {
            return Err(Error::value(format!("{} is required, and has no value", found.canonical())));
        }
    }
    Ok(())
}
