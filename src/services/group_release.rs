//! Who may see a pushed group, and so map it: server admins, and the admins of the organizations that a server admin has released it
//! to (services floor).

use super::{
    Error, Kind, Reason, Services, Unit, access,
    audit::{self, Entry},
    organization,
    reference::Ref,
};
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{GroupReleaseId, OrganizationId},
        idp_group::{GroupRelease, IdpGroup},
        membership::Given,
        name,
        organization::Organization,
        page::{Page, PageRequest},
        role::OrganizationRole,
    },
    storage::{self, Connection, group_release::ReleaseFilter},
};

/// Only whoever may see the group of this name, and so map it to the organization, which the caller administers. The answer is the
/// same whether there is such a group or not.
pub(super) async fn require_visible(
    db: &impl Connection,
    caller: &Caller,
    organization: OrganizationId,
    group_name: &str,
) -> Result<(), Error> {
    if caller.actor.is_server_admin()
        || storage::group_release::find(db, organization, group_name).await?.is_some()
    {
        return Ok(());
    }
    let message =
        "only a server admin may map a group that is not released to the organization; ask one to release it";
    Err(Error::new(Kind::PermissionDenied, Reason::GroupNotReleased, message).of_field("group_name"))
}

/// Lets the admins of an organization see and map a group, by name, before or after an IdP pushes it. Released again, nothing changes.
///
/// # Errors
/// The caller is no server admin; there is no such organization; the name breaks a rule.
pub async fn release(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    group_name: &str,
) -> Result<GroupRelease, Error> {
    access::require_server_admin(caller)?;
    name::check_group_name("group_name", group_name)?;
    let write = services.change(caller, |unit| async move {
        let organization = hold(&unit, organization, group_name).await?;
        if let Some(found) = storage::group_release::find(&*unit.tx, organization.id, group_name).await? {
            return Ok(found);
        }
        let group = storage::idp_group::find_by_name_for_update(&*unit.tx, group_name).await?;
        let release = new(&unit, &organization, group_name, group.as_ref());
        storage::group_release::insert(&*unit.tx, &release).await?;
        record(&unit, Action::IdpGroupReleased, &organization, &release).await?;
        Ok(release)
    });
    write.await
}

fn new(
    unit: &Unit<'_>,
    organization: &Organization,
    group_name: &str,
    group: Option<&IdpGroup>,
) -> GroupRelease {
    let actor = &unit.caller.actor;
    GroupRelease {
        id: GroupReleaseId::generate(unit.now),
        organization_id: organization.id,
        organization_name: organization.name.clone(),
        group_name: group.map_or(group_name, |group| &group.push.display_name).to_owned(),
        group_id: group.map(|group| group.id),
        given: Given { actor_kind: actor.kind().to_owned(), actor_id: actor.id(), time: unit.now },
    }
}

/// Takes a release back; mappings that were made stay.
///
/// # Errors
/// The caller is no server admin; there is no such organization; the group is not released to it.
pub async fn unrelease(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    group_name: &str,
) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let organization = hold(&unit, organization, group_name).await?;
        let found = storage::group_release::find(&*unit.tx, organization.id, group_name).await?;
        let found = found.ok_or_else(|| {
            Error::not_found("release of the group", format!("{group_name:?}")).of_field("group_name")
        })?;
        storage::group_release::delete(&*unit.tx, found.id).await?;
        record(&unit, Action::IdpGroupUnreleased, &organization, &found).await
    });
    write.await
}

/// One page of the releases, in the order of their making: to one organization, or to all that the caller administers.
///
/// # Errors
/// The caller is no user, or no admin of the organization.
pub async fn list(
    services: &Services,
    caller: &Caller,
    organization: Option<&Ref<OrganizationId>>,
    request: &PageRequest,
) -> Result<Page<GroupRelease>, Error> {
    let (own, db) = (access::require_user(caller)?, services.store.reader());
    let mut filter = ReleaseFilter::default();
    if let Some(reference) = organization {
        let found = organization::find(db, caller, reference).await;
        let (found, role) = found.map_err(|error| error.of_field("organization_ref"))?;
        access::require_rank(role, OrganizationRole::Admin)?;
        filter.organization = Some(found.id);
    } else if !caller.actor.is_server_admin() {
        filter.admin = Some(own);
    }
    Ok(storage::group_release::list(db, &filter, request).await?)
}

/// The organization, locked, and then the name, in the order in which mappings hold them.
async fn hold(
    unit: &Unit<'_>,
    organization: &Ref<OrganizationId>,
    group_name: &str,
) -> Result<Organization, Error> {
    let found = organization::find_for(unit, organization).await;
    let (organization, _) = found.map_err(|error| error.of_field("organization_ref"))?;
    let held = storage::organization::find_for_update(&*unit.tx, organization.id).await?;
    storage::idp_group::lock_name(&*unit.tx, group_name).await?;
    held.ok_or_else(|| Error::not_found("organization", &organization.name).of_field("organization_ref"))
}

async fn record(
    unit: &Unit<'_>,
    action: Action,
    organization: &Organization,
    release: &GroupRelease,
) -> Result<(), Error> {
    let entry = Entry::new(action, audit::organization(organization)).of(organization.id);
    let said =
        Snapshot::empty().with("group_name", &release.group_name).with_some("group_id", release.group_id);
    let (before, after) = match action {
        Action::IdpGroupReleased => (Snapshot::empty(), said),
        _ => (said, Snapshot::empty()),
    };
    audit::record(unit, entry.changed(before, after)).await
}
