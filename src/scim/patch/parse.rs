//! From the body of a PATCH to operations that each have a path (RFC 7644 §3.5.2); floor `scim`.

use serde_json::Value;

use super::dialect::{Log, Profile, Rule, member};
use super::meaning::meaning;
use super::message::{MAX_CHANGES, Raw, operations, unknown_within};
use super::{Op, Operation, Patch};
use crate::quote::shown;
use crate::scim::error::{Error, Status};
use crate::scim::filter::{Filter, Unknown};
use crate::scim::path::{AttributePath, AttributeRef, Target, ValuePath};
use crate::scim::resource::kind;
use crate::scim::schema::{ResourceType, Schema};

impl Patch {
    /// Reads the body of a PATCH of a `resource_type`, in the RFC's form or in a client's.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no PatchOp, `invalidPath` and `invalidFilter` for a path, `noTarget` for a removal
    /// without one, `invalidValue` for a missing value; with the operation's index.
    pub fn parse(resource_type: &ResourceType, body: &Value, profile: Profile) -> Result<Self, Error> {
        let mut patch = Self { profile, ..Self::default() };
        let operations = operations(body)?;
        let mut raws = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            raws.push(patch.read(index, operation).map_err(|e| e.at_operation(index))?);
        }
        for raw in &raws {
            patch.expand(resource_type, raw).map_err(|e| e.at_operation(raw.index))?;
        }
        Ok(patch)
    }

    /// Reads one operation.
    fn read<'a>(&mut self, index: usize, operation: &'a Value) -> Result<Raw<'a>, Error> {
        let Value::Object(operation) = operation else {
            return Err(Error::syntax(format!("an operation must be an object, and is {}", kind(operation))));
        };
        let word = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
        let is_capitalised = word.contains(|c: char| c.is_ascii_uppercase());
        let op = match word.to_ascii_lowercase().as_str() {
            "add" if self.allows(!is_capitalised) => Op::Add,
            "remove" if self.allows(!is_capitalised) => Op::Remove,
            "replace" if self.allows(!is_capitalised) => Op::Replace,
            _ => return Err(Error::syntax("op is required, and must be \"add\", \"remove\" or \"replace\"")),
        };
        if is_capitalised {
            self.log(index).add(Rule::CapitalisedOp, word);
        }
        let path = match member(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.trim()).filter(|path| !path.is_empty()),
            Some(other) => return Err(Error::path(format!("path must be a string, and is {}", kind(other)))),
        };
        let value = member(operation, "value");
        if op != Op::Remove && value.is_none() {
            return Err(Error::value(format!("op {word:?} needs a value (RFC 7644 §3.5.2)")));
        }
        Ok(Raw { index, op, path, value })
    }

    /// Whether something is taken that is in the RFC's form, or is not.
    fn allows(&self, is_plain: bool) -> bool {
        is_plain || !self.profile.is_strict()
    }

    /// Where the rewrites of the operation at `index` are written down.
    fn log(&mut self, index: usize) -> Log<'_> {
        Log::of_operation(index, self.profile, &mut self.rewrites)
    }

    /// Leaves an unknown attribute out, so that the rest of the request takes effect.
    fn ignore(&mut self, name: String, error: fn(String) -> Error) -> Result<(), Error> {
        if self.profile.is_strict() {
            return Err(error(format!(
                "there is no attribute {}; /Schemas lists those there are",
                shown(name)
            )));
        }
        self.ignored.push(name);
        Ok(())
    }

    fn expand(&mut self, resource_type: &ResourceType, raw: &Raw<'_>) -> Result<(), Error> {
        let Some(path) = raw.path else { return self.expand_value(resource_type, raw) };
        let path: ValuePath = path.parse()?;
        match resource_type.resolve(&path.attribute) {
            None => self.ignore(path.attribute.to_string(), Error::path),
            Some(Target::Schema(_)) if path.filter.is_some() => Err(Error::path(format!(
                "{} is a schema, and brackets cannot follow it",
                shown(&path.attribute)
            ))),
            Some(Target::Schema(schema)) if raw.op == Op::Remove => {
                self.remove_schema(resource_type, raw, schema)
            }
            Some(Target::Schema(schema)) => self.expand_schema(resource_type, raw, schema, raw.value),
            Some(Target::Attribute(found)) => self.push(raw, &found, path.filter, raw.value),
        }
    }

    /// No path: the value holds attributes of the resource (RFC 7644 §3.5.2.1), in some clients under paths as keys.
    fn expand_value(&mut self, resource_type: &ResourceType, raw: &Raw<'_>) -> Result<(), Error> {
        if raw.op == Op::Remove {
            return Err(Error::no_target("a removal needs a path (RFC 7644 §3.5.2.2)"));
        }
        let object = match raw.value {
            Some(Value::Object(object)) => object,
            Some(Value::Array(items))
                if items.len() == 1 && items.iter().all(Value::is_object) && self.allows(false) =>
            {
                self.log(raw.index).add(Rule::ListOfOne, "value");
                return self.expand_value(resource_type, &Raw { value: items.first(), ..*raw });
            }
            other => {
                let found = other.map_or("missing", kind);
                return Err(Error::value(format!(
                    "without a path the value must be an object of attributes, and is {found}"
                )));
            }
        };
        // Plain attributes first: a path as a key may select values that one of them brings.
        let is_plain = |key: &str| !key.contains(['.', '[']) || resource_type.extension(key).is_some();
        let (plain, paths): (Vec<_>, Vec<_>) = object.iter().partition(|(key, _)| is_plain(key));
        plain
            .into_iter()
            .chain(paths)
            .try_for_each(|(key, value)| self.expand_key(resource_type, raw, key, value))
    }

    fn expand_key(
        &mut self,
        resource_type: &ResourceType,
        raw: &Raw<'_>,
        key: &str,
        value: &Value,
    ) -> Result<(), Error> {
        let path = match key.parse::<ValuePath>() {
            Ok(path) => path,
            Err(fault) if key.contains('[') => return Err(fault),
            Err(_) => ValuePath::from(AttributePath::attribute(key)),
        };
        match resource_type.resolve(&path.attribute) {
            Some(Target::Schema(schema)) => self.expand_schema(resource_type, raw, schema, Some(value)),
            Some(Target::Attribute(found)) if found.attribute.name == "schemas" => Ok(()),
            Some(Target::Attribute(found)) => {
                let is_plain = found.extension.is_none() && !key.contains(['.', '[', ':']);
                if !self.allows(is_plain) {
                    return self.ignore(key.to_owned(), Error::syntax);
                }
                if !is_plain {
                    self.log(raw.index).add(Rule::KeyAsPath, key);
                }
                self.push(raw, &found, path.filter, Some(value))
            }
            None => self.ignore(key.to_owned(), Error::syntax),
        }
    }

    /// The value is an object of attributes of one schema.
    fn expand_schema(
        &mut self,
        resource_type: &ResourceType,
        raw: &Raw<'_>,
        schema: &Schema,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        let members = match value {
            Some(Value::Object(members)) => members,
            None | Some(Value::Null) if raw.op == Op::Replace => {
                return self.remove_schema(resource_type, raw, schema);
            }
            None | Some(Value::Null) => return Ok(()),
            Some(other) => {
                return Err(Error::value(format!(
                    "{} must be an object of attributes, and is {}",
                    schema.id,
                    kind(other)
                )));
            }
        };
        for (name, value) in members {
            match format!("{}:{name}", schema.id)
                .parse()
                .ok()
                .and_then(|path| resource_type.resolve_attribute(&path))
            {
                Some(found) => self.push(raw, &found, None, Some(value))?,
                None => self.ignore(format!("{}:{name}", schema.id), Error::syntax)?,
            }
        }
        Ok(())
    }

    /// Removes an extension as a whole.
    fn remove_schema(
        &mut self,
        resource_type: &ResourceType,
        raw: &Raw<'_>,
        schema: &Schema,
    ) -> Result<(), Error> {
        let Some(extension) = resource_type.extension(&schema.id) else {
            return Err(Error::no_target(format!(
                "{} is the base schema, which cannot be removed",
                schema.id
            )));
        };
        if extension.required {
            return Err(Error::mutability(format!(
                "the extension {} is required, and cannot be removed",
                schema.id
            )));
        }
        let path = AttributePath { uri: Some(schema.id.clone()), name: String::new(), sub: None }.into();
        self.put(Operation { index: raw.index, op: Op::Remove, path, value: Value::Null })
    }

    fn put(&mut self, operation: Operation) -> Result<(), Error> {
        if self.operations.len() >= MAX_CHANGES {
            let detail =
                format!("there are too many changes: at most {MAX_CHANGES} are allowed in one PATCH");
            return Err(Error::plain(Status::PayloadTooLarge, detail));
        }
        self.operations.push(operation);
        Ok(())
    }

    /// Adds the operation on the attribute `found`, its value rewritten and its path in canonical form.
    fn push(
        &mut self,
        raw: &Raw<'_>,
        found: &AttributeRef<'_>,
        filter: Option<Filter>,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        self.check_filter(found, filter.as_ref())?;
        let name = &found.attribute.name;
        let is_read_only = found.attribute.is_read_only() || found.leaf().is_read_only();
        if raw.path.is_none() && is_read_only && self.allows(false) {
            let rule = if name == "id" { Rule::ResourceId } else { Rule::ReadOnlyIgnored };
            self.log(raw.index).add(rule, name);
            return Ok(());
        }
        self.note_forms(raw, found, filter.is_some())?;
        for unknown in unknown_within(found, value.unwrap_or(&Value::Null)) {
            self.ignore(unknown, Error::syntax)?;
        }
        let mut log = Log::of_operation(raw.index, self.profile, &mut self.rewrites);
        if let Some((op, filter, value)) = meaning(raw.op, found, filter, value, &mut log)? {
            let path = ValuePath { attribute: found.path(), filter };
            self.put(Operation { index: raw.index, op, path, value })?;
        }
        Ok(())
    }

    /// Notes where the path is not the RFC's.
    fn note_forms(
        &mut self,
        raw: &Raw<'_>,
        found: &AttributeRef<'_>,
        is_filtered: bool,
    ) -> Result<(), Error> {
        let name = &found.attribute.name;
        if found.extension.is_some() && raw.path.is_some_and(|path| !path.contains(':')) {
            if !self.allows(false) {
                return Err(Error::path(format!(
                    "{name} belongs to an extension: write {}",
                    found.canonical()
                )));
            }
            self.log(raw.index).add(Rule::BareExtensionName, name);
        }
        if is_filtered && !found.attribute.multi_valued {
            self.log(raw.index).add(Rule::SingleFilter, name);
        }
        Ok(())
    }

    /// Brackets stand after a list, and ask of its values what these have.
    fn check_filter(&self, found: &AttributeRef<'_>, filter: Option<&Filter>) -> Result<(), Error> {
        let takes_filter = found.attribute.multi_valued || found.attribute.is_complex() && self.allows(false);
        match filter {
            Some(_) if !takes_filter => Err(Error::path(format!(
                "{} has a single value, and brackets cannot follow it",
                found.canonical()
            ))),
            Some(filter) => filter.check_within(found.attribute, Unknown::Refuse),
            None => Ok(()),
        }
    }
}
