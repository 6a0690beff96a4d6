//! Groups as an IdP pushes them, and their effect on memberships (services floor).

mod held;
mod listed;
mod members;
mod steps;

use std::collections::BTreeSet;

pub use listed::{list_members, list_pushed};

use super::{
    Error, Kind, Reason, Retryable, Services, Unit, access,
    audit::{self, Entry},
    membership, organization_group,
    provisioning::walk,
};
pub use crate::storage::idp_group::GroupFilter;
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{IdpGroupId, UserId},
        idp_group::{GroupAttributes, GroupEffect, GroupView, IdpGroup, Member, MemberChange},
        name,
        predicate::{ResourcePage, ResourceQuery},
    },
    quote::shown,
    storage::{self, Connection},
};

/// Makes a group, binds the mappings that wait for its name, and derives what its members become.
///
/// # Errors
/// [`Kind::AlreadyExists`] when a group has this name, compared without case.
pub async fn create(
    services: &Services,
    caller: &Caller,
    attributes: &GroupAttributes,
    members: &[MemberChange],
) -> Result<GroupEffect, Error> {
    access::require_scim(caller)?;
    name::check_group_name("displayName", &attributes.display_name)?;
    let write = services.change(caller, |unit| async move {
        require_free_name(&unit, attributes).await?;
        let group = IdpGroup {
            id: IdpGroupId::generate(unit.now),
            push: attributes.clone(),
            member_count: 0,
            create_time: unit.now,
            update_time: unit.now,
            version: 1,
        };
        storage::idp_group::insert(&*unit.tx, &group).await?;
        organization_group::bind(&unit, &group).await?;
        let moved = members::apply(&unit, &group, members, false).await?;
        let group = IdpGroup { member_count: moved.added_count(), ..group };
        storage::idp_group::update(&unit.tx, &group, false).await?;
        unit.tally.group(&group, moved.counts(), |effect| &mut effect.groups_created);
        record(&unit, Action::IdpGroupCreated, (Snapshot::empty(), snapshot(&group)), &group, &moved).await?;
        regroup(&unit, &moved.users()).await?;
        Ok(moved.effect(group))
    });
    write.await
}

/// Changes the members of a group in the order of `members`, and its attributes as `decide` says after a look at
/// it, if it says any; all in one transaction. A change that changes nothing leaves the group's time and version
/// alone.
///
/// # Errors
/// There is no such group; [`Kind::AlreadyExists`] when another one has its new name; what `decide` fails with.
pub async fn update<E, D>(
    services: &Services,
    caller: &Caller,
    id: IdpGroupId,
    members: &[MemberChange],
    decide: D,
) -> Result<GroupEffect, E>
where
    E: From<Error> + Retryable,
    D: Fn(&IdpGroup) -> Result<Option<GroupAttributes>, E> + Sync,
{
    access::require_scim(caller)?;
    let decide = &decide;
    let write = services.change(caller, |unit| async move {
        let old = require_for_update(&unit, id).await?;
        let attributes = decide(&old)?;
        Ok::<_, E>(carry_out(&unit, old, attributes, members).await?)
    });
    write.await
}

async fn carry_out(
    unit: &Unit<'_>,
    old: IdpGroup,
    attributes: Option<GroupAttributes>,
    changes: &[MemberChange],
) -> Result<GroupEffect, Error> {
    let attributes = attributes.unwrap_or_else(|| old.push.clone());
    let renamed = attributes.display_name != old.push.display_name;
    if renamed {
        name::check_group_name("displayName", &attributes.display_name)?;
    }
    if attributes.display_name_key() != old.push.display_name_key() {
        require_free_name(unit, &attributes).await?;
    }
    let moved = members::apply(unit, &old, changes, renamed).await?;
    if attributes == old.push && moved.is_empty() {
        if moved.has_unknown() {
            let same = (snapshot(&old), snapshot(&old));
            record(unit, Action::IdpGroupUpdated, same, &old, &moved).await?;
        }
        return Ok(moved.effect(old));
    }
    let new = IdpGroup {
        push: attributes,
        member_count: (old.member_count + moved.added_count()).saturating_sub(moved.removed_count()),
        update_time: unit.now,
        version: old.version + 1,
        ..old.clone()
    };
    storage::idp_group::update(&unit.tx, &new, renamed).await?;
    let mut touched = moved.users();
    if renamed {
        organization_group::bind(unit, &new).await?;
        touched = storage::idp_group::members::list_user_ids(&*unit.tx, new.id).await?;
        touched.extend(moved.users());
    }
    unit.tally.group(&new, moved.counts(), |effect| &mut effect.groups_changed);
    record(unit, Action::IdpGroupUpdated, (snapshot(&old), snapshot(&new)), &new, &moved).await?;
    regroup(unit, &touched).await?;
    Ok(moved.effect(new))
}

/// What follows when the groups of these users, whom the transaction holds, are others: their memberships, and their versions,
/// since SCIM shows the groups with the user. The version of a single one is written with what derives.
async fn regroup(unit: &Unit<'_>, users: &[UserId]) -> Result<(), Error> {
    let users = &users.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let is_one = users.len() == 1;
    if is_one {
        storage::user::count_change(&unit.tx, users).await?;
    }
    membership::derive_held(unit, users, None).await?;
    if !is_one {
        storage::user::count_change(&unit.tx, users).await?;
    }
    Ok(())
}

/// Deletes a group if `check` lets it; its members lose what it gave them. Releases of it end, with the mappings in the
/// organizations that it was released to; other mappings wait for its name.
///
/// # Errors
/// There is no such group; what `check` fails with.
pub async fn delete<E, C>(services: &Services, caller: &Caller, id: IdpGroupId, check: C) -> Result<(), E>
where
    E: From<Error> + Retryable,
    C: Fn(&IdpGroup) -> Result<(), E> + Sync,
{
    access::require_scim(caller)?;
    let check = &check;
    let write = services.change(caller, |unit| async move {
        let group = require_for_update(&unit, id).await?;
        check(&group)?;
        Ok::<_, E>(remove(&unit, &group).await?)
    });
    write.await
}

async fn remove(unit: &Unit<'_>, group: &IdpGroup) -> Result<(), Error> {
    let members = storage::idp_group::members::list_user_ids(&*unit.tx, group.id).await?;
    for part in members.chunks(membership::USERS) {
        storage::user::lock(&*unit.tx, part).await?;
    }
    organization_group::end_with_releases(unit, group).await?;
    storage::idp_group::delete(&*unit.tx, group.id).await?;
    regroup(unit, &members).await?;
    let gone = u64::try_from(members.len()).unwrap_or(u64::MAX);
    unit.tally.group(group, (0, gone), |effect| &mut effect.groups_deleted);
    let entry = Entry::new(Action::IdpGroupDeleted, audit::idp_group(group));
    audit::record(unit, entry.changed(snapshot(group), Snapshot::empty())).await
}

/// The group with this id, with its members if they are wanted after a look at it.
///
/// # Errors
/// There is none.
pub async fn get(
    services: &Services,
    caller: &Caller,
    id: IdpGroupId,
    wants_members: impl FnOnce(&IdpGroup) -> bool,
) -> Result<GroupView, Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let group = storage::idp_group::find(db, id).await?.ok_or_else(|| not_found(id))?;
    let wanted = wants_members(&group);
    let mut views = with_members(db, vec![group], wanted).await?;
    views.pop().ok_or_else(|| not_found(id))
}

/// The groups that `query` asks for, with their members if they are wanted.
///
/// # Errors
/// When the database fails.
pub async fn list(
    services: &Services,
    caller: &Caller,
    query: &ResourceQuery,
    members: bool,
) -> Result<ResourcePage<GroupView>, Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let read = async |query: &_| Ok(storage::provisioning::list_groups(db, query).await?);
    let page = walk::page(services, "groups", query, |group| group.id.to_string(), read).await?;
    Ok(ResourcePage { items: with_members(db, page.items, members).await?, total: page.total })
}

async fn with_members(
    db: &impl Connection,
    groups: Vec<IdpGroup>,
    wanted: bool,
) -> Result<Vec<GroupView>, Error> {
    if !wanted {
        return Ok(groups.into_iter().map(|group| GroupView { group, members: None }).collect());
    }
    let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
    let mut of_group = std::collections::HashMap::<IdpGroupId, Vec<Member>>::new();
    for (group, row) in storage::idp_group::members::list(db, &ids).await? {
        of_group.entry(group).or_default().push(row.member);
    }
    let view =
        |group: IdpGroup| GroupView { members: Some(of_group.remove(&group.id).unwrap_or_default()), group };
    Ok(groups.into_iter().map(view).collect())
}

async fn require_for_update(unit: &Unit<'_>, id: IdpGroupId) -> Result<IdpGroup, Error> {
    storage::idp_group::find_for_update(&*unit.tx, id).await?.ok_or_else(|| not_found(id))
}

fn not_found(id: IdpGroupId) -> Error {
    Error::not_found("group", id)
}

async fn require_free_name(unit: &Unit<'_>, attributes: &GroupAttributes) -> Result<(), Error> {
    let name = &attributes.display_name;
    storage::idp_group::lock_name(&*unit.tx, name).await?;
    match storage::idp_group::find_by_name_for_update(&*unit.tx, name).await? {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "a group named {:?} is there already, with id {}",
                shown(&other.push.display_name),
                other.id
            );
            Err(Error::new(Kind::AlreadyExists, Reason::Taken, message).of_field("displayName"))
        }
    }
}

fn snapshot(group: &IdpGroup) -> Snapshot {
    Snapshot::empty()
        .with("display_name", &group.push.display_name)
        .with_some("external_id", group.push.external_id.as_ref())
        .with("member_count", group.member_count)
}

async fn record(
    unit: &Unit<'_>,
    action: Action,
    (before, after): (Snapshot, Snapshot),
    group: &IdpGroup,
    moved: &members::Moved,
) -> Result<(), Error> {
    let after = moved.tell(after);
    audit::record(unit, Entry::new(action, audit::idp_group(group)).changed(before, after)).await
}

/// What a user's leaving does to the groups: one member less each.
pub(super) async fn leave_all(unit: &Unit<'_>, user: UserId) -> Result<(), Error> {
    let groups = storage::idp_group::members::remove_everywhere(&*unit.tx, user).await?;
    // a push that runs at the same moment may have put the user into one that is not held yet
    if !storage::idp_group::members::hold_at_once(&*unit.tx, &groups).await? {
        return Err(storage::Error::outdated("the groups of a user").into());
    }
    unit.tally.left(groups.len());
    Ok(storage::idp_group::members::count_one_less(&*unit.tx, &groups, unit.now).await?)
}
