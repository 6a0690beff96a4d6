//! What one push changed, in numbers (domain floor).

use std::{fmt, ops::AddAssign};

use crate::domain::membership::{Effect, MembershipChange};

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What one push changed, in numbers.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct PushEffect { $($(#[$doc])* pub $name: u64,)* }

        impl PushEffect {
            /// Each count with its name.
            #[must_use]
            pub fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name)),*]
            }

            /// The effect with these counts; a name that is not one of ours is left out.
            #[must_use]
            pub fn from_counts<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
                let mut effect = Self::default();
                for (name, count) in counts {
                    match name {
                        $(stringify!($name) => effect.$name = count,)*
                        _ => {}
                    }
                }
                effect
            }
        }

        impl AddAssign for PushEffect {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

counts! {
    /// Accounts that were made.
    users_created,
    /// Accounts whose attributes changed, that were linked, or that were switched on again.
    users_changed,
    /// Accounts that were switched off or deleted.
    users_deactivated,
    /// Groups that were made.
    groups_created,
    /// Groups whose attributes or members changed.
    groups_changed,
    /// Groups that were deleted.
    groups_deleted,
    /// Users who came into a group.
    members_added,
    /// Users who left a group.
    members_removed,
    /// Users who became members of an organization.
    memberships_added,
    /// Members of an organization who have another role.
    memberships_changed,
    /// Users who are members of an organization no more.
    memberships_removed,
}

impl PushEffect {
    /// Counts changes of effective roles.
    pub fn count(&mut self, changes: &[MembershipChange]) {
        for change in changes {
            match change.effect() {
                Effect::Added => self.memberships_added += 1,
                Effect::Changed => self.memberships_changed += 1,
                Effect::Removed => self.memberships_removed += 1,
                Effect::Staying => {}
            }
        }
    }
}

/// In words: `1 group changed, +2 −0 members, 1 role changed`.
impl fmt::Display for PushEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (count, thing, done) in [
            (self.users_created, "user", "created"),
            (self.users_changed, "user", "changed"),
            (self.users_deactivated, "user", "deactivated"),
            (self.groups_created, "group", "created"),
            (self.groups_changed, "group", "changed"),
            (self.groups_deleted, "group", "deleted"),
        ] {
            parts.extend(told(count, thing, done));
        }
        if self.members_added + self.members_removed > 0 {
            parts.push(format!("+{} −{} members", self.members_added, self.members_removed));
        }
        if self.memberships_added + self.memberships_removed > 0 {
            parts.push(format!("+{} −{} memberships", self.memberships_added, self.memberships_removed));
        }
        parts.extend(told(self.memberships_changed, "role", "changed"));
        f.write_str(if parts.is_empty() { "nothing changed" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

fn told(count: u64, thing: &str, done: &str) -> Option<String> {
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| format!("{count} {thing}{plural} {done}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_told_in_words() {
        let effect = PushEffect {
            groups_changed: 1,
            members_added: 2,
            memberships_changed: 1,
            ..PushEffect::default()
        };
        assert_eq!(effect.to_string(), "1 group changed, +2 −0 members, 1 role changed");
        assert_eq!(PushEffect::default().to_string(), "nothing changed");
        let effect = PushEffect { users_deactivated: 2, memberships_removed: 3, ..PushEffect::default() };
        assert_eq!(effect.to_string(), "2 users deactivated, +0 −3 memberships");
    }

    #[test]
    fn counts_are_read_back_and_added() {
        let effect = PushEffect { users_created: 1, memberships_removed: 7, ..PushEffect::default() };
        let mut twice = PushEffect::from_counts(effect.counts());
        assert_eq!(twice, effect);
        twice += effect;
        assert_eq!((twice.users_created, twice.memberships_removed), (2, 14));
    }
}
