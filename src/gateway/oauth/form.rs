//! Forms, as devices and browsers send them (gateway floor): RFC 6749 §3.2.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};

use super::error::Failure;
use crate::quote::shown;

/// The parameters of a request: each at most once, and none without a value.
#[derive(Clone, Default)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// The parameters of a body or a query.
    ///
    /// RFC 6749 §3.2: one without a value counts as left out, and none may come twice.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let mut form = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            if form.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Failure::invalid_request(format!("{:?} comes more than once", shown(name))));
            }
        }
        Ok(Self(form))
    }

    /// The parameter of this name, if there is one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parameter of this name.
    pub(super) fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::invalid_request(format!("{name:?} is missing")))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        require_media_type(request.headers(), "application/x-www-form-urlencoded")?;
        Self::parse(&body(request, state).await?)
    }
}

/// The body of a request, if it is not too large.
pub(super) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    let read = Bytes::from_request(request, state).await;
    read.map_err(|rejection| Failure::of_body(rejection.status()))
}

/// Refuses a body of another media type.
pub(super) fn require_media_type(headers: &HeaderMap, wanted: &str) -> Result<(), Failure> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Failure::invalid_request(format!("the body must be of type {wanted}")))
}
