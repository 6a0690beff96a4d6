//! Operations on the members of a group (services floor).
//!
//! A member id that no user has does not sink the push: the known members are kept, and the unknown id is
//! stored for readiness and the audit log. An IdP takes an error as final and would never send the others again.

use std::collections::BTreeSet;

use super::{
    held::Held,
    steps::{self, Step, steps},
};

use crate::{
    domain::{
        audit::Snapshot,
        id::{ScimUserId, UserId},
        idp_group::{GroupEffect, IdpGroup, MemberChange, MemberTest},
        name::TEXT_MAX,
    },
    services::{Error, Kind, Reason, Unit},
    storage::idp_group::members,
};

/// What operations did to the members of a group, taken together.
#[derive(Debug, Default)]
pub(super) struct Moved {
    added: BTreeSet<UserId>,
    removed: BTreeSet<UserId>,
    unknown: BTreeSet<String>,
}

impl Moved {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    pub(super) fn users(&self) -> Vec<UserId> {
        self.added.union(&self.removed).copied().collect()
    }

    pub(super) fn added_count(&self) -> u64 {
        u64::try_from(self.added.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn removed_count(&self) -> u64 {
        u64::try_from(self.removed.len()).unwrap_or(u64::MAX)
    }

    /// How many came, and how many went.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.added_count(), self.removed_count())
    }

    pub(super) fn effect(self, group: IdpGroup) -> GroupEffect {
        let (added, removed) = self.counts();
        GroupEffect { group, added, removed, unknown_members: self.unknown.into_iter().collect() }
    }

    /// The audit log tells how many came, went, and are unknown, and names the first of each.
    pub(super) fn tell(&self, snapshot: Snapshot) -> Snapshot {
        let count = |count: usize| Some(count).filter(|count| *count > 0);
        snapshot
            .with_some("added", some_of(&self.added))
            .with_some("added_count", count(self.added.len()))
            .with_some("removed", some_of(&self.removed))
            .with_some("removed_count", count(self.removed.len()))
            .with_some("unknown", some_of(&self.unknown))
            .with_some("unknown_count", count(self.unknown.len()))
    }

    /// Someone who comes after going, or goes after coming, is where they were.
    fn came(&mut self, users: Vec<UserId>) {
        for user in users {
            if !self.removed.remove(&user) {
                self.added.insert(user);
            }
        }
    }

    fn went(&mut self, users: Vec<UserId>) {
        for user in users {
            if !self.added.remove(&user) {
                self.removed.insert(user);
            }
        }
    }
}

/// How many members a row of the audit log names. Who is in a group, by whom and since when, is kept with the member.
const NAMED: usize = 100;

fn some_of<T: ToString>(items: &BTreeSet<T>) -> Option<String> {
    let texts: Vec<_> = items.iter().take(NAMED).map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// Carries out the operations in order.
pub(super) async fn apply(
    unit: &Unit<'_>,
    group: &IdpGroup,
    changes: &[MemberChange],
    renamed: bool,
) -> Result<Moved, Error> {
    let steps = steps(changes);
    steps::check(&steps, group.member_count)?;
    let held = &Held::of(unit, group, &steps, renamed).await?;
    let mut moved = Moved::default();
    for step in &steps {
        match step {
            Step::Named(named) if named.replaces => {
                replace(unit, group, (held, &named.come), &mut moved).await?;
            }
            Step::Named(named) => {
                remove(unit, group, (held, &named.go), &mut moved).await?;
                add(unit, group, (held, &named.come), &mut moved).await?;
            }
            Step::Where { test, values, must_match } => {
                let found = remove_where(unit, group, test, &mut moved).await?;
                if *must_match && !found {
                    return Err(nobody_meant());
                }
                add(unit, group, (held, *values), &mut moved).await?;
            }
        }
    }
    Ok(moved)
}

fn nobody_meant() -> Error {
    let message = "no member of the group is meant by the path; nothing can be replaced";
    Error::new(Kind::NotFound, Reason::NoTarget, message).of_field("members")
}

async fn add(
    unit: &Unit<'_>,
    group: &IdpGroup,
    (held, values): (&Held, impl IntoIterator<Item = &String>),
    moved: &mut Moved,
) -> Result<(), Error> {
    let Some(known) = Known::resolve_some(unit, held, values).await? else { return Ok(()) };
    let added = members::add(&*unit.tx, group.id, &known.users, unit.caller, unit.now).await?;
    put_unknown(unit, group, &known).await?;
    moved.unknown.extend(known.unknown);
    moved.came(added);
    Ok(())
}

async fn remove(
    unit: &Unit<'_>,
    group: &IdpGroup,
    (held, values): (&Held, &BTreeSet<String>),
    moved: &mut Moved,
) -> Result<(), Error> {
    let Some(known) = Known::resolve_some(unit, held, values).await? else { return Ok(()) };
    let removed = members::remove(&*unit.tx, group.id, &known.users).await?;
    if !known.unknown.is_empty() {
        let values: Vec<_> = known.unknown.iter().cloned().collect();
        members::forget_unknown(&*unit.tx, group.id, Some(&values)).await?;
        moved.unknown.retain(|value| !known.unknown.contains(value));
    }
    moved.went(removed);
    Ok(())
}

/// Tells whether the test names anybody.
async fn remove_where(
    unit: &Unit<'_>,
    group: &IdpGroup,
    test: &MemberTest,
    moved: &mut Moved,
) -> Result<bool, Error> {
    let rows = members::list(&*unit.tx, &[group.id]).await?;
    let meant: Vec<_> =
        rows.iter().filter(|(_, row)| (test.names)(&row.member)).map(|(_, row)| row.user_id).collect();
    moved.went(members::remove(&*unit.tx, group.id, &meant).await?);
    Ok(!meant.is_empty())
}

async fn replace(
    unit: &Unit<'_>,
    group: &IdpGroup,
    (held, values): (&Held, &BTreeSet<String>),
    moved: &mut Moved,
) -> Result<(), Error> {
    let known = Known::resolve(unit, held, values).await?;
    let wanted: BTreeSet<_> = known.users.iter().copied().collect();
    let current: BTreeSet<_> = members::list_user_ids(&*unit.tx, group.id).await?.into_iter().collect();
    let gone: Vec<_> = current.difference(&wanted).copied().collect();
    let new: Vec<_> = wanted.difference(&current).copied().collect();
    moved.went(members::remove(&*unit.tx, group.id, &gone).await?);
    moved.came(members::add(&*unit.tx, group.id, &new, unit.caller, unit.now).await?);
    members::forget_unknown(&*unit.tx, group.id, None).await?;
    put_unknown(unit, group, &known).await?;
    moved.unknown = known.unknown;
    Ok(())
}

async fn put_unknown(unit: &Unit<'_>, group: &IdpGroup, known: &Known) -> Result<(), Error> {
    let values: Vec<_> = known.unknown.iter().cloned().collect();
    Ok(members::put_unknown(&*unit.tx, group.id, &values, unit.caller, unit.now).await?)
}

/// The users behind member ids, and the ids that no user has.
struct Known {
    users: Vec<UserId>,
    /// Each cut to the length that is kept of any text.
    unknown: BTreeSet<String>,
}

impl Known {
    /// None when there are no values.
    async fn resolve_some(
        unit: &Unit<'_>,
        held: &Held,
        values: impl IntoIterator<Item = &String>,
    ) -> Result<Option<Self>, Error> {
        let values: Vec<_> = values.into_iter().collect();
        if values.is_empty() { Ok(None) } else { Self::resolve(unit, held, values).await.map(Some) }
    }

    async fn resolve(
        unit: &Unit<'_>,
        held: &Held,
        values: impl IntoIterator<Item = &String>,
    ) -> Result<Self, Error> {
        let values: Vec<_> = values.into_iter().collect();
        let ids: BTreeSet<ScimUserId> = values.iter().filter_map(|value| value.parse().ok()).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let found = held.users(unit, &ids).await?;
        let known: BTreeSet<String> = found.iter().map(|(id, _)| id.to_string()).collect();
        let unknown = values.iter().filter(|value| !known.contains(**value));
        let unknown = unknown.map(|value| value.chars().take(TEXT_MAX).collect()).collect();
        let users: BTreeSet<_> = found.into_iter().map(|(_, user)| user).collect();
        Ok(Self { users: users.into_iter().collect(), unknown })
    }
}
