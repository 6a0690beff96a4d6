//! Organizations, and the groups that are mapped to them (domain floor).

use super::{
    actor::Caller,
    clock::Timestamp,
    id::{IdpGroupId, OrganizationGroupId, OrganizationId, UserId},
    role::{OrganizationRole, RepositoryRole, RoleSource},
    user::VerificationStatus,
};

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, unique over users and organizations; it is never renamed.
    pub name: String,
    /// Free text, at most 350 characters.
    pub description: String,
    /// A URL, at most 255 characters.
    pub url: String,
    /// Whether the operator vouches for it.
    pub verification: VerificationStatus,
    /// What members may do on its repositories when nothing else is said.
    pub repository_base_role: RepositoryRole,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// What an update of an organization changes; `None` leaves a field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationPatch {
    /// New description.
    pub description: Option<String>,
    /// New URL.
    pub url: Option<String>,
    /// New verification status; server admins only.
    pub verification: Option<VerificationStatus>,
    /// New base role on repositories.
    pub repository_base_role: Option<RepositoryRole>,
}

/// The link of a group to an organization, by name, before or after an IdP pushes a group of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationGroup {
    /// Its id.
    pub id: OrganizationGroupId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The group's name; once bound it follows the group's.
    pub group_name: String,
    /// The role it gives; MEMBER when there is none.
    pub role_override: Option<OrganizationRole>,
    /// The pushed group it is bound to.
    pub group_id: Option<IdpGroupId>,
    /// When it was made.
    pub create_time: Timestamp,
}

impl OrganizationGroup {
    /// The role that members of the group get.
    #[must_use]
    pub fn role(&self) -> OrganizationRole {
        self.role_override.unwrap_or(OrganizationRole::Member)
    }
}

/// A mapping that is being extended to the members of a large group, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// The mapping.
    pub mapping: OrganizationGroupId,
    /// The last member who has got the role; none before the first step.
    pub reached: Option<UserId>,
    /// The word for the kind of actor who made the mapping.
    pub actor_kind: String,
    /// The actor's id.
    pub actor_id: String,
    /// The request that made the mapping.
    pub request_id: String,
}

impl Rollout {
    /// Of a mapping that `caller` makes, before the first step.
    #[must_use]
    pub fn new(mapping: OrganizationGroupId, caller: &Caller) -> Self {
        Self {
            mapping,
            reached: None,
            actor_kind: caller.actor.kind().to_owned(),
            actor_id: caller.actor.id(),
            request_id: caller.request_id.clone(),
        }
    }
}

/// A mapping as it is shown in a list of all organizations' mappings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMapping {
    /// The mapping.
    pub mapping: OrganizationGroup,
    /// The organization's name.
    pub organization_name: String,
    /// How many members the group has; 0 as long as it is not pushed.
    pub member_count: u64,
}

/// A role that someone has in an organization for a reason of its own, beside those that groups give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Who has the role.
    pub user_id: UserId,
    /// Given by hand, or by joining at sign-in.
    pub source: RoleSource,
    /// The role.
    pub role: OrganizationRole,
}

/// An organization with the role that someone has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationMembership {
    /// The organization.
    pub organization: Organization,
    /// The effective role.
    pub role: OrganizationRole,
}

/// An organization's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSettings {
    /// The organization.
    pub organization: Organization,
    /// How many members it has.
    pub members_count: u64,
    /// The groups mapped to it, by name.
    pub groups: Vec<OrganizationGroup>,
}
