//! Server: a handler that panics is an answer of 500, not a connection that breaks off.
//!
//! This is for plain routes; a panic below the RPC protocols is caught there, and answered as `internal`.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::StatusCode;

/// Middleware, inside of the request's span, in which the panic hook of [`telemetry`](super::telemetry) logs.
pub async fn layer(request: Request, next: Next) -> Response {
    // what the handler left half-done is gone with it: its transaction is rolled back when it is dropped
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
