//! What a request takes away from organizations, over all its changes (services floor).

use super::{Tallied, Tally};
use crate::{
    domain::{
        id::LargeRemovalId,
        provisioning::{Movement, OrganizationRemoval},
    },
    services::provisioning::removal::Held,
};

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::services::provisioning) struct Removals {
    /// Who came into organizations and who left them.
    pub(in crate::services::provisioning) movement: Movement,
    /// Where much was taken away, or would have been.
    large: Vec<OrganizationRemoval>,
    /// What waits for an admin, when a change was refused for it.
    held: Option<LargeRemovalId>,
    /// Whether an admin released what is taken away.
    released: bool,
    /// What was refused just now, and is not kept yet.
    refused: Option<Held>,
    /// What earlier operations of the same request took away.
    earlier: Option<Box<Removals>>,
}

impl Removals {
    pub(super) fn add(&mut self, other: Self) {
        self.movement.join(other.movement);
        self.put_large(other.large);
        self.held = other.held.or(self.held);
        self.released |= other.released;
    }

    /// Of each organization, what was said last.
    fn put_large(&mut self, removals: Vec<OrganizationRemoval>) {
        let is_of =
            |old: &OrganizationRemoval, new: &OrganizationRemoval| old.organization_id == new.organization_id;
        self.large.retain(|old| !removals.iter().any(|new| is_of(old, new)));
        self.large.extend(removals);
    }
}

impl Tallied {
    /// Where much of an organization's members was taken away, or would have been.
    #[must_use]
    pub fn large_removals(&self) -> &[OrganizationRemoval] {
        &self.removals.large
    }

    /// The large removal that waits for an admin, when a change was refused for it.
    #[must_use]
    pub fn held(&self) -> Option<LargeRemovalId> {
        self.removals.held
    }
}

impl Tally {
    /// An empty one for the next operation of the same request: it knows what earlier operations took away.
    #[must_use]
    pub fn next(&self) -> Self {
        let next = Self::default();
        next.lock().removals.earlier = Some(Box::new(self.read().removals));
        next
    }

    /// Forgets everything: the transaction begins again.
    pub(in crate::services) fn clear(&self) {
        *self.lock() = Tallied::default();
    }

    /// Who came into organizations and who left them.
    pub(in crate::services::provisioning) fn movement(&self) -> Movement {
        self.lock().removals.movement.clone()
    }

    /// Notes where much is taken away.
    pub(in crate::services::provisioning) fn put_large(&self, removals: Vec<OrganizationRemoval>) {
        self.lock().removals.put_large(removals);
    }

    /// Notes that an admin released it.
    pub(in crate::services::provisioning) fn release(&self) {
        self.lock().removals.released = true;
    }

    /// Notes that the change is refused for what it would take away.
    pub(in crate::services::provisioning) fn refuse(&self, refused: Held) {
        self.lock().removals.refused = Some(refused);
    }

    /// What the change was refused for.
    pub(in crate::services) fn take_refused(&self) -> Option<Held> {
        self.lock().removals.refused.take()
    }

    /// Notes what waits for an admin.
    pub(in crate::services) fn hold(&self, removals: Vec<OrganizationRemoval>, id: LargeRemovalId) {
        let mut all = self.lock();
        all.removals.put_large(removals);
        all.removals.held = Some(id);
    }

    /// What earlier operations of the same request did.
    pub(in crate::services::provisioning) fn earlier(&self) -> Earlier {
        let all = self.lock();
        let Some(earlier) = &all.removals.earlier else { return Earlier::default() };
        Earlier {
            movement: earlier.movement.clone(),
            is_told: !earlier.large.is_empty(),
            held: earlier.held,
            released: earlier.released,
        }
    }
}

/// What earlier operations of the same request did.
#[derive(Clone, Debug, Default)]
pub(in crate::services::provisioning) struct Earlier {
    /// Who came into organizations and who left them.
    pub(in crate::services::provisioning) movement: Movement,
    /// Whether one of them took much away already, and was told of.
    pub(in crate::services::provisioning) is_told: bool,
    /// What waits for an admin because of one of them.
    pub(in crate::services::provisioning) held: Option<LargeRemovalId>,
    /// Whether an admin released what one of them took away.
    pub(in crate::services::provisioning) released: bool,
}
