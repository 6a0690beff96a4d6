//! Whether a caller still has the access that authentication found, confirmed in the transaction that depends on it
//! (services floor).
//!
//! [`Services::change`](super::Services) calls this for every use case, so none can forget it. What a use case decided
//! by the caller before its transaction holds: a caller who has lost anything since then is refused.

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
    storage::{Connection, Holds, standing as stored},
};

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
pub(super) async fn confirm(unit: &Unit<'_>) -> Result<(), Error> {
    match unit.caller.actor {
        Actor::User { id, token, server_role, .. } => {
            let now = of_user(&*unit.tx, id, token, unit.now).await?;
            if now < server_role { Err(demoted()) } else { Ok(()) }
        }
        Actor::ScimToken { id } => of_scim_token(unit, id).await,
        Actor::System => Ok(()),
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
    let found = stored::of_user(db, user, token).await?;
    let alive = found.filter(|found| found.expire_time > now && found.state == UserState::Active);
    Ok(alive.ok_or_else(Error::unauthenticated)?.server_role)
}

async fn of_scim_token(unit: &Unit<'_>, id: ScimTokenId) -> Result<(), Error> {
    let found = stored::of_scim_token(&*unit.tx, id).await?;
    let alive = found.filter(|found| found.expire_time.is_none_or(|end| end > unit.now));
    match alive.ok_or_else(Error::unauthenticated)?.pause {
        Some(pause) => Err(paused(&pause)),
        None => Ok(()),
    }
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
