//! What an IdP does with users, and whether it can and may: SCIM's use cases (services floor). Groups are in
//! [`super::idp_group`].

pub mod deactivation;
pub mod log;
pub mod pause;
pub mod readiness;
pub mod removal;
pub mod resource;
pub mod tally;
pub mod user;
pub(super) mod walk;

use crate::domain::provisioning::RemovalRule;

/// The rules for provisioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How much the log keeps.
    pub log: log::LogSettings,
    /// Which removals are large, and what then.
    pub removal: RemovalRule,
}
