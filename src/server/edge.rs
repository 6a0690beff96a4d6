//! Server: what stands around every request, in one layer: the client's address, the request's id and span, its line in
//! the log and in the counts, and an answer to a panic.
//!
//! One layer and not one for each: every layer around a router is a box for the service, one for its future, and a move of
//! the request through both, which together cost more than the work that is done in them.

use std::convert::Infallible;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use tower::{Layer, Service};
use tracing::Instrument;

use super::access_log::Line;
use super::forwarded::{self, Proxies};
use super::listen::fault::Fault;
use super::request_id;
use super::router::Observers;

/// Puts an [`Edge`] around a service.
#[derive(Clone, Debug)]
pub(super) struct EdgeLayer(Arc<Told>);

/// What the layer is told.
#[derive(Debug)]
struct Told {
    proxies: Proxies,
    observers: Observers,
}

impl EdgeLayer {
    pub(super) fn new(proxies: Proxies, observers: Observers) -> Self {
        Self(Arc::new(Told { proxies, observers }))
    }
}

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        Edge { inner, told: Arc::clone(&self.0) }
    }
}

/// A service whose requests are known by an id, logged, and answered even where it panics.
#[derive(Clone, Debug)]
pub(super) struct Edge<S> {
    inner: S,
    told: Arc<Told>,
}

impl<S> Service<Request<Body>> for Edge<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let fresh = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, fresh);
        let observers = &self.told.observers;
        forwarded::tell(&self.told.proxies, &mut request);
        let fault = request.extensions().get::<Fault>().copied();
        let path = fault.map_or_else(String::new, |_| request.uri().path().to_owned());
        let ids = request_id::give(&mut request);
        let span = request_id::span(&ids, request.headers(), observers.traces);
        let line = Line::begin(span.clone(), observers, &mut request);
        let answer = async move {
            // what the handler left half-done is gone with it: its transaction is rolled back when it is dropped
            let work = async move {
                match fault {
                    Some(fault) => Ok(fault.answer(&path)),
                    None => ready.call(request).await,
                }
            };
            let answer = AssertUnwindSafe(work).catch_unwind().await;
            let Ok(response) =
                answer.unwrap_or_else(|_| Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()));
            let mut response = line.until_sent(response);
            ids.tell(response.headers_mut());
            Ok(response)
        };
        answer.instrument(span).boxed()
    }
}
