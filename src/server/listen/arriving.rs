//! The body of a request as it arrives: in time, or not at all.
//!
//! A body has an allowance of waiting, which its bytes fill up again. So a client that sends a byte a second is cut
//! off like one that sends nothing, and a slow line is not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};

use super::Limits;
use super::activity::Activity;
use super::unread::Unread;

/// A body on its way in.
pub(super) struct Arriving {
    /// None once it has ended, or was given up.
    inner: Option<Incoming>,
    /// What becomes of it if it is not read to its end.
    unread: Unread,
    activity: Option<Arc<Activity>>,
    limits: Limits,
    allowance: Duration,
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Arriving {
    /// Counts as arriving until its end.
    pub(super) fn new(inner: Incoming, activity: &Arc<Activity>, limits: Limits, unread: Unread) -> Self {
        let activity = (!inner.is_end_stream()).then(|| Arc::clone(activity));
        Self { inner: Some(inner), unread, activity, limits, allowance: limits.body, wait: None }
    }

    fn arrived(&mut self) {
        if let Some(activity) = self.activity.take() {
            activity.arrived();
        }
    }

    /// Whether the allowance is used up.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let allowance = self.allowance;
        let (_, sleep) = self.wait.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(allowance))));
        sleep.as_mut().poll(context).is_ready()
    }

    /// Takes off what was waited for `count` bytes, and gives what they bring.
    fn account(&mut self, count: usize) {
        if let Some((since, _)) = self.wait.take() {
            self.allowance = self.allowance.saturating_sub(since.elapsed());
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let brought =
            Duration::from_secs(1).mul_f64(f64::from(count) / f64::from(self.limits.body_rate.max(1)));
        self.allowance = self.allowance.saturating_add(brought).min(self.limits.body);
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.unread.asked = true;
        let Some(inner) = self.inner.as_mut() else { return Poll::Ready(None) };
        match Pin::new(inner).poll_frame(context) {
            Poll::Pending if self.is_late(context) => {
                self.arrived();
                self.inner = None;
                let late = io::Error::new(io::ErrorKind::TimedOut, "the body arrived too slowly");
                Poll::Ready(Some(Err(axum::Error::new(late))))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(frame) => {
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                self.account(data.map_or(0, Bytes::len));
                if !matches!(frame, Some(Ok(_))) || self.is_end_stream() {
                    self.arrived();
                    self.inner = None;
                }
                Poll::Ready(frame.map(|frame| frame.map_err(axum::Error::new)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.arrived();
        if let Some(inner) = self.inner.take().filter(|inner| !inner.is_end_stream()) {
            self.unread.read_on(inner);
        }
    }
}
