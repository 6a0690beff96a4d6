//! Answers to reads that are given again while the database is as it was (gateway floor).
//!
//! Who asks is asked for each time, and each request is recorded: what is spared is the way through the database and the
//! schemas. An answer belongs to an epoch of the services, so it never tells of a time before a change that was made here.
//! Where other instances may serve the same database it is looked first whether they changed anything: a client that makes
//! a user by one of them and looks for it by another must find it.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

use super::{
    Scim,
    http::MEDIA_TYPE,
    record::{Known, Told},
};
use crate::{
    domain::scim_token::ClientProfile,
    services::{
        Services,
        memory::{Answers, BySize, Epoch, Size},
    },
};

/// How many bytes of answers are kept.
const CAPACITY: usize = 24 << 20;
/// The largest answer that is kept, in bytes.
const LARGEST: usize = 16 << 10;

/// Answers by what was asked.
#[derive(Debug)]
pub(super) struct Remembered(Answers<String, Answer, BySize>);

/// One answer, of 200.
#[derive(Clone, Debug)]
struct Answer {
    version: Option<HeaderValue>,
    location: Option<HeaderValue>,
    known: Arc<Known>,
}

impl Size for Answer {
    fn size(&self) -> usize {
        self.known.size()
    }
}

impl Default for Remembered {
    fn default() -> Self {
        Self(Answers::by_size(CAPACITY, LARGEST / 8))
    }
}

impl Remembered {
    /// The answer to a question, if one was given in this epoch.
    pub(super) async fn recall(
        &self,
        services: &Services,
        epoch: Option<Epoch>,
        question: Option<&String>,
    ) -> Option<Response> {
        let Answer { version, location, known } = self.0.get(epoch, question?)?;
        if !services.is_still(epoch?).await {
            return None;
        }
        let mut response = Response::new(Body::from(known.sent.clone()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        headers.extend(version.map(|version| (header::ETAG, version)));
        headers.extend(location.map(|location| (header::LOCATION, location)));
        response.extensions_mut().insert(Told::Known(known));
        Some(response)
    }

    /// Keeps the answer that was given to a question in this epoch, if it is a plain one.
    pub(super) fn keep(
        &self,
        scim: &Scim,
        epoch: Option<Epoch>,
        question: Option<String>,
        response: &mut Response,
    ) {
        let Some(question) = question.filter(|_| epoch.is_some() && response.status() == StatusCode::OK)
        else {
            return;
        };
        let Some(Told::Now { sent, value }) = response.extensions().get() else { return };
        if sent.len() > LARGEST {
            return;
        }
        let known = Arc::new(Known::of(scim, value, sent));
        let version = response.headers().get(header::ETAG).cloned();
        let location = response.headers().get(header::LOCATION).cloned();
        self.0.put(epoch, question, &Answer { version, location, known: Arc::clone(&known) });
        // it was printed for the record just now
        response.extensions_mut().insert(Told::Known(known));
    }
}

/// What a request asks, if its answer depends on nothing else but the database: a read of resources, without conditions
/// and without cursors, which know the time.
pub(super) fn question(request: &Request, profile: ClientProfile) -> Option<String> {
    let (headers, uri) = (request.headers(), request.uri());
    let mut names = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).map(|(name, _)| name);
    let is_plain = request.method() == Method::GET
        && ![header::IF_MATCH, header::IF_NONE_MATCH].iter().any(|name| headers.contains_key(name))
        && !uri.path().ends_with("/readiness")
        && !names.any(|name| name.eq_ignore_ascii_case("cursor"));
    is_plain.then(|| format!("{} {uri}", profile.code()))
}
