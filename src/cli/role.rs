//! Organization roles as they are typed (cli floor).

use clap::ValueEnum;

use crate::proto::{buf::alpha::registry::v1alpha1 as alpha, roster::v1 as ours};

/// A role in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Sees the organization and its members
    Member,
    /// As a member, and writes resources
    #[value(alias = "writer")]
    Machine,
    /// Manages settings, groups, and members other than owners
    Admin,
    /// Everything
    Owner,
}

impl From<Role> for alpha::OrganizationRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Machine => Self::Machine,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<Role> for ours::OrganizationRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Machine => Self::Machine,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}
