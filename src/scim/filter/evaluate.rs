//! Whether a resource matches a filter (RFC 7644 §3.4.2.2); floor `scim`.
//!
//! An attribute matches when any of its values does. An attribute that is unknown or has no value matches `ne`,
//! `eq null` and nothing else; one that is returned never is as good as unknown, so that nobody can guess at it.

use std::cmp::Ordering;

use serde_json::Value;

use super::{CompareOp, Filter, Literal};
use crate::scim::path::{AttributePath, AttributeRef, Target, resolve_within};
use crate::scim::schema::{Attribute, ResourceType, Returned};
use crate::scim::value::{self, Object};

impl Filter {
    /// Whether the canonical `resource` of type `resource_type` matches.
    #[must_use]
    pub fn matches(&self, resource_type: &ResourceType, resource: &Object) -> bool {
        self.holds(Scope::Resource(resource_type, resource))
    }

    /// Whether one value of `attribute` matches this filter, which stood in the brackets after it.
    #[must_use]
    pub fn matches_value(&self, attribute: &Attribute, element: &Value) -> bool {
        self.holds(Scope::Value(attribute, element))
    }

    fn holds(&self, scope: Scope<'_>) -> bool {
        match self {
            Self::Compare { path, op, value } => scope.find(path).compares(*op, value),
            Self::Present(path) => scope.find(path).is_present(),
            Self::And(all) => all.iter().all(|term| term.holds(scope)),
            Self::Or(any) => any.iter().any(|term| term.holds(scope)),
            Self::Not(inner) => !inner.holds(scope),
            Self::ValuePath { path, filter } => scope.any_value(path, filter),
        }
    }
}

/// Where a path is looked up.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType, &'a Object),
    Value(&'a Attribute, &'a Value),
}

impl<'a> Scope<'a> {
    fn find(self, path: &AttributePath) -> Found<'a> {
        match self {
            Self::Value(attribute, element) => {
                let Some(inner) = resolve_within(attribute, path) else { return Found::default() };
                Found::new(Some(inner.attribute()), inner.value(element))
            }
            Self::Resource(resource_type, resource) => match resource_type.resolve(path) {
                Some(Target::Attribute(found)) => Found::in_resource(&found, resource),
                Some(Target::Schema(schema)) => Found::new(None, resource.get(&schema.id)),
                None => Found::default(),
            },
        }
    }

    fn any_value(self, path: &AttributePath, filter: &Filter) -> bool {
        let Self::Resource(resource_type, resource) = self else { return false };
        let Some(found) = resource_type.resolve_attribute(path) else { return false };
        let values = found.value(resource).map(value::elements).unwrap_or_default();
        values.iter().any(|element| filter.matches_value(found.attribute, element))
    }
}

/// The values that a path names, and what they are compared as.
#[derive(Default)]
struct Found<'a> {
    /// None when the path names nothing that can be compared.
    attribute: Option<&'a Attribute>,
    /// For each value of a complex attribute its sub-attribute, which may have no value.
    candidates: Vec<Option<&'a Value>>,
    present: bool,
}

impl<'a> Found<'a> {
    fn new(attribute: Option<&'a Attribute>, found: Option<&'a Value>) -> Self {
        let present = found.is_some_and(|value| !value::is_empty(value));
        let candidates = found.map(value::elements).unwrap_or_default().iter().map(Some).collect();
        Self { attribute, candidates, present }.without_secrets()
    }

    fn in_resource(found: &AttributeRef<'a>, resource: &'a Object) -> Self {
        let held = found.value(resource);
        if !found.attribute.is_complex() {
            return Self::new(Some(found.attribute), held);
        }
        let elements = held.map(value::elements).unwrap_or_default();
        let compared = found.compared();
        let pick = |element: &'a Value| match compared.and_then(|sub| element.get(&sub.name)) {
            Some(picked) => value::elements(picked).iter().map(Some).collect(),
            None => vec![None],
        };
        let candidates: Vec<_> = elements.iter().flat_map(pick).collect();
        let present = match found.sub {
            Some(_) => candidates.iter().flatten().any(|value| !value::is_empty(value)),
            None => held.is_some_and(|value| !value::is_empty(value)),
        };
        Self { attribute: compared, candidates, present }.without_secrets()
    }

    fn without_secrets(self) -> Self {
        match self.attribute {
            Some(attribute) if attribute.returned == Returned::Never => Self::default(),
            _ => self,
        }
    }

    fn is_present(&self) -> bool {
        self.present
    }

    fn compares(&self, op: CompareOp, literal: &Literal) -> bool {
        match (op, literal) {
            (CompareOp::Eq, Literal::Null) => return !self.present,
            (CompareOp::Ne, Literal::Null) => return self.present,
            _ => {}
        }
        let Some(attribute) = self.attribute else { return op == CompareOp::Ne };
        let wanted = literal.to_value(attribute);
        let equal = |value: &Value| value::compare(attribute, value, &wanted) == Some(Ordering::Equal);
        let mut values = self.candidates.iter().flatten();
        match op {
            CompareOp::Eq => values.any(|value| equal(value)),
            CompareOp::Ne => {
                self.candidates.is_empty() || self.candidates.iter().any(|c| !c.is_some_and(equal))
            }
            CompareOp::Co | CompareOp::Sw | CompareOp::Ew => {
                values.any(|value| within(attribute, op, value, &wanted))
            }
            _ => values.any(|value| ordered(op, value::compare(attribute, value, &wanted))),
        }
    }
}

fn ordered(op: CompareOp, ordering: Option<Ordering>) -> bool {
    ordering.is_some_and(|ordering| match op {
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
        CompareOp::Lt => ordering.is_lt(),
        _ => ordering.is_le(),
    })
}

fn within(attribute: &Attribute, op: CompareOp, value: &Value, wanted: &Value) -> bool {
    let (Value::String(value), Value::String(wanted)) = (value, wanted) else { return false };
    let value = value::comparison_key(attribute, value);
    let wanted = value::comparison_key(attribute, wanted);
    match op {
        CompareOp::Co => value.contains(&wanted),
        CompareOp::Sw => value.starts_with(&wanted),
        _ => value.ends_with(&wanted),
    }
}
