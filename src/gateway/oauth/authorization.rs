//! `POST /oauth2/device/authorization`: a device gets its codes (gateway floor). RFC 8628 §3.1, §3.2.

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde_json::json;

use super::{
    OAuth,
    error::{Failure, answer},
    form::Form,
};
use crate::{
    domain::{
        device_grant::{DeviceGrant, GRANT_LIFETIME},
        id::DeviceClientId,
        secret::Secret,
    },
    services::{
        Kind,
        device_grant::{Visitor, begin},
    },
};

/// Begins a grant.
pub(super) async fn post(
    State(oauth): State<OAuth>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Failure> {
    let client = client_of(&form)?;
    match begin(&oauth.services, &visitor, client).await {
        Ok((grant, device_code)) => Ok(begun(&oauth, &grant, &device_code)),
        Err(error) if error.kind == Kind::NotFound => Err(Failure::invalid_client()),
        Err(error) => Err(Failure::of_service(&error, "invalid_request")),
    }
}

/// The client that asks. None was given a secret, so one that sends a secret is not ours (RFC 6749 §5.2).
pub(super) fn client_of(form: &Form) -> Result<DeviceClientId, Failure> {
    let id = form.require("client_id")?.parse();
    match (id, form.get("client_secret")) {
        (Ok(id), None) => Ok(id),
        _ => Err(Failure::invalid_client()),
    }
}

fn begun(oauth: &OAuth, grant: &DeviceGrant, device_code: &Secret) -> Response {
    let (uri, user_code) = (&oauth.verification_uri, grant.user_code.to_string());
    let body = json!({
        "device_code": device_code.reveal(),
        "user_code": user_code,
        "verification_uri": &**uri,
        "verification_uri_complete": format!("{uri}?user_code={user_code}"),
        "expires_in": GRANT_LIFETIME.as_secs(),
        "interval": grant.interval.as_secs(),
    });
    answer(StatusCode::OK, &body)
}
