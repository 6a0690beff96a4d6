//! What an IdP does with users, and whether it can: SCIM's use cases (services floor). Groups are in
//! [`super::idp_group`].

pub mod readiness;
pub mod resource;
pub mod user;
