//! The operations on a long list, set apart so that it need not be loaded (RFC 7644 §3.5.2); floor `scim`.

use serde_json::Value;

use super::dialect::{Profile, is_made_for};
use super::values::with_selector;
use super::{Op, Operation, Patch};
use crate::scim::error::Error;
use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::{Inner, resolve_within};
use crate::scim::resource::{conform, conform_element};
use crate::scim::schema::{Attribute, Mutability, ResourceType};
use crate::scim::value::elements;

/// A change of a list of values that each have a `value`: the members of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberOp {
    /// These join; those that are there already change nothing.
    Add(Vec<Value>),
    /// The members with these values leave; those that are not there change nothing.
    Remove(Vec<String>),
    /// All members that match leave; none need match.
    RemoveWhere(Filter),
    /// All leave.
    RemoveAll,
    /// These are the members from now on.
    Replace(Vec<Value>),
    /// Each member that matches gives way to `value`.
    ReplaceWhere {
        /// Selects members.
        filter: Filter,
        /// The member that comes in.
        value: Value,
        /// Whether it also comes in when none matches; otherwise that is `noTarget`.
        creates_missing: bool,
    },
}

/// A [`MemberOp`] and the index of the client's operation that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberOperation {
    /// The index, for errors.
    pub index: usize,
    /// The change.
    pub op: MemberOp,
}

impl Patch {
    /// Sets the operations on the base attribute `name` apart from the rest, both in order.
    ///
    /// Since no other operation looks at the attribute, the two may be carried out in either order.
    ///
    /// # Errors
    /// `mutability` when a part of a member is to be changed, `invalidValue` when a member is not one; with the
    /// operation's index.
    pub fn split_members(
        self,
        resource_type: &ResourceType,
        name: &str,
    ) -> Result<(Vec<MemberOperation>, Self), Error> {
        let Some(attribute) = resource_type.schema.attribute(name) else { return Ok((Vec::new(), self)) };
        let is_apart = |operation: &Operation| {
            operation.path.attribute.uri.is_none() && operation.path.attribute.name == attribute.name
        };
        let (apart, operations) = self.operations.into_iter().partition::<Vec<_>, _>(is_apart);
        let apart = apart.into_iter().map(|operation| {
            let index = operation.index;
            let op = member_op(attribute, operation, self.profile).map_err(|e| e.at_operation(index))?;
            Ok(MemberOperation { index, op })
        });
        Ok((apart.collect::<Result<_, Error>>()?, Self { operations, ..self }))
    }
}

fn member_op(attribute: &Attribute, operation: Operation, profile: Profile) -> Result<MemberOp, Error> {
    let place = operation.path.to_string();
    if attribute.is_read_only() {
        return Err(Error::mutability(format!("{place} is readOnly: the service provider alone sets it")));
    }
    if let Some(sub) = operation.path.attribute.sub.as_deref().and_then(|sub| attribute.sub(sub)) {
        return Err(sub_change(sub, &place));
    }
    match (operation.op, operation.path.filter) {
        (Op::Remove, None) => Ok(MemberOp::RemoveAll),
        (Op::Remove, Some(filter)) => Ok(match listed_values(attribute, &filter) {
            Some(values) => MemberOp::Remove(values),
            None => MemberOp::RemoveWhere(filter),
        }),
        (op, None) => {
            let members = members(attribute, &operation.value, &place)?;
            Ok(if op == Op::Add { MemberOp::Add(members) } else { MemberOp::Replace(members) })
        }
        (op, Some(filter)) => {
            let value = conform_element(attribute, &operation.value, &place, &mut Vec::new())?;
            let value = value.filter(has_value).ok_or_else(|| no_value(&place))?;
            if op == Op::Replace {
                let creates_missing = is_made_for(attribute, Some(&filter), profile);
                return Ok(MemberOp::ReplaceWhere { filter, value, creates_missing });
            }
            add_at(attribute, &filter, value, &place)
        }
    }
}

/// `add` at `members[…]` asks for a change of the members there, of which every part is immutable; but for a member
/// that is just such a one.
fn add_at(attribute: &Attribute, filter: &Filter, value: Value, place: &str) -> Result<MemberOp, Error> {
    let value = with_selector(attribute, Some(filter), value);
    if filter.matches_value(attribute, &value) {
        return Ok(MemberOp::Add(vec![value]));
    }
    Err(Error::mutability(format!("{place} cannot be changed: add the member to the list as a whole")))
}

fn sub_change(sub: &Attribute, place: &str) -> Error {
    match sub.mutability {
        Mutability::ReadOnly => {
            Error::mutability(format!("{place} is readOnly: the service provider alone sets it"))
        }
        _ => Error::mutability(format!("{place} cannot be changed: remove the value and add another")),
    }
}

fn members(attribute: &Attribute, value: &Value, place: &str) -> Result<Vec<Value>, Error> {
    // each of a list of links has a value
    let list = conform(attribute, value, place, &mut Vec::new())?.unwrap_or_default();
    Ok(elements(&list).to_vec())
}

fn has_value(member: &Value) -> bool {
    member.get("value").and_then(Value::as_str).is_some_and(|value| !value.trim().is_empty())
}

fn no_value(place: &str) -> Error {
    Error::value(format!("{place}.value is required: the id of the member"))
}

/// The values that a filter lists, if it does nothing else: `value eq "a" or value eq "b"`.
fn listed_values(attribute: &Attribute, filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::String(value) } => {
            let is_value =
                matches!(resolve_within(attribute, path), Some(Inner::Sub(sub)) if sub.name == "value");
            is_value.then(|| vec![value.clone()])
        }
        Filter::Or(terms) => {
            let values = terms.iter().map(|term| listed_values(attribute, term));
            values.collect::<Option<Vec<_>>>().map(|values| values.concat())
        }
        _ => None,
    }
}
