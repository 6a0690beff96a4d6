//! The tower layer: routes each request to the module that re-frames it.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, FutureExt};
use http::Request;
use prost_reflect::DescriptorPool;
use tower::{Layer, Service};

use super::route::{Methods, Route};
use super::{Options, get, grpc, stream, unary, unserved};

/// The gRPC service below, for one call.
pub(super) type Call = Box<dyn FnOnce(Request<Body>) -> BoxFuture<'static, Response> + Send>;

/// Puts the Connect protocol in front of gRPC routes; made by [`layer`](super::layer).
#[derive(Clone, Debug)]
pub struct ConnectLayer {
    methods: Arc<Methods>,
    options: Options,
}

impl ConnectLayer {
    pub(super) fn new(pool: &DescriptorPool, options: Options) -> Self {
        Self { methods: Arc::new(Methods::new(pool)), options }
    }
}

impl<S> Layer<S> for ConnectLayer {
    type Service = ConnectService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConnectService { inner, methods: Arc::clone(&self.methods), options: self.options }
    }
}

/// The gRPC routes `S`, with the Connect protocol in front of them.
#[derive(Clone, Debug)]
pub struct ConnectService<S> {
    inner: S,
    methods: Arc<Methods>,
    options: Options,
}

impl<S> Service<Request<Body>> for ConnectService<S>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.methods.route(&request) {
            Ok(route) => answer(route, self.options, request, self.take_call()).map(Ok).boxed(),
            Err(refusal) => std::future::ready(Ok(refusal.into_response())).boxed(),
        }
    }
}

impl<S> ConnectService<S>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    /// The inner service that was polled ready; a fresh clone takes its place.
    fn take_call(&mut self) -> Call {
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        Box::new(move |request| {
            let response = ready.call(request);
            async move {
                let Ok(response) = response.await;
                response.into_response()
            }
            .boxed()
        })
    }
}

async fn answer(route: Route, options: Options, request: Request<Body>, call: Call) -> Response {
    match route {
        Route::Grpc(content_type) => grpc::pass(content_type, request, call).await,
        Route::Unary(method, codec) => unary::post(&method, codec, options, request, call)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        Route::Get(method) => {
            get::get(&method, options, request, call).await.unwrap_or_else(IntoResponse::into_response)
        }
        Route::Stream(method, codec) => stream::post(method, codec, options, request, call).await,
        Route::Unserved(stream) => unserved::refuse(stream, request, call).await,
    }
}
