//! The SCIM gateway: `/scim/v2`, RFC 7644 over HTTP (gateway floor).
//!
//! The rules of the protocol are in [`crate::scim`], ours in [`crate::services`]; here they meet, in the `map_…`
//! files. Everything under `/scim` is answered in SCIM's own form, errors of HTTP included.

mod auth;
mod bulk;
mod context;
mod cursor;
mod discovery;
mod error;
mod extensions;
mod groups;
mod http;
mod map_filter;
mod map_group;
mod map_user;
mod openapi;
mod precondition;
mod query;
mod readiness;
mod record;
mod root;
mod search;
mod users;
mod window;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, Uri},
    middleware::from_fn_with_state,
    routing::{any, get, post},
};

use self::error::Failure;
pub use self::extensions::Extensions;
use crate::{
    scim::schema::{Registry, ResourceType, SchemaError},
    services::Services,
};

/// What the gateway is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The URL under which clients reach the server, without a slash at its end.
    pub public_url: String,
    /// A PATCH of a group answers with the group up to this many members, and with 204 above.
    pub group_answer_members: u64,
    /// Further extension schemas of User.
    pub extensions: Extensions,
    /// The largest body, in bytes; `bulk.maxPayloadSize` of the configuration.
    pub max_body: usize,
}

impl Settings {
    /// Of a server that is reached under `public_url`, and of which nothing else is told.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        let (public_url, extensions) = (public_url.into(), Extensions::default());
        Self { public_url, group_answer_members: 100, extensions, max_body: 16 << 20 }
    }
}

/// What every handler works with.
#[derive(Clone, Debug)]
struct Scim {
    services: Services,
    registry: Arc<Registry>,
    user: Arc<ResourceType>,
    group: Arc<ResourceType>,
    base: Arc<str>,
    group_answer_members: u64,
    max_body: usize,
}

/// Everything under `/scim`.
///
/// # Errors
/// When an embedded schema is broken, which a test excludes, or an extension clashes with one.
pub fn routes(services: Services, settings: &Settings) -> Result<Router, SchemaError> {
    let registry = settings.extensions.registry()?;
    let resource_type = |name: &str| {
        let reason = "the embedded documents lack this resource type".to_owned();
        registry.resource_type(name).cloned().ok_or(SchemaError { place: name.to_owned(), reason })
    };
    let scim = Scim {
        user: resource_type("User")?,
        group: resource_type("Group")?,
        services,
        base: format!("{}/scim/v2", settings.public_url).into(),
        group_answer_members: settings.group_answer_members,
        max_body: settings.max_body,
        registry: Arc::new(registry),
    };
    let root =
        Router::new().route("/scim/v2/", get(root::list)).method_not_allowed_fallback(method_not_allowed);
    let root = root.layer(from_fn_with_state(scim.clone(), auth::layer)).with_state(scim.clone());
    let version_2 = Router::new().nest("/scim/v2", version_2(scim)).merge(root);
    Ok(version_2.route("/scim", any(not_found)).route("/scim/{*rest}", any(not_found)))
}

fn version_2(scim: Scim) -> Router {
    let resources = Router::new()
        .route("/Users", get(users::list).post(users::create))
        .route("/Users/.search", post(users::search))
        .route("/Users/{id}", get(users::get).put(users::replace).patch(users::patch).delete(users::delete))
        .route("/Groups", get(groups::list).post(groups::create))
        .route("/Groups/.search", post(groups::search))
        .route(
            "/Groups/{id}",
            get(groups::get).put(groups::replace).patch(groups::patch).delete(groups::delete),
        )
        .route("/readiness", get(readiness::get))
        .route("/Me", any(not_implemented))
        .route("/Bulk", post(bulk::post))
        .route("/.search", post(root::search))
        .route("/", get(root::list))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(scim.clone(), auth::layer));
    // what the service provider can do is no secret (RFC 7644 §4, RFC 7643 §5)
    let discovery = Router::new()
        .route("/ServiceProviderConfig", get(discovery::service_provider_config))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{id}", get(discovery::resource_type))
        .route("/openapi.json", get(openapi::get))
        .method_not_allowed_fallback(method_not_allowed);
    discovery.merge(resources).with_state(scim)
}

/// RFC 7644 §3.13: the version stands in the path, and there is one.
async fn not_found(uri: Uri) -> Failure {
    let path = uri.path();
    let detail = if path.starts_with("/scim/v2") {
        format!("there is nothing at {path}")
    } else {
        format!("{path} is not of a version that is served: the base URL ends in /scim/v2")
    };
    Failure::status(StatusCode::NOT_FOUND, detail)
}

async fn method_not_allowed() -> Failure {
    Failure::status(StatusCode::METHOD_NOT_ALLOWED, "this method is not allowed here")
}

async fn not_implemented(uri: Uri) -> Failure {
    let detail = format!("{} is not offered; /ServiceProviderConfig tells what is", uri.path());
    Failure::status(StatusCode::NOT_IMPLEMENTED, detail)
}
