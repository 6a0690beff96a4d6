//! What changes did, counted while they are made (services floor).

mod removals;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::removals::Removals;
use crate::domain::{
    idp_group::IdpGroup,
    membership::MembershipChange,
    provisioning::{PushEffect, Resource, ResourceKind},
    user::User,
};

/// What changes did; clones count into one. A transaction counts into its own, which is added to that of the request
/// once it is committed.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<Tallied>>);

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallied {
    /// In numbers.
    pub effect: PushEffect,
    /// The resource that was written last.
    pub resource: Option<Resource>,
    /// What it takes away from organizations.
    pub(super) removals: Removals,
}

impl Tally {
    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Tallied {
        self.lock().clone()
    }

    /// Adds what another one counted.
    pub fn add(&self, other: &Self) {
        let other = other.read();
        let mut all = self.lock();
        all.effect += other.effect;
        all.resource = other.resource.or_else(|| all.resource.take());
        all.removals.add(other.removals);
    }

    /// Counts a user that was written, in the way that `count` says.
    pub(in crate::services) fn user(&self, user: &User, count: impl FnOnce(&mut PushEffect) -> &mut u64) {
        let mut all = self.lock();
        *count(&mut all.effect) += 1;
        all.resource = Some(Resource {
            kind: ResourceKind::User,
            id: user.scim_id.to_string(),
            name: user.person.user_name.clone(),
            external_id: user.person.external_id.clone(),
        });
    }

    /// Counts a group that was written, in the way that `count` says, and the members who came and went.
    pub(in crate::services) fn group(
        &self,
        group: &IdpGroup,
        (added, removed): (u64, u64),
        count: impl FnOnce(&mut PushEffect) -> &mut u64,
    ) {
        let mut all = self.lock();
        *count(&mut all.effect) += 1;
        all.effect.members_added += added;
        all.effect.members_removed += removed;
        all.resource = Some(Resource {
            kind: ResourceKind::Group,
            id: group.id.to_string(),
            name: group.push.display_name.clone(),
            external_id: group.push.external_id.clone(),
        });
    }

    /// Counts members who left groups by another way than a change of the group.
    pub(in crate::services) fn left(&self, groups: usize) {
        self.lock().effect.members_removed += u64::try_from(groups).unwrap_or(u64::MAX);
    }

    /// Counts changes of effective roles.
    pub(in crate::services) fn memberships(&self, changes: &[MembershipChange]) {
        let mut all = self.lock();
        all.effect.count(changes);
        all.removals.movement.add(changes);
    }

    /// Counts roles that were given or raised, where only their numbers are known.
    pub(in crate::services) fn granted(&self, added: u64, changed: u64) {
        let mut all = self.lock();
        all.effect.memberships_added += added;
        all.effect.memberships_changed += changed;
    }

    fn lock(&self) -> MutexGuard<'_, Tallied> {
        // counting cannot leave it half-done
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
