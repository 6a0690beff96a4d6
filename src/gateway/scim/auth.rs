//! Who asks: a SCIM token as a bearer (gateway floor): RFC 7644 §2.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{Extensions, HeaderMap, HeaderName, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Scim, error::Failure, record::Record, remembered::question};
use crate::{
    domain::{
        actor::{Actor, Caller},
        scim_token::{ClientProfile, ScimToken},
        secret::SecretKind,
    },
    scim::patch::Profile,
    services::{Error, Services, moment::Moment, rate_limit::Recognized, revision, scim_token},
};

/// The revision that a request made.
const REVISION: HeaderName = HeaderName::from_static("roster-revision");

/// The IdP that asks.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) caller: Caller,
    pub(super) token: ScimToken,
    /// Where it is noted what the request does.
    pub(super) record: Record,
}

impl Session {
    /// Whose habits the request follows.
    pub(super) fn profile(&self) -> Profile {
        match self.token.profile {
            ClientProfile::Generic => Profile::Generic,
            ClientProfile::Okta => Profile::Okta,
            ClientProfile::Entra => Profile::Entra,
            ClientProfile::Strict => Profile::Strict,
        }
    }
}

/// Lets through who has a SCIM token that is in force.
pub(super) async fn layer(State(scim): State<Scim>, mut request: Request, next: Next) -> Response {
    let at = Moment::now();
    match authenticate(&scim.services, request.headers(), request.extensions()).await {
        Ok((actor, token)) => {
            let caller = caller(actor.clone(), request.headers(), address(request.extensions()));
            let caller = caller.named(&token.description);
            let record = Record::of(request.extensions());
            record.token(&token);
            let question = question(&request, token.profile);
            request.extensions_mut().insert(Session { caller, token, record });
            let answer = at_revision(&scim, request, question, next);
            still(&scim.services, &actor, at, answer).await
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Answers a request that changed nothing only if the client, which was let in at that moment, would be let in still.
async fn still(
    services: &Services,
    actor: &Actor,
    at: Moment,
    answer: impl Future<Output = Response>,
) -> Response {
    let response = answer.await;
    if response.headers().contains_key(REVISION) {
        return response;
    }
    match services.confirm_admitted(actor, at).await {
        Ok(()) => response,
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Answers when everything up to the revision that the client has seen can be read, and tells the one that the
/// request made. A question that was answered just now is answered so again.
async fn at_revision(scim: &Scim, request: Request, question: Option<String>, next: Next) -> Response {
    if let Err(error) = reach(&scim.services, request.headers()).await {
        return Failure::from(error).into_response();
    }
    let epoch = scim.services.epoch();
    if let Some(remembered) = scim.remembered.recall(&scim.services, epoch, question.as_ref()).await {
        return remembered;
    }
    let (mut response, made) = revision::of(next.run(request)).await;
    if let Some(made) = made {
        response.headers_mut().insert(REVISION, made.into());
    }
    scim.remembered.keep(scim, epoch, question, &mut response);
    response
}

async fn reach(services: &Services, headers: &HeaderMap) -> Result<(), Error> {
    let Some(seen) = headers.get(revision::MIN_REVISION) else { return Ok(()) };
    services.reach(revision::parse(seen.to_str().unwrap_or_default())?).await
}

/// Lets a request through that needs no token; one that has none in force is counted by its address.
pub(super) async fn open(State(services): State<Services>, request: Request, next: Next) -> Response {
    let has_token = bearer(request.headers()).is_some();
    if has_token && authenticate(&services, request.headers(), request.extensions()).await.is_ok() {
        return next.run(request).await;
    }
    match services.rate_limits().anonymous(address(request.extensions())) {
        Ok(()) => next.run(request).await,
        Err(error) => Failure::from(error).into_response(),
    }
}

async fn authenticate(
    services: &Services,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<(Actor, ScimToken), Error> {
    let (limits, from) = (services.rate_limits(), address(extensions));
    let Some(secret) = bearer(headers) else { return limits.missing(from) };
    let known = limits.after(scim_token::authenticate(services, secret).await, secret, from)?;
    extensions.get::<Recognized>().inspect(|connection| connection.note());
    // the log lines of the request say whose it is
    tracing::Span::current()
        .record("actor", "scim token")
        .record("token", tracing::field::display(known.1.id));
    Ok(known)
}

/// The token of `Bearer TOKEN` (RFC 6750 §2.1).
///
/// Okta's form has a field for the whole header, and puts `Bearer` in front in one of its modes: who pastes what a guide says
/// to paste sends the token alone, or the scheme twice. Our tokens are known by their prefix, so neither can be misread.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let is_scheme = |word: &&str| word.eq_ignore_ascii_case("bearer");
    let is_ours = |word: &str| word.starts_with(SecretKind::Scim.prefix());
    let words: Vec<_> = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_ascii_whitespace().collect();
    match words[..] {
        [secret] if is_ours(secret) => Some(secret),
        [scheme, secret] if is_scheme(&scheme) => Some(secret),
        [first, second, secret] if is_scheme(&first) && is_scheme(&second) && is_ours(secret) => Some(secret),
        _ => None,
    }
}

fn address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

/// Who asks, from `address`, by the headers of the request.
pub(super) fn caller(actor: Actor, headers: &HeaderMap, address: Option<IpAddr>) -> Caller {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // the server gives every request an id
    let request_id = text("x-request-id").unwrap_or_default().to_owned();
    Caller::remote(actor, request_id, address, text("user-agent"))
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::unauthenticated().into())
    }
}
