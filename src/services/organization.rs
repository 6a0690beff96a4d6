//! Organizations and the people in them by hand (services floor). Groups are in
//! [`super::organization_group`].

pub mod member;
mod of_user;

pub use of_user::{get_of_user, list_of_user};

use std::collections::BTreeMap;

use super::{
    Error, Services, Unit, access,
    audit::{self, Entry},
    jit, membership, owner, quota,
    reference::{in_order, split},
    standing,
    user::{self, Ref},
};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        audit::{Action, Snapshot},
        id::{OrganizationId, UserId},
        name,
        organization::{Organization, OrganizationPatch, OrganizationSettings, RoleGrant},
        page::{Page, PageRequest},
        role::{OrganizationRole, RepositoryRole, RoleSource},
        user::VerificationStatus,
    },
    storage::{self, Connection, Reader, organization::OrganizationFilter},
};

/// A new organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOrganization {
    /// Its name.
    pub name: String,
    /// Free text, at most 350 characters.
    pub description: String,
    /// A URL, at most 255 characters.
    pub url: String,
    /// Whether the operator vouches for it; server admins only.
    pub verification: Option<VerificationStatus>,
}

/// Makes organizations, all or none; the caller becomes the owner of each. Answers in request order.
///
/// # Errors
/// The caller is no user, or may make none or not so many; a name breaks a rule, is reserved or taken.
pub async fn create(
    services: &Services,
    caller: &Caller,
    new: &[NewOrganization],
) -> Result<Vec<Organization>, Error> {
    let own = access::require_user(caller)?;
    let write = services.change_holding(caller, standing::of_people(), |unit| async move {
        let names: Vec<_> = new.iter().map(|new| new.name.clone()).collect();
        quota::organizations(services, &unit, own, &names).await?;
        let mut made = Vec::with_capacity(new.len());
        for (index, new) in new.iter().enumerate() {
            made.push(insert(services, &unit, new, own).await.map_err(|error| error.of_item(index))?);
        }
        membership::derive(&unit, &[own], None).await?;
        Ok(made)
    });
    write.await
}

async fn insert(
    services: &Services,
    unit: &Unit<'_>,
    new: &NewOrganization,
    own: UserId,
) -> Result<Organization, Error> {
    if new.verification.is_some() {
        access::require_server_admin(unit.caller)?;
    }
    let organization = Organization {
        id: OrganizationId::generate(unit.now),
        name: new.name.clone(),
        description: new.description.clone(),
        url: new.url.clone(),
        verification: new.verification.unwrap_or(VerificationStatus::Unverified),
        repository_base_role: RepositoryRole::Write,
        create_time: unit.now,
        update_time: unit.now,
    };
    name::check_name("name", &organization.name)?;
    check_texts(&organization)?;
    owner::require_unreserved(services, unit, &organization.name).await?;
    owner::take_name(unit, "name", &organization.name, organization.id.uuid().into()).await?;
    storage::organization::insert(&*unit.tx, &organization).await?;
    storage::organization::put_creator(&*unit.tx, organization.id, own).await?;
    let entry =
        Entry::new(Action::OrganizationCreated, audit::organization(&organization)).of(organization.id);
    let after = audit::organization_snapshot(&organization);
    audit::record(unit, entry.changed(Snapshot::empty(), after)).await?;
    let source = RoleSource::Direct;
    let grant =
        RoleGrant { organization_id: organization.id, user_id: own, source, role: OrganizationRole::Owner };
    storage::organization::put_role(&*unit.tx, &grant, unit.caller, unit.now).await?;
    let members = jit::adopt(services, unit, &organization).await?;
    membership::derive(unit, &members, Some(organization.id)).await?;
    Ok(organization)
}

fn check_texts(organization: &Organization) -> Result<(), Error> {
    name::check_description(&organization.description)?;
    Ok(name::check_url(&organization.url)?)
}

/// Members may own no repository by being members: the highest base role is ADMIN.
fn check_base_role(role: Option<RepositoryRole>) -> Result<(), Error> {
    if role == Some(RepositoryRole::Owner) {
        return Err(Invalid::new("repository_base_role", "must not be OWNER").into());
    }
    Ok(())
}

/// The organizations that these refs name, in request order.
///
/// # Errors
/// One of them is not there, or not to be seen by the caller.
pub async fn get(
    services: &Services,
    caller: &Caller,
    refs: &[Ref<OrganizationId>],
) -> Result<Vec<Organization>, Error> {
    let db = services.store.reader();
    let (ids, names) = split(refs);
    let mut found = storage::organization::find_many(db, &ids).await?;
    found.extend(storage::organization::find_many_by_name(db, &names).await?);
    let found = access::visible(db, caller, found).await?;
    in_order(refs, "organization", found, |organization| (organization.id, organization.name.clone()))
}

/// The organization that a ref names, if the caller may see it, with the caller's role in it.
pub(super) async fn find(
    db: &Reader,
    caller: &Caller,
    reference: &Ref<OrganizationId>,
) -> Result<(Organization, OrganizationRole), Error> {
    access::see(db, caller, named(db, reference).await?, &reference.to_string()).await
}

/// The same within a change.
pub(super) async fn find_for(
    unit: &Unit<'_>,
    reference: &Ref<OrganizationId>,
) -> Result<(Organization, OrganizationRole), Error> {
    access::see_for(unit, named(&*unit.tx, reference).await?, &reference.to_string()).await
}

async fn named(db: &impl Connection, reference: &Ref<OrganizationId>) -> Result<Option<Organization>, Error> {
    Ok(match reference {
        Ref::Id(id) => storage::organization::find(db, *id).await?,
        Ref::Name(name) => storage::organization::find_by_name(db, name).await?,
    })
}

/// One page of the organizations that the caller may see, in the order of creation; with `members`, of those
/// that one of these users is in.
///
/// # Errors
/// The caller is no user; a named user is not there.
pub async fn list(
    services: &Services,
    caller: &Caller,
    members: Option<&[Ref<UserId>]>,
    request: &PageRequest,
) -> Result<Page<Organization>, Error> {
    let own = access::require_user(caller)?;
    let members = match members {
        None => None,
        Some(refs) => Some(user_ids(services, caller, refs).await?),
    };
    let visible_to = (!caller.actor.is_server_admin()).then_some(own);
    let filter = OrganizationFilter { members, visible_to };
    Ok(storage::organization::list(services.store.reader(), &filter, request).await?)
}

async fn user_ids(services: &Services, caller: &Caller, refs: &[Ref<UserId>]) -> Result<Vec<UserId>, Error> {
    let users = user::get_many(services, caller, refs).await?;
    Ok(users.into_iter().map(|user| user.id).collect())
}

/// Changes organizations, all or none; answers in request order.
///
/// # Errors
/// The caller is not an admin of one of them; a value breaks a rule.
pub async fn update(
    services: &Services,
    caller: &Caller,
    patches: &[(Ref<OrganizationId>, OrganizationPatch)],
) -> Result<Vec<Organization>, Error> {
    let write = services.change(caller, |unit| async move {
        let mut changed = Vec::with_capacity(patches.len());
        for (index, (reference, patch)) in patches.iter().enumerate() {
            let one = update_one(&unit, reference, patch).await;
            changed.push(one.map_err(|error| error.of_item(index))?);
        }
        Ok(changed)
    });
    write.await
}

async fn update_one(
    unit: &Unit<'_>,
    reference: &Ref<OrganizationId>,
    patch: &OrganizationPatch,
) -> Result<Organization, Error> {
    let (seen, role) = find_for(unit, reference).await?;
    access::require_rank(role, OrganizationRole::Admin)?;
    if patch.verification.is_some() {
        access::require_server_admin(unit.caller)?;
    }
    check_base_role(patch.repository_base_role)?;
    let locked = storage::organization::find_for_update(&*unit.tx, seen.id).await?;
    let old = locked.ok_or_else(|| Error::not_found("organization", &seen.name))?;
    let new = Organization {
        description: patch.description.clone().unwrap_or_else(|| old.description.clone()),
        url: patch.url.clone().unwrap_or_else(|| old.url.clone()),
        verification: patch.verification.unwrap_or(old.verification),
        repository_base_role: patch.repository_base_role.unwrap_or(old.repository_base_role),
        ..old.clone()
    };
    check_texts(&new)?;
    if new == old {
        return Ok(old);
    }
    let new = Organization { update_time: unit.now, ..new };
    storage::organization::update(&*unit.tx, &new).await?;
    let entry = Entry::new(Action::OrganizationUpdated, audit::organization(&new)).of(new.id);
    let (before, after) = (audit::organization_snapshot(&old), audit::organization_snapshot(&new));
    audit::record(unit, entry.changed(before, after)).await?;
    Ok(new)
}

/// Deletes organizations with all roles in them, all or none. One may be named twice.
///
/// # Errors
/// The caller is not an owner of one of them.
pub async fn delete(services: &Services, caller: &Caller, refs: &[Ref<OrganizationId>]) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let mut organizations = BTreeMap::new();
        for (index, reference) in refs.iter().enumerate() {
            let organization =
                find_deletable(&unit, reference).await.map_err(|error| error.of_item(index))?;
            organizations.insert(organization.id, organization);
        }
        let organizations: Vec<_> = organizations.into_values().collect();
        for organization in &organizations {
            let held = storage::organization::find_for_update(&*unit.tx, organization.id).await?;
            held.ok_or_else(|| Error::not_found("organization", &organization.name))?;
        }
        let members = vacate(&unit, &organizations).await?;
        membership::derive(&unit, &members, None).await?;
        erase(&unit, &organizations).await
    });
    write.await
}

async fn find_deletable(unit: &Unit<'_>, reference: &Ref<OrganizationId>) -> Result<Organization, Error> {
    let (organization, role) = find_for(unit, reference).await?;
    access::require_rank(role, OrganizationRole::Owner)?;
    Ok(organization)
}

/// Takes all roles and groups away from organizations that are about to go, and returns who was in them: these
/// lose their roles by events of their own, before [`erase`].
pub(super) async fn vacate(unit: &Unit<'_>, organizations: &[Organization]) -> Result<Vec<UserId>, Error> {
    let mut members = Vec::new();
    for organization in organizations {
        members.extend(storage::membership::list_user_ids(&*unit.tx, organization.id).await?);
        storage::organization::delete_grants(&*unit.tx, organization.id).await?;
    }
    Ok(members)
}

/// Deletes organizations that nobody is in any more.
pub(super) async fn erase(unit: &Unit<'_>, organizations: &[Organization]) -> Result<(), Error> {
    for organization in organizations {
        let maker = storage::organization::creator(&*unit.tx, organization.id).await?;
        // who deletes it as an owner takes the name again; what an admin of the server deletes is for these alone
        let keeper = unit.caller.user_id().filter(|_| !unit.caller.actor.is_server_admin());
        storage::organization::delete(&*unit.tx, organization.id).await?;
        storage::owner_name::retire(&*unit.tx, &organization.name, maker, keeper).await?;
        let entry = Entry::new(Action::OrganizationDeleted, audit::organization(organization));
        let before = audit::organization_snapshot(organization);
        audit::record(unit, entry.of(organization.id).changed(before, Snapshot::empty())).await?;
    }
    Ok(())
}

/// An organization's settings: its groups and the number of its members.
///
/// # Errors
/// There is none that the caller may see.
pub async fn settings(
    services: &Services,
    caller: &Caller,
    id: OrganizationId,
) -> Result<OrganizationSettings, Error> {
    let db = services.store.reader();
    let (organization, _) = find(db, caller, &Ref::Id(id)).await?;
    Ok(OrganizationSettings {
        organization,
        members_count: storage::membership::count(db, id, None).await?,
        groups: storage::organization_group::list(db, id).await?,
    })
}
