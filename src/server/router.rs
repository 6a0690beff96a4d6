//! Server: assembly of the layers, in their order.

use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use prost_reflect::DescriptorPool;
use tonic_web::GrpcWebLayer;
use tower::{ServiceBuilder, util::MapRequestLayer};

use super::cors::Cors;
use super::{access_log, drain, metrics::Requests, panics, request_id};
use crate::gateway::connect;
use crate::gateway::rpc::guard::GuardLayer;

/// The RPC branch: gRPC, gRPC-Web and Connect over tonic's `routes` (`Routes::into_axum_router`).
///
/// `pool` describes every routed service, reflection and health too: `buf curl` speaks reflection in the protocol
/// of the call, so by Connect as well. `patience` bounds the time to the head of an answer.
pub fn rpc_stack(
    routes: Router,
    pool: &DescriptorPool,
    options: connect::Options,
    cors: &Cors,
    patience: Option<Duration>,
) -> Router {
    let service = ServiceBuilder::new()
        .layer(cors.layer())
        .layer(connect::layer(pool, options))
        // turns an HTTP/1.1 request that is not gRPC-Web away, so no plain route may stand below it
        .layer(GrpcWebLayer::new())
        .layer(GuardLayer { patience })
        .service(routes);
    Router::new().fallback_service(service)
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
/// is seen by `observers`.
pub fn app(plain: Router, rpc: Router, observers: Observers) -> Router {
    let traces = observers.traces;
    plain
        // outermost below the logs: an early answer to a body that is still being sent must arrive
        .fallback_service(rpc)
        .layer(MapRequestLayer::new(drain::layer))
        .layer(from_fn(panics::layer))
        .layer(from_fn_with_state(observers, access_log::layer))
        .layer(from_fn_with_state(traces, request_id::layer))
}
