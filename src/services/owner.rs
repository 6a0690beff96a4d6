//! Users and organizations by what they share: an id, and one namespace (services floor).

use super::{
    Error, Kind, Reason, Services, Unit, access,
    reference::{Ref, in_order, split},
};
use crate::{
    domain::{actor::Caller, id::OwnerId, name, owner::Owner},
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
    let found = users.into_iter().map(|user| Owner::User(Box::new(user)));
    let found = found.chain(organizations.into_iter().map(Owner::Organization));
    in_order(refs, "owner", found, |owner| (owner.id(), owner.name().to_owned()))
}

/// Takes a name for the new owner with this id. That of an organization that was deleted is for the owner who deleted it, and for server
/// admins: whoever trusts the name trusts who has it.
pub(super) async fn take_name(
    unit: &Unit<'_>,
    field: &'static str,
    name: &str,
    owner: OwnerId,
) -> Result<(), Error> {
    if storage::owner_name::take(&*unit.tx, name, owner.uuid()).await? {
        return Ok(());
    }
    let keeper = if unit.caller.actor.is_server_admin() { None } else { unit.caller.user_id() };
    if (keeper.is_some() || unit.caller.actor.is_server_admin())
        && storage::owner_name::take_again(&*unit.tx, name, owner.uuid(), keeper).await?
    {
        return Ok(());
    }
    let message = format!("the name {name} is taken");
    Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field(field))
}

/// Only server admins take a name that someone could pass for the registry by, or that something waits for: an organization of the
/// configuration, which everyone joins, or a group that is mapped before it is pushed.
pub(super) async fn require_unreserved(
    services: &Services,
    unit: &Unit<'_>,
    name: &str,
) -> Result<(), Error> {
    if unit.caller.actor.is_server_admin() {
        return Ok(());
    }
    let waits = is_waited_for(services, name)
        || !storage::organization_group::list_unbound(&*unit.tx, name).await?.is_empty();
    if !waits && !name::is_for_admins(name) {
        return Ok(());
    }
    let message = format!("the name {name} is reserved: only a server admin may take it");
    Err(Error::new(Kind::PermissionDenied, Reason::NameReserved, message).of_field("name"))
}

/// Whether the configuration waits for an organization of this name.
pub(super) fn is_waited_for(services: &Services, name: &str) -> bool {
    services.jit.organizations.iter().any(|(waited, _)| waited == name)
}
