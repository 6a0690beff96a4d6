//! The SCIM gateway: `/scim/v2`, RFC 7644 over HTTP (gateway floor).
//!
//! The rules of the protocol are in [`crate::scim`], ours in [`crate::services`]; here they meet, in the `map_…`
//! files. Everything under `/scim` is answered in SCIM's own form, errors of HTTP included.

mod auth;
mod bulk;
mod context;
mod cursor;
mod deactivation;
mod declared;
mod discovery;
mod endpoint;
mod error;
mod extensions;
mod figures;
mod groups;
mod http;
mod intake;
mod map_filter;
mod map_group;
mod map_resource;
mod map_user;
mod openapi;
mod patience;
mod precondition;
mod query;
mod readiness;
mod record;
mod remembered;
mod resources;
mod root;
mod search;
mod slashes;
mod users;
mod window;

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{StatusCode, Uri},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};

pub use self::{
    declared::Declaration,
    extensions::Extensions,
    figures::{Counted, Figures, Went},
};
use self::{endpoint::Endpoint, error::Failure, record::Throttle, remembered::Remembered};
use crate::{
    quote::shown,
    scim::{
        redact::Secrets,
        schema::{Registry, ResourceType, SchemaError},
    },
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
    /// Whether `/TestResources` is served, for conformance suites.
    pub test_resources: bool,
    /// The resource type that is served in its place.
    pub test_declaration: Option<Declaration>,
    /// How long a request may take, from its head to the head of its answer.
    pub patience: Duration,
    /// Where operations are counted.
    pub figures: Figures,
}

impl Settings {
    /// Of a server that is reached under `public_url`, and of which nothing else is told.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            group_answer_members: 100,
            extensions: Extensions::default(),
            max_body: 16 << 20,
            patience: Duration::from_mins(2),
            figures: Figures::default(),
            test_resources: false,
            test_declaration: None,
        }
    }

    /// All schemas and resource types that are served.
    fn registry(&self) -> Result<Registry, SchemaError> {
        let registry = self.extensions.registry()?;
        match &self.test_declaration {
            Some(declaration) => declaration.add_to(registry),
            None if self.test_resources => registry.with_test_resources(),
            None => Ok(registry),
        }
    }
}

/// What every handler works with; clones are one.
#[derive(Clone, Debug)]
struct Scim {
    services: Services,
    served: Arc<Served>,
}

impl Deref for Scim {
    type Target = Served;

    fn deref(&self) -> &Served {
        &self.served
    }
}

/// What is the same for all requests.
#[derive(Debug)]
struct Served {
    registry: Arc<Registry>,
    user: Arc<ResourceType>,
    group: Arc<ResourceType>,
    endpoints: Arc<[Endpoint]>,
    base: Arc<str>,
    group_answer_members: u64,
    max_body: usize,
    /// What is left out of records.
    secrets: Arc<Secrets>,
    throttle: Throttle,
    remembered: Remembered,
    figures: Figures,
}

impl Scim {
    /// What stands at `/name`.
    fn at(&self, name: &str) -> Option<&Endpoint> {
        let is_at = |known: &&Endpoint| known.resource_type(self).endpoint.strip_prefix('/') == Some(name);
        self.endpoints.iter().find(is_at)
    }
}

/// Everything under `/scim`.
///
/// # Errors
/// When an embedded schema is broken, which a test excludes, or an extension clashes with one.
pub fn routes(services: Services, settings: &Settings) -> Result<Router, SchemaError> {
    let registry = settings.registry()?;
    let resource_type = |name: &str| {
        let reason = "the embedded documents lack this resource type".to_owned();
        registry.resource_type(name).cloned().ok_or(SchemaError { place: name.to_owned(), reason })
    };
    let served = Served {
        user: resource_type("User")?,
        group: resource_type("Group")?,
        endpoints: registry.resource_types().map(Endpoint::of).collect(),
        base: format!("{}/scim/v2", settings.public_url).into(),
        group_answer_members: settings.group_answer_members,
        max_body: settings.max_body,
        secrets: Arc::new(Secrets::of(&registry)),
        registry: Arc::new(registry),
        throttle: Throttle::default(),
        remembered: Remembered::default(),
        figures: settings.figures.clone(),
    };
    let scim = Scim { services, served: Arc::new(served) };
    let root =
        Router::new().route("/scim/v2/", get(root::list)).method_not_allowed_fallback(method_not_allowed);
    let root = root.layer(from_fn_with_state(scim.clone(), auth::layer)).with_state(scim.clone());
    let version_2 = Router::new().nest("/scim/v2", version_2(scim.clone())).merge(root);
    let version_2 = version_2.layer(from_fn_with_state(settings.patience, patience::layer));
    let nothing = any(not_found).layer(from_fn_with_state(scim.services.clone(), auth::open));
    let recorded = from_fn_with_state(scim, record::layer);
    let inner = version_2.clone().fallback_service(nothing.clone()).layer(recorded.clone());
    let all = version_2.route("/scim", nothing).layer(recorded);
    Ok(all.route("/scim/{*rest}", any(move |request| slashes::serve(inner.clone(), request))))
}

fn version_2(scim: Scim) -> Router {
    let resources = scim.endpoints.iter().fold(Router::new(), |routes, endpoint| {
        routes.merge(endpoint.clone().routes(&endpoint.resource_type(&scim).endpoint))
    });
    let resources = resources
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
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(scim.services.clone(), auth::open));
    discovery.merge(resources).with_state(scim)
}

/// RFC 7644 §3.13: the version stands in the path, and there is one.
async fn not_found(uri: Uri) -> Failure {
    let path = shown(uri.path());
    let detail = if uri.path().starts_with("/scim/v2") {
        format!("there is nothing at {path}")
    } else {
        format!("{path} is not of a version that is served: the base URL ends in /scim/v2")
    };
    Failure::status(StatusCode::NOT_FOUND, detail)
}

/// The answer to a request that is none of HTTP, for who finds that out before the routes are asked.
#[must_use]
pub fn bad_request(detail: &str) -> Response {
    Failure::status(StatusCode::BAD_REQUEST, detail).into_response()
}

async fn method_not_allowed() -> Failure {
    Failure::status(StatusCode::METHOD_NOT_ALLOWED, "this method is not allowed here")
}

async fn not_implemented(uri: Uri) -> Failure {
    let detail = format!("{} is not offered; /ServiceProviderConfig tells what is", shown(uri.path()));
    Failure::status(StatusCode::NOT_IMPLEMENTED, detail)
}
