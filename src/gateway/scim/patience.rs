//! How long a request may take (gateway floor).

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::error::Failure;
use crate::services::{Error, Kind, Reason};

/// Gives a request up that takes longer; its transaction is undone.
pub(super) async fn layer(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    timeout(patience, next.run(request)).await.unwrap_or_else(|_| {
        let error = Error::new(Kind::Unavailable, Reason::TooSlow, "the request took too long; try again");
        Failure::from(error).into_response()
    })
}
