//! Where a grant comes from: who gave it, when, and through what; and what follows for someone who asks why
//! (domain floor).

use super::{Effective, Grant, MemberKey, effective};
use crate::domain::{
    clock::Timestamp, id::OrganizationGroupId, organization::OrganizationGroup, user::GroupRef,
};

/// Who did something, and when. The actor may be gone since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The word for the kind of actor, as [`crate::domain::actor::Actor::kind`] has it.
    pub actor_kind: String,
    /// The actor's id; empty for the program itself.
    pub actor_id: String,
    /// When.
    pub time: Timestamp,
}

/// The way through a group of an IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The group.
    pub group: GroupRef,
    /// Its mapping to the organization.
    pub organization_group_id: OrganizationGroupId,
    /// The request that put the user into the group.
    pub request_id: String,
}

/// A grant with where it comes from. One of a user who is switched off gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcedGrant {
    /// The grant.
    pub grant: Grant,
    /// Who gave it; for a group, who put the user into it.
    pub given: Given,
    /// For a group, which and how.
    pub through: Option<Through>,
    /// Whether the user is switched on.
    pub active: bool,
}

/// Why someone has a role in an organization, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Who, and where.
    pub key: MemberKey,
    /// The effective role; none of someone who is no member.
    pub effective: Option<Effective>,
    /// Every grant behind it, the highest first.
    pub grants: Vec<SourcedGrant>,
    /// Of someone who is switched off: the grants that wait for activation.
    pub withheld: Vec<SourcedGrant>,
    /// Whether the user is switched off.
    pub deactivated: bool,
    /// Of someone who is no member: the mappings of groups that the user is not in.
    pub joinable: Vec<OrganizationGroup>,
}

/// Why `key` has the role that it has, from all grants of `key`, given or withheld, and from the mappings of
/// the organization.
#[must_use]
pub fn explain(
    key: MemberKey,
    active: bool,
    mut grants: Vec<SourcedGrant>,
    mappings: Vec<OrganizationGroup>,
) -> Explanation {
    sort(&mut grants);
    let (grants, withheld) = if active { (grants, Vec::new()) } else { (Vec::new(), grants) };
    let held = effective(grants.iter().map(|sourced| sourced.grant)).get(&key).copied();
    let is_in = |mapping: &OrganizationGroup| {
        let mut all = grants.iter().chain(&withheld).filter_map(|sourced| sourced.through.as_ref());
        all.any(|through| through.organization_group_id == mapping.id)
    };
    let joinable = mappings.into_iter().filter(|mapping| held.is_none() && !is_in(mapping)).collect();
    Explanation { key, effective: held, grants, withheld, deactivated: !active, joinable }
}

/// The highest first; those of one role and source as they were given.
pub fn sort(grants: &mut [SourcedGrant]) {
    grants.sort_by(|a, b| {
        b.grant.effective.cmp(&a.grant.effective).then_with(|| a.given.time.cmp(&b.given.time))
    });
}
