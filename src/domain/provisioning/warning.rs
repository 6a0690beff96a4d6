//! What readiness warns of (domain floor).

use crate::domain::role::codes;

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// No group is mapped to any organization.
    NoOrganizationGroup,
    /// Pushed groups are mapped nowhere.
    UnmappedGroups,
    /// Mapped names that no pushed group has.
    UnpushedGroupNames,
    /// Active users without a work e-mail.
    UsersWithoutWorkEmail,
    /// Local users who share an e-mail.
    SharedLocalEmails,
    /// Organizations without an owner.
    OrganizationsWithoutOwner,
    /// Pushed member ids that no user has.
    UnknownGroupMembers,
    /// A SCIM token ends soon.
    TokenExpiresSoon,
    /// A SCIM token has ended and is still there.
    TokenExpired,
    /// SCIM writes are refused.
    ProvisioningPaused,
    /// One request took much of an organization's members away.
    LargeRemoval,
    /// A request that would do so waits for an admin.
    LargeRemovalHeld,
    /// Several accounts have an e-mail that would make a server admin.
    SharedAdminEmails,
    /// Active users whose deactivation was refused.
    DeactivationRefused,
    /// Accounts that may be one person's.
    PossibleDuplicate,
    /// Local users whom no push can match.
    LocalUsersWithoutEmail,
}

codes! {
    WarningKind {
        NoOrganizationGroup = 1 "NO_ORGANIZATION_GROUP",
        UnmappedGroups = 2 "UNMAPPED_GROUPS",
        UnpushedGroupNames = 3 "UNPUSHED_GROUP_NAMES",
        UsersWithoutWorkEmail = 4 "USERS_WITHOUT_WORK_EMAIL",
        SharedLocalEmails = 5 "SHARED_LOCAL_EMAILS",
        OrganizationsWithoutOwner = 6 "ORGANIZATIONS_WITHOUT_OWNER",
        UnknownGroupMembers = 7 "UNKNOWN_GROUP_MEMBERS",
        TokenExpiresSoon = 8 "TOKEN_EXPIRES_SOON",
        TokenExpired = 9 "TOKEN_EXPIRED",
        ProvisioningPaused = 10 "PROVISIONING_PAUSED",
        LargeRemoval = 11 "LARGE_REMOVAL",
        LargeRemovalHeld = 12 "LARGE_REMOVAL_HELD",
        SharedAdminEmails = 13 "SHARED_ADMIN_EMAILS",
        DeactivationRefused = 14 "DEACTIVATION_REFUSED",
        PossibleDuplicate = 15 "POSSIBLE_DUPLICATE",
        LocalUsersWithoutEmail = 16 "LOCAL_USERS_WITHOUT_EMAIL",
    }
}
