//! Groups that an IdP pushes (domain floor).

use std::fmt;

use super::{
    clock::Timestamp,
    id::{GroupReleaseId, IdpGroupId, OrganizationId, ScimUserId, UserId},
    membership::Given,
    name,
};

/// A group pushed by an IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpGroup {
    /// Its id, also of its SCIM resource.
    pub id: IdpGroupId,
    /// What the IdP says of it.
    pub push: GroupAttributes,
    /// How many members it has.
    pub member_count: u64,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
    /// Counts the changes; the SCIM version.
    pub version: i64,
}

/// A group's attributes but its members, which are facts of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupAttributes {
    /// SCIM `displayName`, unique without regard to case.
    pub display_name: String,
    /// SCIM `externalId`.
    pub external_id: Option<String>,
    /// The SCIM resource without members and what the server computes, as JSON text.
    pub document: String,
    /// The same in the form that filters compare, as JSON text.
    pub search: String,
}

impl GroupAttributes {
    /// The key by which names are compared and kept unique.
    #[must_use]
    pub fn display_name_key(&self) -> String {
        name::group_key(&self.display_name)
    }
}

/// A group as admins see it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    /// The group.
    pub group: IdpGroup,
    /// To how many organizations it is mapped.
    pub organization_count: u64,
}

/// A server admin's word that the admins of an organization may see and map a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRelease {
    /// Its id.
    pub id: GroupReleaseId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// The group's name, which it follows.
    pub group_name: String,
    /// The pushed group; none as long as no IdP has pushed one of this name.
    pub group_id: Option<IdpGroupId>,
    /// Who released it, and when.
    pub given: Given,
}

/// A member of a group as admins see it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedMember {
    /// The account.
    pub user_id: UserId,
    /// Its name in the registry.
    pub username: String,
    /// SCIM `userName`.
    pub user_name: String,
    /// Whether it is switched on.
    pub active: bool,
    /// Who put the user into the group, and when.
    pub given: Given,
    /// The request that did.
    pub request_id: String,
}

/// A member as SCIM shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user's SCIM id.
    pub value: ScimUserId,
    /// The user's name for people.
    pub display: String,
}

/// A group with, when they were asked for, its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub group: IdpGroup,
    /// Its members in the order of their ids; `None` when they were not asked for.
    pub members: Option<Vec<Member>>,
}

/// Tells which members an operation means, when it names them by more than their id.
pub struct MemberTest {
    /// How much it takes to ask it of one member.
    pub weight: usize,
    /// Whether it means this member.
    pub names: Box<dyn Fn(&Member) -> bool + Send + Sync>,
}

/// One operation on the members of a group. Values are what the IdP sent: an id that no user has is kept
/// apart and reported, and the others are not lost.
pub enum MemberChange {
    /// These too.
    Add(Vec<String>),
    /// Not these.
    Remove(Vec<String>),
    /// Not those that the test names.
    RemoveWhere(MemberTest),
    /// These and no others.
    Replace(Vec<String>),
    /// These in place of those that the test names.
    ReplaceWhere {
        /// Names the members that go.
        test: MemberTest,
        /// Who comes.
        values: Vec<String>,
        /// Whether it is an error when the test names nobody.
        must_match: bool,
    },
}

impl fmt::Debug for MemberChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(values) => f.debug_tuple("Add").field(values).finish(),
            Self::Remove(values) => f.debug_tuple("Remove").field(values).finish(),
            Self::RemoveWhere(_) => f.write_str("RemoveWhere(…)"),
            Self::Replace(values) => f.debug_tuple("Replace").field(values).finish(),
            Self::ReplaceWhere { values, .. } => f.debug_tuple("ReplaceWhere").field(values).finish(),
        }
    }
}

/// What a write did to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEffect {
    /// The group after the write.
    pub group: IdpGroup,
    /// How many members came.
    pub added: u64,
    /// How many members went.
    pub removed: u64,
    /// Member ids that no user has; they are kept for readiness, and the rest of the push took effect.
    pub unknown_members: Vec<String>,
}
