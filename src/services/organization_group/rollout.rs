//! Extending a new mapping to the members of its group (services floor).
//!
//! A large group takes many transactions, so that nobody else waits for long. How far the mapping reaches is kept
//! with it (`storage::organization_group::rollout`): after a crash, or when the caller went away, a job goes on.

use std::time::{Duration, Instant};

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

/// Most members whom one transaction reaches, if nothing else is said.
pub const STEP: u32 = 10_000;
/// Members whom the first one reaches, before it is known how long they take.
const FIRST: u32 = 2_000;
/// Fewest, as long as others are left: each step costs something, however few it reaches.
const FEWEST: u32 = 500;
/// How long one may take: others wait for it, and for its commit.
const WORK: Duration = Duration::from_millis(40);
/// After what time without a step nobody is at it any more: a step takes a fraction of that.
const RESTING: Duration = Duration::from_secs(1);

/// Extends a new mapping to the first members of its group, and notes how far when there are more.
pub(super) async fn begin(
    services: &Services,
    unit: &Unit<'_>,
    mapping: &OrganizationGroup,
) -> Result<(), Error> {
    let Some(group) = mapping.group_id else { return Ok(()) };
    let size = FIRST.min(services.rollout_step);
    step(unit, mapping, group, &Rollout::new(mapping.id, unit.caller), size).await
}

async fn step(
    unit: &Unit<'_>,
    mapping: &OrganizationGroup,
    group: IdpGroupId,
    rollout: &Rollout,
    size: u32,
) -> Result<(), Error> {
    let after = rollout.reached;
    let until = stored::end_of_step(&*unit.tx, group, after, size).await?;
    let part = Part { group, after, until };
    let extended = stored::extend(&*unit.tx, mapping, part, rollout, unit.now).await?;
    unit.note_revision(extended.revision);
    unit.tally.granted(extended.added, extended.changed);
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
    let most = services.rollout_step;
    let mut size = FIRST.min(most);
    while let Some(took) = go_on(services, caller, mapping, size).await? {
        size = next_size(size, took, most);
    }
    Ok(())
}

/// How many members take as long as one step may, by how long `size` took; at most four times as many, and `most`.
fn next_size(size: u32, took: Duration, most: u32) -> u32 {
    let per_member = took.as_nanos() / u128::from(size.max(1));
    let fit = WORK.as_nanos().checked_div(per_member).unwrap_or(u128::MAX);
    let fit = u32::try_from(fit).unwrap_or(u32::MAX);
    fit.min(size.saturating_mul(4)).clamp(FEWEST.min(most), most)
}

/// One step more, of so many members at most; tells how long it took if there may be others.
async fn go_on(
    services: &Services,
    caller: &Caller,
    id: OrganizationGroupId,
    size: u32,
) -> Result<Option<Duration>, Error> {
    // most mappings reach everyone with their first step
    if stored::find(services.store.reader(), id).await?.is_none() {
        return Ok(None);
    }
    let write = services.change(caller, |unit| async move {
        let Some(mapping) = storage::organization_group::find_by_id(&*unit.tx, id).await? else {
            return Ok(None);
        };
        storage::organization::find_for_update(&*unit.tx, mapping.organization_id).await?;
        let Some(group) = mapping.group_id else {
            // nobody has the role any more; all of the next group of this name get it at once
            stored::delete(&*unit.tx, id).await?;
            return Ok(None);
        };
        storage::idp_group::find_for_update(&*unit.tx, group).await?;
        // to wait for others is not the step's own time
        let began = Instant::now();
        // both may have changed before the group could be held; its members stand still from here on
        let again = storage::organization_group::find_by_id(&*unit.tx, id).await?;
        let Some(mapping) = again.filter(|again| again.group_id == Some(group)) else {
            return Ok(Some(WORK));
        };
        let Some(rollout) = stored::find(&*unit.tx, id).await? else { return Ok(None) };
        step(&unit, &mapping, group, &rollout, size).await?;
        Ok::<_, Error>(Some(began.elapsed()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_as_large_as_its_time_allows() {
        let next = |size, millis| next_size(size, Duration::from_millis(millis), STEP);
        assert_eq!(next(2_000, 8), 8_000, "not more than four times as many");
        assert_eq!(next(2_000, 20), 4_000);
        assert_eq!(next(10_000, 20), STEP);
        assert_eq!(next(10_000, 400), 1_000);
        assert_eq!(next(10_000, 60_000), FEWEST, "what each step costs is not the members' fault");
        assert_eq!(next_size(50, Duration::from_mins(1), 100), 100, "few at most");
        assert_eq!(next(2_000, 0), 8_000);
    }
}
