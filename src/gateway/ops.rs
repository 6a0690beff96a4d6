//! The gateway for those who run the server: health, readiness, version (gateway floor).

use std::sync::Arc;

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use http::StatusCode;
use serde_json::json;

use crate::services::{Error, Services};

#[derive(Clone)]
struct Ops {
    services: Services,
    accepting: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// `/healthz` without the database, `/readyz` with it, `/version`. `accepting` tells whether the server has
/// started and is not stopping. An instance that only reads is ready, and says so: a load balancer can tell by that
/// where to send writes.
pub fn routes(services: Services, accepting: impl Fn() -> bool + Send + Sync + 'static) -> Router {
    let ops = Ops { services, accepting: Arc::new(accepting) };
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/version", get(async || Json(json!({ "version": env!("CARGO_PKG_VERSION") }))))
        .with_state(ops)
}

async fn readyz(State(ops): State<Ops>) -> impl IntoResponse {
    if !(ops.accepting)() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match is_read_only(&ops.services).await {
        Ok(false) => (StatusCode::OK, "ready\n"),
        Ok(true) => (StatusCode::OK, "ready, read-only\n"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Whether the database, which must answer, only reads.
async fn is_read_only(services: &Services) -> Result<bool, Error> {
    services.check_ready().await?;
    services.only_reads().await
}
