//! Gateway floor: the services of `buf.alpha.registry.v1alpha1`.

mod admin;
mod authn;
mod organization;
mod scim_token;
mod token;
mod user;

pub(super) use admin::AdminService;
pub(super) use authn::AuthnService;
pub(super) use organization::OrganizationService;
pub(super) use scim_token::ScimTokenService;
pub(super) use token::TokenService;
pub(super) use user::UserService;
