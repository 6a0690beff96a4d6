//! The users whom the operations on a group's members concern, found and held before anything is written (services floor).
//!
//! PostgreSQL runs transactions side by side, and everyone holds users in the order of their ids. So all of them are held at once,
//! before the first one joins or leaves. SQLite runs one transaction at a time, and looks for users as it goes.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::Step;
use crate::{
    domain::{
        id::{ScimUserId, UserId},
        idp_group::IdpGroup,
    },
    services::{Error, Unit, membership},
    storage::{self, idp_group::members},
};

/// The users behind member ids.
pub(super) struct Held(Option<BTreeMap<ScimUserId, UserId>>);

impl Held {
    /// Finds and holds the users of these steps; of all members as well where the whole group is `renamed`.
    pub(super) async fn of(
        unit: &Unit<'_>,
        group: &IdpGroup,
        steps: &[Step<'_>],
        renamed: bool,
    ) -> Result<Self, Error> {
        if unit.tx.runs_alone() {
            return Ok(Self(None));
        }
        let ids: BTreeSet<ScimUserId> = steps.iter().flat_map(ids_of).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let named: BTreeMap<_, _> = members::resolve(&*unit.tx, &ids).await?.into_iter().collect();
        let wanted: BTreeSet<_> = named.values().copied().collect();
        let users: Vec<_> = concerned(unit, group, steps, renamed, &wanted).await?.into_iter().collect();
        let mut visible = 0;
        for part in users.chunks(membership::USERS) {
            let held = storage::user::lock_visible(&*unit.tx, part).await?;
            // a merge may have given the resource to another account
            visible += held.iter().filter(|(user, scim_id)| named.get(scim_id) == Some(user)).count();
        }
        // those whom a replacement leaves alone are not held
        let expected = users.iter().filter(|user| wanted.contains(*user)).count();
        if visible < expected {
            return Err(storage::Error::outdated("a user").into());
        }
        Ok(Self(Some(named)))
    }

    /// The users with these SCIM ids.
    pub(super) async fn users(
        &self,
        unit: &Unit<'_>,
        ids: &[ScimUserId],
    ) -> Result<Vec<(ScimUserId, UserId)>, Error> {
        match &self.0 {
            Some(named) => Ok(ids.iter().filter_map(|id| Some((*id, *named.get(id)?))).collect()),
            None => Ok(members::resolve(&*unit.tx, ids).await?),
        }
    }
}

/// Whom the steps may concern: those that they name, and of the members those that may go.
async fn concerned(
    unit: &Unit<'_>,
    group: &IdpGroup,
    steps: &[Step<'_>],
    renamed: bool,
    named: &BTreeSet<UserId>,
) -> Result<BTreeSet<UserId>, Error> {
    let by_id = |step: &Step<'_>| matches!(step, Step::Named(named) if !named.replaces);
    if !renamed && steps.iter().all(by_id) {
        return Ok(named.clone());
    }
    if let ([Step::Where { test, .. }], false) = (steps, renamed) {
        let rows = members::list(&*unit.tx, &[group.id]).await?;
        let meant = rows.iter().filter(|(_, row)| (test.names)(&row.member)).map(|(_, row)| row.user_id);
        return Ok(meant.chain(named.iter().copied()).collect());
    }
    let current: BTreeSet<_> = members::list_user_ids(&*unit.tx, group.id).await?.into_iter().collect();
    match steps {
        // who stays is not touched
        [Step::Named(_)] if !renamed => Ok(current.symmetric_difference(named).copied().collect()),
        _ => Ok(current.union(named).copied().collect()),
    }
}

fn ids_of(step: &Step<'_>) -> Vec<ScimUserId> {
    let parsed = |value: &String| value.parse().ok();
    match step {
        Step::Named(named) => named.come.iter().chain(&named.go).filter_map(parsed).collect(),
        Step::Where { values, .. } => values.iter().filter_map(parsed).collect(),
    }
}
