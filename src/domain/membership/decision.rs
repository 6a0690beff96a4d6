//! Questions about one user in one organization, and memberships with all that is behind them (domain floor).

use super::{Effective, MemberKey, SourcedGrant};
use crate::domain::role::OrganizationRole;

/// Whether someone is a member, and whether the role is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who, and where.
    pub key: MemberKey,
    /// The effective role; none of someone who is no member.
    pub role: Option<OrganizationRole>,
    /// Whether it is at least what was needed.
    pub satisfied: bool,
}

impl Decision {
    /// The decision about someone who has `role` where `least` is needed; without `least` any role is enough.
    #[must_use]
    pub fn new(key: MemberKey, role: Option<OrganizationRole>, least: Option<OrganizationRole>) -> Self {
        let satisfied = role.is_some_and(|role| least.is_none_or(|least| role >= least));
        Self { key, role, satisfied }
    }
}

/// A membership with every grant behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who, and where.
    pub key: MemberKey,
    /// The organization's name.
    pub organization_name: String,
    /// The user's name in the registry.
    pub username: String,
    /// The effective role and its source.
    pub effective: Effective,
    /// Every grant, the highest first.
    pub grants: Vec<SourcedGrant>,
}
