//! Who asks, before anybody is signed in (gateway floor).

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};

use crate::services::device_grant::Visitor;

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        Ok(Self {
            // the server gives every request an id
            request_id: text("x-request-id").unwrap_or_default(),
            address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical()),
            user_agent: text("user-agent"),
        })
    }
}
