//! What the audit log gives back: facts that changed, and the changes of effective roles between them, as one
//! list (domain floor).

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Action, Subject};
use crate::domain::{
    clock::Timestamp,
    id::{AuditEventId, OrganizationId, UserId},
    membership::Effective,
    page::{PageKey, PageRequest},
};

/// One entry of the log, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub time: Timestamp,
    /// Who did it.
    pub actor: RecordedActor,
    /// The request it was done in.
    pub request: RecordedRequest,
    /// What was done.
    pub event: Event,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedActor {
    /// The word for its kind, as [`crate::domain::actor::Actor::kind`] says it.
    pub kind: String,
    /// Its id as text; empty for the program itself.
    pub id: String,
    /// Its name at the time; empty for what has none.
    pub name: String,
}

/// What is known of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Its id.
    pub id: String,
    /// The address it came from.
    pub address: Option<String>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A fact changed.
    Fact(Fact),
    /// An effective role changed.
    Role(RoleChanged),
}

/// A fact that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// How.
    pub action: Action,
    /// What.
    pub subject: Subject,
    /// The organization it concerns, if one.
    pub organization_id: Option<OrganizationId>,
    /// The values that were, by name.
    pub before: BTreeMap<String, String>,
    /// The values that are.
    pub after: BTreeMap<String, String>,
}

/// A change of an effective role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChanged {
    /// Where.
    pub organization_id: OrganizationId,
    /// The organization's name; empty when nothing tells it any more.
    pub organization_name: String,
    /// Whose.
    pub user_id: UserId,
    /// The user's name.
    pub username: String,
    /// The role that was; none for a new member.
    pub before: Option<Effective>,
    /// The role that is; none for who is a member no more.
    pub after: Option<Effective>,
}

/// Which entries a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only from this moment on.
    pub start: Option<Timestamp>,
    /// Only before this moment.
    pub end: Option<Timestamp>,
    /// Of the facts, only these changes.
    pub actions: Vec<Action>,
    /// The page.
    pub page: PageRequest<EventKey>,
}

/// The place of an entry in the log. In one moment facts come before the roles that follow from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// When.
    pub time: Timestamp,
    /// What, within that moment.
    pub at: EventAt,
}

/// The place of an entry within a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventAt {
    /// A fact, by its id.
    Fact(Uuid),
    /// A change of a role, by its revision.
    Role(i64),
}

impl PageKey for EventKey {
    const PREFIX: &'static str = "a1";

    fn print(&self) -> String {
        let time = self.time.micros();
        match self.at {
            EventAt::Fact(id) => format!("{time}f{}", id.simple()),
            EventAt::Role(revision) => format!("{time}r{revision}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (time, kind, at) = match (text.split_once('f'), text.split_once('r')) {
            (_, Some((time, revision))) => (time, 'r', revision),
            (Some((time, id)), None) => (time, 'f', id),
            (None, None) => return None,
        };
        let at = match kind {
            'r' => EventAt::Role(at.parse().ok()?),
            _ => EventAt::Fact(Uuid::try_parse(at).ok()?),
        };
        Some(Self { time: Timestamp::from_micros(time.parse().ok()?), at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_print_and_parse_back_and_sort_facts_first() {
        let time = Timestamp::from_micros(1_700_000_000_000_000);
        let fact = EventKey { time, at: EventAt::Fact(Uuid::from_u128(0xf00f)) };
        let role = EventKey { time, at: EventAt::Role(7) };
        assert!(fact < role);
        for key in [fact, role] {
            assert_eq!(EventKey::parse(&key.print()), Some(key));
        }
        for text in ["", "f", "r", "1r", "1f", "1fzz", "xr1", "1r1r"] {
            assert_eq!(EventKey::parse(text), None, "{text}");
        }
    }
}
