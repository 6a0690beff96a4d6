//! How users, organizations and groups are typed: by name or by id (cli floor).

use std::{convert::Infallible, str::FromStr};

use crate::proto::{
    buf::registry::owner::v1 as owner,
    roster::v1::{self as ours, organization_ref, user_ref},
};

/// A name or an id. Ids are 32 hex digits of which the first is a digit, with which no name begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

impl FromStr for Named {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let begins = text.starts_with(|first: char| first.is_ascii_digit());
        let is_id = begins && text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(if is_id { Self::Id(text.to_owned()) } else { Self::Name(text.to_owned()) })
    }
}

impl Named {
    /// As it was typed.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Name(text) => text,
        }
    }
}

/// How a package that takes both writes each.
macro_rules! refs {
    ($($reference:ty, $value:ty;)*) => {$(
        impl From<&Named> for $reference {
            fn from(named: &Named) -> Self {
                type Value = $value;
                let value = match named {
                    Named::Id(id) => Value::Id(id.clone()),
                    Named::Name(name) => Value::Name(name.clone()),
                };
                Self { value: Some(value) }
            }
        }
    )*};
}

refs! {
    ours::UserRef, user_ref::Value;
    ours::OrganizationRef, organization_ref::Value;
    owner::UserRef, owner::user_ref::Value;
    owner::OrganizationRef, owner::organization_ref::Value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_told_apart() {
        let id = "019a7c1e2f3a7b4c8d5e6f708192a3b4";
        assert_eq!(id.parse(), Ok(Named::Id(id.to_owned())));
        for name in ["ann", "a19a7c1e2f3a7b4c8d5e6f708192a3b4", "019a", "Engineering – EU", ""] {
            assert_eq!(name.parse(), Ok(Named::Name(name.to_owned())));
        }
    }
}
