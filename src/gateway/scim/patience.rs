//! How long a request may take (gateway floor).

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::Instant;

use super::error::Failure;
use crate::services::{Error, deadline::within};

/// Gives a request up that takes longer, and undoes it; one that has begun to commit is answered.
pub(super) async fn layer(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    let Some(deadline) = Instant::now().checked_add(patience) else { return next.run(request).await };
    let answer = within(deadline, next.run(request)).await;
    answer.unwrap_or_else(|late| Failure::from(Error::from(late)).into_response())
}
