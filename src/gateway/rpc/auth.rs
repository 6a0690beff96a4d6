//! Gateway floor: who calls. In front of our services; health and reflection stand beside it.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, header};
use tonic::Status;

use super::{Call, status};
use crate::{
    domain::actor::{Actor, Caller},
    services::{self, Services, token},
};

/// Where the server layer in front puts the id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets a request with the token of an active user through, with its [`Caller`] in the extensions. Every other
/// one is `unauthenticated`; a SCIM token is no API token, so it is refused as well.
pub(super) async fn authenticate(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = request_id(request.headers());
    let response = match actor(&services, request.headers()).await {
        Ok(actor) => {
            let caller = caller(actor, &request, request_id.clone());
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => Status::from(error).into_http(),
    };
    status::log_failure(&response, &request_id);
    response
}

/// The caller and the message of a call that [`authenticate`] let through.
pub(super) fn accept<T>(call: Call<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = call.into_parts();
    let caller = extensions.remove::<Caller>().ok_or_else(services::Error::unauthenticated)?;
    Ok((caller, message))
}

async fn actor(services: &Services, headers: &HeaderMap) -> Result<Actor, services::Error> {
    let secret = secret(headers).ok_or_else(services::Error::unauthenticated)?;
    token::authenticate(services, &secret).await
}

fn caller(actor: Actor, request: &Request, request_id: String) -> Caller {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Caller::remote(actor, request_id, peer.map(|ConnectInfo(peer)| peer.ip()), user_agent)
}

fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    given.map_or_else(|| uuid::Uuid::now_v7().simple().to_string(), str::to_owned)
}

/// The token of `Bearer TOKEN`, or of `Basic` with the token as password, as `buf curl --netrc` sends it. The
/// scheme is written in any case (RFC 9110 §11.1).
fn secret(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let credentials = credentials.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(credentials).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests;
