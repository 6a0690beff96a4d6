//! Gateway floor: what is open to everyone: small messages, seldom, and few at a time.
//!
//! A stream without a token is nobody's, and may last as long as its connection; so all of them have a number of places
//! of their own, and an address has some of these.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tonic::Status;

use super::auth;
use crate::services::{Services, rate_limit::Share};

/// The largest message, in bytes: names of services and of types.
pub(super) const MAX_MESSAGE: usize = 16 << 10;

/// What probes ask, again and again; it is over at once.
const PROBE: &str = "/grpc.health.v1.Health/Check";

/// Lets a call of who has a token through, and one of others while their address has a place left.
pub(super) async fn limit(State(services): State<Services>, request: Request, next: Next) -> Response {
    let is_probe = request.uri().path() == PROBE;
    if is_probe || auth::is_known(&services, request.headers(), request.extensions()).await {
        return next.run(request).await;
    }
    let (limits, from) = (services.rate_limits(), auth::address(request.extensions()));
    match limits.anonymous(from).and_then(|()| limits.stream(from)) {
        Ok(share) => next.run(request).await.map(|inner| Body::new(Lasting { inner, _share: share })),
        Err(error) => Status::from(error).into_http(),
    }
}

/// Answers a call of what is not there, and counts it, since it was not asked for a token.
pub(super) fn unserved(services: &Services, request: &Request) -> Response {
    match services.rate_limits().anonymous(auth::address(request.extensions())) {
        Ok(()) => super::unserved(request.uri()),
        Err(error) => Status::from(error).into_http(),
    }
}

/// An answer that has a place until it ends.
struct Lasting {
    inner: Body,
    _share: Share,
}

impl http_body::Body for Lasting {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    // an answer of trailers alone ends with its head, so nothing may be hidden
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
