//! Versions in requests: If-Match and If-None-Match (gateway floor): RFC 7644 §3.14.

use axum::http::{HeaderMap, header};

use super::error::Failure;
use crate::{
    scim::etag::{ETag, ETagList},
    services,
};

/// The version of a resource, as its entity tag.
pub(super) fn tag(version: i64) -> ETag {
    ETag::weak(version.to_string())
}

/// What a request asks of the version; a header that is no list of tags matches none.
#[derive(Clone, Default)]
pub(super) struct Precondition {
    if_match: Option<ETagList>,
    if_none_match: Option<ETagList>,
}

impl Precondition {
    /// What the headers of a request ask.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let list = |name| list(headers, name);
        Self { if_match: list(header::IF_MATCH), if_none_match: list(header::IF_NONE_MATCH) }
    }

    /// What the `version` of a bulk operation asks (RFC 7644 §3.7).
    pub(super) fn of_version(version: Option<&str>) -> Self {
        Self { if_match: version.map(read), if_none_match: None }
    }

    /// Whether a client that has one of its versions already has the current one.
    pub(super) fn is_known(&self, version: i64) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.contains(&tag(version)))
    }

    /// A write goes on only at the version that the client means.
    pub(super) fn check(&self, version: i64) -> Result<(), Failure> {
        let is_meant = self.if_match.as_ref().is_none_or(|tags| tags.contains(&tag(version)));
        if is_meant && !self.is_known(version) {
            return Ok(());
        }
        let detail = format!("the resource is at version {}: read it again, and send that", tag(version));
        Err(services::Error::version_mismatch(detail).into())
    }
}

fn list(headers: &HeaderMap, name: header::HeaderName) -> Option<ETagList> {
    headers.get(name).map(|value| read(value.to_str().unwrap_or_default()))
}

fn read(text: &str) -> ETagList {
    text.parse().unwrap_or(ETagList::Of(Vec::new()))
}
