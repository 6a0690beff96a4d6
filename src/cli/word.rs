//! What stands in the cells of tables: words for enum values, moments, actors (cli floor).

use prost_types::Timestamp;

use crate::{
    domain::clock,
    proto::roster::v1::{Actor, ActorKind, OrganizationRole, RoleSource},
};

/// What a cell without a value has.
pub(super) const NONE: &str = "-";

/// The name of an enum value without the prefix that all of the enum have, in lower case.
pub(super) fn of(name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix).unwrap_or(name) {
        "UNSPECIFIED" => NONE.to_owned(),
        word => word.to_lowercase().replace('_', "-"),
    }
}

pub(super) fn role(role: OrganizationRole) -> String {
    of(role.as_str_name(), "ORGANIZATION_ROLE_")
}

pub(super) fn source(source: RoleSource) -> String {
    of(source.as_str_name(), "ROLE_SOURCE_")
}

/// In UTC, as RFC 3339 writes it, to the second.
pub(super) fn time(time: Option<&Timestamp>) -> String {
    time.map_or_else(|| NONE.to_owned(), |time| Timestamp { nanos: 0, ..*time }.to_string())
}

/// A moment of ours in the same way.
pub(super) fn moment(moment: clock::Timestamp) -> String {
    time(Some(&Timestamp { seconds: moment.micros().div_euclid(1_000_000), nanos: 0 }))
}

pub(super) fn actor(actor: Option<&Actor>) -> String {
    let Some(actor) = actor else { return NONE.to_owned() };
    let kind = of(actor.kind().as_str_name(), "ACTOR_KIND_");
    match actor.kind() {
        ActorKind::System | ActorKind::Unspecified => kind,
        ActorKind::User | ActorKind::ScimToken => format!("{kind} {}", actor.id),
    }
}

/// Who set something that the configuration of the server may set as well.
pub(super) fn set_by(configured: bool, by: Option<&Actor>) -> String {
    if configured { "configuration".to_owned() } else { actor(by) }
}

/// `text`, or that there is none.
pub(super) fn or_none(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.to_owned() }
}

pub(super) fn yes(yes: bool) -> String {
    if yes { "yes".to_owned() } else { "no".to_owned() }
}
