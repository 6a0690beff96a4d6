//! What a client of `WatchMemberships` keeps: the memberships, and the revision up to which it was told.

use std::collections::BTreeMap;

use roster::{
    domain::role::OrganizationRole,
    proto::roster::v1::{
        OrganizationRole as Role, WatchMembershipsRequest, WatchMembershipsResponse,
        watch_memberships_response::Event,
    },
    storage::{
        Store,
        membership::{Scope, roles},
    },
};

/// Roles by organization and user.
pub(crate) type Roles = BTreeMap<(String, String), Role>;

/// The memberships as the messages tell them.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub(crate) roles: Roles,
    /// Everything up to here was told; none before a whole snapshot.
    pub(crate) revision: Option<u64>,
    /// How many changes were told.
    pub(crate) changes: usize,
}

impl Folded {
    /// What these messages tell.
    pub(crate) fn of(messages: Vec<WatchMembershipsResponse>) -> Self {
        let mut folded = Self::default();
        for message in messages {
            folded.take(message);
        }
        folded
    }

    /// What to ask for next: a snapshot, or what came after the last message.
    pub(crate) fn wish(&self) -> WatchMembershipsRequest {
        WatchMembershipsRequest {
            snapshot: self.revision.is_none(),
            after_revision: self.revision,
            ..WatchMembershipsRequest::default()
        }
    }

    /// Whether everything up to `revision` was told.
    pub(crate) fn has_reached(&self, revision: u64) -> bool {
        self.revision.is_some_and(|told| told >= revision)
    }

    /// Takes a message over; a change must be later than all before.
    pub(crate) fn take(&mut self, message: WatchMembershipsResponse) {
        let revision = message.revision;
        match message.event.unwrap() {
            Event::Snapshot(part) => {
                let member = |member: &roster::proto::roster::v1::membership_snapshot::Member| {
                    ((member.organization_id.clone(), member.user_id.clone()), member.role())
                };
                self.roles.extend(part.members.iter().map(member));
                self.revision = part.complete.then_some(revision);
            }
            Event::Change(change) => {
                assert!(self.revision.is_none_or(|told| told < revision), "{:?}: {change:?}", self.revision);
                self.changes += 1;
                let key = (change.organization_id.clone(), change.user_id.clone());
                match change.new_role() {
                    Role::Unspecified => self.roles.remove(&key),
                    role => self.roles.insert(key, role),
                };
                self.revision = Some(revision);
            }
            Event::Heartbeat(_) => {
                assert!(self.revision.is_none_or(|told| told <= revision), "{:?} {revision}", self.revision);
                self.revision = Some(revision);
            }
        }
    }
}

/// The memberships as they are.
pub(crate) async fn table(store: &Store) -> Roles {
    let found = roles(store.reader(), Scope::default()).await.unwrap();
    let role = |role| match role {
        OrganizationRole::Member => Role::Member,
        OrganizationRole::Machine => Role::Machine,
        OrganizationRole::Admin => Role::Admin,
        OrganizationRole::Owner => Role::Owner,
    };
    let row =
        |(key, held): (roster::domain::membership::MemberKey, roster::domain::membership::Effective)| {
            ((key.0.to_string(), key.1.to_string()), role(held.role))
        };
    found.into_iter().map(row).collect()
}
