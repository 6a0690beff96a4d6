//! `POST /oauth2/device/registration`: a client names itself (gateway floor). RFC 7591 §3.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    OAuth,
    error::{Failure, answer},
    form::{body, require_media_type},
    token::GRANT_TYPE,
};
use crate::{
    domain::device_grant::DeviceClient,
    quote::foreign,
    services::device_grant::{Visitor, register},
};

/// Registers a client without a secret: its id is all that it proves later.
pub(super) async fn post(
    State(oauth): State<OAuth>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Failure> {
    require_media_type(request.headers(), "application/json")?;
    let name = client_name(&body(request, &oauth).await?)?;
    let client = register(&oauth.services, &visitor, &name).await;
    let client = client.map_err(|error| Failure::of_service(&error, "invalid_client_metadata"))?;
    Ok(registered(&client))
}

/// What the client calls itself; what else it says is ignored (RFC 7591 §2).
fn client_name(metadata: &[u8]) -> Result<String, Failure> {
    let broken = |reason: String| Failure::refused("invalid_client_metadata", reason);
    let read = serde_json::from_slice::<Map<String, Value>>(metadata);
    let mut metadata =
        read.map_err(|error| broken(format!("the body is no JSON object: {}", foreign(error))))?;
    match metadata.remove("client_name") {
        None => Ok(String::new()),
        Some(Value::String(name)) => Ok(name),
        Some(_) => Err(broken("client_name must be a string".to_owned())),
    }
}

/// RFC 7591 §3.2.1, but for the status: that asks for 201, and the `buf` client takes 200 alone.
fn registered(client: &DeviceClient) -> Response {
    let body = json!({
        "client_id": client.id.to_string(),
        "client_id_issued_at": client.create_time.micros() / 1_000_000,
        "client_name": client.name,
        "grant_types": [GRANT_TYPE],
        "token_endpoint_auth_method": "none",
    });
    answer(StatusCode::OK, &body)
}
