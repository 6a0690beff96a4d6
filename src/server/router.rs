//! Server: assembly of the layers, in their order.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use prost_reflect::DescriptorPool;
use tonic_web::GrpcWebLayer;
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder};

use super::cors::Cors;
use super::edge::EdgeLayer;
use super::forwarded::Proxies;
use super::metrics::Requests;
use super::slashes;
use crate::gateway::connect;
use crate::gateway::rpc::guard::GuardLayer;

/// What serves the RPCs, in all protocols.
pub type Rpc = BoxCloneSyncService<Request<Body>, Response, Infallible>;

/// The RPC branch: gRPC, gRPC-Web and Connect over tonic's `routes` (`Routes::into_axum_router`).
///
/// `pool` describes every routed service, reflection and health too: `buf curl` speaks reflection in the protocol
/// of the call, so by Connect as well. `patience` bounds the time to the head of an answer. `gate` decides about calls of
/// Connect before their bodies are read, as the routes do about those of gRPC.
#[must_use]
pub fn rpc_stack(
    routes: Router,
    pool: &DescriptorPool,
    options: connect::Options,
    cors: &Cors,
    patience: Option<Duration>,
    gate: connect::Gate,
) -> Rpc {
    let unpack = connect::UnpackLayer { max_message: options.max_message };
    let guard = GuardLayer { patience, complete: options.complete };
    let grpc = unpack.layer(guard.layer(routes));
    // turns an HTTP/1.1 request that is not gRPC-Web away, so no plain route may stand below it
    let web = GrpcWebLayer::new().layer(grpc.clone());
    let all = connect::layer(pool, options).behind(gate).layer(connect::Below { grpc, web });
    match cors.layer() {
        Some(cors) => BoxCloneSyncService::new(ServiceBuilder::new().layer(cors).service(all)),
        None => BoxCloneSyncService::new(all),
    }
}

/// Who watches requests.
#[derive(Clone, Debug, Default)]
pub struct Observers {
    /// What counts them, if something does; it must where traces are sent.
    pub requests: Option<Requests>,
    /// Whether traces are sent.
    pub traces: bool,
}

/// The whole application: plain HTTP routes (health, SCIM, the console), and the RPCs for every other path; each request
/// is seen by `observers`, under the address that `proxies` tell.
pub fn app(plain: Router, rpc: Rpc, proxies: &Proxies, observers: Observers) -> Router {
    let fallback = slashes::fallback(plain.clone(), rpc);
    plain.fallback_service(fallback).layer(EdgeLayer::new(proxies.clone(), observers))
}
