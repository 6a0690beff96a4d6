//! A request in flight: from its head to the last byte of its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::activity::Activity;

/// Counts as in flight until it is dropped.
pub(super) struct InFlight(Arc<Activity>);

impl InFlight {
    /// The request came.
    pub(super) fn begin(activity: &Arc<Activity>, request: &Request<Incoming>) -> Self {
        activity.begin(request.version() == Version::HTTP_2, !request.body().is_end_stream());
        Self(Arc::clone(activity))
    }

    /// The answer, which counts until it is sent.
    pub(super) fn until_sent(self, response: Response) -> Response {
        response.map(|inner| Body::new(Answering { inner, _in_flight: self }))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.end();
    }
}

struct Answering {
    inner: Body,
    _in_flight: InFlight,
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    // an answer without a body must end on its head, so nothing may be hidden
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
