//! Gateway floor: gRPC, by tonic. Each handler parses, calls one use case, and maps.

mod alpha;
mod auth;
mod convert;
pub mod guard;
mod open;
mod owner;
mod roster;
mod status;

use std::future::ready;

use axum::{Router, middleware::from_fn_with_state};
use http::{Uri, request::Parts};
use tonic::{
    Request, Response, Status,
    codec::CompressionEncoding::Gzip,
    service::{Routes, RoutesBuilder},
};
use tonic_health::{
    ServingStatus,
    pb::health_server::{Health, HealthServer},
    server::HealthReporter,
};

use tonic_reflection::server::Builder;

use crate::{
    proto::{
        DESCRIPTOR,
        buf::{
            alpha::{audit::v1alpha1 as audit, registry::v1alpha1},
            registry::owner::v1,
        },
        roster::v1 as roster_v1,
    },
    quote::shown,
    services::Services,
};

pub use status::{complete, refuse};

/// What every handler answers.
type Reply<T> = Result<Response<T>, Status>;

/// What a handler starts from.
type Call<T> = Request<T>;

/// The full names of the services that are served behind authentication: those that health and reflection name.
pub const SERVICES: [&str; 20] = [
    audit::audit_service_server::SERVICE_NAME,
    v1alpha1::admin_service_server::SERVICE_NAME,
    v1alpha1::authn_service_server::SERVICE_NAME,
    v1alpha1::authz_service_server::SERVICE_NAME,
    v1alpha1::display_service_server::SERVICE_NAME,
    v1alpha1::organization_service_server::SERVICE_NAME,
    v1alpha1::owner_service_server::SERVICE_NAME,
    v1alpha1::scim_token_service_server::SERVICE_NAME,
    v1alpha1::token_service_server::SERVICE_NAME,
    v1alpha1::user_service_server::SERVICE_NAME,
    v1::organization_service_server::SERVICE_NAME,
    v1::owner_service_server::SERVICE_NAME,
    v1::user_service_server::SERVICE_NAME,
    roster_v1::idp_group_service_server::SERVICE_NAME,
    roster_v1::jit_service_server::SERVICE_NAME,
    roster_v1::maintenance_service_server::SERVICE_NAME,
    roster_v1::membership_service_server::SERVICE_NAME,
    roster_v1::provisioning_service_server::SERVICE_NAME,
    roster_v1::scim_token_service_server::SERVICE_NAME,
    roster_v1::user_service_server::SERVICE_NAME,
];

/// Every RPC as axum routes: our services behind authentication; health and reflection open to everyone.
///
/// `health` is the server half of [`tonic_health::server::health_reporter`]; the other half goes to
/// [`report_health`]. The address of a caller is known where the router is served with
/// `axum::extract::ConnectInfo<SocketAddr>`. Messages of more than `max_message` bytes are refused, in and out.
///
/// # Errors
/// When the descriptors do not fit together, which only a broken build does.
pub fn routes(
    services: &Services,
    health: HealthServer<impl Health>,
    max_message: usize,
) -> Result<Router, tonic_reflection::server::Error> {
    let authenticated = with_alpha(Routes::builder(), services, max_message);
    let authenticated = with_owner(authenticated, services, max_message);
    let authenticated = with_roster(authenticated, services, max_message).routes();
    let authenticate = from_fn_with_state(services.clone(), auth::authenticate);
    let limit = from_fn_with_state(services.clone(), open::limit);
    let open = open_to_all(health)?.prepare().into_axum_router().reset_fallback().route_layer(limit);
    let router = authenticated.prepare().into_axum_router().route_layer(authenticate);
    let services = services.clone();
    Ok(router.merge(open).fallback(move |request| ready(open::unserved(&services, &request))))
}

/// Health and reflection, which read small messages alone.
fn open_to_all(health: HealthServer<impl Health>) -> Result<Routes, tonic_reflection::server::Error> {
    let mut open = Routes::builder();
    open.add_service(health.max_decoding_message_size(open::MAX_MESSAGE))
        .add_service(reflection().build_v1()?.max_decoding_message_size(open::MAX_MESSAGE))
        .add_service(reflection().build_v1alpha()?.max_decoding_message_size(open::MAX_MESSAGE));
    Ok(open.routes())
}

/// Decides about a call by its head, as the routes do, for who reads its body before they are reached: the head to call
/// them with, and the largest message that it may have, where that is less than usual.
///
/// # Errors
/// What the routes would have answered to who has no token in force.
pub async fn admit(services: &Services, head: Parts) -> Result<(Parts, Option<usize>), Status> {
    let called = head.uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if SERVICES.contains(&called) {
        return auth::admit(services, head).await.map(|head| (head, None));
    }
    Ok((head, Some(open::MAX_MESSAGE)))
}

/// Tells the health service that the server, and each service, takes requests or does not.
pub async fn report_health(reporter: &HealthReporter, serving: bool) {
    let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
    for service in [""].into_iter().chain(SERVICES) {
        reporter.set_service_status(service, status).await;
    }
}

/// A generated server with our limits, and gzip both ways.
macro_rules! served {
    ($server:ident :: new($service:expr), $max:expr) => {
        $server::new($service)
            .accept_compressed(Gzip)
            .send_compressed(Gzip)
            .max_decoding_message_size($max)
            .max_encoding_message_size($max)
    };
}

fn with_alpha(mut routes: RoutesBuilder, services: &Services, max: usize) -> RoutesBuilder {
    use audit::audit_service_server::AuditServiceServer;
    use v1alpha1::{
        admin_service_server::AdminServiceServer, authn_service_server::AuthnServiceServer,
        authz_service_server::AuthzServiceServer, display_service_server::DisplayServiceServer,
        organization_service_server::OrganizationServiceServer, owner_service_server::OwnerServiceServer,
        scim_token_service_server::ScimTokenServiceServer, token_service_server::TokenServiceServer,
        user_service_server::UserServiceServer,
    };
    routes
        .add_service(served!(AuditServiceServer::new(alpha::AuditService(services.clone())), max))
        .add_service(served!(AuthzServiceServer::new(alpha::AuthzService(services.clone())), max))
        .add_service(served!(DisplayServiceServer::new(alpha::DisplayService(services.clone())), max))
        .add_service(served!(OwnerServiceServer::new(alpha::OwnerService(services.clone())), max))
        .add_service(served!(AdminServiceServer::new(alpha::AdminService(services.clone())), max))
        .add_service(served!(AuthnServiceServer::new(alpha::AuthnService(services.clone())), max))
        .add_service(served!(
            OrganizationServiceServer::new(alpha::OrganizationService(services.clone())),
            max
        ))
        .add_service(served!(ScimTokenServiceServer::new(alpha::ScimTokenService(services.clone())), max))
        .add_service(served!(TokenServiceServer::new(alpha::TokenService(services.clone())), max))
        .add_service(served!(UserServiceServer::new(alpha::UserService(services.clone())), max));
    routes
}

fn with_owner(mut routes: RoutesBuilder, services: &Services, max: usize) -> RoutesBuilder {
    use v1::{
        organization_service_server::OrganizationServiceServer, owner_service_server::OwnerServiceServer,
        user_service_server::UserServiceServer,
    };
    routes
        .add_service(served!(OwnerServiceServer::new(owner::OwnerService(services.clone())), max))
        .add_service(served!(
            OrganizationServiceServer::new(owner::OrganizationService(services.clone())),
            max
        ))
        .add_service(served!(UserServiceServer::new(owner::UserService(services.clone())), max));
    routes
}

fn with_roster(mut routes: RoutesBuilder, services: &Services, max: usize) -> RoutesBuilder {
    use roster_v1::{
        idp_group_service_server::IdpGroupServiceServer, jit_service_server::JitServiceServer,
        maintenance_service_server::MaintenanceServiceServer,
        membership_service_server::MembershipServiceServer,
        provisioning_service_server::ProvisioningServiceServer,
        scim_token_service_server::ScimTokenServiceServer, user_service_server::UserServiceServer,
    };
    routes
        .add_service(served!(
            IdpGroupServiceServer::new(self::roster::IdpGroupService(services.clone())),
            max
        ))
        .add_service(served!(JitServiceServer::new(self::roster::JitService(services.clone())), max))
        .add_service(served!(
            MaintenanceServiceServer::new(self::roster::MaintenanceService(services.clone())),
            max
        ))
        .add_service(served!(
            MembershipServiceServer::new(self::roster::MembershipService(services.clone())),
            max
        ))
        .add_service(served!(
            ProvisioningServiceServer::new(self::roster::ProvisioningService(services.clone())),
            max
        ))
        .add_service(served!(
            ScimTokenServiceServer::new(self::roster::ScimTokenService(services.clone())),
            max
        ))
        .add_service(served!(UserServiceServer::new(self::roster::UserService(services.clone())), max));
    routes
}

/// Reflection of all descriptors, that lists only what is served.
fn reflection() -> Builder<'static> {
    let all = Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTOR)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    SERVICES
        .into_iter()
        .chain([tonic_health::pb::health_server::SERVICE_NAME])
        .fold(all, Builder::with_service_name)
}

fn unserved(uri: &Uri) -> axum::response::Response {
    status::unimplemented(&unserved_sentence(uri.path())).into_http()
}

/// What is not there, of a path `/SERVICE/METHOD`.
fn unserved_sentence(path: &str) -> String {
    let called = path.trim_start_matches('/');
    let (service, method) = called.split_once('/').unwrap_or((called, ""));
    if SERVICES.contains(&service) {
        return format!("{service} has no method {}", shown(method));
    }
    format!(
        "this server does not serve {}: it keeps users, organizations and memberships, and no modules, \
         repositories, plugins or policies",
        shown(service)
    )
}
