//! Paths with slashes too many, which a base URL with one at its end makes (gateway floor).
//!
//! `/Users/` and `//Users` mean what `/Users` does. A 404 would be taken for «there is no such user» by Okta, and be followed
//! by a creation.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    http::{Extensions, Uri, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use tower::ServiceExt as _;

use crate::services::rate_limit::Recognized;

/// Answers a request that no route took as `inner` does without the slashes that are too many.
pub(super) async fn serve(inner: Router, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(uri) = tidy(&parts.uri) {
        parts.uri = uri;
    }
    // the parameters of the route that led here are none of the one that follows
    let peer = parts.extensions.remove::<ConnectInfo<SocketAddr>>();
    let recognized = parts.extensions.remove::<Recognized>();
    parts.extensions.clear();
    parts.extensions.extend(of_connection(peer, recognized));
    inner.oneshot(Request::from_parts(parts, body)).await.into_response()
}

/// What the listener says of the connection.
fn of_connection(peer: Option<ConnectInfo<SocketAddr>>, recognized: Option<Recognized>) -> Extensions {
    let mut kept = Extensions::new();
    peer.map(|peer| kept.insert(peer));
    recognized.map(|recognized| kept.insert(recognized));
    kept
}

/// The URI without empty segments in its path; `None` when it has none.
fn tidy(uri: &Uri) -> Option<Uri> {
    let segments: Vec<_> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let path = format!("/{}", segments.join("/"));
    if path == uri.path() {
        return None;
    }
    let whole = uri.query().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(whole.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_segments_go_and_the_query_stays() {
        let tidied = |text: &str| tidy(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(tidied("/scim/v2//Users/").as_deref(), Some("/scim/v2/Users"));
        assert_eq!(
            tidied("/scim/v2/Users/?filter=a%2F%2Fb").as_deref(),
            Some("/scim/v2/Users?filter=a%2F%2Fb")
        );
        assert_eq!(tidied("/scim/v2/Users/7"), None);
    }
}
