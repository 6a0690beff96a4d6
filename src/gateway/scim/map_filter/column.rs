//! Attributes that do not stand in the search document: columns, computed ones, and relations (gateway floor).

use super::{not, predicate};
use crate::gateway::scim::search::micros;
use crate::{
    domain::{
        name,
        predicate::{Field, Operand, Predicate},
    },
    scim::{
        etag::ETag,
        filter::{CompareOp, Literal},
        path::AttributeRef,
        schema::ResourceType,
    },
};

/// How an attribute is looked up, when not in the search document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Column<'a> {
    /// A field of its own; `userName`, `displayName`: by their keys.
    Field(Field),
    /// `meta` as a whole, which is always there.
    Meta,
    /// `meta.version`: an entity tag around the number that is kept.
    Version,
    /// `meta.location`: a URL that ends in the id.
    Location,
    /// `meta.resourceType`: the same for every resource of the type.
    ResourceType(&'a ResourceType),
    /// `schemas`: the base schema always, an extension when it has values.
    Schemas(&'a ResourceType),
    /// A part of the `members` of a group or the `groups` of a user: the list and the part, `value` when none is named.
    Related(&'a str, &'a str),
}

/// Whether the attribute is a relation: `members` of a group, `groups` of a user.
pub(super) fn is_relation(resource_type: &ResourceType, found: &AttributeRef<'_>) -> bool {
    let relation = (resource_type.name.as_str(), found.attribute.name.as_str());
    found.extension.is_none() && matches!(relation, ("Group", "members") | ("User", "groups"))
}

/// How the attribute is looked up; `None` means in the search document.
pub(super) fn column<'a>(resource_type: &'a ResourceType, found: &AttributeRef<'a>) -> Option<Column<'a>> {
    if found.extension.is_some() {
        return None;
    }
    let sub = found.sub.map(|sub| sub.name.as_str());
    let field = match (found.attribute.name.as_str(), sub) {
        ("id", None) => Field::Id,
        ("externalId", None) => Field::ExternalId,
        ("userName", None) if resource_type.name == "User" => Field::UserName,
        ("active", None) if resource_type.name == "User" => Field::Active,
        ("displayName", None) if resource_type.name == "Group" => Field::DisplayName,
        ("meta", None) => return Some(Column::Meta),
        ("meta", Some("created")) => Field::Created,
        ("meta", Some("lastModified")) => Field::LastModified,
        ("meta", Some("version")) => return Some(Column::Version),
        ("meta", Some("location")) => return Some(Column::Location),
        ("meta", Some("resourceType")) => return Some(Column::ResourceType(resource_type)),
        ("schemas", None) => return Some(Column::Schemas(resource_type)),
        (list, _) if is_relation(resource_type, found) => {
            return Some(Column::Related(list, sub.unwrap_or("value")));
        }
        _ => return None,
    };
    Some(Column::Field(field))
}

impl Column<'_> {
    pub(super) fn compare(&self, op: CompareOp, with: &Literal) -> Predicate {
        match self {
            // of a list, `ne` asks for a value that differs, or for none
            Self::Related(..) if op == CompareOp::Ne => {
                let none = not(Predicate::Related(Box::new(Predicate::Constant(true))));
                Predicate::Any(vec![none, self.related(op, with)])
            }
            Self::Related(..) => self.related(op, with),
            _ if op == CompareOp::Ne => not(self.compare(CompareOp::Eq, with)),
            Self::Field(field) => field_compare(field, op, with),
            Self::Meta => Predicate::Constant(false),
            Self::Version => version(op, with),
            Self::Location => location(&Field::Id, op, with),
            Self::ResourceType(known) => Predicate::Constant(compares(&known.name, op, text(with))),
            Self::Schemas(known) => schemas(known, op, text(with)),
        }
    }

    fn related(&self, op: CompareOp, with: &Literal) -> Predicate {
        let Self::Related(list, part) = self else { return Predicate::Constant(false) };
        Predicate::Related(Box::new(related(list, part, op, with)))
    }

    pub(super) fn present(&self) -> Predicate {
        match self {
            Self::Field(field) => Predicate::Present(field.clone()),
            Self::Meta | Self::Version | Self::Location | Self::ResourceType(_) | Self::Schemas(_) => {
                Predicate::Constant(true)
            }
            Self::Related(..) => Predicate::Related(Box::new(Predicate::Constant(true))),
        }
    }
}

/// A comparison of one part of a member, or of a group of a user.
pub(super) fn related(list: &str, part: &str, op: CompareOp, with: &Literal) -> Predicate {
    if op == CompareOp::Ne {
        return not(related(list, part, CompareOp::Eq, with));
    }
    match part {
        "value" => predicate(Field::RelatedId, op, Operand::Text(text(with).to_owned())),
        "display" if list == "groups" => {
            predicate(Field::RelatedName, op, Operand::Text(name::group_key(text(with))))
        }
        "display" => predicate(Field::RelatedName, op, Operand::Text(name::folded(text(with)))),
        "$ref" => location(&Field::RelatedId, op, with),
        // members are users, and users are in groups directly
        "type" if list == "members" => Predicate::Constant(holds("User", op, text(with))),
        "type" => Predicate::Constant(holds("direct", op, text(with))),
        _ => Predicate::Constant(false),
    }
}

fn text(with: &Literal) -> &str {
    match with {
        Literal::String(text) => text,
        _ => "",
    }
}

/// A column holds what the domain makes of the value: a key without case, or the value itself.
fn field_compare(field: &Field, op: CompareOp, with: &Literal) -> Predicate {
    let key = match field {
        Field::UserName if op == CompareOp::Eq => match name::user_name_key(text(with)) {
            Ok(key) => key,
            // what has no key, no user is called
            Err(_) => return Predicate::Constant(false),
        },
        Field::UserName => name::folded(text(with)),
        Field::DisplayName => name::group_key(text(with)),
        Field::Active => return predicate(Field::Active, op, Operand::Boolean(is_true(with))),
        Field::Created | Field::LastModified => return time(field, op, with),
        _ => text(with).to_owned(),
    };
    predicate(field.clone(), op, Operand::Text(key))
}

fn is_true(with: &Literal) -> bool {
    match with {
        Literal::Bool(value) => *value,
        other => text(other).eq_ignore_ascii_case("true"),
    }
}

fn time(field: &Field, op: CompareOp, with: &Literal) -> Predicate {
    match micros(text(with)) {
        Some(micros) => predicate(field.clone(), op, Operand::Integer(micros)),
        None => Predicate::Constant(false),
    }
}

fn version(op: CompareOp, with: &Literal) -> Predicate {
    let number = text(with).parse::<ETag>().ok().and_then(|tag| tag.tag.parse().ok());
    match number {
        Some(number) if op == CompareOp::Eq => predicate(Field::Version, op, Operand::Integer(number)),
        _ => Predicate::Constant(false),
    }
}

/// A URL of a resource equals another when it ends in the same id.
fn location(id: &Field, op: CompareOp, with: &Literal) -> Predicate {
    match text(with).rsplit_once('/') {
        Some((_, end)) if op == CompareOp::Eq => predicate(id.clone(), op, Operand::Text(end.to_owned())),
        _ => Predicate::Constant(false),
    }
}

fn schemas(known: &ResourceType, op: CompareOp, text: &str) -> Predicate {
    let extension = |uri: &String| {
        let field = Field::Document(vec![uri.clone()]);
        Predicate::All(vec![Predicate::Constant(holds(uri, op, text)), Predicate::Present(field)])
    };
    let base = Predicate::Constant(holds(&known.schema.id, op, text));
    let extensions = known.extensions.iter().map(|known| extension(&known.schema.id));
    Predicate::Any([base].into_iter().chain(extensions).collect())
}

/// Whether a known value compares so with the text, without regard to case.
fn holds(value: &str, op: CompareOp, text: &str) -> bool {
    compares(&name::folded(value), op, &name::folded(text))
}

/// Whether a known value compares so with the text.
fn compares(value: &str, op: CompareOp, text: &str) -> bool {
    match op {
        CompareOp::Eq => value == text,
        CompareOp::Ne => value != text,
        CompareOp::Co => value.contains(text),
        CompareOp::Sw => value.starts_with(text),
        CompareOp::Ew => value.ends_with(text),
        CompareOp::Gt => value > text,
        CompareOp::Ge => value >= text,
        CompareOp::Lt => value < text,
        CompareOp::Le => value <= text,
    }
}
