//! Users and organizations by what they share: an id, and one namespace (services floor).

use super::{
    Error, Services, access,
    reference::{Ref, in_order, split},
};
use crate::{
    domain::{actor::Caller, id::OwnerId, owner::Owner},
    storage,
};

/// The users and organizations that these refs name, in request order.
///
/// # Errors
/// The caller is no user; one of them is not there, or not to be seen by the caller.
pub async fn get(services: &Services, caller: &Caller, refs: &[Ref<OwnerId>]) -> Result<Vec<Owner>, Error> {
    access::require_user(caller)?;
    let db = services.store.reader();
    let (ids, names) = split(refs);
    let user_ids: Vec<_> = ids.iter().map(|id| id.uuid().into()).collect();
    let organization_ids: Vec<_> = ids.iter().map(|id| id.uuid().into()).collect();
    let mut users = storage::user::find_many(db, &user_ids).await?;
    users.extend(storage::user::find_many_by_username(db, &names).await?);
    users.retain(|user| !user.is_deleted());
    let mut organizations = storage::organization::find_many(db, &organization_ids).await?;
    organizations.extend(storage::organization::find_many_by_name(db, &names).await?);
    let organizations = access::visible(db, caller, organizations).await?;
    let found = users.into_iter().map(Owner::User);
    let found = found.chain(organizations.into_iter().map(Owner::Organization));
    in_order(refs, "owner", found, |owner| (owner.id(), owner.name().to_owned()))
}
