//! The OAuth gateway: `/oauth2/device`, by which `buf registry login` gets a token without a paste (gateway
//! floor). RFC 8628, the device authorization grant; RFC 7591, the registration of clients.
//!
//! Devices speak JSON and forms; people see a page that needs no script.

mod authorization;
mod error;
mod form;
mod limit;
mod origin;
mod page;
mod registration;
mod token;
mod visitor;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state, map_response},
    routing::{get, post},
};

use crate::services::Services;

/// Where people approve; the endpoints of devices lie below.
const DEVICE: &str = "/oauth2/device";
/// The largest body, in bytes.
const MAX_BODY: usize = 16 << 10;

/// What every handler works with.
#[derive(Clone, Debug)]
struct OAuth {
    services: Services,
    /// The URL of [`DEVICE`] as people reach it.
    verification_uri: Arc<str>,
    /// The path of the same URL: a proxy may serve us below a path of its own.
    path: Arc<str>,
}

/// Everything under `/oauth2`; `public_url` is where clients reach the server, without a slash at its end.
pub fn routes(services: Services, public_url: &str) -> Router {
    let prefix = public_url.parse::<http::Uri>().map(|url| url.path().trim_end_matches('/').to_owned());
    let oauth = OAuth {
        services,
        verification_uri: format!("{public_url}{DEVICE}").into(),
        path: format!("{}{DEVICE}", prefix.unwrap_or_default()).into(),
    };
    let devices = Router::new()
        .route("/oauth2/device/registration", post(registration::post))
        .route("/oauth2/device/authorization", post(authorization::post))
        .route("/oauth2/device/token", post(token::post))
        .layer(from_fn_with_state(oauth.clone(), limit::of_devices));
    let people = Router::new()
        .route(DEVICE, get(page::ask).post(page::review))
        .route("/oauth2/device/decision", post(page::decide))
        .route("/oauth2/device/style.css", get(page::style))
        .layer(from_fn(origin::layer))
        .layer(from_fn_with_state(oauth.clone(), limit::of_people))
        .layer(map_response(page::harden));
    devices.merge(people).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(oauth)
}
