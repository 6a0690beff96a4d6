//! What a merge does, decided before it is done (services floor).

use std::collections::{BTreeMap, BTreeSet};

use super::super::{User, update::last_admin};
use crate::{
    domain::{
        id::{OrganizationId, UserId},
        jit::is_vouched_for,
        membership::{Effective, Grant, Roles, effective},
        role::{OrganizationRole, RoleSource, ServerRole},
        user::merge::{giver, merged},
    },
    services::{Error, Reason},
    storage::{self, Connection, membership::Scope},
};

/// Two accounts, and what becomes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The account that ends, as it was.
    pub from: User,
    /// The account that stays, as it was.
    pub into: User,
    /// The account that stays, as it is then.
    pub merged: User,
    /// The organizations of either, by name.
    pub memberships: Vec<Membership>,
    /// The groups that the account is in then, by name.
    pub kept_groups: Vec<String>,
    /// The groups of one of them that end, by name.
    pub ended_groups: Vec<String>,
    /// How many API tokens end.
    pub ended_tokens: u64,
    /// How many API tokens the account keeps.
    pub kept_tokens: u64,
    /// Whether it is a server admin by hand, and not by the email alone.
    pub(super) by_hand: bool,
    /// Whether an admin switched off one of them that was a server admin.
    pub(super) suspended: bool,
}

/// What becomes of a role in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The role of the account that ends.
    pub from: Option<OrganizationRole>,
    /// The role of the account that stays, before.
    pub into: Option<OrganizationRole>,
    /// Its role then.
    pub merged: Option<Effective>,
}

/// What a merge of `from` into `into` does.
pub(super) async fn plan(db: &impl Connection, from: User, into: User) -> Result<Merge, Error> {
    let (by_hand, suspended) = rights(db, &from, &into).await?;
    let by_email = (!suspended || by_hand) && by_email(db, &from, &into).await?;
    let merged = merged(&from, &into, by_hand || by_email);
    // whom an admin switched off comes back by a push as a member, also after a merge
    let (by_hand, suspended) =
        if merged.is_active() { (by_hand, suspended && !by_hand) } else { (false, suspended) };
    require_an_admin(db, &from, &into, &merged).await?;
    let memberships = memberships(db, &from, &into, &merged).await?;
    require_owners(db, &memberships).await?;
    let (kept_groups, ended_groups) = groups(db, &from, &into).await?;
    let (of_from, of_into) = (tokens(db, &from).await?, tokens(db, &into).await?);
    let (ended_tokens, kept_tokens) =
        if merged.is_active() { (of_from, of_into) } else { (of_from + of_into, 0) };
    Ok(Merge {
        from,
        into,
        merged,
        memberships,
        kept_groups,
        ended_groups,
        ended_tokens,
        kept_tokens,
        by_hand,
        suspended,
    })
}

async fn tokens(db: &impl Connection, user: &User) -> Result<u64, Error> {
    Ok(storage::token::count_of_user(db, user.id).await?)
}

/// Whether the account is a server admin by hand then, and whether the email makes it none before an admin says so. The role of an account
/// that is switched off is not brought back by a merge.
async fn rights(db: &impl Connection, from: &User, into: &User) -> Result<(bool, bool), Error> {
    let (mut by_hand, mut suspended) = (false, false);
    for user in [from, into] {
        let standing = storage::jit::standing(db, user.id, None).await?;
        by_hand |= is_admin(user) && !standing.marked;
        suspended |= standing.suspended;
    }
    Ok((by_hand, suspended))
}

fn is_admin(user: &User) -> bool {
    user.is_active() && user.server_role == ServerRole::Admin
}

/// Whether the email that an IdP vouches for makes a server admin, and nobody else has it.
async fn by_email(db: &impl Connection, from: &User, into: &User) -> Result<bool, Error> {
    let merged = merged(from, into, false);
    let Some(key) = merged.person.email_key().filter(|_| is_vouched_for(&merged)) else { return Ok(false) };
    if !storage::jit::standing(db, into.id, Some(&key)).await?.listed {
        return Ok(false);
    }
    let others = storage::jit::vouched_for(db, &key).await?;
    Ok(others.iter().all(|other| *other == from.id || *other == into.id))
}

/// Somebody must be an active server admin then.
async fn require_an_admin(
    db: &impl Connection,
    from: &User,
    into: &User,
    merged: &User,
) -> Result<(), Error> {
    let Some(lost) = [into, from].into_iter().find(|user| is_admin(user)) else { return Ok(()) };
    if is_admin(merged) {
        return Ok(());
    }
    let admins = storage::user::active_admins(db).await?;
    if admins.iter().any(|admin| admin.id != from.id && admin.id != into.id) {
        return Ok(());
    }
    Err(last_admin(lost))
}

async fn memberships(
    db: &impl Connection,
    from: &User,
    into: &User,
    merged: &User,
) -> Result<Vec<Membership>, Error> {
    let scope = Scope { users: Some(&[from.id, into.id]), organization: None };
    let current = storage::membership::roles(db, scope).await?;
    let desired = if merged.is_active() { desired(db, from, into).await? } else { Roles::new() };
    let keys = current.keys().chain(desired.keys());
    let ids: Vec<_> = keys.map(|(id, _)| *id).collect::<BTreeSet<_>>().into_iter().collect();
    let mut named = BTreeMap::new();
    for organization in storage::organization::find_many(db, &ids).await? {
        named.insert(organization.name, organization.id);
    }
    let held = |id, user: &User| current.get(&(id, user.id)).map(|held| held.role);
    let membership = |(organization_name, organization_id)| Membership {
        from: held(organization_id, from),
        into: held(organization_id, into),
        merged: desired.get(&(organization_id, into.id)).copied(),
        organization_id,
        organization_name,
    };
    Ok(named.into_iter().map(membership).collect())
}

/// The roles that the facts give then: direct ones of both, and those by the groups that stay.
async fn desired(db: &impl Connection, from: &User, into: &User) -> Result<Roles, Error> {
    let scope = Scope { users: Some(&[from.id, into.id]), organization: None };
    let giver = giver(from, into).id;
    let stays = |grant: &Grant| grant.effective.source != RoleSource::IdpGroup || grant.key.1 == giver;
    let grants = storage::membership::sources(db, scope).await?.into_iter().map(|sourced| sourced.grant);
    let of_into = |grant: Grant| Grant { key: (grant.key.0, into.id), ..grant };
    Ok(effective(grants.filter(stays).map(of_into)))
}

/// An organization that one of them owns has an owner then.
async fn require_owners(db: &impl Connection, memberships: &[Membership]) -> Result<(), Error> {
    let owner = Some(OrganizationRole::Owner);
    for one in memberships {
        let held = u64::from(one.from == owner) + u64::from(one.into == owner);
        if held == 0 || one.merged.is_some_and(|merged| Some(merged.role) == owner) {
            continue;
        }
        if storage::membership::count(db, one.organization_id, owner).await? <= held {
            let message = format!(
                "the organization {} would have no owner; make someone else an owner first",
                one.organization_name
            );
            return Err(Error::precondition(Reason::LastOwner, message));
        }
    }
    Ok(())
}

/// The groups that stay, and those that end: see [`giver`].
async fn groups(db: &impl Connection, from: &User, into: &User) -> Result<(Vec<String>, Vec<String>), Error> {
    let giver = giver(from, into).id;
    let all = storage::idp_group::members::list_of_users(db, &[from.id, into.id]).await?;
    let (kept, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(user, _)| *user == giver);
    let is_kept = |id| kept.iter().any(|(_, group): &(UserId, _)| group.id == id);
    let ended = others.iter().filter(|(_, group)| !is_kept(group.id));
    let ended = ended.map(|(_, group)| group.display_name.clone()).collect();
    Ok((kept.iter().map(|(_, group)| group.display_name.clone()).collect(), ended))
}
