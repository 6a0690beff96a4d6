//! Whether a filter makes sense for a resource type (RFC 7644 §3.4.2.2, table 3); floor `scim`.

use super::{CompareOp, Filter, Literal};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::path::{AttributePath, Inner, Target, resolve_within};
use crate::scim::schema::{Attribute, DataType, ResourceType, Returned};
use crate::scim::value;

/// What to do about an attribute that the resource type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It has no value, as everywhere in SCIM.
    Unassigned,
    /// It is an error: for a filter that a person typed.
    Refuse,
}

impl Filter {
    /// Checks that every comparison can be made: attribute, operator and value fit one another.
    ///
    /// # Errors
    /// `invalidFilter`, naming the attribute, its type and what it can be compared with.
    pub fn check(&self, resource_type: &ResourceType, unknown: Unknown) -> Result<(), Error> {
        match self {
            Self::Compare { path, op, value } => match resource_type.resolve(path) {
                None => refuse(path, unknown),
                Some(Target::Schema(_)) => {
                    Err(Error::filter(format!("{} is a schema: only \"pr\" can be asked of it", shown(path))))
                }
                Some(Target::Attribute(found)) => check_compare(path, found.compared(), *op, value),
            },
            Self::Present(path) => match resource_type.resolve(path) {
                None => refuse(path, unknown),
                Some(Target::Schema(_)) => Ok(()),
                Some(Target::Attribute(found)) => check_readable(path, found.leaf()),
            },
            Self::And(terms) | Self::Or(terms) => {
                terms.iter().try_for_each(|term| term.check(resource_type, unknown))
            }
            Self::Not(inner) => inner.check(resource_type, unknown),
            Self::ValuePath { path, filter } => match resource_type.resolve_attribute(path) {
                None => refuse(path, unknown),
                Some(found) if !found.attribute.multi_valued && !found.attribute.is_complex() => {
                    Err(Error::filter(format!(
                        "{} has a single simple value: brackets cannot follow it",
                        shown(path)
                    )))
                }
                Some(found) => filter.check_within(found.attribute, unknown),
            },
        }
    }

    /// Checks a filter that stood in the brackets after `attribute`.
    ///
    /// # Errors
    /// As for [`Filter::check`].
    pub fn check_within(&self, attribute: &Attribute, unknown: Unknown) -> Result<(), Error> {
        match self {
            Self::Compare { path, op, value } => match resolve_within(attribute, path) {
                None => refuse(path, unknown),
                Some(inner) => check_compare(path, Some(inner.attribute()), *op, value),
            },
            Self::Present(path) => match resolve_within(attribute, path).map(Inner::attribute) {
                None => refuse(path, unknown),
                Some(found) => check_readable(path, found),
            },
            Self::And(terms) | Self::Or(terms) => {
                terms.iter().try_for_each(|term| term.check_within(attribute, unknown))
            }
            Self::Not(inner) => inner.check_within(attribute, unknown),
            Self::ValuePath { path, .. } => {
                Err(Error::filter(format!("{}[…] cannot stand within brackets", shown(path))))
            }
        }
    }
}

fn refuse(path: &AttributePath, unknown: Unknown) -> Result<(), Error> {
    match unknown {
        Unknown::Unassigned => Ok(()),
        Unknown::Refuse => Err(Error::filter(format!(
            "there is no attribute {}; /Schemas lists those there are",
            shown(path)
        ))),
    }
}

/// Nobody may probe for what is never returned (RFC 7643 §9.2: passwords).
fn check_readable(path: &AttributePath, attribute: &Attribute) -> Result<(), Error> {
    if attribute.returned == Returned::Never {
        return Err(Error::filter(format!("{} is never returned, and cannot be filtered by", shown(path))));
    }
    Ok(())
}

fn check_compare(
    path: &AttributePath,
    found: Option<&Attribute>,
    op: CompareOp,
    with: &Literal,
) -> Result<(), Error> {
    let (told, with_told) = (shown(path), shown(with));
    let Some(attribute) = found.filter(|attribute| !attribute.is_complex()) else {
        return match (op, with) {
            (CompareOp::Eq | CompareOp::Ne, Literal::Null) => Ok(()),
            _ => Err(Error::filter(format!(
                "{told} is complex: compare one of its sub-attributes, as in {told}.name"
            ))),
        };
    };
    check_readable(path, attribute)?;
    let kind = attribute.data_type;
    let is_unordered = matches!(kind, DataType::Boolean | DataType::Binary);
    if op.is_ordering() && is_unordered {
        let words = "eq, ne and pr";
        return Err(Error::filter(format!(
            "{told} is {}, which has no order: {op} cannot be used, {words} can",
            name(kind)
        )));
    }
    let is_text =
        !matches!(kind, DataType::Boolean | DataType::Integer | DataType::Decimal | DataType::DateTime);
    if op.is_substring() && !is_text {
        return Err(Error::filter(format!("{told} is {}, not a text: {op} cannot be used", name(kind))));
    }
    if fits(attribute, op, with) {
        return Ok(());
    }
    Err(Error::filter(format!(
        "{told} {op} {with_told}: the value to compare with must be {}",
        kind.expectation()
    )))
}

fn fits(attribute: &Attribute, op: CompareOp, literal: &Literal) -> bool {
    match (attribute.data_type, literal) {
        (_, Literal::Null) => !op.is_ordering() && !op.is_substring(),
        (DataType::Boolean, _) => literal.to_value(attribute).is_boolean(),
        (DataType::Integer | DataType::Decimal, literal) => matches!(literal, Literal::Number(_)),
        (DataType::DateTime, Literal::String(text)) => value::parse_date_time(text).is_some(),
        (_, literal) => matches!(literal, Literal::String(_)),
    }
}

fn name(kind: DataType) -> &'static str {
    match kind {
        DataType::Boolean => "a boolean",
        DataType::Binary => "binary",
        DataType::DateTime => "a time",
        _ => "a number",
    }
}
