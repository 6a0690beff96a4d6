//! Which IdP an account is of (services floor).
//!
//! An `externalId` is the IdP's own, and names a person there alone (RFC 7643 §3.1). Each IdP has a SCIM token, and gets a new one
//! now and then. So an account is of the IdP that asks when its token wrote the account last, or where there is no other IdP. Beside a
//! `userName` or an e-mail that is the same, the `externalId` is enough.

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

/// Whether the IdP that asks wrote the account last: by the token that it asks with, or by an earlier one, which is known where no
/// other token is in force.
pub(super) async fn is_same(unit: &Unit<'_>, user: &User) -> Result<bool, Error> {
    let Some(now) = of(unit.caller) else { return Ok(true) };
    if user.pushed_by == Some(now) {
        return Ok(true);
    }
    Ok(storage::scim_token::count_in_force(&*unit.tx, unit.now).await? <= 1)
}

/// Whether another token wrote the account last, as far as is known.
pub(super) fn is_other(unit: &Unit<'_>, user: &User) -> bool {
    user.pushed_by.zip(of(unit.caller)).is_some_and(|(before, now)| before != now)
}
