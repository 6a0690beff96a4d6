//! Roles, in order of privilege (domain floor).
//!
//! The published enum's numbers are not in that order (buf `role.proto`): compare these types, never the numbers.

/// What someone may do on the whole server (buf `ServerRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerRole {
    /// An ordinary user.
    Member,
    /// May do everything.
    Admin,
}

/// What someone may do in one organization: OWNER > ADMIN > MACHINE ("Writer") > MEMBER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganizationRole {
    /// Sees the organization and its members.
    Member,
    /// As a member, and writes resources; the docs call it "Writer".
    Machine,
    /// Manages settings, groups, and members other than owners.
    Admin,
    /// Everything.
    Owner,
}

/// Why someone has a role (buf `OrganizationRoleSource`). The order breaks ties between equal roles: what an
/// admin gave by hand is named first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleSource {
    /// Through a group of the IdP.
    IdpGroup,
    /// Because everyone who signs in joins.
    Jit,
    /// Given by hand.
    Direct,
}

/// A role on repositories (buf `RepositoryRole`); kept for an organization's base role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RepositoryRole {
    /// Owns the repository.
    Owner,
    /// Manages the repository.
    Admin,
    /// Pushes.
    Write,
    /// Pushes to labels that are not the default.
    LimitedWrite,
    /// Reads.
    Read,
}

macro_rules! codes {
    ($($type:ident { $($variant:ident = $code:literal $name:literal),* $(,)? })*) => {$(
        impl $type {
            /// The number the database keeps; for roles it grows with privilege, so that SQL may take a maximum.
            #[must_use]
            pub const fn code(self) -> i16 {
                match self { $(Self::$variant => $code),* }
            }

            /// The value of a number that the database kept.
            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The word that the audit log and people read.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}
pub(crate) use codes;

codes! {
    ServerRole { Member = 10 "member", Admin = 40 "admin" }
    OrganizationRole { Member = 10 "member", Machine = 20 "machine", Admin = 30 "admin", Owner = 40 "owner" }
    RoleSource { IdpGroup = 10 "idp_group", Jit = 20 "jit", Direct = 30 "direct" }
    RepositoryRole { Read = 10 "read", LimitedWrite = 20 "limited_write", Write = 30 "write", Admin = 40 "admin", Owner = 50 "owner" }
}

impl OrganizationRole {
    /// The roles that a member with this role may give and take away, highest first: admins and owners manage
    /// all that are not above their own, the others none.
    #[must_use]
    pub fn manageable(self) -> Vec<Self> {
        let all = [Self::Owner, Self::Admin, Self::Machine, Self::Member];
        all.into_iter().filter(|role| self >= Self::Admin && *role <= self).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_rank_by_privilege_in_rust_and_in_the_database() {
        use OrganizationRole::{Admin, Machine, Member, Owner};
        for pair in [Member, Machine, Admin, Owner].windows(2) {
            assert!(pair[0] < pair[1] && pair[0].code() < pair[1].code());
        }
    }
}
