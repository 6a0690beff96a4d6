//! Mapping groups of the IdP to organizations (services floor).

mod listed;
mod preview;
mod rollout;

pub use listed::list;
pub use preview::{Preview, Proposal, preview};
pub use rollout::{STEP, resume};

use super::{
    Error, Kind, Reason, Services, Unit, access,
    audit::{self, Entry},
    group_release, membership, quota,
};
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{IdpGroupId, OrganizationGroupId, OrganizationId},
        idp_group::IdpGroup,
        name,
        organization::{Organization, OrganizationGroup},
        role::OrganizationRole,
    },
    quote::shown,
    storage,
};

/// Maps a group, by name, to an organization, before or after an IdP pushes it. Mapping it again with the
/// same role changes nothing. The members of a large group get their role in several transactions, so that nobody
/// else waits for long; all have it when this returns.
///
/// # Errors
/// The caller may not give this role, or see the group; the name breaks a rule; the group is mapped with another role; there are
/// too many mappings.
pub async fn add(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    group_name: &str,
    role_override: Option<OrganizationRole>,
) -> Result<(), Error> {
    name::check_group_name("group_name", group_name)?;
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, organization).await?;
        access::require_not_above(own, role_override)?;
        storage::idp_group::lock_name(&*unit.tx, group_name).await?;
        if let Some(old) = storage::organization_group::find(&*unit.tx, organization.id, group_name).await? {
            return if old.role_override == role_override { Ok(old.id) } else { Err(mapped_already(&old)) };
        }
        group_release::require_visible(&*unit.tx, unit.caller, organization.id, group_name).await?;
        let group = storage::idp_group::find_by_name_for_update(&*unit.tx, group_name).await?;
        let mapping = OrganizationGroup {
            id: OrganizationGroupId::generate(unit.now),
            organization_id: organization.id,
            group_name: group.as_ref().map_or(group_name, |group| &group.push.display_name).to_owned(),
            role_override,
            group_id: group.map(|group| group.id),
            create_time: unit.now,
        };
        quota::mapping(services, &unit, &mapping).await?;
        storage::organization_group::insert(&*unit.tx, &mapping).await?;
        record(&unit, Action::OrganizationGroupAdded, &organization, None, Some(&mapping)).await?;
        rollout::begin(services, &unit, &mapping).await?;
        Ok::<_, Error>(mapping.id)
    });
    rollout::finish(services, caller, write.await?).await
}

fn mapped_already(mapping: &OrganizationGroup) -> Error {
    let message = format!(
        "the group {} is mapped already, with the role {}",
        shown(&mapping.group_name),
        mapping.role()
    );
    Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("group_name")
}

/// What an update does to the role that a mapped group gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleChange {
    /// Leaves it alone.
    Keep,
    /// Takes the override away: the group gives MEMBER.
    Clear,
    /// Overrides it.
    Set(OrganizationRole),
}

impl RoleChange {
    fn apply(self, old: Option<OrganizationRole>) -> Option<OrganizationRole> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(role) => Some(role),
        }
    }
}

/// Changes the role that a mapped group gives.
///
/// # Errors
/// The caller may not change this role, or give the new one; the group is not mapped; the organization would
/// have no owner.
pub async fn update(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    group_name: &str,
    change: RoleChange,
) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, organization).await?;
        let old = require_for_update(&unit, organization.id, group_name).await?;
        let role_override = change.apply(old.role_override);
        access::require_not_above(own, role_override.into_iter().chain([old.role()]))?;
        if old.role_override == role_override {
            return Ok(());
        }
        let new = OrganizationGroup { role_override, ..old.clone() };
        storage::organization_group::update(&*unit.tx, &new).await?;
        record(&unit, Action::OrganizationGroupUpdated, &organization, Some(&old), Some(&new)).await?;
        derive(&unit, &new).await
    });
    write.await
}

/// Removes a mapping; its members lose what it gave them, at once.
///
/// # Errors
/// The caller may not; the group is not mapped; the organization would have no owner.
pub async fn remove(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    group_name: &str,
) -> Result<(), Error> {
    let write = services.change(caller, |unit| async move {
        let (organization, own) = manage(&unit, organization).await?;
        let old = require_for_update(&unit, organization.id, group_name).await?;
        access::require_not_above(own, [old.role()])?;
        storage::organization_group::delete(&*unit.tx, old.id).await?;
        record(&unit, Action::OrganizationGroupRemoved, &organization, Some(&old), None).await?;
        derive(&unit, &old).await
    });
    write.await
}

/// The organization, locked, with the role of a caller who may manage its groups.
async fn manage(unit: &Unit<'_>, id: OrganizationId) -> Result<(Organization, OrganizationRole), Error> {
    storage::organization::find_for_update(&*unit.tx, id).await?;
    access::require_role_for(unit, id, OrganizationRole::Admin).await
}

/// The mapping of this name; the group it is bound to is locked, so that its members stand still.
async fn require_for_update(
    unit: &Unit<'_>,
    organization: OrganizationId,
    group_name: &str,
) -> Result<OrganizationGroup, Error> {
    storage::idp_group::lock_name(&*unit.tx, group_name).await?;
    let found = storage::organization_group::find(&*unit.tx, organization, group_name).await?;
    let mapping = found.ok_or_else(|| not_mapped(group_name))?;
    let Some(group) = mapping.group_id else { return Ok(mapping) };
    storage::idp_group::find_for_update(&*unit.tx, group).await?;
    // the group may have been renamed or deleted before it could be held, and the mapping with it
    let again = storage::organization_group::find(&*unit.tx, organization, group_name).await?;
    again.ok_or_else(|| not_mapped(group_name))
}

fn not_mapped(group_name: &str) -> Error {
    Error::not_found("mapping of the group", format!("{group_name:?}")).of_field("group_name")
}

async fn derive(unit: &Unit<'_>, mapping: &OrganizationGroup) -> Result<(), Error> {
    let Some(group) = mapping.group_id else { return Ok(()) };
    let users = storage::idp_group::members::list_user_ids(&*unit.tx, group).await?;
    membership::derive_keeping_owner(unit, &users, mapping.organization_id).await?;
    Ok(())
}

async fn record(
    unit: &Unit<'_>,
    action: Action,
    organization: &Organization,
    before: Option<&OrganizationGroup>,
    after: Option<&OrganizationGroup>,
) -> Result<(), Error> {
    let snapshot =
        |mapping: Option<&OrganizationGroup>| mapping.map_or(Snapshot::empty(), audit::mapping_snapshot);
    let entry = Entry::new(action, audit::organization(organization)).of(organization.id);
    audit::record(unit, entry.changed(snapshot(before), snapshot(after))).await
}

/// Binds the mappings that wait for a group of this name, and lets those that are bound follow its name.
///
/// A mapping that waits for the new name of a group that the same organization has mapped already is merged
/// with that one: the higher role stays, and no grant is lost.
pub(super) async fn bind(unit: &Unit<'_>, group: &IdpGroup) -> Result<(), Error> {
    let name = &group.push.display_name;
    storage::group_release::follow(&*unit.tx, group.id, name).await?;
    let bound = storage::organization_group::list_of_group(&*unit.tx, group.id).await?;
    for waiting in storage::organization_group::list_unbound(&*unit.tx, name).await? {
        let other = bound.iter().find(|mapping| mapping.organization_id == waiting.organization_id);
        match other {
            None => change(unit, &waiting, bind_to(&waiting, group.id, name)).await?,
            Some(other) => merge(unit, &waiting, other, name).await?,
        }
    }
    for old in storage::organization_group::list_of_group(&*unit.tx, group.id).await? {
        if old.group_name != *name {
            change(unit, &old, bind_to(&old, group.id, name)).await?;
        }
    }
    Ok(())
}

/// Ends the mappings of a group that is about to be deleted, in the organizations that it is released to. The next group of the name
/// may be another one, which nobody has released: an admin who mapped this one must not get that.
pub(super) async fn end_with_releases(unit: &Unit<'_>, group: &IdpGroup) -> Result<(), Error> {
    let released = storage::group_release::organizations_of(&*unit.tx, group.id).await?;
    if released.is_empty() {
        return Ok(());
    }
    for mapping in storage::organization_group::list_of_group(&*unit.tx, group.id).await? {
        if released.contains(&mapping.organization_id) {
            let organization = organization_of(unit, &mapping).await?;
            storage::organization_group::delete(&*unit.tx, mapping.id).await?;
            record(unit, Action::OrganizationGroupRemoved, &organization, Some(&mapping), None).await?;
        }
    }
    Ok(())
}

fn bind_to(mapping: &OrganizationGroup, group: IdpGroupId, name: &str) -> OrganizationGroup {
    OrganizationGroup { group_id: Some(group), group_name: name.to_owned(), ..mapping.clone() }
}

async fn merge(
    unit: &Unit<'_>,
    waiting: &OrganizationGroup,
    bound: &OrganizationGroup,
    name: &str,
) -> Result<(), Error> {
    storage::organization_group::delete(&*unit.tx, waiting.id).await?;
    let organization = organization_of(unit, waiting).await?;
    record(unit, Action::OrganizationGroupRemoved, &organization, Some(waiting), None).await?;
    let role_override =
        if waiting.role() > bound.role() { waiting.role_override } else { bound.role_override };
    let merged = OrganizationGroup { role_override, group_name: name.to_owned(), ..bound.clone() };
    change(unit, bound, merged).await
}

async fn change(unit: &Unit<'_>, old: &OrganizationGroup, new: OrganizationGroup) -> Result<(), Error> {
    storage::organization_group::update(&*unit.tx, &new).await?;
    if (&old.group_name, old.role_override) == (&new.group_name, new.role_override) {
        // it is bound to the group of its name, which is not a change for anybody who reads of it
        return Ok(());
    }
    let organization = organization_of(unit, &new).await?;
    record(unit, Action::OrganizationGroupUpdated, &organization, Some(old), Some(&new)).await
}

async fn organization_of(unit: &Unit<'_>, mapping: &OrganizationGroup) -> Result<Organization, Error> {
    let found = storage::organization::find(&*unit.tx, mapping.organization_id).await?;
    // it was deleted meanwhile, and the mapping with it
    found.ok_or_else(|| storage::Error::outdated("an organization").into())
}
