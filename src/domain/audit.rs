//! The audit log: who changed what, when, from what to what (domain floor).
//!
//! Changes of effective roles are not here: each is a membership event, which names its actor itself.

pub mod recorded;

use super::{
    actor::Caller,
    clock::Timestamp,
    id::{AuditEventId, OrganizationId},
    role::codes,
};

/// What was done. The names follow buf's `EventType` where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A user was made, by an admin or by an IdP.
    UserCreated,
    /// A user's attributes changed.
    UserUpdated,
    /// A local user was taken over by an IdP.
    UserLinked,
    /// A user was switched off.
    UserDeactivated,
    /// A user was switched on again.
    UserReactivated,
    /// A user was deleted by the IdP; the account stays, deactivated.
    UserDeleted,
    /// A user's role on the server changed.
    UserServerRoleChanged,
    /// Another account of the same person became part of a user.
    UserMerged,
    /// An e-mail makes a server admin from now on.
    AdminEmailAdded,
    /// An e-mail makes nobody a server admin any more.
    AdminEmailRemoved,
    /// An API token was made.
    TokenCreated,
    /// An API token was deleted.
    TokenDeleted,
    /// A SCIM token was made.
    ScimTokenCreated,
    /// A SCIM token was deleted.
    ScimTokenDeleted,
    /// A SCIM token's description or profile changed.
    ScimTokenUpdated,
    /// A user approved that a device is signed in.
    DeviceAuthorizationGrantApproved,
    /// A user denied it.
    DeviceAuthorizationGrantDenied,
    /// An organization was made.
    OrganizationCreated,
    /// An organization's settings changed.
    OrganizationUpdated,
    /// An organization was deleted.
    OrganizationDeleted,
    /// A direct role was set or taken away.
    OrganizationRoleSet,
    /// The role that everyone gets in an organization was set or taken away.
    OrganizationJitRoleSet,
    /// A group was mapped to an organization.
    OrganizationGroupAdded,
    /// A mapping's role, name or binding changed.
    OrganizationGroupUpdated,
    /// A mapping was removed.
    OrganizationGroupRemoved,
    /// Memberships were brought back in line with the facts, by the doctor.
    OrganizationMembersMended,
    /// A group was pushed.
    IdpGroupCreated,
    /// A group's attributes or members changed.
    IdpGroupUpdated,
    /// A group was deleted by the IdP.
    IdpGroupDeleted,
    /// The admins of an organization may see and map a group from now on.
    IdpGroupReleased,
    /// They may not any more.
    IdpGroupUnreleased,
    /// The writes of IdPs were stopped.
    ProvisioningPaused,
    /// The writes of IdPs were let through again.
    ProvisioningResumed,
    /// A large removal that was held may take place.
    LargeRemovalReleased,
    /// The server takes no changes from now on.
    MaintenanceBegun,
    /// The server takes changes again.
    MaintenanceEnded,
    /// A resource of a declared type was made.
    ResourceCreated,
    /// A resource of a declared type changed.
    ResourceUpdated,
    /// A resource of a declared type was deleted.
    ResourceDeleted,
}

codes! {
    Action {
        UserCreated = 1 "user_created",
        UserUpdated = 2 "user_updated",
        UserLinked = 3 "user_linked",
        UserDeactivated = 4 "user_deactivated",
        UserReactivated = 5 "user_reactivated",
        UserDeleted = 6 "user_deleted",
        UserServerRoleChanged = 7 "user_server_role_changed",
        AdminEmailAdded = 8 "admin_email_added",
        AdminEmailRemoved = 9 "admin_email_removed",
        UserMerged = 10 "user_merged",
        TokenCreated = 20 "token_created",
        TokenDeleted = 21 "token_deleted",
        ScimTokenCreated = 22 "scim_token_created",
        ScimTokenDeleted = 23 "scim_token_deleted",
        ScimTokenUpdated = 24 "scim_token_updated",
        DeviceAuthorizationGrantApproved = 30 "device_authorization_grant_approved",
        DeviceAuthorizationGrantDenied = 31 "device_authorization_grant_denied",
        OrganizationCreated = 40 "organization_created",
        OrganizationUpdated = 41 "organization_updated",
        OrganizationDeleted = 42 "organization_deleted",
        OrganizationRoleSet = 46 "organization_role_set",
        OrganizationGroupAdded = 47 "organization_group_added",
        OrganizationGroupUpdated = 48 "organization_group_updated",
        OrganizationGroupRemoved = 49 "organization_group_removed",
        OrganizationJitRoleSet = 50 "organization_jit_role_set",
        OrganizationMembersMended = 51 "organization_members_mended",
        IdpGroupCreated = 60 "idp_group_created",
        IdpGroupUpdated = 61 "idp_group_updated",
        IdpGroupDeleted = 62 "idp_group_deleted",
        IdpGroupReleased = 63 "idp_group_released",
        IdpGroupUnreleased = 64 "idp_group_unreleased",
        ProvisioningPaused = 80 "provisioning_paused",
        ProvisioningResumed = 81 "provisioning_resumed",
        LargeRemovalReleased = 82 "large_removal_released",
        MaintenanceBegun = 83 "maintenance_begun",
        MaintenanceEnded = 84 "maintenance_ended",
        ResourceCreated = 90 "resource_created",
        ResourceUpdated = 91 "resource_updated",
        ResourceDeleted = 92 "resource_deleted",
    }
}

/// The kind of thing that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A user.
    User,
    /// An API token.
    Token,
    /// A SCIM token.
    ScimToken,
    /// An organization.
    Organization,
    /// A group pushed by an IdP.
    IdpGroup,
    /// A device that asks to be signed in.
    DeviceAuthorizationGrant,
    /// The server as a whole.
    Server,
    /// A SCIM resource of a declared type.
    Resource,
}

codes! {
    SubjectKind {
        User = 1 "user",
        Token = 2 "token",
        ScimToken = 3 "scim_token",
        Organization = 4 "organization",
        IdpGroup = 5 "idp_group",
        Server = 6 "server",
        DeviceAuthorizationGrant = 7 "device_authorization_grant",
        Resource = 8 "resource",
    }
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its kind.
    pub kind: SubjectKind,
    /// Its id as text.
    pub id: String,
    /// Its name at the time.
    pub name: String,
}

/// The values that matter of a thing before or after a change: names and texts, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(Vec<(&'static str, String)>);

impl Snapshot {
    /// Nothing: before a creation, after a deletion.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The snapshot with one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// The snapshot with one more value, if there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// One row of the audit log, written in the transaction of the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub time: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub caller: Caller,
    /// To what.
    pub subject: Subject,
    /// The organization it concerns, if one.
    pub organization_id: Option<OrganizationId>,
    /// What was.
    pub before: Snapshot,
    /// What is.
    pub after: Snapshot,
}
