//! The tables as sea-orm entities (storage floor); they never leave it.
#![expect(unreachable_pub, reason = "the entity derive makes public items, and this module is private")]

pub mod audit_event;
pub mod device_client;
pub mod device_grant;
pub mod device_miss;
pub mod idp_group;
pub mod organization;
pub mod organization_group;
pub mod scim_token;
pub mod token;
pub mod user;
