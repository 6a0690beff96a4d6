//! Pushed groups as server admins see them (services floor).

use crate::{
    domain::{
        actor::Caller,
        id::IdpGroupId,
        idp_group::{ListedGroup, PushedMember},
        page::{Page, PageRequest},
    },
    services::{Error, Services, access},
    storage::{self, idp_group::GroupFilter},
};

/// One page of the groups, in the order of creation.
///
/// # Errors
/// The caller is no server admin.
pub async fn list_pushed(
    services: &Services,
    caller: &Caller,
    filter: &GroupFilter,
    request: &PageRequest,
) -> Result<Page<ListedGroup>, Error> {
    access::require_server_admin(caller)?;
    Ok(storage::idp_group::list(services.store.reader(), filter, request).await?)
}

/// One page of a group's members, in the order of their accounts' creation.
///
/// # Errors
/// The caller is no server admin; there is no such group.
pub async fn list_members(
    services: &Services,
    caller: &Caller,
    id: IdpGroupId,
    request: &PageRequest,
) -> Result<Page<PushedMember>, Error> {
    access::require_server_admin(caller)?;
    let db = services.store.reader();
    if storage::idp_group::find(db, id).await?.is_none() {
        return Err(Error::not_found("group", id).of_field("idp_group_id"));
    }
    Ok(storage::idp_group::list_members(db, id, request).await?)
}
