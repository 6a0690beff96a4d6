//! Gateway floor: the services of `buf.alpha.registry.v1alpha1`.

mod admin;
mod audit;
mod authn;
mod authz;
mod display;
mod organization;
mod owner;
mod scim_token;
mod token;
mod user;

pub(super) use admin::AdminService;
pub(super) use audit::AuditService;
pub(super) use authn::AuthnService;
pub(super) use authz::AuthzService;
pub(super) use display::DisplayService;
pub(super) use organization::OrganizationService;
pub(super) use owner::OwnerService;
pub(super) use scim_token::ScimTokenService;
pub(super) use token::TokenService;
pub(super) use user::UserService;
