//! `POST /oauth2/device/token`: a device polls for its token (gateway floor). RFC 8628 §3.4, §3.5.

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde_json::json;

use super::{
    OAuth,
    authorization::client_of,
    error::{Failure, answer},
    form::Form,
};
use crate::{
    domain::{device_grant::Poll, secret::Secret, token::Token},
    services::device_grant::{Polled, Visitor, poll},
};

/// The one grant type of this endpoint.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Answers a poll.
pub(super) async fn post(
    State(oauth): State<OAuth>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Failure> {
    if form.require("grant_type")? != GRANT_TYPE {
        return Err(Failure::refused(
            "unsupported_grant_type",
            format!("the grant type must be {GRANT_TYPE}"),
        ));
    }
    let client = client_of(&form)?;
    let polled = poll(&oauth.services, &visitor, client, form.require("device_code")?).await;
    match polled.map_err(|error| Failure::of_service(&error, "invalid_grant"))? {
        Polled::Granted(token, secret) => Ok(granted(&token, &secret)),
        Polled::Refused(why) => Err(refused(why)),
    }
}

/// RFC 6749 §5.1. An API token has no scopes: it may what its user may.
fn granted(token: &Token, secret: &Secret) -> Response {
    let lifetime = (token.expire_time.micros() - token.create_time.micros()) / 1_000_000;
    let body = json!({ "access_token": secret.reveal(), "token_type": "Bearer", "expires_in": lifetime });
    answer(StatusCode::OK, &body)
}

fn refused(why: Poll) -> Failure {
    let (code, description) = match why {
        Poll::Pending => ("authorization_pending", "nobody has approved the device yet"),
        Poll::SlowDown => ("slow_down", "the device asks too often: wait five seconds longer between polls"),
        Poll::Denied => {
            ("access_denied", "the request was denied, or the access of who approved it has ended")
        }
        Poll::Expired => ("expired_token", "the codes ended before the device was approved: start again"),
        Poll::Unknown | Poll::Approved(..) => {
            ("invalid_grant", "the device code is none of this client's, or it was used")
        }
    };
    Failure::refused(code, description)
}
