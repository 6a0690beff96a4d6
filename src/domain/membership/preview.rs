//! What a change would do to memberships, told before it is made (domain floor).

use super::{MembershipChange, Roles, plan};

/// What becomes of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A new member.
    Added,
    /// A member with another role.
    Changed,
    /// A member no more.
    Removed,
    /// A member with the same role, if from another source.
    Staying,
}

impl MembershipChange {
    /// What becomes of the membership.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match (self.before, self.after) {
            (None, Some(_)) => Effect::Added,
            (Some(_), None) => Effect::Removed,
            (Some(before), Some(after)) if before.role != after.role => Effect::Changed,
            _ => Effect::Staying,
        }
    }
}

/// How many memberships a change has each effect on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New members.
    pub added: u64,
    /// Members with another role.
    pub changed: u64,
    /// Members no more.
    pub removed: u64,
    /// Members with the same role.
    pub staying: u64,
}

impl Counts {
    /// The counts of these effects.
    #[must_use]
    pub fn of(effects: &[MembershipChange]) -> Self {
        let mut counts = Self::default();
        for change in effects {
            let count = match change.effect() {
                Effect::Added => &mut counts.added,
                Effect::Changed => &mut counts.changed,
                Effect::Removed => &mut counts.removed,
                Effect::Staying => &mut counts.staying,
            };
            *count += 1;
        }
        counts
    }
}

/// What becomes of everyone in `current` or `desired`, in the order of the keys: what [`plan`] changes, and
/// who stays.
#[must_use]
pub fn effects(current: &Roles, desired: &Roles) -> Vec<MembershipChange> {
    let mut all = plan(current, desired);
    let same = current.iter().filter(|(key, held)| desired.get(*key) == Some(*held));
    all.extend(same.map(|(key, held)| MembershipChange {
        key: *key,
        before: Some(*held),
        after: Some(*held),
    }));
    all.sort_by_key(|change| change.key);
    all
}
