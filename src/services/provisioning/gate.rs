//! The gate that every change of an IdP passes, whatever it changes (services floor).

use crate::{
    domain::{actor::Actor, provisioning::Pause},
    services::{Error, Reason, Unit},
    storage::provisioning::pause,
};

/// Before a change: an IdP that is paused changes nothing.
pub(in crate::services) async fn enter(unit: &Unit<'_>) -> Result<(), Error> {
    let Actor::ScimToken { id } = unit.caller.actor else { return Ok(()) };
    match pause::find_for(&*unit.tx, id).await? {
        Some(pause) => Err(paused(&pause)),
        None => Ok(()),
    }
}

fn paused(pause: &Pause) -> Error {
    let what = if pause.scope.is_some() { "with this SCIM token " } else { "" };
    let message = format!(
        "provisioning {what}is paused by an administrator ({}): reads go on; send this again after it is resumed",
        pause.reason
    );
    Error::precondition(Reason::ProvisioningPaused, message)
}
