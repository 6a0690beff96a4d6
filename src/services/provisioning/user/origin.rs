//! Which IdP an account is of (services floor).
//!
//! An `externalId` is the IdP's own, and names a person there alone (RFC 7643 §3.1). Each IdP has a SCIM token; when it gets a new
//! one, the old one is deleted or ends. So an account is of the IdP that asks when that IdP's token wrote it last, or a token did that
//! is not in force any more.

use crate::{
    domain::{
        actor::{Actor, Caller},
        id::ScimTokenId,
        user::User,
    },
    services::{Error, Unit},
    storage,
};

/// The SCIM token of the caller.
pub(super) fn of(caller: &Caller) -> Option<ScimTokenId> {
    match caller.actor {
        Actor::ScimToken { id } => Some(id),
        _ => None,
    }
}

/// Whether the IdP that asks, or one whose token is not in force any more, wrote the account last.
pub(super) async fn is_same(unit: &Unit<'_>, user: &User) -> Result<bool, Error> {
    let (Some(before), Some(now)) = (user.pushed_by, of(unit.caller)) else { return Ok(true) };
    if before == now {
        return Ok(true);
    }
    let other = storage::scim_token::find(&*unit.tx, before).await?;
    Ok(other.is_none_or(|token| token.expire_time.is_some_and(|end| end <= unit.now)))
}
