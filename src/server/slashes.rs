//! Server: SCIM under a path with slashes too many in front, which no route begins with.
//!
//! A base URL with a slash at its end makes `//scim/v2/…`; it is served as without that. Slashes further on are the
//! gateway's business.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures::future::Either;
use http::uri::PathAndQuery;
use http::{Request, Uri};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::router::Rpc;

/// What answers a request that none of the `plain` routes took: these again where slashes kept them from it, else `rpc`.
pub(super) fn fallback(plain: Router, rpc: Rpc) -> BoxCloneSyncService<Request<Body>, Response, Infallible> {
    BoxCloneSyncService::new(service_fn(move |request: Request<Body>| match without_leading(request.uri()) {
        Some(uri) => {
            let mut request = request;
            *request.uri_mut() = uri;
            Either::Left(plain.clone().oneshot(request))
        }
        None => Either::Right(rpc.clone().oneshot(request)),
    }))
}

/// The same without the slashes, if it is of SCIM then.
fn without_leading(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.starts_with("//") || path.trim_start_matches('/').split('/').next() != Some("scim") {
        return None;
    }
    let target = uri.path_and_query()?.as_str().trim_start_matches('/');
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("/{target}").parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}
