//! SCIM filters as predicates of the domain (gateway floor).
//!
//! Says the same as the library's own evaluator ([`crate::scim::filter`]): any value of a list may match, `ne`
//! holds where there is no value, and an attribute that is unknown has none.

mod column;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::column::{Column, column, is_relation};
use super::search;
use crate::{
    domain::predicate::{Comparison, Field, Operand, Predicate},
    scim::{
        filter::{CompareOp, Filter, Literal},
        path::{AttributePath, AttributeRef, Inner, Target, resolve_within},
        schema::{Attribute, ResourceType, Returned},
    },
};

/// The predicate that `filter`, checked, is for resources of this type.
pub(super) fn to_predicate(resource_type: &ResourceType, filter: &Filter) -> Predicate {
    match filter {
        Filter::Compare { path, op, value } => compare(resource_type, path, *op, value),
        Filter::Present(path) => present(resource_type, path),
        Filter::And(terms) => {
            Predicate::All(terms.iter().map(|term| to_predicate(resource_type, term)).collect())
        }
        Filter::Or(terms) => {
            Predicate::Any(terms.iter().map(|term| to_predicate(resource_type, term)).collect())
        }
        Filter::Not(inner) => not(to_predicate(resource_type, inner)),
        Filter::ValuePath { path, filter } => match resource_type.resolve_attribute(path) {
            None => Predicate::Constant(false),
            Some(found) => value_path(resource_type, &found, filter),
        },
    }
}

/// The field that `sort_by` orders resources of this type by.
pub(super) fn sort_field(resource_type: &ResourceType, sort_by: &AttributePath) -> Option<Field> {
    let found = resource_type.resolve_attribute(sort_by)?;
    if found.leaf().returned == Returned::Never {
        return None;
    }
    match column(resource_type, &found) {
        Some(Column::Field(field)) => return Some(field),
        Some(Column::Version) => return Some(Field::Version),
        Some(Column::Location) => return Some(Field::Id),
        // the same for all, or a list without an order
        Some(Column::Meta | Column::ResourceType(_) | Column::Schemas(_) | Column::Related(..)) => {
            return None;
        }
        None => {}
    }
    let compared = found.compared()?;
    if let Some((list, value)) = list(&found, compared) {
        return Some(Field::Primary { list, value });
    }
    Some(document_field(&found, compared))
}

fn compare(resource_type: &ResourceType, path: &AttributePath, op: CompareOp, with: &Literal) -> Predicate {
    match (op, with) {
        (CompareOp::Eq, Literal::Null) => return not(present(resource_type, path)),
        (CompareOp::Ne, Literal::Null) => return present(resource_type, path),
        _ => {}
    }
    let Some(found) = resource_type.resolve_attribute(path) else {
        return Predicate::Constant(op == CompareOp::Ne);
    };
    if let Some(column) = column(resource_type, &found) {
        return column.compare(op, with);
    }
    match found.compared() {
        Some(compared) => compare_values(&found, compared, op, with),
        None => Predicate::Constant(op == CompareOp::Ne),
    }
}

/// Any value of a list matches; `ne` also where there is none.
fn compare_values(
    found: &AttributeRef<'_>,
    compared: &Attribute,
    op: CompareOp,
    with: &Literal,
) -> Predicate {
    let Some((list, value)) = list(found, compared) else {
        return test(document_field(found, compared), compared, op, with);
    };
    let matching = element(&list, test(Field::Element(value), compared, op, with));
    if op == CompareOp::Ne {
        return Predicate::Any(vec![not(element(&list, Predicate::Constant(true))), matching]);
    }
    matching
}

fn present(resource_type: &ResourceType, path: &AttributePath) -> Predicate {
    match resource_type.resolve(path) {
        None => Predicate::Constant(false),
        Some(Target::Schema(schema)) if schema.id == resource_type.schema.id => Predicate::Constant(true),
        Some(Target::Schema(schema)) => {
            let attributes = schema.attributes.iter();
            let of = |attribute| AttributeRef { extension: Some(schema), attribute, sub: None };
            Predicate::Any(attributes.map(|attribute| has_value(&of(attribute))).collect())
        }
        Some(Target::Attribute(found)) => match column(resource_type, &found) {
            Some(column) => column.present(),
            None => has_value(&found),
        },
    }
}

/// Whether there is a value; of a complex one, whether a part has one (RFC 7644 table 3, `pr`).
fn has_value(found: &AttributeRef<'_>) -> Predicate {
    let subs = found.attribute.sub_attributes.iter();
    match found.sub {
        None if found.attribute.is_complex() && found.attribute.multi_valued => {
            let parts = subs.map(|sub| Predicate::Present(Field::Element(vec![sub.name.clone()])));
            element(&place(found), Predicate::Any(parts.collect()))
        }
        None if found.attribute.is_complex() => {
            Predicate::Any(subs.map(|sub| has_value(&AttributeRef { sub: Some(sub), ..*found })).collect())
        }
        _ => match list(found, found.leaf()) {
            Some((list, value)) => element(&list, Predicate::Present(Field::Element(value))),
            None => Predicate::Present(document_field(found, found.leaf())),
        },
    }
}

/// `attr[filter]`: one and the same value satisfies all of it.
fn value_path(resource_type: &ResourceType, found: &AttributeRef<'_>, filter: &Filter) -> Predicate {
    if let Some(Column::Schemas(_)) = column(resource_type, found) {
        return schemas_path(resource_type, found, filter);
    }
    let inner = within(resource_type, found, filter);
    if is_relation(resource_type, found) {
        return Predicate::Related(Box::new(inner));
    }
    if found.attribute.multi_valued {
        return element(&place(found), inner);
    }
    // the brackets of a single complex value ask for that value
    Predicate::All(vec![Predicate::Present(Field::Document(place(found))), inner])
}

/// `schemas[filter]`: the list is computed, and each of its values has or has not the form asked for.
fn schemas_path(resource_type: &ResourceType, found: &AttributeRef<'_>, filter: &Filter) -> Predicate {
    let is_meant =
        |uri: &String| Predicate::Constant(filter.matches_value(found.attribute, &Value::from(uri.as_str())));
    let used = |uri: &String| Predicate::Present(Field::Document(vec![uri.clone()]));
    let extensions = resource_type.extensions.iter().map(|extension| &extension.schema.id);
    let extensions = extensions.map(|uri| Predicate::All(vec![is_meant(uri), used(uri)]));
    Predicate::Any([is_meant(&resource_type.schema.id)].into_iter().chain(extensions).collect())
}

/// A filter that stood in the brackets after an attribute.
fn within(resource_type: &ResourceType, found: &AttributeRef<'_>, filter: &Filter) -> Predicate {
    let within = |filter: &Filter| within(resource_type, found, filter);
    match filter {
        Filter::And(terms) => Predicate::All(terms.iter().map(within).collect()),
        Filter::Or(terms) => Predicate::Any(terms.iter().map(within).collect()),
        Filter::Not(inner) => not(within(inner)),
        Filter::Present(path) | Filter::Compare { path, op: CompareOp::Ne, value: Literal::Null } => {
            inner_present(resource_type, found, path)
        }
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::Null } => {
            not(inner_present(resource_type, found, path))
        }
        Filter::Compare { path, op, value } => match resolve_within(found.attribute, path) {
            None => Predicate::Constant(*op == CompareOp::Ne),
            Some(inner) => inner_compare(resource_type, found, inner, *op, value),
        },
        Filter::ValuePath { .. } => Predicate::Constant(false),
    }
}

fn inner_compare(
    resource_type: &ResourceType,
    found: &AttributeRef<'_>,
    inner: Inner<'_>,
    op: CompareOp,
    with: &Literal,
) -> Predicate {
    if is_relation(resource_type, found) {
        return column::related(&found.attribute.name, &inner.attribute().name, op, with);
    }
    match inner {
        // one list within the brackets of a single value
        Inner::Sub(sub) if sub.multi_valued && !found.attribute.multi_valued => {
            compare_values(&AttributeRef { sub: Some(sub), ..*found }, sub, op, with)
        }
        _ => test(inner_field(found, inner), inner.attribute(), op, with),
    }
}

fn inner_present(resource_type: &ResourceType, found: &AttributeRef<'_>, path: &AttributePath) -> Predicate {
    match resolve_within(found.attribute, path) {
        None => Predicate::Constant(false),
        // whoever is related has all of these
        Some(_) if is_relation(resource_type, found) => Predicate::Constant(true),
        Some(Inner::Sub(sub)) if !found.attribute.multi_valued => {
            has_value(&AttributeRef { sub: Some(sub), ..*found })
        }
        Some(inner) => Predicate::Present(inner_field(found, inner)),
    }
}

fn inner_field(found: &AttributeRef<'_>, inner: Inner<'_>) -> Field {
    match inner {
        Inner::Itself(_) => Field::Element(Vec::new()),
        Inner::Sub(sub) if found.attribute.multi_valued => Field::Element(vec![sub.name.clone()]),
        Inner::Sub(sub) => document_field(found, sub),
    }
}

/// One comparison of a value that stands in the search document.
fn test(field: Field, attribute: &Attribute, op: CompareOp, with: &Literal) -> Predicate {
    match operand(attribute, with) {
        Some(operand) => predicate(field, op, operand),
        None => Predicate::Constant(op == CompareOp::Ne),
    }
}

/// A comparison of a single value; `ne` holds where there is none.
fn predicate(field: Field, op: CompareOp, operand: Operand) -> Predicate {
    let comparison = match op {
        CompareOp::Ne => return not(predicate(field, CompareOp::Eq, operand)),
        CompareOp::Eq => Comparison::Equal,
        CompareOp::Co => Comparison::Contains,
        CompareOp::Sw => Comparison::StartsWith,
        CompareOp::Ew => Comparison::EndsWith,
        CompareOp::Gt => Comparison::Greater,
        CompareOp::Ge => Comparison::GreaterOrEqual,
        CompareOp::Lt => Comparison::Less,
        CompareOp::Le => Comparison::LessOrEqual,
    };
    Predicate::Compare { field, comparison, operand }
}

/// The literal in the form in which the search document has the attribute's values.
fn operand(attribute: &Attribute, with: &Literal) -> Option<Operand> {
    match search::value(attribute, &with.to_value(attribute)) {
        Value::String(text) => Some(Operand::Text(text)),
        Value::Bool(value) => Some(Operand::Boolean(value)),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Some(Operand::Integer(integer)),
            None => number.as_f64().map(Operand::Decimal),
        },
        _ => None,
    }
}

/// Where an attribute stands in the search document.
fn place(found: &AttributeRef<'_>) -> Vec<String> {
    let extension = found.extension.map(|schema| schema.id.clone());
    extension.into_iter().chain([found.attribute.name.clone()]).collect()
}

fn document_field(found: &AttributeRef<'_>, compared: &Attribute) -> Field {
    let mut place = place(found);
    if found.attribute.is_complex() {
        place.push(compared.name.clone());
    }
    Field::Document(place)
}

/// The list that holds the values compared, if one does: its place, and the keys from one of its elements.
fn list(found: &AttributeRef<'_>, compared: &Attribute) -> Option<(Vec<String>, Vec<String>)> {
    let mut place = place(found);
    let sub = found.attribute.is_complex().then(|| compared.name.clone());
    if found.attribute.multi_valued {
        return Some((place, sub.into_iter().collect()));
    }
    place.extend(sub);
    (found.attribute.is_complex() && compared.multi_valued).then_some((place, Vec::new()))
}

fn element(list: &[String], inner: Predicate) -> Predicate {
    Predicate::Element { path: list.to_vec(), inner: Box::new(inner) }
}

fn not(inner: Predicate) -> Predicate {
    Predicate::Not(Box::new(inner))
}
