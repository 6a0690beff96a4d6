//! What people get without anyone's doing: organizations that everyone joins, and e-mails that make a server admin
//! (domain floor).

use super::{
    Invalid,
    id::OrganizationId,
    membership::Given,
    name,
    role::{OrganizationRole, ServerRole},
    user::{Provenance, User, UserType},
};

/// Who set something: an admin by an RPC, or the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBy {
    /// Who, and when.
    pub given: Given,
    /// Whether the configuration holds it, so that it changes there alone.
    pub configured: bool,
}

/// An organization that every active person is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JitOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The role that everyone gets.
    pub role: OrganizationRole,
    /// Who set it.
    pub set_by: SetBy,
}

/// An e-mail that makes whoever an IdP pushes with it a server admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminEmail {
    /// The address.
    pub email: String,
    /// Who set it.
    pub set_by: SetBy,
}

/// The role that everyone may get: owners are named one by one.
///
/// # Errors
/// The role is OWNER.
pub fn check_role(role: OrganizationRole) -> Result<(), Invalid> {
    if role == OrganizationRole::Owner {
        return Err(Invalid::new("role", "must not be OWNER: not everyone can own an organization"));
    }
    Ok(())
}

/// The key of an e-mail, as accounts have it.
///
/// # Errors
/// It is no e-mail address.
pub fn email_key(email: &str) -> Result<String, Invalid> {
    name::check_email("email", email)?;
    Ok(name::key(email))
}

/// The role on the server that an account has to get: its e-mail is in the list or not, and it is a server admin by its
/// e-mail alone or not. None when it keeps the role that it has.
#[must_use]
pub fn decide(user: &User, listed: bool, by_email_alone: bool) -> Option<ServerRole> {
    match (listed && is_vouched_for(user), by_email_alone) {
        (true, false) if user.server_role == ServerRole::Member => Some(ServerRole::Admin),
        (false, true) => Some(ServerRole::Member),
        _ => None,
    }
}

/// Whether an IdP vouches for the account and so for its e-mail. Whoever makes a local account writes what they like.
#[must_use]
pub fn is_vouched_for(user: &User) -> bool {
    user.is_active()
        && user.user_type == UserType::Personal
        && matches!(user.provenance, Provenance::Provisioned | Provenance::Linked)
}
