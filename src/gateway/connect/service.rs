//! The tower layer: routes each request to the module that re-frames it.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, FutureExt};
use http::{Request, Version};
use prost_reflect::DescriptorPool;
use tower::{Layer, Service, ServiceExt};

use super::error::Ending;
use super::route::{Asked, Methods, Route};
use super::transcode::{self, Spoken};
use super::{Admission, Gate, Options, get, grpc, stream, unary, unserved};

/// The gRPC service below, for one call.
pub(super) type Call = Box<dyn FnOnce(Request<Body>) -> BoxFuture<'static, Response> + Send>;

/// Puts the Connect protocol in front of gRPC routes; made by [`layer`](super::layer).
#[derive(Clone, Debug)]
pub struct ConnectLayer {
    methods: Arc<Methods>,
    options: Options,
    gate: Gate,
}

impl ConnectLayer {
    pub(super) fn new(pool: &DescriptorPool, options: Options) -> Self {
        Self { methods: Arc::new(Methods::new(pool)), options, gate: Gate::default() }
    }

    /// The same, where `gate` decides about each call of Connect before its body is read. Of calls of gRPC, the routes
    /// below do.
    #[must_use]
    pub fn behind(self, gate: Gate) -> Self {
        Self { gate, ..self }
    }
}

/// What stands below.
#[derive(Clone, Debug)]
pub struct Below<G, W> {
    /// gRPC routes: what Connect is turned into, and gRPC itself, without a detour.
    pub grpc: G,
    /// The same routes for gRPC-Web.
    pub web: W,
}

impl<G, W> Layer<Below<G, W>> for ConnectLayer {
    type Service = ConnectService<G, W>;

    fn layer(&self, below: Below<G, W>) -> Self::Service {
        let Self { methods, options, gate } = self.clone();
        ConnectService { below, methods, options, gate }
    }
}

/// gRPC routes, with the Connect protocol in front of them.
#[derive(Clone, Debug)]
pub struct ConnectService<G, W> {
    below: Below<G, W>,
    methods: Arc<Methods>,
    options: Options,
    gate: Gate,
}

impl<G, W> Service<Request<Body>> for ConnectService<G, W>
where
    G: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    G::Future: Send + 'static,
    W: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    W::Response: IntoResponse,
    W::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    /// Each call makes its own service ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.methods.route(&request) {
            Ok(Route::Grpc(content_type)) => {
                let request = grpc::spelled(content_type, request);
                if request.version() < Version::HTTP_2 {
                    grpc::over_http_1(request, self.to_grpc()).map(Ok).boxed()
                } else {
                    self.below.grpc.clone().oneshot(request).boxed()
                }
            }
            Ok(Route::GrpcWeb(content_type)) => {
                let request = grpc::spelled(content_type, request);
                self.below
                    .web
                    .clone()
                    .oneshot(request)
                    .map(|answer| answer.map(W::Response::into_response))
                    .boxed()
            }
            Ok(Route::Json(method, spoken)) => {
                let call = if spoken == Spoken::Web { self.to_web() } else { self.to_grpc() };
                transcode::serve(method, spoken, self.options, request, call).map(Ok).boxed()
            }
            Ok(Route::Connect(asked)) => {
                let (gate, call) = (self.gate.clone(), self.to_grpc());
                admitted(gate, asked, self.options, request, call).map(Ok).boxed()
            }
            Err(refusal) => std::future::ready(Ok(refusal.answer(self.options))).boxed(),
        }
    }
}

impl<G, W> ConnectService<G, W>
where
    G: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    G::Future: Send + 'static,
    W: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    W::Response: IntoResponse,
    W::Future: Send + 'static,
{
    fn to_web(&self) -> Call {
        let web = self.below.web.clone();
        Box::new(move |request| {
            async move {
                let Ok(response) = web.oneshot(request).await;
                response.into_response()
            }
            .boxed()
        })
    }

    fn to_grpc(&self) -> Call {
        let grpc = self.below.grpc.clone();
        Box::new(move |request| {
            async move {
                let Ok(response) = grpc.oneshot(request).await;
                response
            }
            .boxed()
        })
    }
}

/// Asks the gate before anything of the message is read; what it refuses is told in the form of the call.
async fn admitted(
    gate: Gate,
    asked: Asked,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Response {
    if matches!(asked, Asked::Unserved(_)) {
        return answer(asked, options, request, call).await;
    }
    let (head, body) = request.into_parts();
    match gate.admit(head).await {
        Ok(Admission { head, max_message }) => {
            let max_message = max_message.unwrap_or(options.max_message).min(options.max_message);
            answer(asked, Options { max_message, ..options }, Request::from_parts(head, body), call).await
        }
        Err(status) => {
            let ending = Ending::of(status).complete(options);
            match asked {
                Asked::Stream(_, codec) => stream::ended(codec, &ending),
                _ => ending.into_response(),
            }
        }
    }
}

async fn answer(asked: Asked, options: Options, request: Request<Body>, call: Call) -> Response {
    let answer = match asked {
        Asked::Unary(method, codec) => unary::post(&method, codec, options, request, call).await,
        Asked::Get(method) => get::get(&method, options, request, call).await,
        Asked::Stream(method, codec) => Ok(stream::post(method, codec, options, request, call).await),
        Asked::Unserved(stream) => Ok(unserved::refuse(stream, options, request, call).await),
    };
    answer.unwrap_or_else(|ending| ending.complete(options).into_response())
}
