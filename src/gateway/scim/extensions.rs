//! Extension schemas of User that an operator declares (gateway floor): RFC 7643 §3.3, §7.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::scim::schema::{Attribute, Registry, Schema, SchemaError, Uniqueness};

/// Further extensions of User, each checked against all the others.
#[derive(Clone, Debug, Default)]
pub struct Extensions(Vec<Declared>);

#[derive(Clone, Debug)]
struct Declared {
    schema: Value,
    required: bool,
}

impl Extensions {
    /// Reads JSON: a schema document as `/Schemas` shows one, or a list of them. Instead of a document there may be
    /// `{"schema": DOCUMENT, "required": BOOLEAN}`; not required is the default.
    ///
    /// # Errors
    /// What is wrong, and at which place of the text or in which attribute.
    pub fn from_json(text: &str) -> Result<Self, SchemaError> {
        let declared = match read(text)? {
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                items.map(|(at, item)| declared(item, &format!("[{at}]"))).collect::<Result<_, _>>()?
            }
            single => vec![declared(single, "the document")?],
        };
        let extensions = Self(declared);
        extensions.registry()?;
        Ok(extensions)
    }

    /// The standard schemas and these.
    pub(super) fn registry(&self) -> Result<Registry, SchemaError> {
        let mut registry = Registry::standard()?;
        for Declared { schema, required } in &self.0 {
            registry = registry.with_extension("User", schema, *required)?;
            let id = schema.get("id").and_then(Value::as_str).unwrap_or_default();
            registry.schema(id).map_or(Ok(()), check)?;
        }
        Ok(registry)
    }
}

/// The JSON of a file.
pub(super) fn read(text: &str) -> Result<Value, SchemaError> {
    let at = |error: &serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    serde_json::from_str(text).map_err(|error| fault(at(&error), error.to_string()))
}

pub(super) fn fault(place: impl Into<String>, reason: impl Into<String>) -> SchemaError {
    SchemaError { place: place.into(), reason: reason.into() }
}

fn declared(mut item: Value, place: &str) -> Result<Declared, SchemaError> {
    if !item.is_object() {
        return Err(fault(place, "must be a schema document, an object"));
    }
    let Some(schema) = item.get_mut("schema").map(Value::take) else {
        return Ok(Declared { schema: item, required: false });
    };
    match item.get("required") {
        None => Ok(Declared { schema, required: false }),
        Some(Value::Bool(required)) => Ok(Declared { schema, required: *required }),
        Some(_) => Err(fault(format!("{place}.required"), "must be true or false")),
    }
}

/// What the schema language allows and this server cannot keep is refused, rather than promised in `/Schemas`.
fn check(schema: &Schema) -> Result<(), SchemaError> {
    if schema.id.to_ascii_lowercase().starts_with("urn:ietf:params:scim:") {
        return Err(fault(&schema.id, "URIs under urn:ietf:params:scim: are the RFCs' own: take another"));
    }
    for attribute in &schema.attributes {
        let all = std::iter::once(attribute).chain(&attribute.sub_attributes);
        if all.into_iter().any(|one| one.uniqueness.is_some_and(|kind| kind != Uniqueness::None)) {
            let reason = "uniqueness must be \"none\": nothing else is enforced";
            return Err(fault(place(schema, attribute), reason));
        }
    }
    check_shape(schema)
}

fn place(schema: &Schema, attribute: &Attribute) -> String {
    format!("{}:{}", schema.id, attribute.name)
}

/// What cannot be filtered or patched, of whichever type.
pub(super) fn check_shape(schema: &Schema) -> Result<(), SchemaError> {
    for attribute in &schema.attributes {
        let place = place(schema, attribute);
        if attribute.sub_attributes.iter().any(Attribute::is_complex) {
            return Err(fault(place, "a sub-attribute cannot be complex itself (RFC 7643 §2.3.8)"));
        }
        if attribute.multi_valued && attribute.sub_attributes.iter().any(|sub| sub.multi_valued) {
            return Err(fault(place, "a list in a list cannot be filtered: one must have a single value"));
        }
    }
    Ok(())
}
