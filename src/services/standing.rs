//! Whether a caller still has the access that authentication found, confirmed in the transaction that depends on it
//! (services floor).
//!
//! [`Services::change`](super::Services) calls this for every use case, so none can forget it. What a use case decided
//! by the caller before its transaction holds: a caller who has lost anything since then is refused.

use std::time::Duration;

use super::{Error, Kind, Reason, change::Unit};
use crate::{
    domain::{
        actor::{Actor, Caller},
        clock::Timestamp,
        id::{ScimTokenId, TokenId, UserId},
        provisioning::Pause,
        role::ServerRole,
        user::UserState,
    },
    storage::{
        Connection, Holds, maintenance,
        standing::{self as stored, UserStanding},
    },
};

/// When to try again in maintenance, whose end nobody knows.
const AGAIN: Duration = Duration::from_mins(1);

/// What a transaction of this caller holds: the caller, and the `users` whom it changes.
pub(super) fn holds(caller: &Caller, mut users: Vec<UserId>) -> Holds {
    match caller.actor {
        Actor::User { id, .. } => {
            users.push(id);
            Holds::Users(users)
        }
        Actor::ScimToken { id } => Holds::ScimToken(id),
        Actor::System => Holds::Users(users),
    }
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

/// What the server tells in maintenance.
async fn of_scim_token(unit: &Unit<'_>, id: ScimTokenId) -> Result<Option<String>, Error> {
    let found = stored::of_scim_token(&*unit.tx, id).await?;
    let alive = found.filter(|found| found.expire_time.is_none_or(|end| end > unit.now));
    let alive = alive.ok_or_else(Error::unauthenticated)?;
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
