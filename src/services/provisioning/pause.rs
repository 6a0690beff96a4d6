//! Stopping the writes of IdPs, and letting them through again (services floor).

use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot, Subject, SubjectKind},
        id::ScimTokenId,
        membership::Given,
        provisioning::{Pause, check_reason},
    },
    services::{
        Error, Services, Unit, access,
        audit::{self, Entry},
        scim_token, standing,
    },
    storage::{self, provisioning::pause as stored},
};

/// Refuses the writes of one SCIM token, or of all, from the next transaction on. What is paused already gets the new
/// reason.
///
/// # Errors
/// The caller is no server admin; there is no reason, or a long one; there is no such token.
pub async fn pause(
    services: &Services,
    caller: &Caller,
    scope: Option<ScimTokenId>,
    reason: &str,
) -> Result<Pause, Error> {
    access::require_server_admin(caller)?;
    check_reason(reason)?;
    let write = services.change_holding(caller, standing::of_scim_tokens(scope), |unit| async move {
        let old = find(&unit, scope).await?;
        if let Some(same) = old.as_ref().filter(|old| old.reason == reason) {
            return Ok(same.clone());
        }
        let actor = &unit.caller.actor;
        let given = Given { actor_kind: actor.kind().to_owned(), actor_id: actor.id(), time: unit.now };
        let new = Pause { scope, reason: reason.to_owned(), given };
        stored::put(&*unit.tx, &new).await?;
        let entry = Entry::new(Action::ProvisioningPaused, subject(scope));
        audit::record(&unit, entry.changed(snapshot(old.as_ref()), snapshot(Some(&new)))).await?;
        Ok(new)
    });
    write.await
}

/// Lets the writes of one SCIM token through again, or ends the pause of all. Without a pause it changes nothing.
///
/// # Errors
/// The caller is no server admin; there is no such token.
pub async fn resume(services: &Services, caller: &Caller, scope: Option<ScimTokenId>) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change_holding(caller, standing::of_scim_tokens(scope), |unit| async move {
        let Some(old) = find(&unit, scope).await? else { return Ok(()) };
        stored::delete(&*unit.tx, scope).await?;
        let entry = Entry::new(Action::ProvisioningResumed, subject(scope));
        audit::record(&unit, entry.changed(snapshot(Some(&old)), Snapshot::empty())).await
    });
    write.await
}

/// The pause of exactly this scope; its token is locked, so that a pause does not outlive it.
async fn find(unit: &Unit<'_>, scope: Option<ScimTokenId>) -> Result<Option<Pause>, Error> {
    if let Some(id) = scope {
        let token = storage::scim_token::find_for_update(&*unit.tx, id).await?;
        scim_token::require(token, id).map_err(|error| error.renamed("token_id", "scim_token_id"))?;
    }
    Ok(stored::find(&*unit.tx, scope).await?)
}

fn subject(scope: Option<ScimTokenId>) -> Subject {
    let kind = if scope.is_some() { SubjectKind::ScimToken } else { SubjectKind::Server };
    Subject { kind, id: scope.map(|id| id.to_string()).unwrap_or_default(), name: String::new() }
}

fn snapshot(pause: Option<&Pause>) -> Snapshot {
    Snapshot::empty().with_some("reason", pause.map(|pause| &pause.reason))
}
