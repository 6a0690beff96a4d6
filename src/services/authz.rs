//! What the caller may do, asked beforehand (services floor). The rules are those of the use cases themselves.

use super::{Error, Services, access, user};
use crate::{
    domain::{actor::Caller, id::OrganizationId, role::OrganizationRole},
    storage,
};

/// What the caller may do in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRights {
    /// Change its settings.
    pub update_settings: bool,
    /// Delete it.
    pub delete: bool,
    /// Give and take away these roles, highest first.
    pub manage: Vec<OrganizationRole>,
}

/// What the caller may do in an organization; whoever sees it may see its settings.
///
/// # Errors
/// There is none that the caller may see.
pub async fn in_organization(
    services: &Services,
    caller: &Caller,
    id: OrganizationId,
) -> Result<OrganizationRights, Error> {
    let db = services.store.reader();
    let (_, role) = access::require_role(db, caller, id, OrganizationRole::Member).await?;
    Ok(OrganizationRights {
        update_settings: role >= OrganizationRole::Admin,
        delete: role >= OrganizationRole::Owner,
        manage: role.manageable(),
    })
}

/// Whether the caller may delete the own account, as [`user::delete_self`] would say.
///
/// # Errors
/// The caller is no user.
pub async fn delete_self(services: &Services, caller: &Caller) -> Result<bool, Error> {
    let account = user::current(services, caller).await?;
    let db = services.store.reader();
    let sole_owner = storage::organization::sole_owner::list_active(db, account.id).await?;
    let last_admin = caller.actor.is_server_admin() && storage::user::count_active_admins(db).await? < 2;
    Ok(user::require_deletable(&account).is_ok() && sole_owner.is_empty() && !last_admin)
}

/// Whether the caller is a server admin.
///
/// # Errors
/// The caller is no user.
pub fn is_server_admin(caller: &Caller) -> Result<bool, Error> {
    access::require_user(caller)?;
    Ok(caller.actor.is_server_admin())
}
