//! The log of changed roles, as those who watch it see it (domain floor).

use super::{Given, MembershipChange};
use crate::domain::id::{OrganizationId, UserId};

/// One change of an effective role, with its place in the order of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipEvent {
    /// Counts the changes of the whole server.
    pub revision: u64,
    /// The change.
    pub change: MembershipChange,
    /// Who caused it, and when.
    pub given: Given,
    /// The request that did.
    pub request_id: String,
}

/// Whose memberships, and where; everyone's everywhere when nothing is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// In this organization.
    pub organization: Option<OrganizationId>,
    /// Of this user.
    pub user: Option<UserId>,
}
