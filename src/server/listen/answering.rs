//! A request in flight: from its head to the last byte of its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::activity::Activity;

/// What hyper is given at once of an answer of HTTP/2, in bytes: it keeps that until the client takes it. No frame is
/// larger unless the client allows it (RFC 9113 §4.2).
const PART: usize = 16 << 10;

/// Counts as in flight until it is dropped.
pub(super) struct InFlight {
    activity: Arc<Activity>,
    multiplexed: bool,
}

impl InFlight {
    /// The request came.
    pub(super) fn begin(activity: &Arc<Activity>, request: &Request<Incoming>) -> Self {
        let multiplexed = request.version() == Version::HTTP_2;
        activity.begin(multiplexed, !request.body().is_end_stream());
        Self { activity: Arc::clone(activity), multiplexed }
    }

    /// The answer, which counts until it is sent.
    pub(super) fn until_sent(self, response: Response) -> Response {
        if self.multiplexed {
            return response.map(|inner| {
                Body::new(Offered {
                    inner,
                    rest: Bytes::new(),
                    offer: Offer { in_flight: self, place: None },
                })
            });
        }
        response.map(|inner| Body::new(Answering { inner, _in_flight: self }))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.activity.end();
    }
}

/// Of HTTP/1.1.
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

/// Of HTTP/2: in parts, each of which is noted until hyper asks for the next.
struct Offered {
    inner: Body,
    /// What is left of a larger part.
    rest: Bytes,
    offer: Offer,
}

/// Where it is noted that a part is offered.
struct Offer {
    in_flight: InFlight,
    place: Option<usize>,
}

impl Offer {
    fn begin(&mut self) {
        let activity = &self.in_flight.activity;
        self.place = Some(activity.offers.offer(activity.now()));
    }

    fn end(&mut self) {
        if let Some(place) = self.place.take() {
            let activity = &self.in_flight.activity;
            activity.offers.taken(place, activity.now());
        }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.end();
    }
}

impl http_body::Body for Offered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.offer.end();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_frame(context))
                .map(|frame| frame.map(Frame::into_data))
            {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(frame))) => return Poll::Ready(Some(Ok(frame))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let part = PART.min(self.rest.len());
        let part = self.rest.split_to(part);
        self.offer.begin();
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}
