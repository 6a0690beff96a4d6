//! Large removals: one request that would take much of an organization's members away (domain floor).

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::domain::{
    clock::Timestamp,
    id::{LargeRemovalId, OrganizationId, ScimTokenId, UserId},
    membership::{Effect, Given, MembershipChange},
    role::codes,
    secret::hex,
};

/// From when on a removal is large, and what then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovalRule {
    /// It takes more than so many of a hundred members away,
    pub percent: u32,
    /// and at least so many.
    pub members: u64,
    /// Whether it is refused until an admin releases it.
    pub hold: bool,
}

impl Default for RemovalRule {
    fn default() -> Self {
        Self { percent: 50, members: 10, hold: false }
    }
}

impl RemovalRule {
    /// Whether it is large to remove `removed` of `members`.
    #[must_use]
    pub fn is_large(&self, removed: u64, members: u64) -> bool {
        let share = u128::from(removed) * 100;
        removed >= self.members && share > u128::from(members) * u128::from(self.percent)
    }
}

/// What a large removal takes away from one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRemoval {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name at the time.
    pub name: String,
    /// How many members go.
    pub removed: u64,
    /// How many there were.
    pub members: u64,
}

/// What became of a large removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovalState {
    /// It took place.
    Done,
    /// It was refused, and waits for an admin.
    Held,
    /// An admin lets it through when the IdP sends it again.
    Released,
}

codes! {
    RemovalState { Done = 1 "done", Held = 2 "held", Released = 3 "released" }
}

/// A large removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LargeRemoval {
    /// Its id.
    pub id: LargeRemovalId,
    /// The SCIM token of the IdP.
    pub token: ScimTokenId,
    /// The latest request that made it or tried to.
    pub request_id: String,
    /// When that was.
    pub time: Timestamp,
    /// What became of it.
    pub state: RemovalState,
    /// Where it is large.
    pub organizations: Vec<OrganizationRemoval>,
    /// Who released it, and when.
    pub released: Option<Given>,
}

/// Who comes into an organization and who goes, in one change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movement(BTreeMap<OrganizationId, Moved>);

/// Of one organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many came.
    pub added: u64,
    /// Who went.
    pub removed: BTreeSet<UserId>,
}

impl Movement {
    /// Adds changes of effective roles.
    pub fn add(&mut self, changes: &[MembershipChange]) {
        for change in changes {
            let (organization, user) = change.key;
            match change.effect() {
                // who comes back after going is where they were
                Effect::Added if self.back(organization, user) => {}
                Effect::Added => self.0.entry(organization).or_default().added += 1,
                Effect::Removed => {
                    self.0.entry(organization).or_default().removed.insert(user);
                }
                Effect::Changed | Effect::Staying => {}
            }
        }
    }

    fn back(&mut self, organization: OrganizationId, user: UserId) -> bool {
        self.0.get_mut(&organization).is_some_and(|moved| moved.removed.remove(&user))
    }

    /// Adds what another change moved.
    pub fn join(&mut self, other: Self) {
        for (organization, moved) in other.0 {
            let all = self.0.entry(organization).or_default();
            all.added += moved.added;
            all.removed.extend(moved.removed);
        }
    }

    /// What moved in `organization`.
    #[must_use]
    pub fn of(&self, organization: OrganizationId) -> Moved {
        self.0.get(&organization).cloned().unwrap_or_default()
    }

    /// The organizations that somebody left.
    pub fn left(&self) -> impl Iterator<Item = OrganizationId> {
        self.0.iter().filter(|(_, moved)| !moved.removed.is_empty()).map(|(organization, _)| *organization)
    }

    /// By what the same removal is known again, however it is asked for: who leaves which of `organizations`, by the
    /// IdP that has `token`.
    #[must_use]
    pub fn fingerprint(&self, token: ScimTokenId, organizations: &[OrganizationRemoval]) -> String {
        let mut hash = Sha256::new();
        hash.update(token.uuid().as_bytes());
        let wanted: BTreeSet<_> = organizations.iter().map(|removal| removal.organization_id).collect();
        for (organization, moved) in self.0.iter().filter(|(organization, _)| wanted.contains(organization)) {
            hash.update(organization.uuid().as_bytes());
            for user in &moved.removed {
                hash.update(user.uuid().as_bytes());
            }
        }
        hex(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        membership::Effective,
        role::{OrganizationRole, RoleSource},
    };

    #[test]
    fn more_than_half_and_at_least_ten_is_large() {
        let rule = RemovalRule::default();
        for (removed, members, is_large) in
            [(10, 19, true), (10, 20, false), (11, 20, true), (9, 9, false), (10, 10, true), (0, 0, false)]
        {
            assert_eq!(rule.is_large(removed, members), is_large, "{removed} of {members}");
        }
        let strict = RemovalRule { percent: 0, members: 1, hold: true };
        assert!(strict.is_large(1, 1_000_000) && !strict.is_large(0, 10));
    }

    #[test]
    fn a_removal_is_known_again_by_who_leaves() {
        let now = Timestamp::from_micros(1);
        let (organization, token) = (OrganizationId::generate(now), ScimTokenId::generate(now));
        let (ann, bob) = (UserId::generate(now), UserId::generate(now));
        let held = Effective { role: OrganizationRole::Member, source: RoleSource::IdpGroup };
        let change = |user, gone: bool| MembershipChange {
            key: (organization, user),
            before: gone.then_some(held),
            after: (!gone).then_some(held),
        };
        let print = |changes: &[MembershipChange]| {
            let mut movement = Movement::default();
            movement.add(changes);
            let removal = OrganizationRemoval {
                organization_id: organization,
                name: String::new(),
                removed: 0,
                members: 0,
            };
            movement.fingerprint(token, &[removal])
        };
        let both = print(&[change(ann, true), change(bob, true)]);
        assert_eq!(both, print(&[change(bob, true), change(ann, true)]));
        assert_ne!(both, print(&[change(ann, true)]));
        assert_eq!(
            print(&[change(ann, true)]),
            print(&[change(ann, true), change(bob, true), change(bob, false)])
        );
    }
}
