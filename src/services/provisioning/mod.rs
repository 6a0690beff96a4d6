//! What an IdP does with users, and whether it can and may: SCIM's use cases (services floor). Groups are in
//! [`super::idp_group`].

pub(super) mod gate;
pub mod pause;
pub mod readiness;
pub mod resource;
pub mod user;
