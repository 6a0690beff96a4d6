//! How often one address may ask, before anybody has said who they are (gateway floor).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{OAuth, error::Failure, page};
use crate::services::device_grant::Visitor;

/// Lets a device through, or tells it when to come back.
pub(super) async fn of_devices(
    State(oauth): State<OAuth>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    match oauth.services.rate_limits().anonymous(visitor.address) {
        Ok(()) => next.run(request).await,
        Err(error) => Failure::of_service(&error, "invalid_request").into_response(),
    }
}

/// Lets a person through, or shows them a page that says to wait.
pub(super) async fn of_people(
    State(oauth): State<OAuth>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    match oauth.services.rate_limits().anonymous(visitor.address) {
        Ok(()) => next.run(request).await,
        Err(error) => page::failed(&oauth, &error),
    }
}
