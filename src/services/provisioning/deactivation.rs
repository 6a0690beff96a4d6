//! Deactivations that are refused: an IdP takes a refusal as final, so an admin must learn of it (services floor).

use crate::{
    domain::{
        actor::Caller,
        id::{ScimTokenId, ScimUserId},
        provisioning::RefusedDeactivation,
        user::User,
    },
    services::{Error, Services, access, standing},
    storage::{self, provisioning::deactivation as stored},
};

/// Notes that a request to switch this user off was refused, for readiness; tells whether the user is active still. It is
/// noted while writes of the token are paused, too.
///
/// # Errors
/// The caller is no IdP.
pub async fn note_refused(
    services: &Services,
    caller: &Caller,
    token: ScimTokenId,
    id: ScimUserId,
    detail: &str,
) -> Result<bool, Error> {
    access::require_scim(caller)?;
    let program = Caller::system(caller.request_id.clone());
    let write = services.change_holding(&program, standing::of_pushing(token), |unit| async move {
        standing::require_alive(&unit, token).await?;
        let found = storage::user::find_by_scim_id(&*unit.tx, id).await?;
        let Some(user) = found.filter(|user| user.is_active() && user.is_visible_to_scim()) else {
            return Ok(false);
        };
        let refused = RefusedDeactivation {
            user: user.id,
            token,
            request_id: caller.request_id.clone(),
            detail: detail.to_owned(),
            time: unit.now,
        };
        stored::put(&*unit.tx, &refused).await?;
        Ok(true)
    });
    write.await
}

/// Forgets a refusal, since a later push says that this user is to be active.
///
/// # Errors
/// The caller is no IdP.
pub async fn forget_refused(services: &Services, caller: &Caller, id: ScimUserId) -> Result<(), Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let Some(User { id: user, .. }) = storage::user::find_by_scim_id(db, id).await? else { return Ok(()) };
    if !stored::exists(db, user).await? {
        return Ok(());
    }
    let write = services.change(caller, |unit| async move { Ok(stored::delete(&*unit.tx, user).await?) });
    write.await
}
