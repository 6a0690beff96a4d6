//! Memberships: derived from the facts in the transaction that changes these, and read by everyone
//! (services floor).

mod ask;
pub mod consistency;
mod explain;
mod remembered;
pub mod watch;

pub use ask::{Decisions, Question, ask};
pub use explain::{explain, list_members, list_of_user};
pub(super) use remembered::Remembered;

use std::collections::BTreeSet;

use super::{Error, Kind, Reason, Services, Unit, access, standing};
use crate::{
    domain::{
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{MembershipChange, OrganizationMember, effective, plan},
        page::{Page, PageRequest},
        role::OrganizationRole,
    },
    storage::{self, membership::Scope},
};

/// Users whose memberships are derived at once.
pub(super) const USERS: usize = 500;

/// Brings the derived memberships of these users in line with the facts; in one organization, or in all.
///
/// The users are locked first, so that two transactions that move facts of one user derive one after the
/// other, each from all that is committed.
pub(super) async fn derive(
    unit: &Unit<'_>,
    users: &[UserId],
    organization: Option<OrganizationId>,
) -> Result<Vec<MembershipChange>, Error> {
    // in the order of ids, and each once: everyone holds users in the same order
    let users: Vec<_> = users.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    // all before the first event: from then on the transaction holds the revisions, and may wait for no user
    for users in users.chunks(USERS) {
        storage::user::lock(&*unit.tx, users).await?;
    }
    derive_held(unit, &users, organization).await
}

/// The same, of users whom the transaction holds.
pub(super) async fn derive_held(
    unit: &Unit<'_>,
    users: &[UserId],
    organization: Option<OrganizationId>,
) -> Result<Vec<MembershipChange>, Error> {
    let mut all = Vec::new();
    for users in users.chunks(USERS) {
        let scope = Scope { users: Some(users), organization };
        let current = storage::membership::roles(&*unit.tx, scope).await?;
        let desired = effective(storage::membership::grants(&*unit.tx, scope).await?);
        let changes = plan(&current, &desired);
        standing::confirm_before(unit, &changes)?;
        let revision = storage::membership::apply(&*unit.tx, &changes, unit.caller, unit.now).await?;
        unit.note_revision(revision);
        unit.tally.memberships(&changes);
        all.extend(changes);
    }
    Ok(all)
}

/// As [`derive`], for a change that an admin makes: it may not leave an organization without an owner that
/// had one. What an IdP says always takes effect.
pub(super) async fn derive_keeping_owner(
    unit: &Unit<'_>,
    users: &[UserId],
    organization: OrganizationId,
) -> Result<Vec<MembershipChange>, Error> {
    let changes = derive(unit, users, Some(organization)).await?;
    let owner = |effective: Option<crate::domain::membership::Effective>| {
        effective.is_some_and(|effective| effective.role == OrganizationRole::Owner)
    };
    let lost = changes.iter().any(|change| owner(change.before) && !owner(change.after));
    if lost && storage::membership::count(&*unit.tx, organization, Some(OrganizationRole::Owner)).await? == 0
    {
        return Err(last_owner());
    }
    Ok(changes)
}

/// The organization would have no owner.
pub(super) fn last_owner() -> Error {
    let message = "the organization would have no owner; make someone else an owner first";
    Error::precondition(Reason::LastOwner, message)
}

/// Where the derived memberships differ from what the facts give: nowhere, unless the database was changed
/// behind our back. Each difference is the change that would mend it.
///
/// # Errors
/// When the database fails.
pub async fn check(services: &Services) -> Result<Vec<MembershipChange>, Error> {
    let db = services.store.reader();
    let desired = effective(storage::membership::grants(db, Scope::default()).await?);
    Ok(plan(&storage::membership::roles(db, Scope::default()).await?, &desired))
}

/// One page of an organization's members with their effective roles, in the order of their accounts'
/// creation.
///
/// # Errors
/// There is no such organization that the caller may see.
pub async fn list_of_organization(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
    request: &PageRequest,
) -> Result<Page<OrganizationMember>, Error> {
    let db = services.store.reader();
    access::require_role(db, caller, organization, OrganizationRole::Member).await?;
    Ok(storage::membership::list(db, organization, request).await?)
}

/// A member that an organization's admin acts on: the caller's rank and the member's effective role.
pub(super) async fn require_member(
    unit: &Unit<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<crate::domain::membership::Effective, Error> {
    let found = storage::membership::find(&*unit.tx, organization, user).await?;
    found.ok_or_else(|| {
        let message = format!("user {user} is not a member of the organization");
        Error::new(Kind::NotFound, Reason::NotFound, message).of_field("user_id")
    })
}
