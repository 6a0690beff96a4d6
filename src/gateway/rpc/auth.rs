//! Gateway floor: who calls. In front of our services; health and reflection stand beside it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use tonic::Status;

use super::{Call, convert::from_timestamp, status};
use crate::{
    domain::{
        actor::{Actor, Caller},
        clock::Timestamp,
        token::Token,
    },
    services::{self, Services, moment::Moment, rate_limit::Recognized, revision, token},
};

/// Where the server layer in front puts the id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A warning that the client prints with every answer.
const WARNING: HeaderName = HeaderName::from_static("buf-warning-bin");
/// How long before the end of a token its user is warned.
const WARN_BEFORE: Duration = Duration::from_hours(14 * 24);

/// The revision that a call made.
const REVISION: HeaderName = HeaderName::from_static("roster-revision");

/// Whose call it was found to be, by its head.
#[derive(Clone, Debug)]
struct Admitted {
    actor: Actor,
    token: Token,
    at: Moment,
}

/// Lets a request with the token of an active user through, with its [`Caller`] in the extensions. Every other
/// one is `unauthenticated`; a SCIM token is no API token, so it is refused as well.
pub(super) async fn authenticate(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = request_id(request.headers());
    let admitted = match request.extensions_mut().remove::<Admitted>() {
        Some(admitted) => Ok(admitted),
        None => known(&services, request.headers(), request.extensions()).await,
    };
    let response = match admitted {
        Ok(Admitted { actor, token, at }) => {
            let caller = caller(actor.clone(), &request, request_id.clone());
            request.extensions_mut().insert(caller);
            let uri = request.uri().clone();
            let mut response = at_revision(&services, request, next, (&actor, at)).await;
            if status::is_without_a_word(response.headers()) {
                response = super::unserved(&uri);
            }
            if let Some(warning) = expiry_warning(&token, services.now()) {
                response.headers_mut().insert(WARNING, warning);
            }
            response
        }
        Err(error) => Status::from(error).into_http(),
    };
    status::log_failure(&response, &request_id);
    response
}

/// Finds out by its head whose a call is, for who reads the body before [`authenticate`] does; what is found out goes
/// along, so that nothing is done twice.
///
/// # Errors
/// What [`authenticate`] would have answered.
pub(super) async fn admit(services: &Services, mut head: Parts) -> Result<Parts, Status> {
    let admitted = known(services, &head.headers, &head.extensions).await.map_err(|error| {
        let refusal = Status::from(error);
        status::log(&refusal, &request_id(&head.headers));
        refusal
    })?;
    head.extensions.insert(admitted);
    Ok(head)
}

/// Answers when everything up to the revision that the caller has seen can be read, and tells the one that the call
/// made. A call that changed nothing is answered only if the caller, who was let in at that moment, would be let in still.
async fn at_revision(
    services: &Services,
    request: Request,
    next: Next,
    (actor, at): (&Actor, Moment),
) -> Response {
    if let Err(error) = reach(services, request.headers()).await {
        return Status::from(error).into_http();
    }
    let (mut response, made) = revision::of(next.run(request)).await;
    if let Some(made) = made {
        response.headers_mut().insert(REVISION, made.into());
    } else if let Err(error) = services.confirm_admitted(actor, at).await {
        return Status::from(error).into_http();
    }
    response
}

async fn reach(services: &Services, headers: &HeaderMap) -> Result<(), services::Error> {
    let Some(seen) = headers.get(revision::MIN_REVISION) else { return Ok(()) };
    services.reach(revision::parse(seen.to_str().unwrap_or_default())?).await
}

/// The caller and the message of a call that [`authenticate`] let through.
pub(super) fn accept<T>(call: Call<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = call.into_parts();
    let caller = extensions.remove::<Caller>().ok_or_else(services::Error::unauthenticated)?;
    Ok((caller, message))
}

/// What clients print when the token ends soon; unpadded base64, as metadata with `-bin` is.
fn expiry_warning(token: &Token, now: Timestamp) -> Option<HeaderValue> {
    if token.expire_time > now.plus(WARN_BEFORE) {
        return None;
    }
    let end = from_timestamp(token.expire_time)?;
    let text = format!("Your token expires at {end}. Create a new one before then.");
    HeaderValue::try_from(BASE64_STANDARD_NO_PAD.encode(text)).ok()
}

async fn known(
    services: &Services,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Admitted, services::Error> {
    let (limits, from, at) = (services.rate_limits(), address(extensions), Moment::now());
    let Some(secret) = secret(headers) else { return limits.missing(from) };
    let (actor, token) = limits.after(token::authenticate(services, &secret).await, &secret, from)?;
    extensions.get::<Recognized>().inspect(|connection| connection.note());
    name_on_log_lines(&token);
    Ok(Admitted { actor, token, at })
}

/// Lets the log lines of the request say whose it is: by ids, for a name is a person's.
fn name_on_log_lines(token: &Token) {
    let span = tracing::Span::current();
    span.record("actor", tracing::field::display(format_args!("user {}", token.user_id)));
    span.record("token", tracing::field::display(token.id));
}

/// Whether a request that needs no token has one that is in force.
pub(super) async fn is_known(services: &Services, headers: &HeaderMap, extensions: &Extensions) -> bool {
    headers.contains_key(header::AUTHORIZATION) && known(services, headers, extensions).await.is_ok()
}

/// Where a request comes from.
pub(super) fn address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

fn caller(actor: Actor, request: &Request, request_id: String) -> Caller {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Caller::remote(actor, request_id, address(request.extensions()), user_agent)
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
