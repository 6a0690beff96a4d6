//! Whether a caller still has the access that authentication found, confirmed in the transaction that depends on it
//! (services floor).
//!
//! [`Services::change`](super::Services) calls this for every use case, so none can forget it. What a use case decided
//! by the caller before its transaction holds: a caller who has lost anything since then is refused.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Error, Kind, Reason, Services, change::Unit, moment::Moment};
use crate::{
    domain::{
        actor::{Actor, Caller},
        clock::Timestamp,
        id::{OrganizationId, ScimTokenId, ScimUserId, TokenId, UserId},
        membership::MembershipChange,
        provisioning::Pause,
        role::{OrganizationRole, ServerRole},
        user::{User, UserState},
    },
    storage::{
        self, Connection, Held, Holds,
        jit::Lock,
        maintenance,
        standing::{self as stored, ScimTokenStanding, UserStanding},
    },
};

/// When to try again in maintenance, whose end nobody knows.
const AGAIN: Duration = Duration::from_mins(1);

/// What a transaction of this caller holds beside what it changes: what the caller's access rests on.
pub(super) fn holds(caller: &Caller, holds: Holds) -> Holds {
    match caller.actor {
        Actor::User { id, .. } => holds.sharing([Held::Changes, Held::User(id)]).paid_by(id),
        Actor::ScimToken { id } => holds.sharing([Held::Changes, Held::ScimTokens, Held::ScimToken(id)]),
        // a visitor without a token; the server's own work goes on in maintenance
        Actor::System if caller.address.is_some() => holds.sharing([Held::Changes]),
        Actor::System => holds,
    }
}

/// What a transaction holds that makes accounts, or changes what they get just in time: the settings of that.
pub(super) fn of_people() -> Holds {
    Holds::nothing().sharing([Lock::Organizations, Lock::Emails].map(Held::Settings))
}

/// What a transaction holds that may take access away from these users.
pub(super) fn of_users(users: impl IntoIterator<Item = UserId>) -> Holds {
    of_people().alone(users.into_iter().map(Held::User))
}

/// What a transaction holds that may take access away from the user with this SCIM resource.
pub(super) fn of_pushed(user: ScimUserId) -> Holds {
    of_people().alone([Held::PushedUser(user)])
}

/// What a transaction holds that stops this SCIM token, or all.
pub(super) fn of_scim_tokens(scope: Option<ScimTokenId>) -> Holds {
    Holds::nothing().alone([scope.map_or(Held::ScimTokens, Held::ScimToken)])
}

/// What a transaction holds that depends on a SCIM token, and not on its being let write.
pub(super) fn of_pushing(token: ScimTokenId) -> Holds {
    Holds::nothing().sharing([Held::ScimTokens, Held::ScimToken(token)])
}

/// The SCIM token is there and has not ended; it may be paused.
pub(super) async fn require_alive(unit: &Unit<'_>, token: ScimTokenId) -> Result<(), Error> {
    scim_token(&*unit.tx, token, unit.now).await.map(drop)
}

/// Goes on, to take access away from this user, only where the transaction holds the user from its beginning: what requests of the
/// user do right now ends before, or is refused. The change is tried again otherwise, and holds the user then.
pub(super) fn take_from(unit: &Unit<'_>, user: &User) -> Result<(), Error> {
    // by the resource the user was held who had it when the transaction began: another one may have it by now
    let is_own = user.scim_id == ScimUserId::of_account(user.id);
    if is_own && unit.holds_pushed(user.scim_id) { Ok(()) } else { unit.require_alone(Held::User(user.id)) }
}

/// What a change found of the caller's roles in organizations, and decided by.
#[derive(Clone, Debug, Default)]
pub(super) struct Relied(Arc<Mutex<BTreeMap<OrganizationId, OrganizationRole>>>);

impl Relied {
    /// The change counts on this role of the caller.
    pub(super) fn note(&self, organization: OrganizationId, role: OrganizationRole) {
        let mut roles = self.roles();
        let noted = roles.entry(organization).or_insert(role);
        *noted = role.max(*noted);
    }

    fn roles(&self) -> MutexGuard<'_, BTreeMap<OrganizationId, OrganizationRole>> {
        // each change is one insertion
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same, before the change moves roles itself: of users whom it holds by now.
pub(super) fn confirm_before(unit: &Unit<'_>, changes: &[MembershipChange]) -> Result<(), Error> {
    for change in changes.iter().filter(|change| Some(change.key.1) == unit.caller.user_id()) {
        if let Some(role) = unit.relied.roles().remove(&change.key.0) {
            require_kept(change.before.map(|before| before.role), role)?;
        }
    }
    Ok(())
}

fn require_kept(now: Option<OrganizationRole>, role: OrganizationRole) -> Result<(), Error> {
    if now >= Some(role) { Ok(()) } else { Err(storage::Error::outdated("the caller's role").into()) }
}

/// The caller still has the roles in organizations that the change counts on: a push of a group, which holds no organization,
/// may have taken one away meanwhile. Then the change is tried again, and decides by what is so now. To be called last: the row of
/// a membership comes after all other locks.
pub(super) async fn confirm_roles(unit: &Unit<'_>) -> Result<(), Error> {
    let Some(user) = unit.caller.user_id() else { return Ok(()) };
    let roles = std::mem::take(&mut *unit.relied.roles());
    for (organization, role) in roles {
        require_kept(stored::role_in(&*unit.tx, organization, user).await?, role)?;
    }
    Ok(())
}

/// The caller of this transaction still is who was let in: the token is there and has not ended, its user is active and
/// has the role on the server that the caller counts on; a SCIM token is not paused.
///
/// And the server takes changes, unless this is one of the mode in which it takes none.
pub(super) async fn confirm(unit: &Unit<'_>) -> Result<(), Error> {
    let maintenance = match unit.caller.actor {
        Actor::User { id, token, server_role, .. } => {
            let now = alive(&*unit.tx, id, token, unit.now).await?;
            if now.server_role < server_role {
                return Err(demoted());
            }
            now.maintenance
        }
        Actor::ScimToken { id } => of_scim_token(unit, id).await?,
        // the server's own work goes on; a visitor without a token has an address
        Actor::System if unit.caller.address.is_none() => None,
        Actor::System => maintenance::find(&*unit.tx).await?.map(|found| found.message),
    };
    match maintenance.filter(|_| !unit.in_maintenance) {
        Some(message) => Err(in_maintenance(&message)),
        None => Ok(()),
    }
}

/// The role on the server that this user has now, by this API token.
///
/// # Errors
/// The token is gone or has ended, or its user is deactivated.
pub(super) async fn of_user(
    db: &impl Connection,
    user: UserId,
    token: TokenId,
    now: Timestamp,
) -> Result<ServerRole, Error> {
    Ok(alive(db, user, token, now).await?.server_role)
}

async fn alive(
    db: &impl Connection,
    user: UserId,
    token: TokenId,
    now: Timestamp,
) -> Result<UserStanding, Error> {
    let found = stored::of_user(db, user, token).await?;
    let alive = found.filter(|found| found.expire_time > now && found.state == UserState::Active);
    alive.ok_or_else(Error::unauthenticated)
}

impl Services {
    /// Confirms that a caller who was let in at this moment is let in still, where that is longer ago than is believed without
    /// a look: before the answer to a read, which no transaction confirms.
    ///
    /// # Errors
    /// The token is gone or has ended, its user is deactivated or has lost the server role; the database fails.
    pub async fn confirm_admitted(&self, actor: &Actor, at: Moment) -> Result<(), Error> {
        if !at.is_stale() {
            return Ok(());
        }
        let (db, now) = (self.store.reader(), self.now());
        match *actor {
            Actor::User { id, token, server_role, .. } => {
                if of_user(db, id, token, now).await? < server_role { Err(demoted()) } else { Ok(()) }
            }
            Actor::ScimToken { id } => scim_token(db, id, now).await.map(drop),
            Actor::System => Ok(()),
        }
    }
}

/// The SCIM token, which has not ended.
async fn scim_token(
    db: &impl Connection,
    id: ScimTokenId,
    now: Timestamp,
) -> Result<ScimTokenStanding, Error> {
    let found = stored::of_scim_token(db, id).await?;
    let alive = found.filter(|found| found.expire_time.is_none_or(|end| end > now));
    alive.ok_or_else(Error::unauthenticated)
}

/// What the server tells in maintenance.
async fn of_scim_token(unit: &Unit<'_>, id: ScimTokenId) -> Result<Option<String>, Error> {
    let alive = scim_token(&*unit.tx, id, unit.now).await?;
    match alive.pause {
        Some(pause) => Err(paused(&pause)),
        None => Ok(alive.maintenance),
    }
}

fn in_maintenance(message: &str) -> Error {
    let message = format!(
        "the server is in maintenance and takes no changes ({message}): reads go on; send this again later"
    );
    Error::new(Kind::Unavailable, Reason::Maintenance, message).retry_after(AGAIN)
}

fn demoted() -> Error {
    let message = "the caller lost the role of a server admin while the request was processed";
    Error::new(Kind::PermissionDenied, Reason::ServerAdminRequired, message)
}

fn paused(pause: &Pause) -> Error {
    let what = if pause.scope.is_some() { "with this SCIM token " } else { "" };
    let message = format!(
        "provisioning {what}is paused by an administrator ({}): reads go on; send this again after it is resumed",
        pause.reason
    );
    Error::precondition(Reason::ProvisioningPaused, message)
}
