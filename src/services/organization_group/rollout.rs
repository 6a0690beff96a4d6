//! Extending a new mapping to the members of its group (services floor).
//!
//! A large group takes many transactions, so that nobody else waits for long. How far the mapping reaches is kept
//! with it (`storage::organization_group::rollout`): after a crash, or when the caller went away, a job goes on.

use std::time::Duration;

use crate::{
    domain::{
        actor::Caller,
        id::{IdpGroupId, OrganizationGroupId},
        organization::{OrganizationGroup, Rollout},
    },
    services::{Error, Services, Unit},
    storage::{
        self,
        organization_group::rollout::{self as stored, Part},
    },
};

/// Members whom one transaction reaches, if nothing else is said; well under a tenth of a second.
pub const STEP: u32 = 10_000;
/// After what time without a step nobody is at it any more.
const RESTING: Duration = Duration::from_secs(30);

/// Extends a new mapping to the first members of its group, and notes how far when there are more.
pub(super) async fn begin(
    services: &Services,
    unit: &Unit<'_>,
    mapping: &OrganizationGroup,
) -> Result<(), Error> {
    let Some(group) = mapping.group_id else { return Ok(()) };
    step(services, unit, mapping, group, &Rollout::new(mapping.id, unit.caller)).await
}

async fn step(
    services: &Services,
    unit: &Unit<'_>,
    mapping: &OrganizationGroup,
    group: IdpGroupId,
    rollout: &Rollout,
) -> Result<(), Error> {
    let after = rollout.reached;
    let until = stored::end_of_step(&*unit.tx, group, after, services.rollout_step).await?;
    let part = Part { group, after, until };
    unit.note_revision(stored::extend(&*unit.tx, mapping, part, rollout, unit.now).await?);
    match until {
        Some(reached) => stored::put(&*unit.tx, rollout, reached, unit.now).await?,
        None => stored::delete(&*unit.tx, mapping.id).await?,
    }
    Ok(())
}

/// Goes on until the mapping reaches everyone, or is gone.
pub(super) async fn finish(
    services: &Services,
    caller: &Caller,
    mapping: OrganizationGroupId,
) -> Result<(), Error> {
    while go_on(services, caller, mapping).await? {}
    Ok(())
}

/// One step more; tells whether there may be others.
async fn go_on(services: &Services, caller: &Caller, id: OrganizationGroupId) -> Result<bool, Error> {
    // most mappings reach everyone with their first step
    if stored::find(services.store.reader(), id).await?.is_none() {
        return Ok(false);
    }
    let write = services.change(caller, |unit| async move {
        let Some(mapping) = storage::organization_group::find_by_id(&*unit.tx, id).await? else {
            return Ok(false);
        };
        storage::organization::find_for_update(&*unit.tx, mapping.organization_id).await?;
        let Some(group) = mapping.group_id else {
            // nobody has the role any more; all of the next group of this name get it at once
            stored::delete(&*unit.tx, id).await?;
            return Ok(false);
        };
        storage::idp_group::find_for_update(&*unit.tx, group).await?;
        // both may have changed before the group could be held; its members stand still from here on
        let again = storage::organization_group::find_by_id(&*unit.tx, id).await?;
        let Some(mapping) = again.filter(|again| again.group_id == Some(group)) else { return Ok(true) };
        let Some(rollout) = stored::find(&*unit.tx, id).await? else { return Ok(false) };
        step(services, &unit, &mapping, group, &rollout).await?;
        Ok::<_, Error>(true)
    });
    write.await
}

/// Goes on with the mappings that nobody extends any more.
///
/// # Errors
/// When the database fails.
pub async fn resume(services: &Services) -> Result<(), Error> {
    let caller = Caller::system("rollout");
    let since = services.now().minus(RESTING);
    for rollout in stored::list_resting(services.store.reader(), since).await? {
        finish(services, &caller, rollout.mapping).await?;
    }
    Ok(())
}
