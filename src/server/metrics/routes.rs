//! Who may read the metrics.

use std::{fmt, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use subtle::ConstantTimeEq;

use super::{Format, Metrics};
use crate::server::listen::fault;
use crate::services::{Error, Kind, Reason, Services, token};

/// Who may read. The default is: who has the token of a server admin, and nobody else.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Readers {
    /// Whoever reaches the port.
    pub everybody: bool,
    /// Who has this token.
    pub token: Option<Arc<str>>,
}

impl fmt::Debug for Readers {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_token = self.token.is_some();
        f.debug_struct("Readers").field("everybody", &self.everybody).field("has_token", &has_token).finish()
    }
}

/// What a handler works with.
#[derive(Clone)]
struct Place {
    metrics: Metrics,
    services: Services,
    readers: Readers,
}

/// `/metrics`, for `readers` and server admins.
pub fn routes(metrics: Metrics, services: Services, readers: Readers) -> Router {
    let routes = Router::new().route("/metrics", get(read)).layer(from_fn(fault::refuse));
    routes.with_state(Place { metrics, services, readers })
}

async fn read(State(place): State<Place>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let headers = request.headers().clone();
    drop(request);
    match place.admit(&headers, peer).await {
        Ok(()) => {
            let format = Format::of(&headers);
            let text = place.metrics.render(format);
            ([(header::CONTENT_TYPE, format.media_type())], text).into_response()
        }
        Err(error) => refusal(&error),
    }
}

impl Place {
    async fn admit(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Result<(), Error> {
        if self.readers.everybody {
            return Ok(());
        }
        let (from, limits) = (peer.map(|peer| peer.ip()), self.services.rate_limits());
        let Some(secret) = bearer(headers) else { return limits.missing(from) };
        if self.readers.token.as_ref().is_some_and(|token| token.as_bytes().ct_eq(secret.as_bytes()).into()) {
            return Ok(());
        }
        let known = limits.after(token::authenticate(&self.services, secret).await, secret, from)?;
        if known.0.is_server_admin() {
            return Ok(());
        }
        let message = "only a server admin may do this";
        Err(Error::new(Kind::PermissionDenied, Reason::ServerAdminRequired, message))
    }
}

/// RFC 6750 §2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim_matches(' '))
}

fn refusal(error: &Error) -> Response {
    let (status, text) = match error.kind {
        Kind::Unauthenticated => {
            (StatusCode::UNAUTHORIZED, "metrics need a bearer token: metrics.token, or a server admin's\n")
        }
        Kind::PermissionDenied => (StatusCode::FORBIDDEN, "metrics are for server admins\n"),
        Kind::TooMuch => (StatusCode::TOO_MANY_REQUESTS, "too many requests\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    };
    let mut response = (status, text).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
