//! Memberships: how the facts give each person one effective role in an organization (domain floor).
//!
//! One pure function, [`plan`], is behind the real change, the preview, the explanation and the check.

mod decision;
mod event;
mod origin;
mod preview;

use std::collections::BTreeMap;

pub use decision::{Decision, Membership};
pub use event::{EventFilter, MembershipEvent};
pub use origin::{Explanation, Given, SourcedGrant, Through, explain, sort};
pub use preview::{Counts, Effect, effects};

use super::{
    id::{OrganizationId, UserId},
    role::{OrganizationRole, RoleSource},
    user::User,
};

/// Who is a member of what.
pub type MemberKey = (OrganizationId, UserId);

/// An effective role and the source that gives it. The order is by role, then by source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Effective {
    /// The highest role of all sources.
    pub role: OrganizationRole,
    /// The source that gives it; of several, the first of direct, JIT, group.
    pub source: RoleSource,
}

/// The effective roles of a set of people in a set of organizations.
pub type Roles = BTreeMap<MemberKey, Effective>;

/// One role that one source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whom it is given to, and where.
    pub key: MemberKey,
    /// The role and its source.
    pub effective: Effective,
}

/// A change of one effective role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipChange {
    /// Whose role, and where.
    pub key: MemberKey,
    /// Before; `None` when it is a new member.
    pub before: Option<Effective>,
    /// After; `None` when the member goes.
    pub after: Option<Effective>,
}

impl MembershipChange {
    /// Whether the role itself changes, and not only the source that gives it.
    #[must_use]
    pub fn changes_role(&self) -> bool {
        self.before.map(|effective| effective.role) != self.after.map(|effective| effective.role)
    }
}

/// The effective roles that `grants` give: the highest of each person in each organization.
#[must_use]
pub fn effective(grants: impl IntoIterator<Item = Grant>) -> Roles {
    let mut roles = Roles::new();
    for grant in grants {
        let held = roles.entry(grant.key).or_insert(grant.effective);
        *held = (*held).max(grant.effective);
    }
    roles
}

/// What turns `current` into `desired`, in the order of the keys.
#[must_use]
pub fn plan(current: &Roles, desired: &Roles) -> Vec<MembershipChange> {
    let change = |key: &MemberKey| MembershipChange {
        key: *key,
        before: current.get(key).copied(),
        after: desired.get(key).copied(),
    };
    let mut changes: Vec<_> = current.keys().map(change).collect();
    changes.extend(desired.keys().filter(|key| !current.contains_key(key)).map(change));
    changes.retain(|change| change.before != change.after);
    changes.sort_by_key(|change| change.key);
    changes
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationMember {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user: User,
    /// The effective role and its source.
    pub effective: Effective,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(n: u8) -> MemberKey {
        let uuid = uuid::Uuid::from_u128(u128::from(n));
        (OrganizationId::from(uuid), UserId::from(uuid))
    }

    fn effectives() -> impl Strategy<Value = Effective> {
        (prop::sample::select(vec![10_i16, 20, 30, 40]), prop::sample::select(vec![10_i16, 20, 30])).prop_map(
            |(role, source)| Effective {
                role: OrganizationRole::from_code(role).unwrap(),
                source: RoleSource::from_code(source).unwrap(),
            },
        )
    }

    fn roles() -> impl Strategy<Value = Roles> {
        prop::collection::btree_map((0_u8..12).prop_map(key), effectives(), 0..10)
    }

    proptest! {
        #[test]
        fn a_plan_carried_out_gives_what_was_desired(current in roles(), desired in roles()) {
            let mut table = current.clone();
            for change in plan(&current, &desired) {
                prop_assert_eq!(table.get(&change.key).copied(), change.before);
                match change.after {
                    Some(after) => table.insert(change.key, after),
                    None => table.remove(&change.key),
                };
            }
            prop_assert_eq!(table, desired);
        }

        #[test]
        fn nothing_is_planned_where_nothing_differs(roles in roles()) {
            prop_assert!(plan(&roles, &roles).is_empty());
        }

        #[test]
        fn the_effective_role_is_the_highest(given in prop::collection::vec(effectives(), 1..6)) {
            let grants = given.iter().map(|effective| Grant { key: key(1), effective: *effective });
            let held = effective(grants)[&key(1)];
            prop_assert!(given.iter().all(|other| other.role <= held.role) && given.contains(&held));
        }
    }

    #[test]
    fn of_equal_roles_the_direct_one_is_named() {
        let role = OrganizationRole::Admin;
        let of = |source| Grant { key: key(1), effective: Effective { role, source } };
        let held = effective([of(RoleSource::IdpGroup), of(RoleSource::Direct), of(RoleSource::Jit)]);
        assert_eq!(held[&key(1)].source, RoleSource::Direct);
    }
}
