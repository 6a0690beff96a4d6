//! Gateway floor: the services of `roster.v1`, our own package.

mod idp_group;
mod jit;
mod maintenance;
mod membership;
mod provisioning;
mod scim_token;
mod user;

pub(super) use idp_group::IdpGroupService;
pub(super) use jit::JitService;
pub(super) use maintenance::MaintenanceService;
pub(super) use membership::MembershipService;
pub(super) use provisioning::ProvisioningService;
pub(super) use scim_token::ScimTokenService;
pub(super) use user::UserService;
