//! Carrying out a PATCH on a resource (RFC 7644 §3.5.2), all or nothing; floor `scim`.

use serde_json::Value;

use super::dialect::{Rewrite, Rule};
use super::edit::edit;
use super::work::Work;
use super::{Op, Operation, Patch};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::path::{AttributePath, AttributeRef, Target};
use crate::scim::resource::{check_growth, is_same_value, on_request, renew_schemas};
use crate::scim::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::scim::value::{Object, elements};

impl Patch {
    /// Carries out the operations in order on `resource`, which is in canonical form; tells whether it changed.
    ///
    /// On an error `resource` is as it was. A removal that finds nothing is no error: what is asked for is so already,
    /// and clients repeat removals (RFC 7644 §3.5.2.2 asks for none).
    ///
    /// # Errors
    /// `mutability`, `noTarget`, `invalidValue` and `invalidPath`, with the operation's index; 413 when it is more work than
    /// [`MAX_WORK`](super::MAX_WORK).
    pub fn apply(&self, resource_type: &ResourceType, resource: &mut Object) -> Result<bool, Error> {
        self.apply_noting(resource_type, resource, &mut Vec::new())
    }

    /// As [`Patch::apply`], and adds to `made` the tolerances that only the resource shows to be used.
    ///
    /// # Errors
    /// As for [`Patch::apply`].
    pub fn apply_noting(
        &self,
        resource_type: &ResourceType,
        resource: &mut Object,
        made: &mut Vec<Rewrite>,
    ) -> Result<bool, Error> {
        let mut before = resource.clone();
        renew_schemas(resource_type, &mut before);
        let (mut after, mut work) = (before.clone(), Work::default());
        for operation in &self.operations {
            let is_made = self.step(resource_type, &mut after, operation, &mut work);
            if is_made.map_err(|e| e.at_operation(operation.index))? {
                let place = operation.path.attribute.name.clone();
                made.push(Rewrite { operation: Some(operation.index), rule: Rule::MissingValueMade, place });
            }
        }
        renew_schemas(resource_type, &mut after);
        check_extensions(resource_type, &before, &after)?;
        check_growth(resource_type, &before, &after)?;
        for operation in self.operations.iter().filter(|operation| is_on_schemas(operation)) {
            let check = check_schemas(resource_type, operation, &after, &mut work);
            check.map_err(|e| e.at_operation(operation.index))?;
        }
        let is_changed = after != before;
        if is_changed {
            *resource = after;
        }
        Ok(is_changed)
    }

    /// The attributes written that are returned on request alone: the answer shows these too (RFC 7643 §7, `returned`).
    #[must_use]
    pub fn on_request(&self, resource_type: &ResourceType) -> Vec<AttributePath> {
        let written = self.operations.iter();
        let written = written.filter_map(|operation| {
            let found = resource_type.resolve_attribute(&operation.path.attribute)?;
            Some(on_request(&found, &operation.value))
        });
        written.flatten().collect()
    }

    /// Tells whether a value was made that was not there to be replaced.
    fn step(
        &self,
        resource_type: &ResourceType,
        resource: &mut Object,
        operation: &Operation,
        work: &mut Work,
    ) -> Result<bool, Error> {
        let path = &operation.path.attribute;
        let found = match resource_type.resolve(path) {
            Some(Target::Attribute(found)) => found,
            Some(Target::Schema(schema)) => return remove_extension(resource, schema).map(|()| false),
            None => {
                return Err(Error::path(format!("{} has no attribute {}", resource_type.name, shown(path))));
            }
        };
        if is_on_schemas(operation) {
            return Ok(false);
        }
        if found.attribute.is_read_only() {
            let name = found.canonical();
            return Err(Error::mutability(format!("{name} is readOnly: the service provider alone sets it")));
        }
        work.look(operation, found.value(resource))?;
        let old = found.value(resource).cloned();
        let new = edit(&found, operation, old.as_ref(), self.profile, work)?;
        check_change(&found, operation.op, old.as_ref(), new.value.as_ref())?;
        write(&found, resource, new.value);
        Ok(new.is_made)
    }
}

/// An extension goes with all its attributes, required ones too; read-only values stay, immutable ones forbid it.
fn remove_extension(resource: &mut Object, schema: &Schema) -> Result<(), Error> {
    let Some(Value::Object(part)) = resource.get_mut(&schema.id) else { return Ok(()) };
    let is_set = |attribute: &&Attribute| part.contains_key(&attribute.name);
    let immutable = schema.attributes.iter().filter(is_set).find(|a| a.mutability == Mutability::Immutable);
    if let Some(attribute) = immutable {
        let name = &attribute.name;
        return Err(Error::mutability(format!("{}:{name} is immutable, and cannot be removed", schema.id)));
    }
    part.retain(|name, _| schema.attribute(name).is_some_and(Attribute::is_read_only));
    Ok(())
}

/// An extension that was changed has its required attributes (RFC 7643 §6).
fn check_extensions(resource_type: &ResourceType, before: &Object, after: &Object) -> Result<(), Error> {
    for extension in &resource_type.extensions {
        let uri = &extension.schema.id;
        let Some(part) = after.get(uri).filter(|part| before.get(uri) != Some(*part)) else { continue };
        let is_missing = |a: &&Attribute| a.required && !a.is_read_only() && part.get(&a.name).is_none();
        if let Some(attribute) = extension.schema.attributes.iter().find(is_missing) {
            return Err(Error::value(format!("{uri}:{} is required, and has no value", attribute.name)));
        }
    }
    Ok(())
}

fn is_on_schemas(operation: &Operation) -> bool {
    operation.path.attribute.uri.is_none() && operation.path.attribute.name == "schemas"
}

/// The service provider keeps `schemas` itself (RFC 7644 §3.5.2): an operation on it may ask for what is so, once all is done.
fn check_schemas(
    resource_type: &ResourceType,
    operation: &Operation,
    after: &Object,
    work: &mut Work,
) -> Result<(), Error> {
    work.look(operation, after.get("schemas"))?;
    let held = after.get("schemas").map(elements).unwrap_or_default();
    let named = |list: &[Value], uri: &Value| {
        let is_it = |one: &Value| match (one.as_str(), uri.as_str()) {
            (Some(one), Some(uri)) => one.eq_ignore_ascii_case(uri),
            _ => false,
        };
        list.iter().any(is_it)
    };
    let wanted = elements(&operation.value);
    work.write(&operation.value, held.len())?;
    let are_held = wanted.iter().all(|uri| named(held, uri));
    let definition = resource_type.attribute("schemas");
    let is_so = match (operation.op, &operation.path.filter, definition) {
        (Op::Remove, Some(filter), Some(schemas)) => {
            !held.iter().any(|uri| filter.matches_value(schemas, uri))
        }
        (Op::Remove, ..) | (_, Some(_), _) => false,
        (Op::Add, None, _) => are_held,
        (Op::Replace, None, _) => are_held && held.iter().all(|uri| named(wanted, uri)),
    };
    let detail =
        "schemas is kept by the service provider: it lists the schemas that the resource has values of";
    is_so.then_some(()).ok_or_else(|| Error::mutability(detail))
}

/// Required attributes keep a value, immutable ones the one they have (RFC 7644 §3.5.2, §3.5.2.2).
fn check_change(
    found: &AttributeRef<'_>,
    op: Op,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), Error> {
    let attribute = found.attribute;
    let is_blank = new.is_none_or(|value| value.as_str() == Some(""));
    if attribute.required && is_blank {
        let name = found.canonical();
        return Err(match op {
            Op::Remove => Error::mutability(format!("{name} is required, and cannot be removed")),
            _ => Error::value(format!("{name} is required, and cannot be empty")),
        });
    }
    let is_same = || match (old, new) {
        (Some(old), Some(new)) => is_same_value(attribute, old, new),
        (old, _) => old.is_none(),
    };
    if attribute.mutability == Mutability::Immutable && !is_same() {
        let name = found.canonical();
        return Err(Error::mutability(format!(
            "{name} is immutable: it has a value, which cannot be changed any more"
        )));
    }
    Ok(())
}

fn write(found: &AttributeRef<'_>, resource: &mut Object, value: Option<Value>) {
    let name = &found.attribute.name;
    let container = match found.extension {
        None => Some(resource),
        Some(schema) if value.is_some() => {
            resource.entry(schema.id.clone()).or_insert_with(|| Value::Object(Object::new())).as_object_mut()
        }
        Some(schema) => resource.get_mut(&schema.id).and_then(Value::as_object_mut),
    };
    match (container, value) {
        (Some(container), Some(value)) => {
            container.insert(name.clone(), value);
        }
        (Some(container), None) => {
            container.remove(name);
        }
        (None, _) => {}
    }
}
