//! The gate that every change of an IdP passes, whatever it changes (services floor).

use crate::{
    domain::{actor::Actor, provisioning::Pause},
    services::{Error, Reason, Services, Unit},
    storage::provisioning::pause,
};

/// Before a change: an IdP that is paused changes nothing. Where this process alone pauses it, it remembers that.
pub(in crate::services) async fn enter(services: &Services, unit: &Unit<'_>) -> Result<(), Error> {
    let Actor::ScimToken { id } = unit.caller.actor else { return Ok(()) };
    let memory = &services.memory;
    let epoch = memory.token_epoch().filter(|_| services.store.has_one_server());
    let find = async { Ok::<_, Error>(pause::find_for(&*unit.tx, id).await?) };
    match memory.pauses.get_or(epoch, id, find).await? {
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
