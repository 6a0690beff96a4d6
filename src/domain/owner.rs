//! Who a registry name can belong to: users and organizations share one namespace (domain floor).

use super::{id::OwnerId, organization::Organization, user::User};

/// A user or an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User(Box<User>),
    /// An organization.
    Organization(Organization),
}

impl Owner {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> OwnerId {
        match self {
            Self::User(user) => user.id.uuid().into(),
            Self::Organization(organization) => organization.id.uuid().into(),
        }
    }

    /// Its registry name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => &user.username,
            Self::Organization(organization) => &organization.name,
        }
    }
}
