//! Mappings across organizations (services floor).

use crate::{
    domain::{
        actor::Caller,
        organization::ListedMapping,
        page::{Page, PageRequest},
    },
    services::{Error, Services, access},
    storage,
};

/// One page of the mappings to all organizations that the caller may see, in the order of creation.
///
/// # Errors
/// The caller is no user.
pub async fn list(
    services: &Services,
    caller: &Caller,
    request: &PageRequest,
) -> Result<Page<ListedMapping>, Error> {
    let own = access::require_user(caller)?;
    let visible_to = (!caller.actor.is_server_admin()).then_some(own);
    Ok(storage::organization_group::list_visible(services.store.reader(), visible_to, request).await?)
}
