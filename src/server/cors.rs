//! Server: which web pages may call the RPCs (Buf Studio, for one).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

/// The origins from which a browser may call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cors {
    origins: Origins,
    credentials: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Origins {
    Any,
    Listed(Vec<HeaderValue>),
}

impl Default for Origins {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// A list of origins that cannot be served.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fetch §3.2.5: with credentials, `*` would let every page act as the user who visits it.
    #[error("the origin `*` cannot be combined with credentials: list the origins")]
    AnyWithCredentials,
    /// RFC 6454 §6.2: scheme, host and port, as the browser sends it, without a path.
    #[error("`{0}` is not an origin: write it as `https://host` or `https://host:port`")]
    NotAnOrigin(String),
}

impl Cors {
    /// The policy for these origins (`https://host[:port]`, or `*` alone for any); an empty list allows none.
    /// `credentials` lets the browser send cookies along.
    ///
    /// # Errors
    /// If one is not an origin, or for `*` with credentials.
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a str>, credentials: bool) -> Result<Self, Error> {
        let origins: Vec<&str> = origins.into_iter().collect();
        if !origins.contains(&"*") {
            let listed = origins.into_iter().map(origin).collect::<Result<_, _>>()?;
            return Ok(Self { origins: Origins::Listed(listed), credentials });
        }
        if credentials {
            Err(Error::AnyWithCredentials)
        } else {
            Ok(Self { origins: Origins::Any, credentials })
        }
    }

    /// The layer for the RPC branch; outermost there, or the preflight would be asked for a token. None where no page
    /// may call: a preflight is refused like any other call by that verb.
    #[must_use]
    pub fn layer(&self) -> Option<CorsLayer> {
        let origins = match &self.origins {
            Origins::Listed(origins) if origins.is_empty() => return None,
            Origins::Any => AllowOrigin::any(),
            Origins::Listed(origins) => AllowOrigin::list(origins.iter().cloned()),
        };
        let layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            // authorization, the headers of the three protocols, and whatever a person types into Studio
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(ExposeHeaders::list(exposed()))
            .allow_credentials(self.credentials)
            .max_age(MAX_AGE);
        Some(layer)
    }
}

/// What browsers cap it at.
const MAX_AGE: Duration = Duration::from_hours(2);

/// A browser sends its origin in lower case.
fn origin(text: &str) -> Result<HeaderValue, Error> {
    let invalid = || Error::NotAnOrigin(text.to_owned());
    let uri: http::Uri = text.parse().map_err(|_| invalid())?;
    let is_origin = match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => text == format!("{scheme}://{authority}") && !text.contains('@'),
        _ => false,
    };
    if !is_origin {
        return Err(invalid());
    }
    HeaderValue::try_from(text.to_ascii_lowercase()).map_err(|_| invalid())
}

/// gRPC-Web's status when there is no body, our own headers, and their trailing twins in Connect.
fn exposed() -> Vec<HeaderName> {
    let names = [
        "grpc-status",
        "grpc-message",
        "grpc-status-details-bin",
        "buf-warning-bin",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ];
    let twins = names.iter().map(|name| format!("trailer-{name}"));
    let all = names
        .iter()
        .map(ToString::to_string)
        .chain(twins)
        .chain(["roster-revision", "x-client-request-id", "x-request-id"].map(str::to_owned));
    all.filter_map(|name| HeaderName::try_from(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_origin_excludes_credentials() {
        assert_eq!(Cors::new(["*"], true), Err(Error::AnyWithCredentials));
        assert_eq!(Cors::new(["https://a.example", "*"], true), Err(Error::AnyWithCredentials));
        assert!(Cors::new(["*"], false).is_ok());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone() {
        for good in ["https://buf.build", "http://localhost:5173", "https://[::1]:8080"] {
            assert!(Cors::new([good], true).is_ok(), "{good}");
        }
        for bad in
            ["buf.build", "https://buf.build/", "https://buf.build/studio", "https://u@buf.build", "null", ""]
        {
            assert_eq!(Cors::new([bad], true), Err(Error::NotAnOrigin(bad.to_owned())));
        }
    }
}
