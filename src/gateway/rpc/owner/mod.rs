//! Gateway floor: the services of `buf.registry.owner.v1`.

mod organization;
mod owners;
mod user;

pub(super) use organization::OrganizationService;
pub(super) use owners::OwnerService;
pub(super) use user::UserService;
