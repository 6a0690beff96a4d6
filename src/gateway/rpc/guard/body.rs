//! The body of an answer, which ends at the call's deadline.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;

/// Frames that are passed on after the deadline if they are ready: the message and the trailers of a unary answer, which was
/// made in time.
const LATE_FRAMES: u8 = 2;

use super::{Complete, Ended, correct};

/// Passes frames on, corrects the code in the trailers, and at the deadline sends `grpc-status: 4` in their place.
pub(super) struct GuardedBody {
    inner: Body,
    deadline: Option<Pin<Box<Sleep>>>,
    late_frames: u8,
    ended: Ended,
    complete: Complete,
}

impl GuardedBody {
    pub(super) fn new(inner: Body, deadline: Option<Instant>, ended: Ended, complete: Complete) -> Self {
        Self {
            inner,
            deadline: deadline.map(|at| Box::pin(sleep_until(at))),
            late_frames: LATE_FRAMES,
            ended,
            complete,
        }
    }

    fn is_overdue(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().is_some_and(|sleep| sleep.as_mut().poll(context).is_ready())
    }

    fn cut_off(&mut self) -> Frame<Bytes> {
        self.inner = Body::empty();
        self.deadline = None;
        let mut trailers = HeaderMap::new();
        let exceeded = (self.complete)(&Status::deadline_exceeded("the call's deadline has passed"));
        if exceeded.add_header(&mut trailers).is_err() {
            trailers.insert("grpc-status", 4.into());
        }
        self.ended.note(&trailers);
        Frame::trailers(trailers)
    }
}

impl http_body::Body for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let is_overdue = self.is_overdue(context);
        if is_overdue && self.late_frames == 0 {
            return Poll::Ready(Some(Ok(self.cut_off())));
        }
        let frame = match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Pending if is_overdue => return Poll::Ready(Some(Ok(self.cut_off()))),
            polled => ready!(polled),
        };
        self.late_frames -= u8::from(is_overdue);
        if frame.as_ref().is_none_or(|frame| !matches!(frame, Ok(frame) if frame.is_data())) {
            self.deadline = None;
        }
        Poll::Ready(frame.map(|frame| frame.map(|frame| corrected(frame, &self.ended, self.complete))))
    }

    // gRPC: an answer of trailers alone ends with its HEADERS frame; hiding an empty body would add a DATA frame
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.deadline.is_some() { SizeHint::default() } else { self.inner.size_hint() }
    }
}

fn corrected(frame: Frame<Bytes>, ended: &Ended, complete: Complete) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            correct(&mut trailers, complete);
            ended.note(&trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}
