//! Who asks: a SCIM token as a bearer (gateway floor): RFC 7644 §2.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Scim, error::Failure};
use crate::{
    domain::{
        actor::{Actor, Caller},
        scim_token::{ClientProfile, ScimToken},
    },
    scim::patch::Profile,
    services::{Error, Services, scim_token},
};

/// The IdP that asks.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) caller: Caller,
    pub(super) token: ScimToken,
}

impl Session {
    /// Whose habits the request follows.
    pub(super) fn profile(&self) -> Profile {
        match self.token.profile {
            ClientProfile::Generic => Profile::Generic,
            ClientProfile::Okta => Profile::Okta,
            ClientProfile::Entra => Profile::Entra,
        }
    }
}

/// Lets through who has a SCIM token that is in force.
pub(super) async fn layer(State(scim): State<Scim>, mut request: Request, next: Next) -> Response {
    let Some(secret) = bearer(request.headers()) else {
        return Failure::from(Error::unauthenticated()).into_response();
    };
    match authenticate(&scim.services, secret, address(&request)).await {
        Ok((actor, token)) => {
            let caller = caller(actor, &request);
            request.extensions_mut().insert(Session { caller, token });
            next.run(request).await
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

async fn authenticate(
    services: &Services,
    secret: &str,
    from: Option<IpAddr>,
) -> Result<(Actor, ScimToken), Error> {
    services.rate_limits().admit(from)?;
    services.rate_limits().after(scim_token::authenticate(services, secret).await, secret, from)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

fn caller(actor: Actor, request: &Request) -> Caller {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    // the server gives every request an id
    let request_id = text("x-request-id").unwrap_or_default().to_owned();
    Caller::remote(actor, request_id, address(request), text("user-agent"))
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::unauthenticated().into())
    }
}
